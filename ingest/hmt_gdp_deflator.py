"""Price indices: HM Treasury's GDP deflator, and the consumer price indices published beside it.

Shape: one row for each year and series. `year` is a financial year (`2000-01`) or a calendar year
(`2000`). Units name the base, e.g. `index, 2024-25 = 100`. The 2026-03 extract does not print its bases:
the deflator reads 100 in 2024-25, and the consumer price indices are on the ONS base 2015 = 100
(inferred: both average 100 over 2015).

Of the 2023-12 table, the columns of per cent changes and money GDP are left out. From 2023-24 on it
prints a dash for the index (only forecast changes are given): those rows are kept as `not_available`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {"year": pl.String, "series": pl.String, "is_forecast": pl.String}
KEY = ("year", "series")
SYMBOLS = {"-": "not_available", "": "not_available"}

_YEAR = re.compile(r"(\d{4}(?:-\d{2})?)(?P<notes>(?:,? ?\(\d\))*)")
_TREASURY_HEADERS = (
    ("Financial year", "2022-23 = 100", "index, 2022-23 = 100"),
    ("Calendar year", "2022 = 100", "index, 2022 = 100"),
)
_EXTRACT_SERIES = (
    ("gdp_deflator", "GDP deflator", "index, 2024-25 = 100"),
    ("cpi_index", "CPI", "index, 2015 = 100"),
    ("cpih_index", "CPIH", "index, 2015 = 100"),
)


def _row(lines: Lines, index: int, column: int, header: str, **dimensions: str) -> dict[str, object]:
    locator = lines.locator(index, header)
    text, value, symbol = raw.parse_value(lines.rows[index][column], SYMBOLS, file=lines.file, where=locator)
    return dimensions | {
        "value_text": text,
        "value": value,
        "value_symbol": symbol,
        "source_file": lines.file,
        "source_locator": locator,
    }


def _year(lines: Lines, index: int, column: int, header: str) -> tuple[str, str]:
    """The year of a line and whether the publisher marks it as a forecast (footnotes 1 and 2)."""
    text = " ".join(lines.rows[index][column].split())
    match = _YEAR.fullmatch(text)
    if match is None:
        raise LayoutError(
            "A line of the deflator table does not start with a year.",
            file=lines.file,
            where=lines.locator(index, header),
            expected="a year such as 2000-01 or 2000, with or without footnote marks",
            found=repr(text),
            todo="open the file; if years are written in a new way, teach ingest/hmt_gdp_deflator.py",
        )
    return match[1], "true" if match["notes"] else "false"


def read_treasury_table(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The Treasury's own table (financial years on the left, calendar years on the right)."""
    lines = Lines.read(path, data, encoding="utf-8-sig")
    start = next((i for i, row in enumerate(lines.rows) if "2022-23 = 100" in row), len(lines.rows))
    headers = [header for pair in _TREASURY_HEADERS for header in pair[:2]]
    columns = lines.header(start, headers)
    end = next(
        (i for i in range(start, len(lines.rows)) if "Sources and footnotes:" in lines.rows[i]),
        len(lines.rows),
    )
    if end == len(lines.rows):
        raise LayoutError(
            "The deflator table has no end.",
            file=path,
            where="end of file",
            expected="a line 'Sources and footnotes:' after the table",
            found=f"{len(lines.rows)} lines without it",
            todo="the file may be truncated: fetch it again",
        )
    rows = []
    for year_header, header, unit in _TREASURY_HEADERS:
        for index in range(start + 1, end):
            year, forecast = _year(lines, index, columns[year_header], year_header)
            rows.append(
                _row(
                    lines,
                    index,
                    columns[header],
                    header,
                    year=year,
                    series="GDP deflator",
                    is_forecast=forecast,
                )
                | {"unit": unit}
            )
    furniture = {"title and header": start + 1, "sources and footnotes": len(lines.rows) - end}
    return rows, Accounting(path, "lines", len(lines.rows), end - start - 1, furniture)


def read_extract(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The secondary extract: one line a financial year, one column a series."""
    lines = Lines.read(path, data, encoding="utf-8-sig")
    columns = lines.header(0, ["fiscal_year", "is_forecast", *(header for header, _, _ in _EXTRACT_SERIES)])
    rows = []
    for header, series, unit in _EXTRACT_SERIES:
        for index in range(1, len(lines.rows)):
            year, _ = _year(lines, index, columns["fiscal_year"], "fiscal_year")
            forecast = lines.rows[index][columns["is_forecast"]]
            rows.append(
                _row(lines, index, columns[header], header, year=year, series=series, is_forecast=forecast)
                | {"unit": unit}
            )
    return rows, Accounting(path, "lines", len(lines.rows), len(lines.rows) - 1, {"header": 1})


_READERS: dict[str, Callable[[str, bytes], tuple[list[dict[str, object]], Accounting]]] = {
    "2023-12": read_treasury_table,
    "2026-03": read_extract,
}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition of the price indices. Raises `LayoutError` and `SymbolError` as the module's text says."""
    (path, data), *_ = originals.items()
    rows, accounting = _READERS[edition.edition](path, data)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
