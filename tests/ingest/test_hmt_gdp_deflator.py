"""Price indices: both layouts on made-up files, and figures typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import hmt_gdp_deflator as deflator

TREASURY = (
    "\ufeff,GDP DEFLATORS,,,,,,\n"
    ",,,,,,,\n"
    ',Financial year,2022-23 = 100,"Cash\nadjusted",,Calendar year,2022 = 100,\n'
    ',1999-00,50.5,"1,000",,1999,51.25,\n'
    ',"2023-24 (1), (2)",-,"2,000",,"2023 (1), (2)",-,\n'
    ",Sources and footnotes:,,,,,,\n"
    ",(1),a note,,,,,\n"
)
EXTRACT = (
    "fiscal_year_start,fiscal_year,gdp_deflator,cpi_index,cpih_index,is_forecast\n"
    "2024,2024-25,100.0000,134.7,134.1,false\n"
    "2025,2025-26,103.2,,,true\n"
)


def rows_of(text: str, reader=deflator.read_treasury_table):
    return reader("x.csv", text.encode())


def test_treasury_table():
    rows, account = rows_of(TREASURY)
    account.check()
    assert [(r["year"], r["value"], r["value_symbol"], r["is_forecast"]) for r in rows] == [
        ("1999-00", 50.5, None, "false"),
        ("2023-24", None, "not_available", "true"),
        ("1999", 51.25, None, "false"),
        ("2023", None, "not_available", "true"),
    ]
    # The header record spans two lines, so that the first year is on line 5.
    assert rows[0]["source_locator"] == 'line 5, column "2022-23 = 100"'


def test_extract():
    rows, account = rows_of(EXTRACT, deflator.read_extract)
    account.check()
    assert [(r["series"], r["year"], r["value"]) for r in rows] == [
        ("GDP deflator", "2024-25", 100.0),
        ("GDP deflator", "2025-26", 103.2),
        ("CPI", "2024-25", 134.7),
        ("CPI", "2025-26", None),
        ("CPIH", "2024-25", 134.1),
        ("CPIH", "2025-26", None),
    ]


@pytest.mark.parametrize(
    ("text", "reader", "error", "says"),
    [
        (
            TREASURY.replace("2022 = 100", "2023 = 100"),
            deflator.read_treasury_table,
            LayoutError,
            "2022 = 100",
        ),
        (TREASURY.replace("1999-00", "total"), deflator.read_treasury_table, LayoutError, "line 5"),
        (TREASURY.split(",Sources")[0], deflator.read_treasury_table, LayoutError, "Sources and footnotes"),
        (TREASURY.replace("50.5", "n/a"), deflator.read_treasury_table, SymbolError, "line 5"),
        (EXTRACT.replace("cpih_index", "cpih"), deflator.read_extract, LayoutError, "cpih_index"),
        (EXTRACT.replace("103.2", "p"), deflator.read_extract, SymbolError, "line 3"),
    ],
)
def test_bad_files_are_named(text, reader, error, says):
    with pytest.raises(error, match=says):
        rows_of(text, reader)


@pytest.mark.parametrize(
    ("edition", "year", "series", "value"),
    [
        ("2023-12", "2011-12", "GDP deflator", 77.930),  # line 67, column C
        ("2023-12", "2022-23", "GDP deflator", 100.0),
        ("2023-12", "2021", "GDP deflator", 95.113),
        ("2026-03", "2000-01", "GDP deflator", 54.3697),  # line 2
        ("2026-03", "2024-25", "GDP deflator", 100.0),
        ("2026-03", "2011-12", "CPI", 94.2250),
        ("2026-03", "2030-31", "GDP deflator", 113.6416),
    ],
)
def test_golden_figures(edition, year, series, value):
    table = pl.read_parquet(project().raw / "hmt_gdp_deflator" / f"{edition}.parquet")
    assert table.filter(year=year, series=series)["value"].to_list() == [value]


def test_the_two_editions_tell_the_same_inflation():
    """2000-01 to 2021-22 by either edition, within two per cent (the national accounts were revised)."""

    def growth(edition: str) -> float:
        table = pl.read_parquet(project().raw / "hmt_gdp_deflator" / f"{edition}.parquet")
        index = dict(table.filter(series="GDP deflator").select("year", "value").iter_rows())
        return index["2021-22"] / index["2000-01"]

    assert growth("2023-12") == pytest.approx(growth("2026-03"), rel=0.02)
