"""Figures of studies of direct payments, personal budgets and personal health budgets: a checked register.

Shape: one row a figure of a finding. `finding_id` is the register's own and is stable. `statistic` is
`estimate`, `interval or p value` or `n`; every finding has at least one row of each, `not_available` where
the register has none, so that missing effect sizes stay missing and can be counted. `part` tells the figures
of one finding apart (`intervention`, `comparator`, `difference`, or what is counted); `bound` says how the
source words it ("" is exact). No finding of the register has an interval or a standard error.

What the register says in words is told figure by figure in `layouts/evidence.csv`. What a study is, compares
and finds is told in our own words in the seed `evidence_register`, by `finding_id`. The register's prose is
not published; `source_type` says what was read (its label, without the remark after it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from commissioning.base.errors import SymbolError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record, layout_table

DIMENSIONS = (
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
KEY = ("finding_id", "statistic", "part")
HEADINGS = ["study_id", "year", "country", "outcome", "effect_estimate", "unit", "ci_or_p", "n"]
HEADINGS += ["source_url", "locator", "source_type"]
COLUMNS = {"estimate": "effect_estimate", "interval or p value": "ci_or_p", "n": "n"}
ELSEWHERE = "see outcome"  # the estimate of a finding stands in the column `outcome`
# Units of cells that hold a number alone.
UNITS = {
    "% weighted": "per cent",
    "% (negative outcomes: fewer than 6%; 0 to 5.4% in In Control text)": "per cent",
}


def _worded() -> dict[tuple[str, str], list[dict[str, object]]]:
    """The figures in each cell that says more than a number, by statistic and text."""
    worded: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in layout_table("evidence"):
        figure = _figure(
            row["part"], row["bound"], float(row["value"]) if row["value"] else None, row["unit"]
        )
        worded.setdefault((row["statistic"], row["text"]), []).append(figure)
    return worded


def _figure(part: str, bound: str, value: float | None, unit: str) -> dict[str, object]:
    symbol = "not_available" if value is None else None
    return {"part": part, "bound": bound, "value": value, "value_symbol": symbol, "unit": unit}


WORDED = _worded()


def _figures(record: Record, statistic: str, heading: str) -> list[dict[str, object]]:
    """The figures of one cell; a single one without value where it is blank."""
    text, unit = record[heading], record["unit"]
    if not text:
        return [_figure("", "", None, UNITS.get(unit, ""))]
    if (statistic, text) in WORDED:
        return WORDED[statistic, text]
    value = record.figure(heading)["value"]
    if statistic == "n":
        return [_figure("respondents", "", value, "people")]
    if statistic == "estimate" and unit in UNITS:
        return [_figure("intervention", "", value, UNITS[unit])]
    raise SymbolError(
        "A number of the register has a unit that the reader does not know.",
        file=record.grid.file,
        where=record.place(heading)["source_locator"],
        expected=f"one of {sorted(UNITS)}",
        found=repr(unit),
        todo="add the unit to UNITS of ingest/evidence.py, or the cell to ingest/layouts/evidence.csv",
    )


def _source(record: Record) -> dict[str, str]:
    """The web address of a finding, and the place in it; what follows an address belongs to the place."""
    url, _, rest = record["source_url"].partition(" ")
    if not url.startswith(("https://", "http://")):
        raise record.wrong(
            "A finding names no web address as its source.",
            at="source_url",
            expected="an address that starts with http",
            found=repr(url[:40]),
            todo="look at the line; make sure that no private path is published, "
            "then teach ingest/evidence.py",
        )
    place = "; ".join(part for part in (rest.strip("()"), record["locator"]) if part)
    return {"source_url": url, "source_place": place}


def _finding(record: Record) -> Iterator[dict[str, object]]:
    labels = {
        "finding_id": record["study_id"],
        "study_year": record["year"],
        "country": record["country"],
        "source_type": record["source_type"].partition(";")[0],
        **_source(record),
    }
    for statistic, heading in COLUMNS.items():
        if statistic == "estimate" and record[heading] == ELSEWHERE:
            heading = "outcome"
        place = record.place(heading)
        figures = _figures(record, statistic, heading)
        for number, figure in enumerate(figures, start=1):
            row = labels | figure | place | {"statistic": statistic, "value_text": record[heading]}
            if len(figures) > 1:
                row["source_locator"] = f"{place['source_locator']}, figure {number}"
            yield row


def read_register(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of the register, in its own order."""
    lines = Lines.read(path, data)
    rows = [row for record in lines.records(0, HEADINGS) for row in _finding(record)]
    return rows, lines.accounting(len(lines.rows) - 1)


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The register. Raises `LayoutError` and `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_register(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
