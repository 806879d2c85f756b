"""Indices of deprivation, England, summarised for upper-tier councils: 2019 and 2025.

- 2019: the publisher's workbook, one sheet an index or domain, one row a council (boundaries of April 2019);
- 2025: a derived table of two measures of the overall index (boundaries of April 2023). Councils without
  districts hold the publisher's value for the district; counties hold a mean of their districts.

`measure` is the column's heading, which names index and measure. Ranks of small areas (LSOAs) are reversed in
average ranks: the higher, the more deprived. `detail` says how a figure of 2025 was made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook

DIMENSIONS = {name: pl.String for name in ("year", "area_code", "area", "measure", "detail")}
KEY = ("year", "area_code", "measure")
SYMBOLS: dict[str, str] = {}  # neither file leaves a figure out

SHEETS = (
    "IMD",
    "Income",
    "Employment",
    "Education",
    "Health",
    "Crime",
    "Barriers",
    "Living",
    "IDACI",
    "IDAOPI",
)
CODE_HEADER = "Upper Tier Local Authority District code (2019)"
NAME_HEADER = "Upper Tier Local Authority District name (2019)"
NEEDED = "Average rank", "Average score", "Proportion of LSOAs in most deprived 10% nationally"

RANK_OF_COUNCIL = "rank of council, 1 = most deprived"
RANK_OF_LSOA_2019 = "rank of LSOA, 32844 = most deprived"
RANK_OF_LSOA_2025 = "rank of LSOA, 33755 = most deprived"
UNITS_2019 = {
    "Average rank": RANK_OF_LSOA_2019,
    "Average score": "score",
    "Proportion of LSOAs in most deprived 10% nationally": "share",
    "Extent": "share",
    "Local concentration": RANK_OF_LSOA_2019,
    "Income scale": "people",
    "Employment scale": "people",
}
UNITS_2025 = {"imd2025_average_score": "score", "imd2025_average_rank": RANK_OF_LSOA_2025}
HEADERS_2025 = ["utla23_code", "utla_name", "n_districts", *UNITS_2025, "method"]


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """One edition of the indices. Raises `LayoutError`, `OriginalError` or `SymbolError` for a file not as
    known."""
    (path, data), *_ = originals.items()
    rows, account = READERS[edition.edition](path, data)
    return raw.Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])


def read_2019(path: str, data: bytes) -> tuple[list[dict[str, object]], raw.Accounting]:
    """The publisher's workbook of summaries for upper-tier councils."""
    book = Workbook(path, data)
    account = raw.Accounting(path, "cells", read=0, loaded=0, furniture={"headers": 0, "area labels": 0})
    rows = []
    for name in SHEETS:
        rows += read_sheet(book.sheet(name), account)
    others = sum(len(row) for name in book.sheet_names if name not in SHEETS for row in book.sheet(name).rows)
    account.read += others
    account.furniture["notes"] = others
    return rows, account


def read_sheet(sheet: Sheet, account: raw.Accounting) -> list[dict[str, object]]:
    """The figures of one index or domain, council by council."""
    for column, header in enumerate((CODE_HEADER, NAME_HEADER)):
        if sheet.find_column(0, header) != column:
            raise _layout_error(sheet, 0, column, header)
    headings = [sheet.text(0, column) for column in range(len(sheet.rows[0]))]
    units = {column: _unit(sheet, column) for column in range(2, len(headings))}
    missing = [name for name in NEEDED if not any(h.endswith(f" - {name}") for h in headings)]
    if missing:
        raise LayoutError(
            "Columns that the reader relies on are not there.",
            file=sheet.file,
            where=f"sheet {sheet.name!r}, row 1",
            expected=missing,
            found=headings,
            todo="open the sheet; if the publisher renamed or moved columns, teach ingest/imd.py",
        )
    rows = []
    for row in range(1, len(sheet.rows)):
        for column, unit in units.items():
            where = sheet.locator(row, column)
            text, value, symbol = raw.parse_value(
                sheet.rows[row][column], SYMBOLS, file=sheet.file, where=where
            )
            rows.append(
                {
                    "year": "2019",
                    "area_code": sheet.text(row, 0),
                    "area": sheet.text(row, 1),
                    "measure": headings[column],
                    "detail": "",
                    "unit": unit,
                    "value_text": text,
                    "value": value,
                    "value_symbol": symbol,
                    "source_file": sheet.file,
                    "source_locator": where,
                }
            )
    account.read += len(sheet.rows) * len(headings)
    account.loaded += len(rows)
    account.furniture["headers"] += len(headings)
    account.furniture["area labels"] += 2 * (len(sheet.rows) - 1)
    return rows


def _unit(sheet: Sheet, column: int) -> str:
    """The unit of a column, from its heading: `IMD - Average rank`, `Rank of Income Scale`."""
    heading = sheet.text(0, column)
    measure = heading.rsplit(" - ", 1)[-1]
    if measure.startswith("Rank of "):
        return RANK_OF_COUNCIL
    if measure not in UNITS_2019:
        raise _layout_error(sheet, 0, column, f"a heading that ends in one of {sorted(UNITS_2019)}")
    return UNITS_2019[measure]


def _layout_error(sheet: Sheet, row: int, column: int, expected: str) -> LayoutError:
    return LayoutError(
        "A heading is not what its place says.",
        file=sheet.file,
        where=sheet.locator(row, column),
        expected=expected,
        found=repr(sheet.text(row, column)),
        todo="open the sheet; if the publisher moved or renamed it, teach ingest/imd.py",
    )


def read_2025(path: str, data: bytes) -> tuple[list[dict[str, object]], raw.Accounting]:
    """The derived table of 2025: one line a council, one column a measure."""
    lines = Lines.read(path, data, encoding="utf-8")
    columns = lines.header(0, HEADERS_2025)
    rows = []
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if len(fields) != len(lines.rows[0]):
            raise OriginalError(
                "A line does not have as many fields as the header.",
                file=path,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields",
                found=f"{len(fields)} fields",
                todo="the file looks truncated or altered: fetch the original again",
            )
        for measure, unit in UNITS_2025.items():
            where = lines.locator(index, measure)
            text, value, symbol = raw.parse_value(fields[columns[measure]], SYMBOLS, file=path, where=where)
            method, districts = fields[columns["method"]], fields[columns["n_districts"]]
            rows.append(
                {
                    "year": "2025",
                    "area_code": fields[columns["utla23_code"]],
                    "area": fields[columns["utla_name"]],
                    "measure": measure,
                    "detail": f"method={method}; districts={districts}",
                    "unit": unit,
                    "value_text": text,
                    "value": value,
                    "value_symbol": symbol,
                    "source_file": path,
                    "source_locator": where,
                }
            )
    furniture = {"header": 1}
    return rows, raw.Accounting(path, "lines", len(lines.rows), len(lines.rows) - 1, furniture)


READERS: dict[str, Callable[[str, bytes], tuple[list[dict[str, object]], raw.Accounting]]] = {
    "2019": read_2019,
    "2025": read_2025,
}
