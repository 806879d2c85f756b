"""Personal health budgets in England, by quarter: published figures transcribed by hand.

Shape: one row a figure, in the unit of its source (`people`, `per cent`, `GBP m`). `period` is as
transcribed; `year` and `quarter` are read from it (`quarter` is "" where the figure is of a year, or of part
of one). `span` is what the period covers, `not stated` where the transcription names the quarter alone (the
counts of adults and children of a quarter add up to the year to date). `area` is England, or the
commissioner named in the measure. `kind` says what sort of source the figure was read from; `remark` is the
transcriber's label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String
    for name in (
        "period",
        "year",
        "quarter",
        "span",
        "area",
        "measure",
        "publication",
        "kind",
        "remark",
        "source_url",
    )
}
KEY = ("period", "area", "measure")
HEADERS = ["period", "measure", "value", "unit", "source_url", "note"]
UNITS = ("people", "per cent", "GBP m")
AREAS = ("Calderdale CCG",)

# The publication that a figure was read from, and what sort of source it is, by the host of its address.
SOURCES = {
    "digital.nhs.uk": ("NHS England, Personal Health Budgets", "official publication page"),
    "production-like.nhsd.io": (
        "NHS England, Personal Health Budgets",
        "official publication page, read on the publisher's test site",
    ),
    "www.publicpartnerships.co.uk": (
        "Public Partnerships, quarterly analysis",
        "secondary: article of a company that administers budgets",
    ),
    "www.hfma.org.uk": ("HFMA, Healthcare Finance", "secondary: professional magazine"),
    "www.calderdaleccg.nhs.uk": (
        "NHS Calderdale CCG, freedom of information answer",
        "commissioner's own answer",
    ),
}
_PERIOD = re.compile(r"(\d{4})[-/](\d{2})(?: (Q[1-4]))?( \(YTD\)| \(c\. Mar \d{4}\)| Apr-Dec)?")
_SPANS = {" (YTD)": "year to date", " Apr-Dec": "April to December"}


def _period(lines: Lines, index: int, text: str) -> dict[str, str]:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise LayoutError(
            "A transcribed figure is of a period that the reader does not know.",
            file=lines.file,
            where=lines.locator(index, "period"),
            expected="such as '2022-23 Q4', '2022-23 Q4 (YTD)', '2016/17' or '2017/18 Apr-Dec'",
            found=repr(text),
            todo="correct the line, or teach ingest/nhse_phb.py the new form",
        )
    first, second, quarter, rest = match.groups()
    whole = "not stated" if quarter else "year"
    span = _SPANS.get(rest, "end of year, about") if rest else whole
    return {"period": text, "year": f"{first}-{second}", "quarter": quarter or "", "span": span}


def _source(lines: Lines, index: int, text: str) -> dict[str, str]:
    """The web address of a figure, never another kind of path."""
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or address.hostname not in SOURCES:
        raise LayoutError(
            "A transcribed figure names a source that the reader does not know.",
            file=lines.file,
            where=lines.locator(index, "source_url"),
            expected=f"a web address at one of {sorted(SOURCES)}",
            found=repr(text[:40]),
            todo="look at the line; make sure that no private path is published, then add the source to "
            "SOURCES of ingest/nhse_phb.py",
        )
    publication, kind = SOURCES[address.hostname]
    return {"publication": publication, "kind": kind, "source_url": text}


def _area(measure: str) -> tuple[str, str]:
    for area in AREAS:
        if measure.startswith(area + " "):
            return area, measure.removeprefix(area + " ")
    return "England", measure


def read_figures(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of the transcription, in its own order."""
    lines = Lines.read(path, data, encoding="utf-8-sig")
    columns = lines.header(0, HEADERS)
    rows = []
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if len(fields) != len(lines.rows[0]):
            raise LayoutError(
                "A line of the transcription has too few or too many fields.",
                file=path,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields",
                found=len(fields),
                todo="the file may be truncated: copy it again",
            )
        cells = {name: " ".join(fields[column].split()) for name, column in columns.items()}
        if cells["unit"] not in UNITS:
            raise LayoutError(
                "A transcribed figure has a unit that the reader does not know.",
                file=path,
                where=lines.locator(index, "unit"),
                expected=f"one of {list(UNITS)}",
                found=repr(cells["unit"]),
                todo="correct the line, or add the unit to UNITS of ingest/nhse_phb.py",
            )
        locator = lines.locator(index, "value")
        text, value, symbol = raw.parse_value(fields[columns["value"]], {}, file=path, where=locator)
        area, measure = _area(cells["measure"])
        rows.append(
            _period(lines, index, cells["period"])
            | _source(lines, index, cells["source_url"])
            | {
                "area": area,
                "measure": measure,
                "remark": cells["note"],
                "unit": cells["unit"],
                "value_text": text,
                "value": value,
                "value_symbol": symbol,
                "source_file": path,
                "source_locator": locator,
            }
        )
    return rows, Accounting(path, "lines", len(lines.rows), len(rows), {"header": 1})


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The transcription. Raises `LayoutError` and `SymbolError` naming the line."""
    (path, data), *_ = originals.items()
    rows, accounting = read_figures(path, data)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
