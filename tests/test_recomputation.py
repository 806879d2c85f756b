"""The share marts recomputed by another route than the project's own readers and models.

From the originals: plain csv and python-calamine at cell addresses found by eye. From the snapshot: Polars
over `data/raw/`, for every council and year of bases A and C. Money in the files is in thousands of pounds.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from functools import cache

import duckdb
import polars as pl
import pytest
from conftest import ROOT
from python_calamine import CalamineWorkbook

from commissioning.base.paths import Project

MIRROR = Project(ROOT).mirror
GROUPS = ("older_people", "physical_disability", "learning_disability", "mental_health")

needs_mirror = pytest.mark.skipif(MIRROR is None, reason="the publishers' originals are not here")


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def same(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def equal(ours: float | None, expected: float | None, rounding: float) -> bool:
    """Equal to a billionth, or to the rounding of the sums, or both None."""
    if ours is None or expected is None:
        return ours is expected
    return math.isclose(ours, expected, rel_tol=1e-9, abs_tol=rounding)


def parts(marts, area_id, year, basis, client_group, age_band, figure="published"):
    """Numerator, denominator and share of one row of the mart."""
    rows = marts.execute(
        "select direct_payments_cash_gbp, denominator_cash_gbp, share from mart_direct_payment_share "
        "where area_id = ? and financial_year = ? and basis = ? and client_group = ? and age_band = ? "
        "and figure = ?",
        [area_id, year, basis, client_group, age_band, figure],
    ).fetchall()
    assert len(rows) == 1, f"{len(rows)} rows for {area_id} {year} {basis} {client_group} {age_band} {figure}"
    return rows[0]


# --- Reading the originals by hand -------------------------------------------------------------------------


def column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


@cache
def workbook(path: str) -> CalamineWorkbook:
    return CalamineWorkbook.from_path(str(MIRROR / path))


@cache
def sheet(path: str, name: str) -> list:
    return workbook(path).get_sheet_by_name(name).to_python(skip_empty_area=False)


@cache
def lines(path: str) -> list[list[str]]:
    content = (MIRROR / path).read_bytes()
    if path.endswith(".gz"):
        content = gzip.decompress(content)
    return list(csv.reader(io.StringIO(content.decode("cp1252"))))


def at(grid: list, address: str):
    """The content of a cell such as AB12."""
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()
    return grid[int(row) - 1][column_index(letters)]


def thousands(text) -> float:
    return float(str(text).replace(",", ""))


# --- Basis A: EX1, gross current expenditure ---------------------------------------------------------------

# Rows of the direct payments line and of the total without Supporting People, by client group.
ROWS_2000 = dict(zip(GROUPS, [(64, 70), (78, 84), (92, 98), (106, 112)], strict=True))
ROWS_2003 = dict(zip(GROUPS, [(63, 69), (79, 85), (95, 101), (111, 117)], strict=True))
ROWS_2007 = dict(zip(GROUPS, [(18, 24), (34, 40), (50, 56), (66, 72)], strict=True))

SPEND_2000 = "pss_ex1/2000-01/spend.xls"
SPEND_2003 = "pss_ex1/2003-04/spend.xls"
SPEND_2007 = "pss_ex1/2007-08/expend2008 (values only).xls"

BASIS_A = [
    # year, workbook, sheet, column of gross current expenditure, rows, area in the mart
    ("2000-01", SPEND_2000, "TOTAL England", "P", ROWS_2000, "england"),
    ("2000-01", SPEND_2000, "Telford and the Wrekin UA", "P", ROWS_2000, "telford-and-wrekin"),
    ("2000-01", SPEND_2000, "City of London", "P", ROWS_2000, "city-of-london"),
    ("2000-01", SPEND_2000, "Isles of Scilly", "P", ROWS_2000, "isles-of-scilly"),
    ("2003-04", SPEND_2003, "TOTAL England", "O", ROWS_2003, "england"),
    ("2003-04", SPEND_2003, "Telford and the Wrekin UA", "O", ROWS_2003, "telford-and-wrekin"),
    ("2003-04", SPEND_2003, "City of London", "O", ROWS_2003, "city-of-london"),
    ("2003-04", SPEND_2003, "Isles of Scilly", "O", ROWS_2003, "isles-of-scilly"),
    ("2007-08", SPEND_2007, "Gross Current Expenditure", "C", ROWS_2007, "england"),
    ("2007-08", SPEND_2007, "Gross Current Expenditure", "EB", ROWS_2007, "telford-and-wrekin"),
    ("2007-08", SPEND_2007, "Gross Current Expenditure", "AA", ROWS_2007, "city-of-london"),
    ("2007-08", SPEND_2007, "Gross Current Expenditure", "BI", ROWS_2007, "isles-of-scilly"),
]


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("year", "path", "name", "column", "rows", "area_id"),
    BASIS_A,
    ids=[f"{case[0]} {case[5]}" for case in BASIS_A],
)
def test_basis_a_from_the_workbooks(marts, year, path, name, column, rows, area_id):
    grid = sheet(path, name)
    payments, totals = {}, {}
    for group, (payment_row, total_row) in rows.items():
        assert at(grid, f"B{payment_row}") == "Direct payments"
        label = at(grid, f"B{total_row}")
        assert label.startswith("TOTAL ") and " incl" not in label.lower()
        payments[group] = thousands(at(grid, f"{column}{payment_row}")) * 1000
        totals[group] = thousands(at(grid, f"{column}{total_row}")) * 1000
    # A return that is all noughts was never filled in.
    is_empty = sum(totals.values()) == 0
    for group in rows:
        age = "65+" if group == "older_people" else "18-64"
        expected = (None, None) if is_empty else (same(payments[group]), same(totals[group]))
        assert parts(marts, area_id, year, "A", group, age)[:2] == expected
    numerator, denominator, share = parts(marts, area_id, year, "A", "all", "all")
    if is_empty:
        assert (numerator, denominator, share) == (None, None, None)
    else:
        assert (numerator, denominator) == (same(sum(payments.values())), same(sum(totals.values())))
        assert share == same(sum(payments.values()) / sum(totals.values()))


# --- Basis B: EX1 unit costs -------------------------------------------------------------------------------

UNIT_COSTS = {
    "2011-12": "pss_ex1/2011-12/Final_Council_Level_Detailed_UnitCosts_2011_12v2.csv.gz",
    "2013-14": "pss_ex1/2013-14/Annex_Final_CASSR_Level_Unit_Costs_2013_14.csv.gz",
}
# Columns of numerators: residential and nursing care, home care, day care, direct payments.
COLUMNS_B = {
    "older_people": ("E", "CK", "EY", "CZ"),
    "learning_disability": ("W", "CN", "FB", "DC"),
    "mental_health": ("AO", "CQ", "FE", "DF"),
    "physical_disability": ("BG", "CT", "FH", "DI"),
}
ALL_ADULTS_B = ("CH", "EV", "CW")  # home care, day care, direct payments
MEALS_ALL, MEALS_OLDER = "FT", "FW"

BASIS_B = [
    ("2011-12", 156, "england"),
    ("2011-12", 20, "sheffield"),
    ("2011-12", 153, "devon"),
    ("2013-14", 158, "england"),
    ("2013-14", 22, "sheffield"),
    ("2013-14", 155, "devon"),
]


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(("year", "row", "area_id"), BASIS_B)
def test_basis_b_from_the_unit_cost_files(marts, year, row, area_id):
    grid = lines(UNIT_COSTS[year])

    def pounds(columns) -> float:
        return sum(thousands(at(grid, f"{column}{row}")) for column in columns) * 1000

    assert area_id in at(grid, f"A{row}").lower()
    for group, columns in COLUMNS_B.items():
        assert "irect payments" in at(grid, f"{columns[3]}3")
        meals = (MEALS_OLDER,) if group == "older_people" else ()
        numerator, denominator = pounds(columns[3:]), pounds((*columns, *meals))
        age = "65+" if group == "older_people" else "18-64"
        expected = (same(numerator), same(denominator), same(numerator / denominator))
        assert parts(marts, area_id, year, "B", group, age) == expected
    care_homes = [columns[0] for columns in COLUMNS_B.values()]
    numerator = pounds(ALL_ADULTS_B[2:])
    denominator = pounds([*care_homes, *ALL_ADULTS_B, MEALS_ALL])
    expected = (same(numerator), same(denominator), same(numerator / denominator))
    assert parts(marts, area_id, year, "B", "all", "all") == expected


# --- Basis C: ASC-FR, long-term support --------------------------------------------------------------------

RETURN_2014 = "asc_fr/2014-15/pss-exp-eng-14-15-fin-coun-lev-exp-data.csv.gz"
RETURN_2016 = "asc_fr/2016-17/CSV ASCFR Totals.csv.gz"
RETURN_2017 = "asc_fr/2017-18/ascfr_2017_18_la_gross_current_expenditure_by_psr_setting.csv.gz"
TABLES_2021 = "asc_fr/2021-22/ASCFR and SALT Data Tables 2021-22.xlsx"

REASONS_2014 = (
    "Physical support",
    "Sensory support",
    "Support with memory and cognition",
    "Learning disability support",
    "Mental health support",
)
AGES_2014 = {"18-64": "Age 18 to 64", "65+": "Age 65 and over"}


def of_2014(measure, setting, reasons, ages, first="F", last="FA") -> float:
    """Pounds of the long-term lines of 2014-15, over a range of councils' columns."""
    columns = slice(column_index(first), column_index(last) + 1)
    total = 0.0
    for line in lines(RETURN_2014)[2:]:
        labels = [label.strip() for label in line[:5]]
        if len(labels) < 5 or labels[0] != "Long term" or labels[4] != measure:
            continue
        if labels[1] in ages and labels[2] in reasons and labels[3] == setting:
            total += sum(float(value) for value in line[columns])
    return total * 1000


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("area_id", "figure", "first", "last"),
    [
        ("england", "computed", "F", "FA"),
        ("devon", "published", "EY", "EY"),
        ("sheffield", "published", "V", "V"),
    ],
)
@pytest.mark.parametrize(
    ("client_group", "age_band", "reasons", "ages"),
    [
        ("all", "all", REASONS_2014, tuple(AGES_2014.values())),
        ("all", "65+", REASONS_2014, ("Age 65 and over",)),
        ("mental_health", "18-64", ("Mental health support",), ("Age 18 to 64",)),
    ],
)
def test_basis_c_2014_15(marts, area_id, figure, first, last, client_group, age_band, reasons, ages):
    """Against the publisher's own direct payments lines and its totals over settings."""
    header = lines(RETURN_2014)[1]
    assert header[column_index("EY")].strip() == "912 - Devon"
    assert header[column_index("V")].strip() == "207 - Sheffield"
    measure = "Gross current expenditure"
    numerator = of_2014(measure, "Community: Direct Payments", reasons, ages, first, last)
    denominator = of_2014(measure, "Total", reasons, ages, first, last)
    ours = parts(marts, area_id, "2014-15", "C", client_group, age_band, figure)
    assert ours[0] == same(numerator)
    # The publisher rounds parts and totals to ten pounds each: seven settings, five reasons, two ages.
    councils = 152 if figure == "computed" else 1
    assert ours[1] == pytest.approx(denominator, abs=5 * 8 * len(reasons) * len(ages) * councils**0.5)
    assert ours[2] == pytest.approx(numerator / denominator, rel=1e-4)


def test_basis_c_2014_15_reference_figures(marts):
    """England, adults 18 to 64 with mental health as the reason: the line that the briefs quote."""
    assert parts(marts, "england", "2014-15", "C", "mental_health", "18-64", "computed")[2] == pytest.approx(
        46_155_800 / 596_513_140, abs=1e-12
    )


def of_2016(area, settings=None, reasons=None, ages=("1", "2")) -> float:
    """Pounds of long-term support (care type 2, mandatory return): `area` is a council's code, or England."""
    grid = lines(RETURN_2016)
    column = {name: index for index, name in enumerate(grid[0])}
    total = 0.0
    for line in grid[1:]:
        key = {name: line[column[name]] for name in grid[0]}
        if key["CareType_KEY"] != "2" or key["DataType_KEY"] != "1" or key["AgeBand_KEY"] not in ages:
            continue
        england = key["REGION_GO_CODE"] == "E92000001"
        here = england if area == "England" else (key["CASSR_CODE"] == area and not england)
        setting, reason = key["SupportSetting_KEY"], key["PrimarySupportReason_KEY"]
        wanted = (settings is None or setting in settings) and (reasons is None or reason in reasons)
        # Setting 5 is income from charges and has no expenditure.
        if here and wanted and setting != "5":
            total += float(key["GROSSCURRENTEXPENDITURE"] or 0)
    return total * 1000


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("area", "area_id"), [("England", "england"), ("912", "devon"), ("714", "city-of-london")]
)
@pytest.mark.parametrize(
    ("client_group", "age_band", "reasons", "ages"),
    [
        ("all", "all", None, ("1", "2")),
        ("all", "65+", None, ("2",)),
        ("mental_health", "18-64", ("5",), ("1",)),
    ],
)
def test_basis_c_2016_17(marts, area, area_id, client_group, age_band, reasons, ages):
    numerator = of_2016(area, ("1",), reasons, ages)
    denominator = of_2016(area, None, reasons, ages)
    expected = (same(numerator), same(denominator), same(numerator / denominator))
    assert parts(marts, area_id, "2016-17", "C", client_group, age_band) == expected


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("area", "area_id", "figure"),
    [(None, "england", "computed"), ("Sheffield", "sheffield", "published"), ("Poole", "poole", "published")],
)
@pytest.mark.parametrize(
    ("client_group", "age_band"), [("all", "all"), ("all", "18-64"), ("mental_health", "18-64")]
)
def test_basis_c_2017_18(marts, area, area_id, figure, client_group, age_band):
    """A table in pounds: column 6 council, 10 care type, 11 age, 12 reason, 13 setting, 16 amount."""
    numerator = denominator = 0.0
    for line in lines(RETURN_2017)[1:]:
        council, care, age, reason, setting, amount = (line[i] for i in (5, 9, 10, 11, 12, 15))
        if care != "Long Term Care" or (area and council != area):
            continue
        if age_band == "18-64" and age != "18 to 64":
            continue
        if client_group == "mental_health" and reason != "Mental Health Support":
            continue
        denominator += float(amount)
        numerator += float(amount) if setting == "Community: Direct Payments" else 0
    expected = (same(numerator), same(denominator), same(numerator / denominator))
    assert parts(marts, area_id, "2017-18", "C", client_group, age_band, figure) == expected


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("row", "name", "area_id"),
    [
        (9, "England", "england"),
        (170, "Devon", "devon"),
        (118, "City of London", "city-of-london"),
        (165, "Isles of Scilly", "isles-of-scilly"),
    ],
)
def test_basis_c_2021_22(marts, row, name, area_id):
    """Tables 43 (18 to 64) and 44 (65 and over): column I direct payments, column M total."""
    younger, older = sheet(TABLES_2021, "T43"), sheet(TABLES_2021, "T44")
    for grid in (younger, older):
        assert name in (at(grid, f"C{row}"), at(grid, f"E{row}"))
    cells = {
        "18-64": (at(younger, f"I{row}"), at(younger, f"M{row}")),
        "65+": (at(older, f"I{row}"), at(older, f"M{row}")),
    }
    cells["all"] = tuple(map(sum, zip(cells["18-64"], cells["65+"], strict=True)))
    for age_band, (numerator, denominator) in cells.items():
        expected = (same(numerator * 1000), same(denominator * 1000), same(numerator / denominator))
        assert parts(marts, area_id, "2021-22", "C", "all", age_band) == expected


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("row", "name", "area_id"), [(108, "Hackney", "hackney"), (161, "Swindon", "swindon")]
)
def test_basis_c_2021_22_missing_councils_stay_missing(marts, row, name, area_id):
    for table in ("T43", "T44"):
        assert at(sheet(TABLES_2021, table), f"C{row}") == name
        assert at(sheet(TABLES_2021, table), f"I{row}") == "[x]"
    assert parts(marts, area_id, "2021-22", "C", "all", "all") == (None, None, None)


def test_the_south_west_holds_swindon_s_return_of_the_year_before():
    """The publisher's note names a return of 2021-22, which there is not; the flag goes by the cells."""
    table = (ROOT / "data" / "raw" / "asc_fr" / "2021-22.parquet").as_posix()
    with duckdb.connect() as db:
        added, before = db.execute(
            f"""
            select
                sum(value) filter (where year = '2021-22' and area = 'South West')
                - sum(value) filter (where year = '2021-22' and region = 'South West'),
                sum(value) filter (where year = '2020-21' and area = 'Swindon')
            from '{table}'
            where "table" = 'T17' and care_type = 'Long Term Care' and age_band in ('18 to 64', '65 and Over')
            """
        ).fetchone()
    assert added == pytest.approx(before, abs=1) and before > 60_000


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(("row", "age_band"), [(15, "all"), (21, "18-64"), (27, "65+")])
def test_basis_c_2021_22_mental_health(marts, row, age_band):
    """Table 45: column F direct payments, column J total. Its lines over ages are not counted again."""
    grid = sheet(TABLES_2021, "T45")
    assert at(grid, f"B{row}") == "Mental Health Support"
    numerator, denominator = at(grid, f"F{row}"), at(grid, f"J{row}")
    expected = (same(numerator * 1000), same(denominator * 1000), same(numerator / denominator))
    assert parts(marts, "england", "2021-22", "C", "mental_health", age_band) == expected


# --- Basis D: bridging lines -------------------------------------------------------------------------------

BRIDGE_2014 = "asc_fr/2014-15/pss-exp-eng-14-15-fin-coun-lev-bri-data.csv.gz"
BRIDGE_2015 = "asc_fr/2015-16/pss-exp-eng-15-16-fin-add-data.csv.gz"


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(("area_id", "column"), [("england", "FJ"), ("sheffield", "U"), ("devon", "EX")])
@pytest.mark.parametrize("year", ["2013-14", "2014-15"])
def test_basis_d_from_the_bridging_table(marts, area_id, column, year):
    """Against the publisher's direct payments lines and its grand total."""
    grid = lines(BRIDGE_2014)
    heading = {"england": "Eng", "sheffield": "YH", "devon": "SW"}[area_id]
    assert grid[0][column_index(column)].strip() == heading
    published_year = f"{year[:4]} - 20{year[-2:]}"
    numerator = denominator = 0.0
    for line in grid[2:]:
        if len(line) < 5 or line[1].strip() != published_year or not line[3].startswith("Gross total cost"):
            continue
        value = float(line[column_index(column)]) * 1000
        if line[0].strip() == "Total expenditure on Direct Payments":
            numerator += value
        if line[0].strip() == "Grand total gross expenditure":
            denominator += value
    ours = parts(marts, area_id, year, "D", "all", "all")
    assert ours[0] == same(numerator)
    assert ours[1] == pytest.approx(denominator, abs=200)  # thirteen lines, each to ten pounds
    assert ours[2] == pytest.approx(numerator / denominator, rel=1e-5)


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(
    ("area", "area_id", "figure"),
    [(None, "england", "computed"), ("207", "sheffield", "published"), ("912", "devon", "published")],
)
def test_basis_d_2015_16(marts, area, area_id, figure):
    """Columns: 2 council, 5 source, 7 finance type, 8 line, 9 value. What is not social services is out."""
    numerator = denominator = 0.0
    for line in lines(BRIDGE_2015)[1:]:
        _, code, _, _, source, _, kind, name, value = line
        if source != "Bridging Year" or kind != "Expenditure" or (area and code != area):
            continue
        if name == "Other non personal social services expenditure":
            continue
        denominator += float(value) * 1000
        numerator += float(value) * 1000 if name == "Direct Payments" else 0
    expected = (same(numerator), same(denominator), same(numerator / denominator))
    assert parts(marts, area_id, "2015-16", "D", "all", "all", figure) == expected


# --- Who provides ------------------------------------------------------------------------------------------


@pytest.mark.mirror
@needs_mirror
@pytest.mark.parametrize(("age_band", "about"), [("18-64", 0.931), ("65+", 0.940)])
def test_mental_health_support_outside_the_council_2014_15(marts, age_band, about):
    """Long-term support without direct payments, all councils: others and grants over the three together."""
    settings = (
        "Nursing",
        "Residential",
        "Supported accommodation",
        "Community: home care",
        "Community: supported living",
        "Community: other long term care",
    )
    reason, age = ("Mental health support",), (AGES_2014[age_band],)
    own, others, grants = (
        sum(of_2014(f"Gross total cost: {measure}", setting, reason, age) for setting in settings)
        for measure in ("own provision", "provision by others", "grants to voluntary org")
    )
    numerator, denominator, share = marts.execute(
        "select numerator_cash_gbp, denominator_cash_gbp, share from mart_mental_health_split "
        "where way_id = 'commissioned_outside_council_c' and financial_year = '2014-15' and age_band = ?",
        [age_band],
    ).fetchone()
    assert (numerator, denominator) == (same(others + grants), same(own + others + grants))
    assert share == same((others + grants) / (own + others + grants))
    assert share == pytest.approx(about, abs=0.0005)


def test_mental_health_support_outside_the_council_2011_12(marts):
    """Unit costs 2011-12, England (line 156), GBP thousand: between none and all of home care by others."""
    nursing, residential, day_care, home_care = 75_534, 329_201, 79_665, 86_871  # AU, AX, ED, CQ
    own_residential, own_day_care = 7_608, 33_555  # BA, EG
    total = nursing + residential + day_care + home_care
    low, high, denominator = marts.execute(
        "select share_low, share_high, denominator_cash_gbp from mart_mental_health_split "
        "where way_id = 'bounds_outside_council_b' and financial_year = '2011-12'"
    ).fetchone()
    assert denominator == total * 1000
    assert high == same((total - own_residential - own_day_care) / total)
    assert low == same((total - own_residential - own_day_care - home_care) / total)
    assert (low, high) == (pytest.approx(0.776, abs=0.0005), pytest.approx(0.928, abs=0.0005))


@pytest.mark.mirror
@needs_mirror
def test_nursing_care_is_by_others_wherever_it_is_split(marts):
    """As `provision_bounds.csv` says: of nursing care for mental health, councils provide none themselves."""
    own = marts.execute(
        "select financial_year, sum(amount_cash_gbp) from mart_social_care_spend where area_id = 'england' "
        "and client_group = 'mental_health' and age_band = '18-64' and support_setting = 'nursing' "
        "and provision = 'own_provision' and figure = 'computed' group by 1 order by 1"
    ).fetchall()
    assert [(year, amount) for year, amount in own if year >= "2003-04" and amount] == []
    assert {year for year, _ in own} >= {"2003-04", "2004-05", "2005-06"}
    assert (
        of_2014(
            "Gross total cost: own provision", "Nursing", ("Mental health support",), (AGES_2014["18-64"],)
        )
        == 0
    )


def test_the_claimed_share_within_rounding(marts):
    """0.56% of 30.5 million over eight groups, each printed in whole millions."""
    groups = [528, 213, 739, 588, 644, 756, 1056, 972]
    low, high = 30.45 / (sum(groups) + 4), 30.55 / (sum(groups) - 4)
    row = marts.execute(
        "select claimed_low, claimed_high, computed_value, computed_low, computed_high, verdict "
        "from mart_claim_check where claim_id = 'direct_payments_share'"
    ).fetchone()
    assert row == (
        same(0.00555),
        same(0.00565),
        same(30.5 / sum(groups)),
        same(low),
        same(high),
        "consistent",
    )
    assert low < 0.00555 < high < 0.00565
    assert dict(marts.execute("select claim_id, verdict from mart_claim_check").fetchall()) == {
        "direct_payments_amount": "differs from another source",
        "direct_payments_share": "consistent",
        "share_spent_in_nhs": "not reproducible",
        "share_to_non_statutory": "not reproducible",
    }


@pytest.mark.mirror
@needs_mirror
def test_provision_in_england_2021_22(marts):
    """Table 3 F10 to I10 and table 5 G10, I10, K10, M10 print the same split; the mart holds it once."""
    once = [at(sheet(TABLES_2021, "T3"), f"{column}10") for column in "FGHI"]
    again = [at(sheet(TABLES_2021, "T5"), f"{column}10") for column in "GIKM"]
    assert once == pytest.approx(again, rel=1e-12)
    ours = marts.execute(
        "select provision, amount_cash_gbp from mart_social_care_spend where area_id = 'england' "
        "and financial_year = '2021-22' and edition = '2021-22' and expenditure_type = 'gross_total_cost'"
    ).fetchall()
    assert len(ours) == 4
    assert dict(ours) == {
        name: same(value * 1000)
        for name, value in zip(("own_provision", "provision_by_others", "grants", "total"), once, strict=True)
    }


@pytest.mark.mirror
@needs_mirror
def test_leaves_of_2021_22_are_the_printed_total(marts):
    """Table 14, England L9 and councils' column L: long-term, short-term and other care, each once."""
    table = sheet(TABLES_2021, "T14")
    assert at(table, "H9") == pytest.approx(767410.889, abs=0.001)
    leaves, short = marts.execute(
        "select sum(amount_cash_gbp), "
        "sum(amount_cash_gbp) filter (where support_setting = 'short_term_not_split') "
        "from mart_social_care_spend where area_id = 'england' and financial_year = '2021-22' and adds_up "
        "and figure = 'published' and expenditure_type = 'gross_current_expenditure'"
    ).fetchone()
    assert (leaves, short) == (same(at(table, "L9") * 1000), same(at(table, "H9") * 1000))
    printed = sum(
        row[11]
        for row in table[11:]
        if len(row) > 11 and str(row[0]).startswith("E") and isinstance(row[11], float)
    )
    [councils] = marts.execute(
        "select sum(amount_cash_gbp) from mart_social_care_spend where area_level = 'council' and adds_up "
        "and financial_year = '2021-22' and expenditure_type = 'gross_current_expenditure'"
    ).fetchone()
    assert councils == same(printed * 1000)


# --- Every council and year from the snapshot --------------------------------------------------------------


def snapshot(dataset: str, edition: str) -> pl.DataFrame:
    return pl.read_parquet(ROOT / "data" / "raw" / dataset / f"{edition}.parquet")


@cache
def councils_by_code() -> dict[str, str]:
    codes = pl.read_csv(ROOT / "dbt" / "seeds" / "council_codes.csv", infer_schema=False)
    return dict(codes.filter(pl.col("scheme") == "cassr").select("code", "council_id").iter_rows())


@cache
def councils_by_name() -> dict[str, str]:
    return dict(pl.read_csv(ROOT / "dbt" / "seeds" / "council_aliases.csv", infer_schema=False).iter_rows())


def council(code: str | None, name: str) -> str | None:
    """Id of a council by its code, or by its name where the file gives no code; None for other areas."""
    return councils_by_code().get(code) if code else councils_by_name().get(name.strip().lower())


def council_rows(marts, year: str, basis: str) -> dict[tuple, tuple]:
    """(council, client group, age band) -> (numerator, denominator, share)."""
    rows = marts.execute(
        "select area_id, client_group, age_band, direct_payments_cash_gbp, denominator_cash_gbp, share "
        "from mart_direct_payment_share where area_level = 'council' and financial_year = ? and basis = ?",
        [year, basis],
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def compare(ours: dict, expected: dict[tuple, list]) -> None:
    """Every row of the mart against the recomputed parts.

    A part of None makes the share None, and so does a denominator that is not above nought. The mart's sums
    are kept to a millionth of a pound.
    """
    assert set(ours) == set(expected)
    wrong = []
    for key, (numerator, denominator) in expected.items():
        known = numerator is not None and denominator is not None and denominator > 0
        share = numerator / denominator if known else None
        pound = 1e-6
        right = (
            equal(ours[key][0], numerator, pound)
            and equal(ours[key][1], denominator, pound)
            and equal(ours[key][2], share, pound / denominator if known else 0)
        )
        if not right:
            wrong.append((key, ours[key], (numerator, denominator, share)))
    assert not wrong, f"{len(wrong)} of {len(expected)} rows differ, first: {wrong[:3]}"


def plus(total: float | None, value: float | None) -> float | None:
    return None if total is None or value is None else total + value


@pytest.mark.parametrize(
    "year", [f"{start}-{(start + 1) % 100:02d}" for start in range(2000, 2008)], ids=lambda year: year
)
def test_basis_a_every_council_from_the_snapshot(marts, year):
    """By line codes: line 5 of a section is direct payments, line 11 the total without Supporting People."""
    table = snapshot("pss_ex1", year).filter(pl.col("measure") == "gross current expenditure")
    # Sections of the four client groups: C to F, and B to E after the return lost its children's part.
    letters = "BCDE" if year == "2007-08" else "CDEF"
    groups = dict(zip(letters, GROUPS, strict=True))
    expected: dict[tuple, list] = {}
    for code, name, line_code, value in table.select("area_code", "area", "line_code", "value").iter_rows():
        council_id = council(code, name)
        match = re.fullmatch(r"([B-F])(5|11)", line_code or "")
        if council_id is None or match is None or match[1] not in groups:
            continue
        group = groups[match[1]]
        age = "65+" if group == "older_people" else "18-64"
        amount = None if value is None else value * 1000
        for key in {(council_id, group, age), (council_id, "all", age), (council_id, "all", "all")}:
            pair = expected.setdefault(key, [0.0, 0.0])
            part = 0 if match[2] == "5" else 1
            pair[part] = plus(pair[part], amount)
    assert len(expected) == 150 * 7
    # A return that is all noughts was never filled in.
    empty = {key[0] for key, (_, total) in expected.items() if key[1:] == ("all", "all") and total == 0}
    assert empty == {"2000-01": {"isles-of-scilly"}, "2005-06": {"thurrock"}}.get(year, set())
    expected |= {key: [None, None] for key in expected if key[0] in empty}
    compare(council_rows(marts, year, "A"), expected)


REASON_OF = {
    "physical support": "physical_support",
    "sensory support": "sensory_support",
    "support with memory and cognition": "memory_and_cognition",
    "learning disability support": "learning_disability",
    "mental health support": "mental_health",
    "4": "learning_disability",
    "5": "mental_health",
    "6": "physical_support",
    "7": "sensory_support",
    "13": "memory_and_cognition",
}
AGE_OF = {"1": "18-64", "2": "65+", "age 18 to 64": "18-64", "18 to 64": "18-64"}
AGE_OF |= {"age 65 and over": "65+", "65 and over": "65+"}


def long_term(year: str) -> pl.DataFrame:
    """Long-term lines by council, reason, age and setting, in the publisher's unit."""
    table = snapshot("asc_fr", year)
    if year == "2014-15":
        return table.filter(
            pl.col("measure") == "Gross current expenditure",
            pl.col("care_type") == "Long term",
            ~pl.col("support_setting").str.to_lowercase().is_in(["total", "fairer charging income"]),
            pl.col("support_reason") != "Total",
        )
    if year == "2016-17":
        return table.filter(
            pl.col("table") == "totals",
            pl.col("measure") == "GROSSCURRENTEXPENDITURE",
            pl.col("care_type") == "2",
            pl.col("detail").str.ends_with("DataType_KEY=1"),
            pl.col("support_setting") != "5",
        )
    return table.filter(pl.col("care_type") == "Long Term Care")


@pytest.mark.parametrize(("year", "councils"), [("2014-15", 152), ("2016-17", 151), ("2017-18", 152)])
def test_basis_c_every_council_from_the_snapshot(marts, year, councils):
    unit = 1 if year == "2017-18" else 1000
    table = long_term(year).select(
        "area_code", "area", "age_band", "support_reason", "support_setting", "value"
    )
    expected: dict[tuple, list] = {}
    seen = set()
    for code, name, age_label, reason_label, setting, value in table.iter_rows():
        council_id = council(code, name)
        if council_id is None:
            continue
        seen.add(council_id)
        reason, age = REASON_OF[reason_label.lower()], AGE_OF[age_label.lower()]
        amount = None if value is None else value * unit
        is_payment = setting in ("1", "Community: Direct Payments")
        for group in (reason, "all"):
            for band in (age, "all"):
                pair = expected.setdefault((council_id, group, band), [0.0, 0.0])
                pair[1] = plus(pair[1], amount)
                if is_payment:
                    pair[0] = plus(pair[0], amount)
    assert len(seen) == councils
    compare(council_rows(marts, year, "C"), expected)


def test_basis_c_2021_22_every_council_from_the_snapshot(marts):
    """Tables 43 and 44: the Total column against the settings that the model adds up."""
    table = snapshot("asc_fr", "2021-22").filter(pl.col("table").is_in(["T43", "T44"]))
    expected: dict[tuple, list] = {}
    for code, name, which, setting, value in table.select(
        "area_code", "area", "table", "support_setting", "value"
    ).iter_rows():
        council_id = council(code, name)
        if council_id is None or setting not in ("Total", "Community: Direct Payments"):
            continue
        amount = None if value is None else value * 1000
        for band in ("18-64" if which == "T43" else "65+", "all"):
            pair = expected.setdefault((council_id, "all", band), [0.0, 0.0])
            part = 1 if setting == "Total" else 0
            pair[part] = plus(pair[part], amount)
    assert len(expected) == 152 * 3
    compare(council_rows(marts, "2021-22", "C"), expected)


# --- Sums of councils against the publishers' own totals ---------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "edition", "pounds"),
    [
        # The workbooks hold full precision: councils make England and each class to a hundredth of a penny.
        *[("A", f"{start}-{(start + 1) % 100:02d}", 1e-4) for start in range(2000, 2008)],
        # Published in whole thousands: half a thousand of rounding a council at worst.
        ("B", "2010-11", 10_000),
        ("B", "2011-12", 10_000),
        ("B", "2012-13", 10_000),
        ("B", "2013-14", 10_000),
        # England's and the regions' rows are published in hundredths of a thousand.
        ("C", "2016-17", 1),
        ("D", "2014-15", 200),
    ],
)
def test_councils_sum_to_the_published_totals(marts, basis, edition, pounds):
    """Every class, region and England row that is both published and computed."""
    rows = marts.execute(
        "select p.area_id, p.client_group, p.age_band, "
        "p.direct_payments_cash_gbp - c.direct_payments_cash_gbp, "
        "p.denominator_cash_gbp - c.denominator_cash_gbp "
        "from mart_direct_payment_share as p join mart_direct_payment_share as c "
        "using (area_level, area_id, financial_year, edition, basis, client_group, age_band) "
        "where p.figure = 'published' and c.figure = 'computed' and basis = ? and edition = ?",
        [basis, edition],
    ).fetchall()
    assert rows
    assert not [row for row in rows if abs(row[3]) > pounds or abs(row[4]) > pounds]


# --- Real terms and per adult ------------------------------------------------------------------------------


def test_real_terms_by_hand(marts):
    """England 2007-08, mental health: cash over the deflator read from the snapshot, times 100."""
    series = snapshot("hmt_gdp_deflator", "2026-03").filter(
        pl.col("series") == "GDP deflator", pl.col("year") == "2007-08"
    )
    deflator = series["value"].item()
    cash, real, base = marts.execute(
        "select direct_payments_cash_gbp, direct_payments_real_gbp, real_terms_base_year "
        "from mart_direct_payment_share where area_id = 'england' and financial_year = '2007-08' "
        "and client_group = 'mental_health' and figure = 'published'"
    ).fetchone()
    assert base == "2024-25"
    assert 60 < deflator < 70
    assert real == same(cash * 100 / deflator)


def test_per_adult_by_hand(marts):
    """England 2021-22, 18 to 64: table 43's direct payments over the single years of age of mid-2021."""
    ages = snapshot("ons_population", "2021").filter(
        pl.col("area_code") == "E92000001", pl.col("age").is_in([str(age) for age in range(18, 65)])
    )
    assert ages.height == 47
    people = ages["value"].sum()
    population, per_adult = marts.execute(
        "select adult_population, direct_payments_per_adult_cash_gbp from mart_direct_payment_share "
        "where area_id = 'england' and financial_year = '2021-22' and client_group = 'all' "
        "and age_band = '18-64' and figure = 'published'"
    ).fetchone()
    assert population == people
    assert per_adult == same(1354293.51995056 * 1000 / people)
