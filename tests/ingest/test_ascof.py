"""Reading ASCOF: each layout on made-up files, the errors, figures typed from the publisher's files, and the
seeds that join codes through the renumbering."""

from __future__ import annotations

import csv
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from commissioning.base.errors import KeyClashError, LayoutError, OriginalError, SymbolError
from commissioning.ingest import ascof, raw
from commissioning.ingest.catalogue import catalogue

ROOT = Path(__file__).parents[2]
SERIES = "ascof/2015-16_to_2024-25/ascof_2024_25.ods"
OPEN = "ascof/2020-21/meas-from-asc-of-eng-2021-open-data-csv_v2.xlsx"
COPY_2019 = "ascof/2018-19_derived/final_data_2019.csv"
COPY_2020 = "ascof/2019-20_derived/final_data_2020.csv"


def read(path: str, data: bytes = b"") -> raw.Reading:
    edition = next(e for e in catalogue()["ascof"].editions if any(f.path == path for f in e.files))
    reading = ascof.read(edition, {path: data})
    raw.check(reading, what=path)
    return reading


def only(frame: pl.DataFrame, /, **where: str) -> dict:
    """The one row with these dimensions."""
    rows = frame.filter(*(pl.col(name) == value for name, value in where.items()))
    assert rows.height == 1, rows
    return rows.row(0, named=True)


# Made-up workbooks -------------------------------------------------------------------------------------


def survey_sheet(title: str, *, years: tuple[str, ...]) -> list[list[object]]:
    statistics = ("margin of error", "number of respondents", "outcome")
    width = len(years) * len(statistics)
    regions = sorted(ascof.REGIONS)
    return [
        [title],
        ["This worksheet contains one table."],
        ["Local authority code", "Local authority", "ONS area code"]
        + [f"{year} - {statistic}" for year in years for statistic in statistics],
        ["England", "England", "E92000001", *[50.0] * width],
        ["S", "Shire Counties", "[z]", *[50.0] * width],
        *(["" + code, f"Region {code}", f"E120000{i:02}", *[50.0] * width] for i, code in enumerate(regions)),
        *([float(n), f"Town {n}", f"E06{n:06}", *[50.0] * width] for n in range(101, 101 + 150)),
    ]


CARERS = "Table 1e: overall satisfaction of carers with social services [note 1] [note 6][note 7]"
USERS = "Table 3a: the proportion of people who use services who have control over their daily life [note 1]"


def series() -> dict[str, list[list[object]]]:
    """A workbook of two measures. Rows of `Table_3a`: 4 England, 5 a class, 6-14 regions, 15- councils."""
    users = survey_sheet(USERS, years=("2018 to 2019", "2019 to 2020"))
    users[-2:] = [
        [809.0, "Dorset County", "E10000009", 1.0, 40.0, 71.0, "[z]", "[z]", 72.0],
        [809.0, "Dorset", "E06000059", "[z]", "[z]", "[z]", 2.0, 45.0, 72.0],
    ]
    users.append(["Z9D4Z", "New Shire", "E06000061", "[c]", "[c]", "[x]", 0.1, 5.0, 26.900000000000002])
    return {
        "Cover": [["Measures"]],
        "Contents": [["Contents"], ["Metric", "Description"], ["1E", "Satisfaction"], ["3A", "Control"]],
        "Comparability_over_time_log": [["Log"]],
        "Notes": [["Notes"]],
        "Table_1e": survey_sheet(CARERS, years=("2016 to 2017",)),
        "Table_3a": users,
    }


@pytest.fixture
def workbook(made_up_workbook):
    """Sets the sheets that the reader will find, and reads them."""

    def read_sheets(sheets: dict[str, list[list[object]]], path: str = SERIES) -> raw.Reading:
        made_up_workbook(sheets)
        return read(path)

    return read_sheets


def test_series(workbook):
    table = workbook(series()).table
    row = only(table, table="Table_3a", area="England", year="2018-19", statistic="outcome")
    assert (row["measure_code"], row["area_code"], row["area_level"]) == ("3A", "England", "England")
    assert row["measure"].endswith("control over their daily life")
    assert (row["unit"], row["source_locator"]) == ("per cent", "Table_3a!F4")
    council = table.filter(table="Table_3a", area="New Shire")
    assert council["value_symbol"].to_list() == [
        "suppressed",
        "suppressed",
        "not_available",
        None,
        None,
        None,
    ]
    assert council["statistic"].to_list()[:3] == ["margin of error", "base", "outcome"]
    assert council["unit"].to_list()[:3] == ["percentage points", "people", "per cent"]
    assert (
        only(table, table="Table_3a", area="Town 101", year="2019-20", statistic="base")["area_code"] == "101"
    )


def test_float_noise_stays_in_the_text(workbook):
    row = only(workbook(series()).table, area="New Shire", year="2019-20", statistic="outcome")
    assert (row["value"], row["value_text"]) == (26.9, "26.900000000000002")


def test_two_values_in_a_cell(workbook):
    sheets = series()
    sheets["Table_1e"][3][3:] = ["0.6 (0.5)", "42,080 (29,630)", "39 (:)"]
    england = workbook(sheets).table.filter(table="Table_1e", area="England")
    assert england["value"].to_list() == [0.6, 42080, 39]
    assert england["value_text"].to_list() == ["0.6 (0.5)", "42,080 (29,630)", "39 (:)"]


def test_two_rows_of_dorset_become_one(workbook):
    reading = workbook(series())
    dorset = reading.table.filter(table="Table_3a", area_code="809", statistic="outcome")
    assert dorset.select("year", "area", "value").rows() == [
        ("2018-19", "Dorset County", 71.0),
        ("2019-20", "Dorset", 72.0),
    ]
    assert reading.accounting[0].furniture[ascof.ONE_CODE] == 6


def test_zero_out_of_nobody_is_missing(workbook):
    sheets = series()
    sheets["Table_3a"][20][3:6] = [0.0, 0.0, 0.0]
    town = workbook(sheets).table.filter(table="Table_3a", area=sheets["Table_3a"][20][1], year="2018-19")
    assert town["value"].to_list() == [None, None, None]
    assert town["value_text"].to_list() == ["0.0", "0.0", "0.0"]


def test_ratings_and_withheld_outcomes(workbook):
    sheets = series()
    del sheets["Table_1e"], sheets["Table_3a"]
    sheets["Contents"] = [["Metric"], ["4B"], ["6B "]]
    enquiries = survey_sheet("Table 4b: enquiries", years=())
    enquiries[2].append("2023 to 2024 - outcome")
    for row in enquiries[3:]:
        row.append(90.0)
    enquiries[14][1:] = ["Cumbria", "E10000006", "[z]"]
    enquiries[15][3] = "[z]"
    providers = deepcopy(enquiries)
    providers[0] = ["Table 6b: residential adult social care providers rated good"]
    providers[2][3:] = ["2023 to 2024 - not yet rated outcome", "2023 to 2024 - 6b outcome"]
    for row in providers[3:]:
        row[3:] = [2.0, 80.0]
    table = workbook(sheets | {"Table_4b": enquiries, "Table_6b": providers}).table
    withheld = table.filter(pl.col("value").is_null()).select("area", "value_symbol").rows()
    assert withheld == [("Cumbria", "not_applicable"), ("Town 102", "low_reliability")]
    england = table.filter(table="Table_6b", area="England").select("disaggregation", "value").rows()
    assert england == [("rating=not yet rated", 2.0), ("", 80.0)]


def set_cell(sheet: str, row: int, column: int, value: object):
    return lambda sheets: sheets[sheet][row].__setitem__(column, value)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda sheets: sheets.pop("Table_3a"), LayoutError, "Table_3a"),
        (lambda sheets: sheets.update(Table_9z=sheets.pop("Table_3a")), LayoutError, "Table_9z"),
        (set_cell("Table_3a", 0, 0, CARERS), LayoutError, "Table 3A"),
        (set_cell("Table_3a", 2, 0, "Code"), LayoutError, "Local authority code"),
        (set_cell("Table_3a", 2, 2, "GSS"), LayoutError, "ONS area code"),
        (set_cell("Table_3a", 2, 5, "2018 to 2020 - outcome"), LayoutError, "Table_3a!F3"),
        (set_cell("Table_3a", 2, 5, "2018 to 2019 - median"), LayoutError, "2018 to 2019 - median"),
        (set_cell("Table_3a", 2, 8, "2018 to 2019 - outcome"), LayoutError, "statistic once"),
        (set_cell("Table_3a", 3, 5, "[n]"), SymbolError, "Table_3a!F4"),
        (set_cell("Table_3a", 3, 5, "#REF!"), SymbolError, "REF"),
        (set_cell("Table_3a", 3, 5, ""), SymbolError, "Table_3a!F4"),
        (set_cell("Table_3a", 3, 5, "7.7 (7.6)"), SymbolError, "7.7"),
        (set_cell("Table_3a", 15, 0, 1.5), LayoutError, "Table_3a!A16"),
        (set_cell("Table_3a", 16, 0, 101.0), KeyClashError, "Town 101"),
        (set_cell("Table_3a", 162, 8, 73.0), KeyClashError, "Dorset"),
        (lambda sheets: sheets["Table_3a"].__delitem__(slice(100, None)), LayoutError, "150 or more"),
        (lambda sheets: sheets["Table_3a"].__delitem__(7), LayoutError, "9 regions"),
    ],
)
def test_bad_workbooks_are_named(workbook, change, error, says):
    sheets = series()
    change(sheets)
    with pytest.raises(error, match=says):
        workbook(sheets)


def open_data() -> dict[str, list[list[object]]]:
    lines = [
        [102.0, "Cumbria", "Council", "E10000006", "1A", "Total", "Numerator", 83160.0],
        [102.0, "Cumbria", "Council", "E10000006", "1A1864", "18-64", "Margin Of Error", "[x]"],
        ["YH", "Yorkshire and The Humber", "Region", "E12000003", "1A", "Total", "Numerator", "[c]"],
        ["YH", "Yorkshire and The Humber", "Region", "E12000003", "1A1864", "18-64", "Margin Of Error", 0.3],
    ]
    group = ["1A", "Social care-related quality of life"]
    return {"in": [list(ascof.OPEN_HEADINGS), *([*line, *group] for line in lines)]}


def test_open_data(workbook):
    table = workbook(open_data(), OPEN).table
    row = only(table, area="Cumbria", statistic="numerator")
    assert (row["measure_code"], row["area_code"], row["disaggregation"]) == ("1A", "102", "")
    assert (row["value"], row["unit"], row["source_locator"]) == (83160, "score points", "in!H2")
    row = only(table, area_code="YH", disaggregation="age=18-64")
    assert (row["measure_code"], row["statistic"], row["unit"]) == ("1A", "margin of error", "score")
    assert table["value_symbol"].to_list() == [None, "not_available", "suppressed", None]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda sheets: sheets.update(data=sheets.pop("in")), LayoutError, "sheet"),
        (set_cell("in", 0, 6, "Type"), LayoutError, "Measure Type"),
        (set_cell("in", 1, 6, "Median"), LayoutError, "Median"),
        (set_cell("in", 1, 2, "Town"), LayoutError, "Town"),
        (set_cell("in", 1, 5, "Over 90"), LayoutError, "Over 90"),
        (set_cell("in", 1, 8, "1B"), LayoutError, "in!I2"),
        (set_cell("in", 1, 7, "*"), SymbolError, "in!H2"),
        (lambda sheets: sheets["in"].pop(), LayoutError, "cut short"),
        (lambda sheets: sheets["in"].append(sheets["in"][-1]), LayoutError, "as many figures"),
    ],
)
def test_bad_open_data_is_named(workbook, change, error, says):
    sheets = open_data()
    change(sheets)
    with pytest.raises(error, match=says):
        workbook(sheets, OPEN)


# Made-up text files ------------------------------------------------------------------------------------

HEADER = (
    "Geographical Description,Geographical Level,ONS Code,Measure Group Description,Disaggregation Level,"
    "Measure Value,IMD - Average rank ,Annual Pay Mean,Population,Year\n"
)
DIRECT = "Proportion of people using social care who receive direct payments"


def copy_2020(*lines: tuple[str, str]) -> bytes:
    """A third party's file of 2019-20, from breakdowns and values of one title."""
    rows = (f"Leeds,Council,E08000035,{DIRECT},{split},{value},1.5,2,3.0,2020\n" for split, value in lines)
    return (HEADER + "".join(rows)).encode()


def test_people_and_carers_are_told_apart_by_order():
    data = copy_2020(("Total", "16.2"), ("65 and over", "9.1"), ("Total", "83.7"), ("65 and over", "81.0"))
    table = read(COPY_2020, data).table
    assert table.select("table", "disaggregation", "value").rows() == [
        ("final_data_2020, first set", "", 16.2),
        ("final_data_2020, first set", "age=65 and over", 9.1),
        ("final_data_2020, second set", "", 83.7),
        ("final_data_2020, second set", "age=65 and over", 81.0),
    ]
    assert set(table["measure_code"]) == {""}
    assert table["source_locator"][0] == 'line 2, column "Measure Value"'


def test_another_year_has_one_set():
    text = copy_2020(("Total", "16.2"), ("Total", "83.7")).decode().replace(",2020\n", ",2019\n")
    with pytest.raises(KeyClashError, match="E08000035"):
        read(COPY_2019, text.encode())


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("Measure Value", "Value", LayoutError, "Measure Value"),
        (",2020\n", ",2021\n", LayoutError, "found: '2021'"),
        ("16.2", "*", SymbolError, "line 2"),
        ("16.2", "", SymbolError, "line 2"),
        ("Council,", "Town,", LayoutError, "Town"),
        ("Total,16.2", "65 and over,16.2", LayoutError, "set 0"),
        (",1.5,2,3.0,2020\n", "", OriginalError, "as many fields"),
        ("Leeds", "\udcff", OriginalError, "utf-8"),
    ],
)
def test_bad_copies_are_named(old, new, error, says):
    text = copy_2020(("Total", "16.2")).decode().replace(old, new)
    with pytest.raises(error, match=says):
        read(COPY_2020, text.encode("utf-8", "surrogateescape"))


def test_a_third_set_is_an_error():
    with pytest.raises(LayoutError, match="set 3"):
        read(COPY_2020, copy_2020(("Total", "1"), ("Total", "2"), ("Total", "3")))


def test_unknown_layout():
    edition = catalogue()["ascof"].edition("2020-21")
    (file,) = edition.files
    with pytest.raises(LayoutError, match="'open data', 'third party', 'time series'"):
        ascof.read(replace(edition, files=(replace(file, layout=None),)), {file.path: b""})


# The publisher's figures -------------------------------------------------------------------------------


@cache
def snapshot(edition: str) -> pl.DataFrame:
    return pl.read_parquet(ROOT / "data" / "raw" / "ascof" / f"{edition}.parquet")


@pytest.mark.parametrize(
    ("edition", "locator", "area", "year", "code", "statistic", "value"),
    [
        ("2024-25", "Table_3a!F7", "England", "2015-16", "3A", "outcome", 76.6),
        ("2024-25", "Table_3a!E7", "England", "2015-16", "3A", "base", 71357),
        ("2024-25", "Table_3a!D7", "England", "2015-16", "3A", "margin of error", 0.4),
        ("2024-25", "Table_1d!O7", "England", "2018-19", "1D", "outcome", 64.3),
        ("2024-25", "Table_1d!R7", "England", "2019-20", "1D", "outcome", 64.2),
        ("2024-25", "Table_1e!I7", "England", "2016-17", "1E", "outcome", 39.0),
        ("2024-25", "Table_1e!O7", "England", "2018-19", "1E", "outcome", 38.6),
        ("2024-25", "Table_1e!X7", "England", "2021-22", "1E", "outcome", 36.3),
        ("2024-25", "Table_1e!AD7", "England", "2023-24", "1E", "outcome", 36.7),
        ("2024-25", "Table_3d(2a)!F150", "Dorset", "2024-25", "3D(2a)", "outcome", 26.0),
        ("2024-25", "Table_2d(1)!F150", "Dorset", "2024-25", "2D(1)", "outcome", 56.43),
        ("2024-25", "Table_3a!O152", "Dorset County", "2018-19", "3A", "outcome", 78.9),
        ("2024-25", "Table_3a!AG153", "Dorset", "2024-25", "3A", "outcome", 74.3),
        ("2024-25", "Table_1c!G152", "Dorset County", "2016-17", "1C", "margin of error", 0.2),
        ("2024-25", "Table_6a!E86", "Derby", "2024-25", "6A", "outcome", 26.9),
    ],
)
def test_golden_figures(edition, locator, area, year, code, statistic, value):
    row = only(snapshot(edition), source_locator=locator)
    assert (row["area"], row["year"], row["measure_code"], row["statistic"], row["value"]) == (
        area,
        year,
        code,
        statistic,
        value,
    )


@pytest.mark.parametrize(
    ("code", "disaggregation", "statistic", "value"),
    [
        ("1C2A", "", "outcome", 26.6),
        ("1C2A", "", "numerator", 118041),
        ("1C2A", "", "denominator", 444128),
        ("1C2B", "", "outcome", 75.3),
        ("1C2A", "age=65 and over", "outcome", 15.3),
        ("2A2", "", "outcome", 498.2),
        ("1B", "", "outcome", None),
    ],
)
def test_golden_england_2020_21(code, disaggregation, statistic, value):
    where = {
        "area": "England",
        "measure_code": code,
        "disaggregation": disaggregation,
        "statistic": statistic,
    }
    assert only(snapshot("2020-21"), **where)["value"] == value


@pytest.mark.parametrize(
    ("edition", "table", "measure", "value"),
    [
        (
            "2018-19-derived",
            "final_data_2019",
            "The proportion of people who use services who receive direct payments",
            28.3,
        ),
        ("2018-19-derived", "final_data_2019", "Overall satisfaction of carers with social services", 38.6),
        ("2019-20-derived", "final_data_2020, first set", DIRECT, 27.9),
        ("2019-20-derived", "final_data_2020, second set", DIRECT, 77.1),
    ],
)
def test_golden_england_of_the_copies(edition, table, measure, value):
    row = only(snapshot(edition), area="England", table=table, measure=measure, disaggregation="")
    assert row["value"] == value


def test_derby_and_kent_are_missing_not_zero():
    table = snapshot("2024-25")
    for where in ({"area": "Derby", "year": "2024-25"}, {"area": "Kent", "year": "2019-20"}):
        rows = table.filter(**where).filter(pl.col("table").is_in(["Table_1b", "Table_3a"]))
        assert rows["value"].null_count() == rows.height == 6
        assert set(rows["value_symbol"]) == {"not_available"}


# The seeds ---------------------------------------------------------------------------------------------


def seed(name: str) -> list[dict[str, str]]:
    with (ROOT / "dbt" / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def editions() -> list[str]:
    return [edition.edition for edition in catalogue()["ascof"].held]


def test_every_measure_is_described_and_numbered():
    measures = [row["measure_id"] for row in seed("ascof_measures")]
    assert len(set(measures)) == len(measures)
    assert {row["measure_id"] for row in seed("ascof_renumbering")} == set(measures)


def test_a_code_means_one_measure_in_a_numbering_and_year():
    rows = seed("ascof_renumbering")
    for row in rows:
        assert row["first_year"] <= row["last_year"]
        others = [
            other
            for other in rows
            if other is not row and (other["numbering"], other["code"]) == (row["numbering"], row["code"])
        ]
        assert not [
            other
            for other in others
            if other["first_year"] <= row["last_year"] and row["first_year"] <= other["last_year"]
        ], row


def test_every_figure_finds_its_measure():
    """By the code of the edition's numbering, or by the title where the copy has no code."""
    titles = {
        (row["edition"], row["published_table"], row["measure"]): row["code"] for row in seed("ascof_titles")
    }
    numbered = seed("ascof_renumbering")
    for edition in editions():
        numbering = "from_2023_24" if edition == "2024-25" else "to_2022_23"
        kinds = snapshot(edition).select("table", "measure", "measure_code", "year").unique().rows()
        for table, measure, code, year in kinds:
            code = code or titles[edition, table, measure]
            hits = [
                row["measure_id"]
                for row in numbered
                if (row["numbering"], row["code"]) == (numbering, code)
                and row["first_year"] <= year <= row["last_year"]
            ]
            assert len(hits) == 1, (edition, table, measure, code, year, hits)


def test_titles_of_the_copy_have_the_publishers_codes():
    open_codes = dict(snapshot("2020-21").select("measure", "measure_code").unique().rows())
    rows = [row for row in seed("ascof_titles") if row["edition"] == "2020-21-derived"]
    assert rows
    assert {row["measure"]: row["code"] for row in rows} == open_codes


def test_every_title_is_used():
    used = set()
    for edition in editions():
        used |= set(snapshot(edition).select("edition", "table", "measure").unique().rows())
    for row in seed("ascof_titles"):
        assert (row["edition"], row["published_table"], row["measure"]) in used, row


def test_every_council_is_known():
    """By local authority or GSS code, apart from one line of 6A that joins two councils."""
    codes = {row["code"]: row["council_id"] for row in seed("council_codes")}
    names = {row["alias"]: row["council_id"] for row in seed("council_aliases")}
    orphans = set()
    for edition in editions():
        councils = snapshot(edition).filter(area_level="Council").select("area_code", "area").unique()
        for code, area in councils.rows():
            if code not in codes or names.get(area.casefold()) != codes[code]:
                orphans.add((code, area))
    assert orphans == {("", "Cornwall and Isles of Scilly")}
