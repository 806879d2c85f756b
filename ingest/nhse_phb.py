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

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = (
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
KEY = ("period", "area", "measure")
HEADINGS = ["period", "measure", "value", "unit", "source_url", "note"]
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


def _period(record: Record) -> dict[str, str]:
    expected = "such as '2022-23 Q4', '2022-23 Q4 (YTD)', '2016/17' or '2017/18 Apr-Dec'"
    match = record.match("period", _PERIOD, expected)
    first, second, quarter, rest = match.groups()
    whole = "not stated" if quarter else "year"
    span = _SPANS.get(rest, "end of year, about") if rest else whole
    return {"period": match[0], "year": f"{first}-{second}", "quarter": quarter or "", "span": span}


def _source(record: Record) -> dict[str, str]:
    """The web address of a figure, never another kind of path."""
    text = record["source_url"]
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or address.hostname not in SOURCES:
        raise record.wrong(
            "A transcribed figure names a source that the reader does not know.",
            at="source_url",
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
    lines = Lines.read(path, data)
    rows = []
    for record in lines.records(0, HEADINGS):
        area, measure = _area(record["measure"])
        rows.append(
            record.figure(
                "value",
                unit=record.known("unit", UNITS),
                area=area,
                measure=measure,
                remark=record["note"],
                **_period(record),
                **_source(record),
            )
        )
    return rows, lines.accounting(len(rows))


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The transcription. Raises `LayoutError` and `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_figures(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
