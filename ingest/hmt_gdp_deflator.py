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
from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = ("year", "series", "is_forecast")
KEY = ("year", "series")
SYMBOLS = {"-": "not_available", "": "not_available"}

_YEAR = re.compile(r"(\d{4}(?:-\d{2})?)(?P<notes>(?:,? ?\(\d\))*)")
_TREASURY_HEADINGS = (
    ("Financial year", "2022-23 = 100", "index, 2022-23 = 100"),
    ("Calendar year", "2022 = 100", "index, 2022 = 100"),
)
_EXTRACT_SERIES = (
    ("gdp_deflator", "GDP deflator", "index, 2024-25 = 100"),
    ("cpi_index", "CPI", "index, 2015 = 100"),
    ("cpih_index", "CPIH", "index, 2015 = 100"),
)


def _year(record: Record, heading: str) -> re.Match[str]:
    """The year of a line, with the footnote marks by which the publisher tells a forecast."""
    return record.match(heading, _YEAR, "a year such as 2000-01 or 2000, with or without footnote marks")


def read_treasury_table(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The Treasury's own table (financial years on the left, calendar years on the right)."""
    lines = Lines.read(path, data)
    start = next((row for row, cells in enumerate(lines.rows) if "2022-23 = 100" in cells), len(lines.rows))
    foot = "Sources and footnotes:"
    end = next((row for row in range(start, len(lines.rows)) if foot in lines.rows[row]), None)
    if end is None:
        raise lines.wrong(
            "The deflator table has no end.",
            at="end of file",
            expected=f"a line {foot!r} after the table",
            found=f"{len(lines.rows)} lines without it",
        )
    rows = []
    for year_heading, heading, unit in _TREASURY_HEADINGS:
        for record in lines.records(start, [year_heading, heading], end=end):
            year = _year(record, year_heading)
            forecast = "true" if year["notes"] else "false"
            rows.append(
                record.figure(
                    heading, SYMBOLS, unit=unit, year=year[1], series="GDP deflator", is_forecast=forecast
                )
            )
    furniture = {"title and header": start + 1, "sources and footnotes": len(lines.rows) - end}
    return rows, lines.accounting(end - start - 1, furniture)


def read_extract(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The secondary extract: one line a financial year, one column a series."""
    lines = Lines.read(path, data)
    rows = [
        record.figure(
            heading,
            SYMBOLS,
            unit=unit,
            year=_year(record, "fiscal_year")[1],
            series=series,
            is_forecast=record["is_forecast"],
        )
        for heading, series, unit in _EXTRACT_SERIES
        for record in lines.records(0, ["fiscal_year", "is_forecast", heading])
    ]
    return rows, lines.accounting(len(lines.rows) - 1)


LAYOUTS = {"treasury table": read_treasury_table, "extract": read_extract}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition of the price indices. Raises `LayoutError` and `SymbolError` as the module's text says."""
    (file,) = edition.files
    rows, account = file.reader(LAYOUTS)(file.path, originals[file.path])
    return Reading.of(rows, [account], DIMENSIONS, KEY)
