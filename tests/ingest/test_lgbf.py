"""Scotland's benchmarking framework: the sheet made up, errors, and figures typed from the held file."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import lgbf

TITLES = {code: f"Title of {code}" for code, _, _ in lgbf.MEASURES.values()}


def raw_data(**changed: object) -> list[list[object]]:
    """All care columns of one year and two that are left out; `changed` gives cells by address, e.g. `B1`."""
    headings = ["Local Authority", "CHN1 2010-11", *(f"{name} 2010-11" for name in lgbf.MEASURES)]
    headings += ["SW1 2010-11 Real", "SW8 2010-11"]
    areas = [*(f"Council {number}" for number in range(1, lgbf.AREAS)), "Scotland"]
    rows: list[list[object]] = [headings]
    rows += [[area, *(float(column) for column in range(1, len(headings)))] for area in areas]
    for cell, value in changed.items():
        rows[int(cell[1:]) - 1][ord(cell[0]) - 65] = value
    return rows


def read(rows: list[list[object]], made_up_workbook) -> tuple[list[dict[str, object]], object]:
    made_up_workbook({"Raw Data": rows, "Deflators": [["Year"], ["2010-11"]]})
    return lgbf.read_figures("lgbf/x.xlsx", b"", TITLES)


def test_the_sheet_of_raw_data(made_up_workbook):
    rows, account = read(raw_data(), made_up_workbook)
    account.check()
    assert len(rows) == account.loaded == len(lgbf.MEASURES) * lgbf.AREAS
    assert account.furniture["working sheets"] == 2
    first = rows[0]
    assert (first["indicator"], first["part"], first["year"], first["area"]) == (
        "SW1",
        "indicator",
        "2010-11",
        "Council 1",
    )
    assert (first["value"], first["unit"], first["source_locator"]) == (2.0, "GBP an hour", "Raw Data!C2")
    assert {row["measure"] for row in rows} == set(lgbf.MEASURES)


def test_an_empty_cell_is_a_gap_and_no_nought(made_up_workbook):
    rows, _ = read(raw_data(C2="", C3=0.0), made_up_workbook)
    assert [(row["value"], row["value_symbol"]) for row in rows[:2]] == [(None, "not_available"), (0.0, None)]


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"A1": "Council"}, LayoutError, "Raw Data!A1"),
        ({"A34": "Council 33"}, LayoutError, "Scotland last"),
        ({"C1": "SW1 2010/11"}, LayoutError, "Raw Data!C1"),
        ({"C1": "SW4f 2010-11"}, LayoutError, "care indicator is not known"),
        ({"D1": "Home care 2010-11"}, LayoutError, "Total Homecare"),
        ({"B1": "SW2 2010-11"}, LayoutError, "twice"),
        ({"C2": "n/a"}, SymbolError, "Raw Data!C2"),
    ],
)
def test_a_changed_sheet_is_named(changed, error, says, made_up_workbook):
    with pytest.raises(error, match=says):
        read(raw_data(**changed), made_up_workbook)


def test_a_council_too_many_a_renamed_sheet_and_a_truncated_file_are_named(made_up_workbook):
    rows = raw_data()
    with pytest.raises(LayoutError, match="32 councils"):
        read([*rows, rows[-1]], made_up_workbook)
    made_up_workbook({"Data": rows})
    with pytest.raises(LayoutError, match="'Raw Data'"):
        lgbf.read_figures("lgbf/x.xlsx", b"", TITLES)


def test_a_cut_file_is_named():
    with pytest.raises(OriginalError, match=r"x\.xlsx"):
        lgbf.read_figures("lgbf/x.xlsx", b"PK\x03\x04 cut short", TITLES)


def test_an_indicator_without_a_title_is_named(made_up_workbook):
    made_up_workbook({"metadata": [["Variable name", "Title"], ["SW1", "Home care"]]})
    with pytest.raises(LayoutError, match="SW2"):
        lgbf.read_titles("lgbf/m.xlsx", b"")


@pytest.mark.parametrize(
    ("year", "area", "indicator", "part", "where", "value"),
    [
        ("2010-11", "Scotland", "SW2", "numerator", "Raw Data!ACY34", 40275),
        ("2010-11", "Scotland", "SW2", "denominator", "Raw Data!ACZ34", 2553788),
        ("2010-11", "Aberdeen City", "SW1", "indicator", "Raw Data!ABF2", 20.115425274856243),
        ("2019-20", "Scotland", "SW2", "numerator", "Raw Data!ADZ34", 268639),
        ("2020-21", "Scotland", "SW2", "numerator", "Raw Data!AEC34", 306492),
        ("2020-21", "Scotland", "SW2", "denominator", "Raw Data!AED34", 3752874),
        ("2014-15", "Glasgow City", "SW2", "indicator", "Raw Data!ADJ17", 32.50081420540633),
        ("2012-13", "Glasgow City", "SW2", "numerator", "Raw Data!ADE17", 106162),
        ("2019-20", "Scotland", "SW4d", "indicator", "Raw Data!AFF34", 75.4273),
        ("2013-14", "Aberdeen City", "SW4b", "indicator", "Raw Data!AES2", 83.7185),
        ("2017-18", "Scotland", "SW4e", "indicator", "Raw Data!AFJ34", 36.55),
        ("2010-11", "Scotland", "SW5", "denominator", "Raw Data!AFO34", 31050),
        ("2020-21", "Scotland", "SW7", "indicator", "Raw Data!AIU34", 82.5),
        ("2018-19", "Aberdeen City", "SW1", "numerator", "Raw Data!ACE2", 7470),
    ],
)
def test_golden_figures(year, area, indicator, part, where, value):
    table = pl.read_parquet(project().raw / "lgbf" / "2022-01.parquet")
    found = table.filter(year=year, area=area, indicator=indicator, part=part)
    assert found.select("value", "source_locator").rows() == [(value, where)]


def test_totals_of_the_edition():
    table = pl.read_parquet(project().raw / "lgbf" / "2022-01.parquet")
    assert table.height == 5808
    councils = table.filter(pl.col("area") != "Scotland")
    assert councils["area"].n_unique() == 32
    spent = councils.filter(year="2020-21", indicator="SW2", part="numerator")
    assert spent["value"].sum() == 306447
