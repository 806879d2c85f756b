"""Published figures on mental health investment, transcribed by hand from public secondary sources.

Shape: one row for each figure, in the unit of its source (`GBP m`, `GBP bn`, `per cent`, ...). `kind` says
what sort of evidence it is: a secondary source quoting the survey, a ministerial answer, `CLAIM UNDER
TEST`, or `DERIVED` (arithmetic by the compiler, not a published figure). `source_place` is the
transcriber's locator inside the source.

The transcriber's free-text `note` column is left out. Where the transcriber gave a file of their own
instead of an address, only the file's name is published; the blog post under test has no known address.
"""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = ("year", "publication", "measure", "category", "kind", "source_url", "source_place")
KEY = ("year", "publication", "measure", "category", "unit")
COLUMNS = {
    "year": "year",
    "publication": "table_figure",
    "measure": "measure",
    "category": "category",
    "kind": "kind",
    "source_place": "locator",
}
HEADINGS = [*COLUMNS.values(), "value", "unit", "source_url", "note"]
BLOG = "blog post under test (address not recorded)"

# Values that their source gives in words. A count "n of m" is n; "more than half" has no number.
WORDED = {
    "135 of 135 CCGs": 135.0,
    "106 of 106 CCGs": 106.0,
    "41 of 42 ICBs": 41.0,
    "42 of 42 ICBs": 42.0,
    "about 80": 80.0,
    "more than half": "not_available",
}


def _source(record: Record) -> str:
    """Where the figure was read, without any path of the transcriber's machine."""
    text = record["source_url"]
    if text.startswith(("https://", "http://")):
        return text
    if text.startswith("seed blog "):
        return BLOG
    if text.startswith("file "):
        return "file " + text.rsplit("/", 1)[-1]
    raise record.wrong(
        "A transcribed figure names its source in a way that the reader does not know.",
        at="source_url",
        expected="a web address, 'file ...' or 'seed blog ...'",
        found=repr(text[:40]),
        todo="look at the line; make sure that no private path is published, then teach ingest/nsiamhs.py",
    )


def read_figures(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of one transcription, in its own order."""
    lines = Lines.read(path, data)
    rows = [
        record.figure(
            "value",
            WORDED,
            unit=record["unit"],
            source_url=_source(record),
            **{name: record[heading] for name, heading in COLUMNS.items()},
        )
        for record in lines.records(0, HEADINGS)
    ]
    return rows, lines.accounting(len(rows))


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One transcription. Raises `LayoutError` and `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_figures(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
