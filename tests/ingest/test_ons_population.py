"""Mid-year estimates: each layout on made-up sheets, errors, and figures typed from publishers' files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.ingest import ons_population as population
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet

AGES = [float(age) for age in range(91)]
YEARS = ["2011", *map(str, range(2015, 2025))]


def area(code: str, name: str, *extra: str) -> list[object]:
    return [code, name, *extra, 91.0, *[1.0] * 91]


def wide(*rows: list[object], ages: list[object] = AGES, geography: bool = True) -> Sheet:
    header = ["Code", "Name", *(["Geography1"] if geography else []), "All ages", *ages]
    title = ["MYE2"] + [""] * (len(header) - 1)
    return Sheet("x.xls", "MYE2 - All", [title, header, *rows])


def read(layout, sheet: Sheet, year: str = "2017"):
    account = Accounting(sheet.file, "cells", read=sheet.size)
    rows = population.read_sheet(sheet, year, layout, account)
    assert account.loaded == len(rows)
    account.check()
    return rows


def test_a_sheet_with_a_column_an_age():
    rows = read(
        population.an_age_a_column,
        wide(
            area("E92000001", "ENGLAND", "Country"),
            area("E10000099", "Northshire", "County"),
            area("E07000099", "Smalltown", "Non-metropolitan District"),
            area("W06000001", "Elsewhere", "Unitary Authority"),
        ),
    )
    assert {r["area_code"] for r in rows} == {"E92000001", "E10000099"}
    assert [r["age"] for r in rows[:3]] == ["All ages", "0", "1"] and rows[91]["age"] == "90+"
    assert rows[0]["source_locator"] == "MYE2 - All!D3"
    assert {r["area_type"] for r in rows} == {"Country", "County"}


def test_early_sheets_have_no_type_of_area():
    rows = read(population.an_age_a_column, wide(area("E92000001", "ENGLAND"), geography=False), "2015")
    assert rows[0]["area_type"] is None and rows[0]["source_locator"] == "MYE2 - All!C3"


def test_the_sheet_of_2011_gives_males_and_females():
    header = ["code", "name", "geography", "sex", "age", "population_2011", "population_2022"]
    sheet = Sheet(
        "x.xlsx",
        "MYEB1",
        [
            header,
            ["E10000099", "Northshire", "County", "M", 0.0, 5.0, 6.0],
            ["E10000099", "Northshire", "County", "F", 90.0, 7.0, 8.0],
            ["E07000099", "Smalltown", "District", "F", 90.0, 7.0, 8.0],
        ],
    )
    rows = read(population.an_age_a_row, sheet, "2011")
    assert [(r["sex"], r["age"], r["value"]) for r in rows] == [("M", "0", 5.0), ("F", "90+", 7.0)]


def test_the_sheet_of_totals():
    sheet = Sheet(
        "x.xlsx",
        "MYE4",
        [
            ["Code", "Name", "Geography", "Mid-2022", "Mid-2011"],
            ["E92000001", "ENGLAND", "Country", 9.0, 8.0],
        ],
    )
    rows = read(population.all_ages, sheet, "2011")
    assert [(r["age"], r["value"], r["source_locator"]) for r in rows] == [("All ages", 8.0, "MYE4!E2")]


def csv_of(*lines: str) -> bytes:
    header = ",".join(["Code", "Name", "Geography", "All ages", *map(str, range(90)), "90+"])
    return ("\ufeff" + "\n".join([header, *lines]) + "\n").encode()


def csv_line(code: str, name: str) -> str:
    return ",".join([code, name, "County", "91", *["1"] * 91])


def test_csv_export():
    rows, account = population.text_export(
        "x.csv", csv_of(csv_line("E10000099", '"North, shire"'), csv_line("W01", "Elsewhere")), "2024"
    )
    account.check()
    assert len(rows) == 92 and rows[0]["area"] == "North, shire"
    assert rows[1]["source_locator"] == 'line 2, column "0"'


def test_a_moved_header_a_missing_age_and_a_new_symbol_are_named():
    england = area("E92000001", "ENGLAND", "Country")
    with pytest.raises(LayoutError, match="row that the reader relies on"):
        read(population.an_age_a_column, Sheet("x.xls", "MYE2 - All", [england]))
    with pytest.raises(LayoutError, match="header of the table of ages"):
        read(population.an_age_a_column, wide(england[:-1], ages=AGES[:-1]))
    with pytest.raises(SymbolError, match="MYE2 - All!CQ3"):
        read(population.an_age_a_column, wide([*england[:-1], "[c]"]))
    with pytest.raises(OriginalError, match="as many fields as the header"):
        population.text_export("x.csv", csv_of(csv_line("E10000099", "Northshire")[:-30]), "2024")


def test_a_renamed_sheet_is_named(made_up_workbook):
    made_up_workbook({"Contents": [["a"]]})
    with pytest.raises(LayoutError, match="MYE2 - Persons"):
        population.workbook("x.xls", b"", "2020")


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    folder = Path(population.__file__).resolve().parent.parent / "data" / "raw" / "ons_population"
    return pl.concat([pl.read_parquet(folder / f"{year}.parquet") for year in YEARS])


@pytest.mark.parametrize(
    ("year", "code", "age", "value", "locator"),
    [
        ("2011", "E92000001", "All ages", 53107169, None),
        ("2015", "E92000001", "All ages", 54786327, "Persons UK!C7"),
        ("2015", "E06000047", "90+", 4070, "Persons UK!CP9"),
        ("2016", "E92000001", "All ages", 55268067, "MYE2 - All!C9"),
        ("2017", "E92000001", "0", 653467, "MYE2 - All!E9"),
        ("2018", "E92000001", "All ages", 55977178, None),
        ("2019", "E92000001", "All ages", 56286961, None),
        ("2020", "E92000001", "All ages", 56550138, None),
        ("2021", "E92000001", "All ages", 56536419, None),
        ("2022", "E92000001", "All ages", 57106398, None),
        ("2023", "E92000001", "All ages", 57690323, None),
        ("2024", "E92000001", "0", 573812, 'line 3, column "0"'),
    ],
)
def test_golden_figures(held, year, code, age, value, locator):
    found = held.filter(year=year, area_code=code, age=age)
    assert found["value"].to_list() == [value]
    if locator:
        assert found["source_locator"].to_list() == [locator]


def test_ages_add_up_to_all_ages_and_councils_and_regions_to_england(held):
    total = pl.col("age") == "All ages"
    keys = ["year", "area_code"]
    ages = held.filter(~total).group_by(keys).agg(pl.sum("value").alias("ages"))
    sums = held.filter(total).join(ages, on=keys, how="full", validate="1:1")
    assert sums["ages"].to_list() == sums["value"].to_list()
    kind = pl.col("area_code").str.slice(0, 3)
    level = pl.when(kind == "E92").then(pl.lit("England")).when(kind == "E12").then(pl.lit("region"))
    levels = held.filter(total).group_by("year", level.otherwise(pl.lit("council"))).agg(pl.sum("value"))
    assert levels.group_by("year").agg(pl.n_unique("value"), pl.len()).select(
        "value", "len"
    ).unique().rows() == [(1, 3)]


def test_the_step_between_census_bases(held):
    """County Durham, aged 18 to 64: 319,588 in 2020 and 310,399 in 2021 (DATA: not rebased)."""
    adults = [str(age) for age in range(18, 65)]
    durham = held.filter(pl.col("area_code") == "E06000047", pl.col("age").is_in(adults))
    by_year = dict(durham.group_by("year").agg(pl.sum("value")).iter_rows())
    assert (by_year["2020"], by_year["2021"]) == (319588, 310399)
