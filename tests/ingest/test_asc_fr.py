"""Reading ASC-FR: each layout on made-up files, the errors, and figures typed from the publisher's files."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from commissioning.base.errors import KeyClashError, LayoutError, OriginalError, SymbolError
from commissioning.ingest import asc_fr, raw
from commissioning.ingest.catalogue import catalogue

SNAPSHOT = Path(__file__).parents[2] / "data" / "raw" / "asc_fr"

EXPENDITURE = "asc_fr/2014-15/pss-exp-eng-14-15-fin-coun-lev-exp-data.csv"
BRIDGING = "asc_fr/2014-15/pss-exp-eng-14-15-fin-coun-lev-bri-data.csv"
ADDITIONAL_2015 = "asc_fr/2015-16/pss-exp-eng-15-16-fin-add-data.csv"
TOTALS = "asc_fr/2016-17/CSV ASCFR Totals.csv"
ADDITIONAL_2016 = "asc_fr/2016-17/CSV ASCFR Additional.csv"
GROSS_2017 = "asc_fr/2017-18/ascfr_2017_18_la_gross_current_expenditure_by_psr_setting.csv"
WORKBOOK = "asc_fr/2021-22/ASCFR and SALT Data Tables 2021-22.xlsx"


def read(path: str, text: str | bytes, encoding: str = "cp1252") -> raw.Reading:
    edition = catalogue()["asc_fr"].edition(path.split("/")[1])
    edition = replace(edition, files=tuple(file for file in edition.files if file.path == path))
    data = text if isinstance(text, bytes) else text.encode(encoding)
    reading = asc_fr.read(edition, {path: data})
    raw.check(reading, what=path)
    return reading


def only(frame: pl.DataFrame, /, **where: str) -> dict:
    """The one row with these dimensions."""
    rows = frame.filter(*(pl.col(name) == value for name, value in where.items()))
    assert rows.height == 1, rows
    return rows.row(0, named=True)


# Made-up files -----------------------------------------------------------------------------------------

EXPENDITURE_TEXT = """\
,,,,,NW,L
Support type,Age category,Summary,Delivery mechanism,Accounting category,901 - Northtown,902 -  Southtown
Long term,Age 18 to 64,Physical support ,Community: Direct Payments,Gross current expenditure,12.5,"1,300"
Long term,Age 18 to 64,Physical support ,Community: Direct Payments,Income: total,$0.00 ,1
Non Salt Totals,,Social care activities,Total,Gross current expenditure,-3,:
Non Salt Totals,,Social care activities,Total,Gross current expenditure,-3,:
Non Salt Totals,,Actual total net cost,Total,Net total expenditure,9,9
,,,,,,
Notes,,,,,,
Data are presented in £000's,,,,,,
"""


def test_councils_as_columns():
    reading = read(EXPENDITURE, EXPENDITURE_TEXT)
    assert reading.table.height == 4
    row = only(reading.table, area="Southtown", age_band="Age 18 to 64")
    assert (row["area_code"], row["region"], row["support_reason"]) == ("902", "L", "Physical support")
    assert (row["value"], row["value_text"], row["unit"]) == (1300.0, "1,300", "GBP thousand")
    assert row["source_locator"] == 'line 3, column "902 - Southtown"'
    assert only(reading.table, area="Northtown", age_band="")["value"] == -3
    assert only(reading.table, area="Southtown", age_band="")["value_symbol"] == "not_available"
    account = reading.accounting[0]
    assert (account.read, account.loaded) == (10, 2)
    assert account.furniture["repeats of an earlier line, word for word"] == 1
    assert account.furniture["income (left out)"] == 1


def test_a_repeat_that_differs_is_not_dropped():
    with pytest.raises(KeyClashError, match="Social care activities"):
        read(EXPENDITURE, EXPENDITURE_TEXT.replace("expenditure,-3,:\nNon", "expenditure,-4,:\nNon", 1))


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("Delivery mechanism", "Setting", LayoutError, "Delivery mechanism"),
        (
            "Support type,Age category",
            "Age category,Support type",
            LayoutError,
            'line 2, column "Age category"',
        ),
        ("Income: total", "Income: gifts", LayoutError, "Income: gifts"),
        ("12.5", "n/a", SymbolError, 'line 3, column "901 - Northtown"'),
        (",12.5,", ",", OriginalError, "line 3"),
        ("Actual total net cost", "Something else", OriginalError, "truncated"),
        ("902 -  Southtown", "", LayoutError, "line 2, field 7"),
    ],
)
def test_councils_as_columns_altered(old, new, error, says):
    with pytest.raises(error, match=re.escape(says)):
        read(EXPENDITURE, EXPENDITURE_TEXT.replace(old, new))


def test_councils_as_columns_cut_short():
    with pytest.raises(OriginalError, match="do not end"):
        read(EXPENDITURE, EXPENDITURE_TEXT.split(",,,,,,\n")[0])


def test_wrong_encoding():
    with pytest.raises(OriginalError, match="cp1252"):
        read(EXPENDITURE, EXPENDITURE_TEXT.encode("cp1252").replace(b"\xa3", b"\x81"))


BRIDGING_TEXT = """\
,,,,NW,NW,Eng
Bridging year service,Bridging Year,Bridging year group,Accounting category,901 - Northtown,North West,ENGLAND
Total expenditure on Direct Payments,2014 - 2015,Adults aged 65 and over,Gross total cost,1,1,2
Actual total net cost,2013 - 2014,Total,Net total expenditure,..,:,
,,,,,,
"""


def test_bridging_of_2014():
    table = read(BRIDGING, BRIDGING_TEXT).table
    row = only(table, area="ENGLAND", year="2014-15")
    assert (row["area_code"], row["region"], row["value"]) == ("", "", 2)
    assert row["detail"] == "service=Total expenditure on Direct Payments"
    assert table.filter(year="2013-14")["value_symbol"].to_list() == ["not_available"] * 3


def test_bridging_year_written_otherwise():
    with pytest.raises(LayoutError, match="2014/15"):
        read(BRIDGING, BRIDGING_TEXT.replace("2014 - 2015", "2014/15"))


ADDITIONAL_2015_TEXT = """\
UUID,Council Code,Council Name,Data Type,Data Source,Age Band,Finance Type,Comparative totals,Value
8510601,901,Northtown,Mandatory,Bridging Year,Age 65 and over,Expenditure,Direct Payments,12.25
8643201,901,Northtown,Voluntary,Additional Data,-,-,Number of SALT Clients,
"""


def test_additional_of_2015():
    table = read(ADDITIONAL_2015, ADDITIONAL_2015_TEXT).table
    money, people = table.rows(named=True)
    assert (money["table"], money["year"], money["measure"], money["value"]) == (
        "bridging",
        "2015-16",
        "Expenditure",
        12.25,
    )
    assert money["detail"] == "service=Direct Payments; data_type=Mandatory; UUID=8510601"
    assert (people["table"], people["unit"], people["value_symbol"]) == (
        "additional",
        "people",
        "not_available",
    )
    with pytest.raises(LayoutError, match="Bridge"):
        read(ADDITIONAL_2015, ADDITIONAL_2015_TEXT.replace("Bridging Year", "Bridge"))


TOTALS_TEXT = """\
FY_Ending,CASSR_CODE,GEOGRAPHY_CODE,REGION_GO_CODE,CareType_KEY,AgeBand_KEY,PrimarySupportReason_KEY,SupportSetting_KEY,\
Purpose_KEY,CarerSupportType_KEY,DataType_KEY,TOTALEXPENDITURE,TOTALINCOME,NETTOTALEXPENDITURE,GROSSTOTALEXPENDITURE,\
NETCURRENTEXPENDITURE,GROSSCURRENTEXPENDITURE
2017,901,E06000901,E12000002,2,1,4,1,,,1,10,1,9,9.5,8,3.47E-10
2017,901,E06000901,E12000002,4,2,4,,2,,1,20,2,18,19,17,18.5
2017,,,E92000001,2,1,4,1,,,1,10,1,9,9.5,8,8.5
2017,,,E92000001,4,2,4,,2,,1,20,2,18,19,17,18.5
"""


def test_totals_of_2016():
    reading = read(TOTALS, TOTALS_TEXT)
    assert reading.table.height == 24
    row = only(reading.table, area_code="901", care_type="2", measure="GROSSCURRENTEXPENDITURE")
    assert (row["value"], row["value_text"]) == (3.47e-10, "3.47E-10")
    assert row["detail"] == "Purpose_KEY=; CarerSupportType_KEY=; DataType_KEY=1"
    assert (row["gss_code"], row["region"], row["year"]) == ("E06000901", "E12000002", "2016-17")
    assert row["source_locator"] == 'line 2, column "GROSSCURRENTEXPENDITURE"'
    england = only(reading.table, gss_code="E92000001", care_type="4", measure="TOTALINCOME")
    assert (england["area_code"], england["region"], england["value"]) == ("", "", 2)


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("GROSSCURRENTEXPENDITURE\n", "GCE\n", LayoutError, "GROSSCURRENTEXPENDITURE"),
        ("2017,901", "2016/17,901", LayoutError, "FY_Ending"),
        (",3.47E-10", ",[z]", SymbolError, 'line 2, column "GROSSCURRENTEXPENDITURE"'),
        ("2017,,,E92000001,4,2,4,,2,,1,20,2,18,19,17,18.5\n", "", OriginalError, "truncated"),
        ("19,17,18.5\n", "19\n", OriginalError, "line 3"),
    ],
)
def test_totals_of_2016_altered(old, new, error, says):
    with pytest.raises(error, match=re.escape(says)):
        read(TOTALS, TOTALS_TEXT.replace(old, new))


def test_additional_of_2016():
    header = (
        "UUID,FY_Ending,CASSR_CODE,GEOGRAPHY_CODE,REGION_GO_CODE,DataSource_KEY,Datatype_KEY,AgeBand_KEY,"
        "FinanceType_KEY,PrimarySupportReason_KEY,ComparativeTotals_KEY,ItemValue\n"
    )
    reading = read(ADDITIONAL_2016, header + "8510601,2017,901,E06000901,E12000002,2,1,2,3,,3,:\n")
    row = reading.table.row(0, named=True)
    assert row["detail"] == (
        "UUID=8510601; DataSource_KEY=2; Datatype_KEY=1; FinanceType_KEY=3; ComparativeTotals_KEY=3"
    )
    assert (row["age_band"], row["value_symbol"]) == ("2", "not_available")


GROSS_2017_TEXT = (
    "DATA_LEVEL,FY_ENDING,CASSR,GEOGRAPHY_CODE,DH_GEOGRAPHY_NAME,GEOGRAPHY_NAME,CareType_Key,AgeBand_Key,"
    "PrimarySupportReason_Key,SupportSetting_Key,Purpose_Key,ITEMVALUE\n"
    "GCE,2018,901,E06000901,Northtown,North West,Long Term Care,18 to 64,Physical Support,Nursing,,-5.5\n"
    "GCE,2018,901,E06000901,Northtown,North West,Other,,Social Support: Support to Carer,,,7\n"
    "GCE,2018,901,E06000901,Northtown,North West,Other,,Social Support: Support to Carer,,,7\n"
)


def test_gross_current_expenditure_of_2017():
    table = read(GROSS_2017, GROSS_2017_TEXT).table
    assert table["unit"].unique().to_list() == ["GBP"]
    assert table["year"].unique().to_list() == ["2017-18"]
    assert table["value"].to_list() == [-5.5, 7, 7]
    assert table["detail"].to_list() == [
        "purpose=; line_of_two=",
        "purpose=; line_of_two=1",
        "purpose=; line_of_two=2",
    ]


def test_other_repeated_lines_of_2017_clash():
    line = GROSS_2017_TEXT.splitlines(keepends=True)[1]
    with pytest.raises(KeyClashError):
        read(GROSS_2017, GROSS_2017_TEXT + line)


def test_a_file_of_a_layout_that_nobody_knows():
    edition = catalogue()["asc_fr"].edition("2015-16")
    (file,) = edition.files
    with pytest.raises(LayoutError, match=re.escape(file.path) + r"[\s\S]*found: mystery"):
        asc_fr.read(replace(edition, files=(replace(file, layout="mystery"),)), {file.path: b"a,b\n"})


# A made-up workbook ------------------------------------------------------------------------------------

AREAS = [
    [" ", "", "", "E92000001", "England"],
    [" ", "", "", "E12000002", "North West"],
    ["E06000901", "901", "Northtown", "E12000002", "North West"],
]
GEOGRAPHY = ["Geography code", "LA code", "LA name", "Region code ", "Region name"]


def sheet(name: str, title: str, headers: list[list], lines: list[list]) -> list[list]:
    top = [[], ["Return to contents"], [], [f"Table {name[1:]}: {title}"], [], []]
    rows = [*top, *headers, [" "], *lines, [], ["Source: made up"]]
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def councils(name: str, title: str, headers: list[list], figures: list[list]) -> list[list]:
    lines = [area + row for area, row in zip(AREAS, figures, strict=True)]
    first, *others = headers
    return sheet(name, title, [GEOGRAPHY + first, *([""] * 5 + row for row in others)], lines)


def sheets(year: str = "2021-22") -> dict[str, list[list]]:
    titles = {table.sheet: table.title.format(year=year) for table in asc_fr.TABLES}
    return {
        "T17": councils(
            "T17",
            titles["T17"],
            [
                ["Long Term Care", "", "", "Total", ""],
                ["2020-21", "", "2021-22", "2020-21", "2021-22"],
                ["18 to 64", "65 and Over", "18 to 64", "", ""],
            ],
            [[1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0], [11.0, 12.0, 13.0, "[x]", 15.0]],
        ),
        "T38": councils(
            "T38",
            titles["T38"],
            [["18 to 64", "", "Total"], ["Nursing\n", "Community\nDirect Payment Only", ""]],
            [[5.0, 10.0, 15.0], ["[c]", 10.0, 10.0], ["[c]", "[x]", "[x]"]],
        ),
        "T14": councils(
            "T14",
            titles["T14"],
            [["Other GCE", "Other (as per cent of total)"]],
            [[2.5, 0.5], [2.5, 0.5], [-2.5, 0.5]],
        ),
        "T52": councils(
            "T52",
            titles["T52"],
            [["Nursing"], ["2021-22"], ["Total"]],
            [[900.5], [800.0], [""]],
        ),
        "T45": sheet(
            "T45",
            titles["T45"],
            [["Age band", "Primary support reason", "Nursing", "Total"]],
            [[" ", "Total", 9.0, 9.0], ["18 to 64", "Sensory Support", 4.0, 4.0], ["", "Learning", 5.0, 5.0]],
        ),
        "T4": sheet(
            "T4",
            titles["T4"],
            [["Year", "Cash Terms", "Real Terms"]],
            [["2020-21", 1.0, 1.5], ["2021-22", 2.0, 2.0], ["Percentage change", 1.0, 0.3]],
        ),
        "Title": [["A title", ""]],
    }


@pytest.fixture
def workbook(made_up_workbook, monkeypatch):
    """Rows that stand for the workbook's; a test may alter them before it reads."""
    book = sheets()
    made_up_workbook(book)
    monkeypatch.setattr(asc_fr, "TABLES", [table for table in asc_fr.TABLES if table.sheet in book])
    return book


def test_workbook(workbook):
    reading = read(WORKBOOK, b"")
    table = reading.table
    assert reading.accounting[0].loaded == table.height
    row = only(table, table="T17", area="Northtown", age_band="65 and Over")
    assert (row["year"], row["care_type"], row["value"]) == ("2020-21", "Long Term Care", 12)
    assert (row["area_code"], row["gss_code"], row["region"]) == ("901", "E06000901", "North West")
    assert row["source_locator"] == "T17!G13"
    total = only(table, table="T17", area="England", care_type="Total", year="2021-22")
    assert (total["age_band"], total["value"], total["gss_code"]) == ("", 5, "E92000001")
    people = only(table, table="T38", area="North West", support_setting="Nursing")
    assert (people["age_band"], people["unit"], people["value_symbol"]) == (
        "18 to 64",
        "people",
        "suppressed",
    )
    assert only(table, table="T38", area="England", age_band="Total")["support_setting"] == ""
    assert table.filter(table="T14")["care_type"].unique().to_list() == ["Other GCE"]
    assert only(table, table="T52", area="Northtown")["value_symbol"] == "not_applicable"
    assert only(table, table="T45", age_band="Total", support_setting="Nursing")["value"] == 9
    assert (
        only(table, table="T45", support_reason="Learning", support_setting="Total")["age_band"] == "18 to 64"
    )
    assert only(table, table="T4", year="2020-21", detail="price_basis=Real Terms")["value"] == 1.5


@pytest.mark.parametrize(
    ("name", "cell", "text", "error", "says"),
    [
        ("T17", (3, 0), "Table 17: Something else", LayoutError, "T17!A4"),
        ("T17", (6, 1), "Council code", LayoutError, "T17!B7"),
        ("T17", (11, 5), "[z]", SymbolError, "T17!F12"),
        ("T14", (8, 5), "", SymbolError, "T14!F9"),
        ("T17", (10, 4), "Wales", LayoutError, "no line for England"),
        ("T17", (14, 0), "", LayoutError, "Source:"),
        ("T45", (6, 0), "Ages", LayoutError, "T45!A7"),
    ],
)
def test_workbook_altered(workbook, name, cell, text, error, says):
    row, column = cell
    assert workbook[name][row][column] != text
    workbook[name][row][column] = text
    with pytest.raises(error, match=re.escape(says)):
        read(WORKBOOK, b"")


def test_headers_moved_away(workbook):
    for row in workbook["T14"][6:7]:
        row[5:] = ["", ""]
    with pytest.raises(LayoutError, match="no headings"):
        read(WORKBOOK, b"")


def test_the_next_edition_of_a_known_layout_has_its_own_year(workbook):
    """A figure whose heading gives no year is of the edition's year, and titles must say that year."""
    late = catalogue()["asc_fr"].edition("2021-22")
    after = replace(late, edition="2022-23")
    with pytest.raises(LayoutError, match=r"T14!A4[\s\S]*by care type, 2022-23"):
        asc_fr.read(after, {WORKBOOK: b""})
    workbook.update(sheets("2022-23"))
    table = asc_fr.read(after, {WORKBOOK: b""}).table
    assert set(table.filter(table="T14")["year"]) == set(table.filter(table="T38")["year"]) == {"2022-23"}
    assert set(table.filter(table="T17")["year"]) == {"2020-21", "2021-22"}


# Figures typed from the publisher's files --------------------------------------------------------------


@cache
def snapshot(edition: str) -> pl.DataFrame:
    return pl.read_parquet(SNAPSHOT / f"{edition}.parquet")


@pytest.mark.parametrize(
    ("edition", "file", "locator", "value"),
    [
        ("2014-15", EXPENDITURE, 'line 3, column "102 - Cumbria"', 1284.73),
        ("2014-15", EXPENDITURE, 'line 2673, column "102 - Cumbria"', 177607.74),
        ("2014-15", BRIDGING, 'line 25, column "ENGLAND"', 479322.06),
        ("2014-15", BRIDGING, 'line 65, column "ENGLAND"', 1045331.26),
        ("2014-15", BRIDGING, 'line 89, column "ENGLAND"', 19236961.81),
        ("2015-16", ADDITIONAL_2015, 'line 2, column "Value"', 1271),
        ("2016-17", TOTALS, 'line 2, column "GROSSCURRENTEXPENDITURE"', 9596.61449),
        ("2016-17", ADDITIONAL_2016, 'line 5153, column "ItemValue"', 246354.6644),
        ("2017-18", GROSS_2017, 'line 2, column "ITEMVALUE"', 119200.0),
        ("2021-22", WORKBOOK, "T43!I9", 1354293.51995056),
        ("2021-22", WORKBOOK, "T44!I9", 519495.049233565),
        ("2021-22", WORKBOOK, "T45!F9", 1873788.56918412),
        ("2021-22", WORKBOOK, "T4!B25", 21958360.1290847),
        ("2021-22", WORKBOOK, "T14!F9", 16566467.8674783),
        ("2021-22", WORKBOOK, "T38!H10", 62640),
        ("2021-22", WORKBOOK, "T46!N9", 4624481.37254336),
    ],
)
def test_a_published_figure(edition, file, locator, value):
    row = only(snapshot(edition), source_file=file, source_locator=locator)
    assert row["value"] == pytest.approx(value, rel=1e-12)


def test_rows_by_edition():
    rows = {"2014-15": 181860, "2015-16": 5016, "2016-17": 255346, "2017-18": 15048, "2021-22": 25564}
    assert {edition: snapshot(edition).height for edition in rows} == rows


def gross_2014() -> pl.DataFrame:
    return snapshot("2014-15").filter(table="expenditure by council", measure="Gross current expenditure")


def test_2014_equals_the_later_series():
    """152 councils' totals add up to T4!B18 of the 2021-22 workbook, 17,043,296.45749."""
    total = gross_2014().filter(support_reason="Adult Social Care")
    later = only(snapshot("2021-22"), source_locator="T4!B18")["value"]
    assert total.height == 152
    assert total["value"].sum() == pytest.approx(later, abs=0.01)


def test_2014_totals_are_the_sum_of_their_parts():
    long_term = gross_2014().filter(care_type="Long term", support_reason="Total")
    settings = long_term.filter(pl.col("support_setting") != "Total")["value"].sum()
    assert settings == pytest.approx(long_term.filter(support_setting="Total")["value"].sum(), abs=1)
    assert settings == pytest.approx(13027850.1, abs=0.1)


def test_2014_provision_adds_up_in_every_cell():
    labels = ["area_code", "age_band", "care_type", "support_reason", "support_setting"]
    gross = snapshot("2014-15").filter(pl.col("measure").str.starts_with("Gross total cost: "))
    is_total = pl.col("measure") == "Gross total cost: total expenditure"
    sums = (
        gross.filter(table="expenditure by council")
        .group_by(labels)
        .agg(parts=pl.col("value").filter(~is_total).sum(), total=pl.col("value").filter(is_total).sum())
    )
    assert sums.filter((pl.col("parts") - pl.col("total")).abs() > 0.05).height == 0


def totals_2016() -> pl.DataFrame:
    mandatory = pl.col("detail").str.ends_with("DataType_KEY=1")
    return snapshot("2016-17").filter(mandatory, table="totals", measure="GROSSCURRENTEXPENDITURE")


def test_2016_england():
    """17,526,378 in all, 13,601,450 long term (77.6%), as the publication of the time says in billions."""
    england = totals_2016().filter(gss_code="E92000001")
    councils = totals_2016().filter(pl.col("area_code") != "")
    assert england["value"].sum() == pytest.approx(17526378.16, abs=0.01)
    assert councils["value"].sum() == pytest.approx(17526378.16, abs=0.01)
    assert england.filter(care_type="2")["value"].sum() == pytest.approx(13601451.69, abs=0.01)


def test_2016_publishers_error_in_bridging_direct_payments():
    lines = snapshot("2016-17").filter(pl.col("area_code") != "", table="additional")
    direct = lines.filter(pl.col("detail").str.starts_with("UUID=8511601;"))["value_text"]
    assessment = lines.filter(pl.col("detail").str.starts_with("UUID=8511101;"))["value_text"]
    assert direct.len() == 151
    assert direct.to_list() == assessment.to_list()


def test_2017_england():
    table = snapshot("2017-18")
    assert table["value"].sum() / 1000 == pytest.approx(17928197.96, abs=0.01)
    assert table.filter(pl.col("value") < 0).height == 173


def test_2021_parts_and_totals():
    table = snapshot("2021-22")
    england = table.filter(pl.col("table").is_in(["T43", "T44"]), area="England")
    total = england.filter(support_setting="Total")["value"].sum()
    settings = england.filter(pl.col("support_setting") != "Total")["value"].sum()
    direct = england.filter(support_setting="Community: Direct Payments")["value"].sum()
    assert total == pytest.approx(16566467.87, abs=0.01)
    assert settings == pytest.approx(total, abs=0.01)
    assert direct == pytest.approx(1873788.57, abs=0.01)


@pytest.mark.parametrize(("name", "imputed"), [("T43", 69758.64), ("T44", 59500.63)])
def test_2021_england_exceeds_councils_by_what_is_imputed(name, imputed):
    """Hackney and Swindon did not submit, and are in England and their regions alone."""
    lines = snapshot("2021-22").filter(table=name, support_setting="Total")
    councils = lines.filter(pl.col("area_code") != "")
    missing = councils.filter(pl.col("value").is_null())
    regions = lines.filter(pl.col("gss_code").str.starts_with("E12"))["value"].sum()
    england = only(lines, area="England")["value"]
    assert sorted(missing["area"]) == ["Hackney", "Swindon"]
    assert england - councils["value"].sum() == pytest.approx(imputed, abs=0.01)
    assert regions == pytest.approx(england, abs=0.01)
