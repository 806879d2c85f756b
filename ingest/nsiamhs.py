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

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String
    for name in ("year", "publication", "measure", "category", "kind", "source_url", "source_place")
}
KEY = ("year", "publication", "measure", "category", "unit")
COLUMNS = {
    "year": "year",
    "publication": "table_figure",
    "measure": "measure",
    "category": "category",
    "kind": "kind",
    "source_place": "locator",
}
HEADERS = [*COLUMNS.values(), "value", "unit", "source_url", "note"]
BLOG = "blog post under test (address not recorded)"

# Values that their source gives in words. A count "n of m" is n; "more than half" has no number.
WORDED = {
    "135 of 135 CCGs": 135.0,
    "106 of 106 CCGs": 106.0,
    "41 of 42 ICBs": 41.0,
    "42 of 42 ICBs": 42.0,
    "about 80": 80.0,
}
SYMBOLS = {"more than half": "not_available"}


def _source(text: str, lines: Lines, index: int) -> str:
    """Where the figure was read, without any path of the transcriber's machine."""
    if text.startswith(("https://", "http://")):
        return text
    if text.startswith("seed blog "):
        return BLOG
    if text.startswith("file "):
        return "file " + text.rsplit("/", 1)[-1]
    raise LayoutError(
        "A transcribed figure names its source in a way that the reader does not know.",
        file=lines.file,
        where=lines.locator(index, "source_url"),
        expected="a web address, 'file ...' or 'seed blog ...'",
        found=repr(text[:40]),
        todo="look at the line; make sure that no private path is published, then teach ingest/nsiamhs.py",
    )


def read_figures(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of one transcription, in its own order."""
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
        locator, cell = lines.locator(index, "value"), fields[columns["value"]]
        if cell in WORDED:
            text, value, symbol = cell, WORDED[cell], None
        else:
            text, value, symbol = raw.parse_value(cell, SYMBOLS, file=path, where=locator)
        row = {name: " ".join(fields[columns[header]].split()) for name, header in COLUMNS.items()}
        rows.append(
            row
            | {
                "source_url": _source(fields[columns["source_url"]], lines, index),
                "unit": fields[columns["unit"]],
                "value_text": text,
                "value": value,
                "value_symbol": symbol,
                "source_file": path,
                "source_locator": locator,
            }
        )
    return rows, Accounting(path, "lines", len(lines.rows), len(rows), {"header": 1})


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One transcription. Raises `LayoutError` and `SymbolError` naming the line."""
    (path, data), *_ = originals.items()
    rows, accounting = read_figures(path, data)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
