"""Figures of studies of direct payments, personal budgets and personal health budgets: a checked register.

Shape: one row a figure of a finding. `finding_id` is the register's own and is stable. `statistic` is
`estimate`, `interval or p value` or `n`; every finding has at least one row of each, `not_available` where
the register has none, so that missing effect sizes stay missing and can be counted. `part` tells the figures
of one finding apart (`intervention`, `comparator`, `difference`, or what is counted); `bound` says how the
source words it ("" is exact). No finding of the register has an interval or a standard error.

What a study is, compares and finds is told in our own words in the seed `evidence_register`, by
`finding_id`. The register's prose is not published; `source_type` says what was read (its label, without
the remark after it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from commissioning.base.errors import LayoutError, SymbolError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String
    for name in (
        "finding_id",
        "statistic",
        "part",
        "bound",
        "study_year",
        "country",
        "source_type",
        "source_url",
        "source_place",
    )
}
KEY = ("finding_id", "statistic", "part")
HEADERS = [
    "study_id",
    "year",
    "country",
    "outcome",
    "effect_estimate",
    "unit",
    "ci_or_p",
    "n",
    "source_url",
    "locator",
    "source_type",
]
ELSEWHERE = "see outcome"  # the estimate of a finding stands in the column `outcome`


@dataclass(frozen=True)
class Figure:
    """One figure of a cell in words. `value` is null where the source gives none."""

    part: str
    bound: str
    value: float | None
    unit: str


def _budget(bound: str, value: float, unit: str = "per cent") -> tuple[Figure, ...]:
    return (Figure("intervention", bound, value, unit),)


POET_2017 = (
    "quality of life 75; health 72; feeling safe 71; choice and control 72; amount of support 74; "
    "dignity 84; knew budget amount 50; could decide spending 51"
)
# Cells that say more than a number, with the figures in them.
WORDED: dict[str, dict[str, tuple[Figure, ...]]] = {
    "estimate": {
        "about 280 (IB) vs 300 (standard)": (
            Figure("intervention", "about", 280, "GBP, period not stated"),
            Figure("comparator", "about", 300, "GBP, period not stated"),
        ),
        "0.057 (PHB) vs 0.018 (control)": (
            Figure("intervention", "", 0.057, "ASCOT score, change presumed"),
            Figure("comparator", "", 0.018, "ASCOT score, change presumed"),
        ),
        "-3,100 per person per year": (Figure("difference", "", -3100, "GBP per person per year"),),
        "over 70": _budget("more than", 70),
        "over 60": _budget("more than", 60),
        '"a further 50 per cent" (as worded)': _budget("unclear wording", 50),
        "more than 80": _budget("more than", 80),
        "at least two thirds": _budget("at least", 66.7),
        "over 80": _budget("more than", 80),
        POET_2017: tuple(
            Figure(part, "", float(value), "per cent")
            for part, value in (item.rsplit(" ", 1) for item in POET_2017.split("; "))
        ),
        "500,000 adults with personal budgets; GBP 6.3bn long-term community care 2014-15; "
        "84% of directors expected savings in 2016-17": (
            Figure("adults with personal budgets", "", 500_000, "people"),
            Figure("spending on long-term community care 2014-15", "", 6.3, "GBP bn"),
            Figure("directors expecting savings in 2016-17", "", 84, "per cent"),
        ),
        "90.3% satisfied in 2015-16, of those 64.4% extremely or very (as worded)": (
            Figure("satisfied 2015-16", "", 90.3, "per cent"),
            Figure("extremely or very satisfied 2015-16", "unclear wording", 64.4, "per cent"),
        ),
        "about 10 per cent less": (Figure("difference", "about", -10, "per cent of cost"),),
        "7% of clinical commissioning budget, 4.4bn a year": (
            Figure("saving as a share of the commissioning budget", "", 7, "per cent"),
            Figure("saving a year", "", 4.4, "GBP bn"),
        ),
        "approximately 32% (69,000 of around 215,000)": (
            Figure("share employing staff", "about", 32, "per cent"),
            Figure("recipients employing staff", "", 69_000, "people"),
            Figure("recipients", "about", 215_000, "people"),
        ),
    },
    "interval or p value": {
        "P<0.001": (Figure("p value", "less than", 0.001, "probability"),),
        "not significant (no p read)": (Figure("p value", "", None, "probability"),),
    },
    "n": {
        "263 (structured interviews)": (Figure("structured interviews", "", 263, "people"),),
        "2,235 recruited; just over 1,000 PHB and 1,000 control (NIHR case study)": (
            Figure("recruited", "", 2235, "people"),
            Figure("intervention", "more than", 1000, "people"),
            Figure("comparator", "about", 1000, "people"),
        ),
        "339 respondents of 1,341 included; stated response rate 27.1%": (
            Figure("respondents", "", 339, "people"),
            Figure("included", "", 1341, "people"),
            Figure("stated response rate", "", 27.1, "per cent"),
        ),
        "more than 3,300 (holders and carers)": (Figure("holders and carers", "more than", 3300, "people"),),
        "more than 3,300": (Figure("holders and carers", "more than", 3300, "people"),),
        "more than 4,000 (holders and carers)": (Figure("holders and carers", "more than", 4000, "people"),),
        "more than 4,000": (Figure("holders and carers", "more than", 4000, "people"),),
        "195 holders, 117 carers": (
            Figure("holders", "", 195, "people"),
            Figure("carers", "", 117, "people"),
        ),
        "129 holders, 101 carers": (
            Figure("holders", "", 129, "people"),
            Figure("carers", "", 101, "people"),
        ),
        "302 holders, 247 carers": (
            Figure("holders", "", 302, "people"),
            Figure("carers", "", 247, "people"),
        ),
        "73 studies, 14,000 people": (
            Figure("studies", "", 73, "studies"),
            Figure("people in them", "", 14_000, "people"),
        ),
        "23 studies": (Figure("studies", "", 23, "studies"),),
        "29 works of 9,800 screened": (
            Figure("studies", "", 29, "studies"),
            Figure("screened", "", 9800, "studies"),
        ),
    },
}
COLUMNS = {"estimate": "effect_estimate", "interval or p value": "ci_or_p", "n": "n"}
# Units of cells that hold a number alone.
UNITS = {
    "% weighted": "per cent",
    "% (negative outcomes: fewer than 6%; 0 to 5.4% in In Control text)": "per cent",
}


def _figures(lines: Lines, index: int, statistic: str, header: str, text: str, unit: str) -> list[Figure]:
    """The figures of one cell; a single one without value where it is blank."""
    if not text:
        return [Figure("", "", None, UNITS.get(unit, ""))]
    if text in WORDED[statistic]:
        return list(WORDED[statistic][text])
    where = lines.locator(index, header)
    _, value, _ = raw.parse_value(text, {}, file=lines.file, where=where)
    if statistic == "n":
        return [Figure("respondents", "", value, "people")]
    if statistic == "estimate" and unit in UNITS:
        return [Figure("intervention", "", value, UNITS[unit])]
    raise SymbolError(
        "A number of the register has a unit that the reader does not know.",
        file=lines.file,
        where=where,
        expected=f"one of {sorted(UNITS)}",
        found=repr(unit),
        todo="add the unit to UNITS, or the cell to WORDED, of ingest/evidence.py",
    )


def _source(lines: Lines, index: int, address: str, place: str) -> tuple[str, str]:
    """The web address of a finding, and the place in it; what follows an address belongs to the place."""
    url, _, rest = address.partition(" ")
    if not url.startswith(("https://", "http://")):
        raise LayoutError(
            "A finding names no web address as its source.",
            file=lines.file,
            where=lines.locator(index, "source_url"),
            expected="an address that starts with http",
            found=repr(address[:40]),
            todo="look at the line; make sure that no private path is published, "
            "then teach ingest/evidence.py",
        )
    return url, "; ".join(part for part in (rest.strip("()"), place) if part)


def read_register(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of the register, in its own order."""
    lines = Lines.read(path, data, encoding="utf-8-sig")
    columns = lines.header(0, HEADERS)
    rows: list[dict[str, object]] = []
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if len(fields) != len(lines.rows[0]):
            raise LayoutError(
                "A line of the register has too few or too many fields.",
                file=path,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields",
                found=len(fields),
                todo="the file may be truncated: copy it again",
            )
        cells = {name: " ".join(fields[column].split()) for name, column in columns.items()}
        url, place = _source(lines, index, cells["source_url"], cells["locator"])
        for statistic, header in COLUMNS.items():
            if statistic == "estimate" and cells[header] == ELSEWHERE:
                header = "outcome"
            text = cells[header]
            figures = _figures(lines, index, statistic, header, text, cells["unit"])
            for number, figure in enumerate(figures, start=1):
                locator = lines.locator(index, header)
                rows.append(
                    {
                        "finding_id": cells["study_id"],
                        "statistic": statistic,
                        "part": figure.part,
                        "bound": figure.bound,
                        "study_year": cells["year"],
                        "country": cells["country"],
                        "source_type": cells["source_type"].partition(";")[0],
                        "source_url": url,
                        "source_place": place,
                        "unit": figure.unit,
                        "value_text": text,
                        "value": figure.value,
                        "value_symbol": "not_available" if figure.value is None else None,
                        "source_file": path,
                        "source_locator": f"{locator}, figure {number}" if len(figures) > 1 else locator,
                    }
                )
    return rows, Accounting(path, "lines", len(lines.rows), len(lines.rows) - 1, {"header": 1})


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The register. Raises `LayoutError` and `SymbolError` naming the line."""
    (path, data), *_ = originals.items()
    rows, accounting = read_register(path, data)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
