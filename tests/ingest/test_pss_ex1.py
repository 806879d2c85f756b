"""EX1: every layout on made-up fixtures, the errors, and golden figures typed from the publisher's files."""

from __future__ import annotations

import csv
import io
from functools import cache

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import pss_ex1, raw
from commissioning.ingest.catalogue import catalogue

OWN, OTHERS, TOTAL, GROSS = pss_ex1.MEASURE_HEADERS
OLDER = "OLDER PEOPLE (AGED 65 OR OVER) INCLUDING OLDER MENTALLY ILL"


def read(edition: str, originals: dict[str, bytes]) -> raw.Reading:
    """Read and check as the snapshot does."""
    reading = pss_ex1.read(catalogue()["pss_ex1"].edition(edition), originals)
    raw.check(reading, what=edition)
    return reading


def one(table: pl.DataFrame, **dimensions: str) -> dict[str, object]:
    """The only row with these dimensions."""
    return table.filter(*(pl.col(name) == value for name, value in dimensions.items())).row(0, named=True) | {
        "rows": table.filter(*(pl.col(name) == value for name, value in dimensions.items())).height
    }


# --- made-up sheets of the old layout ------------------------------------------------------------------

# One column too few on purpose beside the real ones; the order of the columns is not the publisher's.
HEADER = [
    ["PSS EXPENDITURE", "", "", "", "", "", "", ""],
    ["", "", "GROSS TOTAL COST", "", "", "", "NET", "GROSS"],
    [
        "Service",
        "",
        "Own provision (including joint arrangements)",
        "",
        "Provision",
        "Total (including joint arrangements)",
        "CURRENT",
        "CURRENT",
    ],
    ["", "", "Capital", "Expenditure", "by others", "Expenditure", "EXPENDITURE", "EXPENDITURE"],
    ["", "", "charges", "excluding capital charges", "", "excluding capital charges", "", ""],
    ["col A", "col B", "col C", "col D", "col E", "col F", "col G", "col H"],
]


def money(code: str, label: str, own: object) -> list[object]:
    """A line with capital charges 1, own provision, others 10, total, net 5, gross current."""
    return [code, label, 1.0, own, 10.0, 20.0, 5.0, 18.5]


def council_rows(own: object = 9.5) -> list[list[object]]:
    return [
        *HEADER,
        ["A:", "SERVICE STRATEGY", "Ambridge", "", "", "", "", ""],
        money("A1", "Strategic management", 1.0),
        money("A2", "TOTAL SERVICE STRATEGY (LINE A1)", 1.0),
        [""] * 8,
        ["B:", "CHILDREN'S AND FAMILIES SERVICES", "", "", "", "", "", ""],
        ["BC:", "Family support services", "", "", "", "", "", ""],
        money("BC3", "Direct payments", 99.0),
        ["C:", f"  {OLDER.replace(' ', '  ', 1)}", "", "", "", "", "", ""],
        money("C5", "Direct  payments ", own),
        ["", "of which: something", 1.0, "", "", "", "", ""],
        ["I:", "TOTAL PERSONAL SOCIAL SERVICES", "", "", "", "", "", ""],
        money("I1", "TOTAL PSS", 3.0),
        ["J1", "SUPPORTED EMPLOYMENT", "", "", "", "", 7.0, ""],
    ]


FILE = {"pss_ex1/2000-01/spend.xls": b""}


def test_council_sheets_take_four_measures_of_adult_lines_by_their_headers(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows(), "TOTAL England": council_rows(own=9.25)})
    reading = read("2000-01", FILE)
    table = reading.table
    assert table.height == 2 * 3 * 4
    assert set(table["line_code"]) == {"A2", "C5", "I1"}
    row = one(table, area="TOTAL England", line_code="C5", measure=OWN)
    assert (row["value"], row["value_text"], row["source_locator"]) == (9.25, "9.25", "TOTAL England!D15")
    assert (row["section"], row["line"], row["table"], row["rows"]) == (
        OLDER,
        "Direct payments",
        "council sheet",
        1,
    )
    gross = one(table, area="Ambridge", line_code="C5", measure=GROSS)
    assert (gross["value"], gross["source_locator"], gross["unit"]) == (18.5, "Ambridge!H15", "GBP thousand")
    assert one(table, area="Ambridge", line_code="C5", measure=OTHERS)["value"] == 10.0
    assert one(table, area="Ambridge", line_code="C5", measure=TOTAL)["value"] == 20.0
    furniture = reading.accounting[0].furniture
    assert furniture[pss_ex1.F_CHILDREN] == 2 * (2 + 2 + 8)
    assert furniture[pss_ex1.F_STRATEGY] == 2 * 8


def test_a_blank_money_cell_is_no_figure(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows(own="")})
    assert read("2000-01", FILE).table.filter(line_code="C5").height == 3


def test_the_same_originals_give_the_same_rows(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows()})
    assert read("2000-01", FILE).table.equals(read("2000-01", FILE).table)


def test_a_renamed_money_column_is_named(made_up_workbook):
    rows = council_rows()
    rows[3] = [*rows[3][:-1], "SPENDING"]
    made_up_workbook({"Ambridge": rows})
    with pytest.raises(LayoutError, match=r"GROSS CURRENT EXPENDITURE[\s\S]*GROSS CURRENT SPENDING"):
        read("2000-01", FILE)


def test_a_moved_header_is_named(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows()[3:]})
    with pytest.raises(LayoutError, match=r"column A[\s\S]*'Service'"):
        read("2000-01", FILE)


def test_an_unknown_section_is_named(made_up_workbook):
    rows = council_rows()
    rows[13] = ["C:", "PENSIONERS", *[""] * 6]
    made_up_workbook({"Ambridge": rows})
    with pytest.raises(LayoutError, match=r"Ambridge!B14[\s\S]*PENSIONERS"):
        read("2000-01", FILE)


def test_a_council_with_other_lines_is_named(made_up_workbook):
    rows = council_rows()
    del rows[14]
    made_up_workbook({"Ambridge": council_rows(), "Borchester": rows})
    with pytest.raises(LayoutError, match=r"Borchester[\s\S]*Direct payments"):
        read("2000-01", FILE)


def test_a_truncated_sheet_is_named(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows()[:15]})
    with pytest.raises(LayoutError, match="does not end with the total"):
        read("2000-01", FILE)


def test_a_new_symbol_is_named_with_its_cell(made_up_workbook):
    made_up_workbook({"Ambridge": council_rows(own="[x]")})
    with pytest.raises(SymbolError, match=r"Ambridge!D15[\s\S]*\[x\]"):
        read("2000-01", FILE)


def test_a_file_that_is_no_workbook_is_named():
    with pytest.raises(OriginalError, match=r"spend\.xls"):
        read("2000-01", {"pss_ex1/2000-01/spend.xls": b"<html>"})


# --- 2005-06: exported sheets --------------------------------------------------------------------------


def as_csv(rows: list[list[object]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def exported(*names: str) -> dict[str, bytes]:
    rows = [["NA" if cell == "" else cell for cell in row] for row in council_rows()]
    folder = "pss_ex1/2005-06/sheets"
    files = {f"{folder}/output_{name}.csv": as_csv(rows) for name in names}
    return {**files, f"{folder}/sheet_names.csv": as_csv([["x"], *([name] for name in names)])}


def test_exported_sheets_read_na_as_blank_and_keep_the_workbooks_order():
    reading = read("2005-06", exported("Borchester", "Ambridge"))
    assert reading.table["area"].unique(maintain_order=True).to_list() == ["Borchester", "Ambridge"]
    row = one(reading.table, area="Ambridge", line_code="C5", measure=GROSS)
    assert (row["value"], row["source_locator"]) == (18.5, 'line 15, column "GROSS CURRENT EXPENDITURE"')
    assert row["source_file"].endswith("output_Ambridge.csv")
    assert [account.counts for account in reading.accounting] == ["lines"] * 3
    assert reading.accounting[1].loaded == 3


def test_a_missing_export_is_named():
    originals = exported("Ambridge", "Borchester")
    del originals["pss_ex1/2005-06/sheets/output_Borchester.csv"]
    with pytest.raises(LayoutError, match=r"output_Borchester\.csv"):
        read("2005-06", originals)


def test_a_missing_list_of_sheets_is_named():
    originals = exported("Ambridge")
    del originals["pss_ex1/2005-06/sheets/sheet_names.csv"]
    with pytest.raises(LayoutError, match=r"sheet_names\.csv"):
        read("2005-06", originals)


# --- 2006-07 and 2007-08 -------------------------------------------------------------------------------

BY_COUNCIL = [
    ["Council gross current expenditure", "", "", "", ""],
    ["", "£ thousands", "England", "Ambridge", "Borchester "],
    ["", "ADULTS' SERVICES", "", "", ""],
    ["A:", "SERVICE STRATEGY: Adults' services", "", "", ""],
    ["A1", "Complaints", 1.0, 1.0, 0.0],
    ["A3", "TOTAL SERVICE STRATEGY", 3.0, 1.0, 2.0],
    ["B:", OLDER, "", "", ""],
    ["B5", "Direct payments", 7.5, 3.0, 4.5],
    ["H:", "TOTAL ADULT SOCIAL SERVICES", "", "", ""],
    ["H3", "TOTAL PSS", 10.5, 4.0, 6.5],
    ["I1", "SUPPORTED EMPLOYMENT", "", "", ""],
    ["", "CHILDREN'S AND FAMILIES SERVICES", "", "", ""],
    ["M:", "SERVICE STRATEGY: Children's and families services", "", "", ""],
    ["M3", "TOTAL SERVICE STRATEGY", 1.0, 1.0, 0.0],
    ["N:", "ASYLUM SEEKERS", "", "", ""],
    ["N1", "Assessment", 1.0, 1.0, 0.0],
    ["", "", "", 101.0, 102.0],
    ["", "", "TOTAL England", "101-Ambridge", "102-Borchester"],
]
EXPEND = {"pss_ex1/2007-08/expend2008 (values only).xls": b""}


def test_lines_by_council_take_codes_from_below_the_table_and_no_children(made_up_workbook):
    made_up_workbook({"Gross Current Expenditure": BY_COUNCIL})
    reading = read("2007-08", EXPEND)
    assert reading.table.height == 3 * 3
    row = one(reading.table, area="Borchester", line="Direct payments")
    assert (row["value"], row["area_code"], row["line_code"], row["section"]) == (4.5, "102", "B5", OLDER)
    assert row["source_locator"] == "Gross Current Expenditure!E8"
    assert one(reading.table, area="England", line_code="H3")["area_code"] == ""
    assert reading.accounting[0].furniture[pss_ex1.F_CODES] == 5


def test_a_renamed_gross_sheet_is_named(made_up_workbook):
    made_up_workbook({"Gross": [["a"]]})
    with pytest.raises(LayoutError, match=r"'Gross Current Expenditure'[\s\S]*\['Gross'\]"):
        read("2007-08", EXPEND)


def test_codes_below_the_table_gone_are_named(made_up_workbook):
    made_up_workbook({"Gross Current Expenditure": BY_COUNCIL[:-1]})
    with pytest.raises(LayoutError, match="TOTAL England"):
        read("2007-08", EXPEND)


SERIES = [
    ["Gross Current Expenditure by Client Group", "", "", ""],
    ["", "1994-95", "1999-2000", "2005..06"],
    ["SERVICE STRATEGY1", "", "", ""],
    ["ADULTS' SERVICES", "", "", ""],
    ["TOTAL SERVICE STRATEGY", "..", "..", 2.0],
    ["CHILDREN'S AND FAMILIES SERVICES", "", "", ""],
    ["TOTAL SERVICE STRATEGY", "..", "..", 3.0],
    ["TOTAL ALL SERVICES", "", "", ""],
    ["TOTAL SERVICE STRATEGY", 1.0, 4.0, 5.0],
    [OLDER, "", "", ""],
    ["Direct payments", "..", ".;.", 6.5],
    ["CHILDREN'S AND FAMILIES SERVICES", "", "", ""],
    ["Family support services", "", "", ""],
    ["Direct payments", "..", "..", 9.0],
    ["ASYLUM SEEKERS", "", "", ""],
    ["ADULTS' SERVICES", "", "", ""],
    ["Lone adults", "", "", 8.0],
    ["TOTAL GROSS PERSONAL SOCIAL SERVICES EXPENDITURE", "", "", ""],
    ["TOTAL CHILDREN'S AND FAMILIES SERVICES1", "", "", ""],
    ["TOTAL children", 1.0, 1.0, 1.0],
    ["OTHER EXPENDITURE NES", 2.0, 2.0, ".."],
    ["TOTAL ALL SERVICES", "", "", ""],
    ["TOTAL ALL SERVICES including Supporting People", 10.0, 11.0, 12.0],
    [".. Not available", "", "", ""],
]
GROSSNET = {"pss_ex1/2007-08/GrossNetPSS2007-08 (values only).xls": b""}


def test_the_national_series_has_years_symbols_and_split_headings(made_up_workbook):
    made_up_workbook({"Gross Current Expenditure": SERIES})
    table = read("2007-08", GROSSNET).table
    assert table["year"].unique(maintain_order=True).to_list() == ["1994-95", "1999-00", "2005-06"]
    assert table["section"].unique(maintain_order=True).to_list() == [
        "SERVICE STRATEGY1 / ADULTS' SERVICES",
        "SERVICE STRATEGY1 / TOTAL ALL SERVICES",
        OLDER,
        "ASYLUM SEEKERS / ADULTS' SERVICES",
        "OTHER EXPENDITURE NES",
        "TOTAL GROSS PERSONAL SOCIAL SERVICES EXPENDITURE / TOTAL ALL SERVICES",
    ]
    payments = table.filter(line="Direct payments")
    assert payments["value"].to_list() == [None, None, 6.5]
    assert payments["value_symbol"].to_list() == ["not_available", "not_available", None]
    assert payments["value_text"].to_list() == ["..", ".;.", "6.5"]


def test_a_column_of_the_series_that_is_no_year_is_named(made_up_workbook):
    rows = [list(row) for row in SERIES]
    rows[1][2] = "1999-2001"
    made_up_workbook({"Gross Current Expenditure": rows})
    with pytest.raises(LayoutError, match=r"C2[\s\S]*1999-2001"):
        read("2007-08", GROSSNET)


# --- unit costs ----------------------------------------------------------------------------------------

HEADINGS = [
    "",
    "Gross total cost for direct payments to older people during year ended 31 March (£000's)",
    "Number of older people receiving direct payments at 31 March",
    "Average gross weekly expenditure on direct payments per older person",
    "Gross total cost for own provision day care (£000's)",
    "The total number of weeks in day care",
    "Average gross hourly cost for home help/care",
]
FIGURES = ["101 - Ambridge ", "1,234", "..", ".", "-2", "5", "0.5"]
ENGLAND = ["TOTAL England", "2,000", "10", "3.9", "7", "5", "0.5"]
IDS = [["", *["2.31"] * 3, *["2.35"] * 3], ["", *["Numerator", "Denominator", "Unit Cost"] * 2]]
NOTES = [["", *[""] * 6], [".. means data not available", *[""] * 6]]


def unit_cost_file(*, ids: bool = True, figures: list[str] = FIGURES, england: bool = True) -> bytes:
    rows = [["Unit Costs by CASSR", *[""] * 6], [""] * 7, HEADINGS, *(IDS if ids else []), figures]
    return as_csv(rows + ([ENGLAND] if england else []) + NOTES).decode().encode("cp1252")


def unit_cost(data: bytes, edition: str = "2013-14") -> raw.Reading:
    return read(edition, {"pss_ex1/unit_costs.csv": data})


def test_unit_costs_with_measure_ids():
    reading = unit_cost(unit_cost_file())
    table = reading.table
    assert table.height == 2 * 6
    row = one(table, area="Ambridge", line_code="2.31", measure="numerator")
    assert (row["value"], row["value_text"], row["unit"], row["area_code"]) == (
        1234,
        "1,234",
        "GBP thousand",
        "101",
    )
    assert row["source_locator"] == 'line 6, column "B 2.31 numerator"'
    assert table.filter(area="Ambridge")["value_symbol"].to_list()[1:3] == ["not_available", "not_applicable"]
    assert one(table, area="Ambridge", line_code="2.35", measure="numerator")["value"] == -2
    assert table["unit"].unique(maintain_order=True).to_list() == [
        "GBP thousand",
        "people",
        "GBP per week",
        "weeks",
        "GBP per hour",
    ]
    assert one(table, area="TOTAL England", line_code="2.31", measure="numerator")["area_code"] == ""
    assert reading.accounting[0].furniture == {"blank": 2, "notes": 1, pss_ex1.F_HEADER: 4}


def test_unit_costs_without_measure_ids_tell_the_kind_by_the_heading():
    table = unit_cost(unit_cost_file(ids=False), "2010-11").table
    assert set(table["line_code"]) == {""}
    assert table.filter(area="Ambridge")["measure"].to_list() == ["numerator", "denominator", "unit cost"] * 2


def test_columns_headed_alike_are_told_apart():
    data = unit_cost_file(ids=False).replace(HEADINGS[4].encode("cp1252"), HEADINGS[1].encode("cp1252"))
    lines = unit_cost(data, "2009-10").table.filter(measure="numerator", area="Ambridge")["line"].to_list()
    assert [line.removeprefix(HEADINGS[1]) for line in lines] == [
        " [column 1 of 2 so headed]",
        " [column 2 of 2 so headed]",
    ]


def test_a_symbol_counts_only_in_the_edition_that_defines_it():
    figures = [*FIGURES[:2], "-", *FIGURES[3:]]
    table = unit_cost(unit_cost_file(ids=False, figures=figures), "2011-12").table
    assert table.filter(area="Ambridge")["value_symbol"].to_list()[1] == "suppressed"
    with pytest.raises(SymbolError, match=r'line 6, column "C 2.31 denominator"'):
        unit_cost(unit_cost_file(figures=figures))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (unit_cost_file(england=False), "means data not available|ends the table"),
        (unit_cost_file().replace(b"101 - Ambridge", b"Ambridge"), "a council such as .* or England"),
        (unit_cost_file().replace(b"Gross total", b"Cost in total"), "header of the unit costs is not there"),
        (unit_cost_file().replace(b"Number of older", b"Older"), "Older people receiving"),
        (
            unit_cost_file().replace(b"Numerator,Denominator", b"Denominator,Numerator"),
            "kind and its heading",
        ),
        (b"".join(unit_cost_file().splitlines(keepends=True)[:6]), "England, which ends the table"),
    ],
)
def test_a_changed_unit_cost_file_is_named(data, message):
    with pytest.raises(LayoutError, match=message):
        unit_cost(data)


def test_a_row_cut_short_and_another_encoding_are_named():
    with pytest.raises(OriginalError, match=r"line 6[\s\S]*7 fields"):
        unit_cost(unit_cost_file(figures=FIGURES[:-1]))
    with pytest.raises(OriginalError, match="utf-8"):
        unit_cost(unit_cost_file(), "2008-09")


# --- golden figures, typed from the publisher's files --------------------------------------------------


@cache
def snapshot(edition: str) -> pl.DataFrame:
    return pl.read_parquet(project().raw / "pss_ex1" / f"{edition}.parquet")


ENGLAND_DIRECT_PAYMENTS = {  # older people, physical disability, learning disability, mental health
    "2000-01": (
        14033.232856703724,
        33797.27565220266,
        1579.1521594562987,
        345.25753218746,
    ),  # P64 P78 P92 P106
    "2001-02": (
        5202.868546844672,
        47177.3106364351,
        4876.947078041897,
        417.37709557239293,
    ),  # O64 O78 O92 O106
    "2002-03": (
        10697.95452280888,
        64519.36343409815,
        8303.499268134425,
        1009.6921407128766,
    ),  # O64 O78 O92 O106
    "2003-04": (
        21490.9474893207,
        89051.99227208144,
        14368.11116051524,
        1387.5298402082622,
    ),  # O63 O79 O95 O111
    "2004-05": (
        40360.45211372688,
        121341.46447741163,
        27529.784706830767,
        3089.412994058313,
    ),  # O65 O81 O97 O113
    "2005-06": (
        67756.85357865924,
        158859.65308254998,
        42181.36710662342,
        5443.26232503362,
    ),  # lines 74 90 106 122
    "2006-07": (
        98635.75158403986,
        189002.55549952338,
        60799.08490045678,
        8306.360933098493,
    ),  # C65 C81 C97 C113
    "2007-08": (
        127776.40517727485,
        224383.50769975834,
        87196.49030489681,
        13098.118943085361,
    ),  # C18 C34 C50 C66
}


def direct_payments(edition: str) -> pl.DataFrame:
    return snapshot(edition).filter(
        (pl.col("line") == "Direct payments")
        & (pl.col("measure") == GROSS)
        & (pl.col("table") != pss_ex1.SERIES)
    )


@pytest.mark.parametrize("edition", ENGLAND_DIRECT_PAYMENTS)
def test_direct_payments_of_england_and_their_sum_over_councils(edition):
    published = ENGLAND_DIRECT_PAYMENTS[edition]
    table = direct_payments(edition)
    is_england = pl.col("area").str.to_lowercase().str.contains("england")
    assert tuple(table.filter(is_england)["value"]) == published
    councils = table.filter(~is_england & ~pl.col("area").str.starts_with("TOTAL"))
    assert councils["area"].n_unique() == 150
    sums = councils.group_by("section", maintain_order=True).agg(pl.col("value").sum())["value"]
    assert sums.to_list() == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize("edition", list(ENGLAND_DIRECT_PAYMENTS)[:6])
def test_own_provision_and_provision_by_others_add_up_to_gross_total_cost(edition):
    wide = snapshot(edition).pivot(on="measure", index=["area", "line_code"], values="value")
    assert wide.height == 156 * wide["line_code"].n_unique()
    assert wide.select((pl.col(OWN) + pl.col(OTHERS) - pl.col(TOTAL)).abs().max()).item() < 0.01


@pytest.mark.parametrize("edition", ["2000-01", "2005-06", "2006-07"])
def test_the_later_national_series_repeats_the_council_sheets(edition):
    series = snapshot("2007-08").filter(
        year=edition, line="Direct payments", table="gross current expenditure national series"
    )
    assert series["value"].to_list() == pytest.approx(ENGLAND_DIRECT_PAYMENTS[edition], abs=1e-6)


def test_bromleys_direct_payments_of_2000_01_stay_as_published():
    row = one(direct_payments("2000-01"), area="Bromley", line_code="C5")
    assert (row["value"], row["source_locator"], row["rows"]) == (11667.0, "Bromley!P64", 1)


def test_adult_total_of_2007_08_in_both_workbooks():
    by_council = one(snapshot("2007-08"), area="England", line_code="H3")
    assert by_council["source_locator"] == "Gross Current Expenditure!C96"
    series = one(
        snapshot("2007-08"), year="2007-08", line="TOTAL ADULTS' SERVICES including Supporting People"
    )
    assert series["source_locator"] == "Gross Current Expenditure!O195"
    assert by_council["value"] == series["value"] == 15274793.746800918


def test_direct_payments_of_england_2013_14():
    row = one(snapshot("2013-14"), area="TOTAL England", line_code="2.30", measure="numerator")
    assert (row["value_text"], row["source_locator"]) == ("1,433,583", 'line 158, column "CW 2.30 numerator"')


@pytest.mark.parametrize(
    ("edition", "locator", "published"),
    [
        ("2008-09", 'line 6, column "DI 2.30 numerator"', "7,629"),
        ("2009-10", 'line 3, column "DR numerator"', "462"),  # meals
        ("2010-11", 'line 4, column "CW numerator"', "8,675"),
        ("2011-12", 'line 4, column "CW numerator"', "8,612"),
        ("2012-13", 'line 6, column "CW 2.30 numerator"', "9,958"),
        ("2013-14", 'line 6, column "CW 2.30 numerator"', "9,744"),
    ],
)
def test_a_cell_of_cumbria(edition, locator, published):
    row = one(snapshot(edition), source_locator=locator)
    assert (row["area_code"], row["area"], row["value_text"]) == ("102", "Cumbria", published)
    assert ("meals" if edition == "2009-10" else "direct payments to adults and older people") in row["line"]


@pytest.mark.parametrize(
    ("edition", "councils"),
    [
        ("2008-09", 150),
        ("2009-10", 152),
        ("2010-11", 152),
        ("2011-12", 152),
        ("2012-13", 152),
        ("2013-14", 152),
    ],
)
def test_unit_costs_cover_every_council_once(edition, councils):
    table = snapshot(edition).filter(pl.col("area_code") != "")
    assert table["area_code"].n_unique() == table["area"].n_unique() == councils


@pytest.mark.parametrize("edition", ["2008-09", "2010-11", "2011-12", "2012-13", "2013-14"])
def test_councils_add_up_to_englands_direct_payments(edition):
    table = snapshot(edition).filter(
        pl.col("line").str.contains("Gross total cost for direct payments to adults and older people")
    )
    england = table.filter(area_code="")["value"].item()
    councils = table.filter(pl.col("area_code") != "")["value"]
    assert councils.null_count() == 0
    assert abs(councils.sum() - england) <= len(councils) / 2  # each is rounded to the thousand
