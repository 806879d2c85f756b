"""Weeks of care and unit costs: layouts on made-up files, errors, and figures typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import asc_fr_activity

ACTIVITY_2014 = (
    ",,,,,NW,,\n"
    "Support type,Age category,Primary support reason,Service delivery mechanism,Provision,"
    "102 - Cumbria,East,ENGLAND\n"
    "Long term,Age 18 to 64,Physical support,Residential,In house provision,372,1,2813.43\n"
    "Long term,Age 18 to 64,Physical support,Residential,External provision,0,2,3\n"
    ",Age 18 and over,,Internal home care provision,Hourly rate,:,30,29.07\n"
    ",Age 18 and over,,Capital charges,,No,,\n"
    "Long term,Age 18 and over,,Number of SALT Clients,,0,5,15870\n"
    ",,,,,,,\n"
    "Notes:,,,,,,,\n"
)
COSTS_2014 = (
    ",,,,,,NW,\n"
    "Support type,Age category,Primary support reason,Service delivery mechanism,Unit cost category,"
    "Unit cost provision,102 - Cumbria,England\n"
    "Long term,Age 18 to 64,Physical support,Residential,Numerator,Own provision,428.73,3155.7\n"
    "Long term,Age 18 to 64,Physical support,Residential,Denominator,Own provision,372,2662.58\n"
    "Long term,Age 18 to 64,Physical support,Residential,Unit costs,Own provision,.,1185.21\n"
    ",,,,,,,\n"
)
ACTIVITY_2015 = ",".join(asc_fr_activity.HEADINGS_2015) + (
    "\n1,102,Cumbria,Long term,In house,Age 18 to 64,Physical support,Residential,-,Mandatory,253.14,\n"
    "2,102,Cumbria,Short term,External,Age 18 to 64,Physical support,-,To maximise independence,Mandatory,4,"
    "Estimate\n"
    "3,102,Cumbria,Long term,External,Age 65 to 74,Physical support,Residential,-,Voluntary,,\n"
)
ACTIVITY_2016 = ",".join(asc_fr_activity.HEADINGS_2016) + (
    "\n1,2017,102,E10000006,E12000002,1,1,6,2,7,,3,295.86\n"
    "2,2017,102,E10000006,E12000002,1,1,6,4,,2,2,:\n"
    "1,2017,,,E92000001,1,1,6,2,7,,3,2288.73\n"
    "2,2017,,,E92000001,1,1,6,4,,2,2,9\n"
)


def short(rows: list[dict[str, object]], *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row.get(column, "") for column in columns) for row in rows]


def test_activity_of_2014_15():
    rows, account = asc_fr_activity.activity_2014("x/a.csv", ACTIVITY_2014.encode("cp1252"), "2014-15")
    account.check()
    assert account.furniture["whether capital charges are in the rate (yes or no)"] == 1
    assert short(rows, "area", "provision", "unit", "value", "value_symbol")[:3] == [
        ("Cumbria", "In house provision", "weeks", 372.0, None),
        ("East", "In house provision", "weeks", 1.0, None),
        ("ENGLAND", "In house provision", "weeks", 2813.43, None),
    ]
    assert short(rows, "measure", "value", "value_symbol")[6] == ("Hourly rate", None, "not_available")
    assert short(rows, "support_setting", "unit", "value")[-1] == (
        "Number of SALT Clients",
        "people",
        15870.0,
    )
    assert rows[0]["source_locator"] == 'line 3, column "102 - Cumbria"'


def test_unit_costs_of_2014_15():
    rows, account = asc_fr_activity.unit_costs_2014("x/c.csv", COSTS_2014.encode("cp1252"), "2014-15")
    account.check()
    assert short(rows, "area", "measure", "unit", "value") == [
        ("Cumbria", "Numerator", "GBP thousand", 428.73),
        ("England", "Numerator", "GBP thousand", 3155.7),
        ("Cumbria", "Denominator", "weeks", 372.0),
        ("England", "Denominator", "weeks", 2662.58),
        ("Cumbria", "Unit costs", "GBP per week", None),
        ("England", "Unit costs", "GBP per week", 1185.21),
    ]
    assert rows[4]["value_symbol"] == "not_applicable"


def test_activity_of_2015_16():
    rows, account = asc_fr_activity.activity_2015("x/b.csv", ACTIVITY_2015.encode(), "2015-16")
    account.check()
    assert account.furniture[asc_fr_activity.VOLUNTARY] == 1
    assert short(rows, "line", "support_setting", "provision", "value") == [
        ("1", "Residential", "In house", 253.14),
        ("2", "To maximise independence", "External", 4.0),
    ]


def test_activity_of_2016_17():
    rows, account = asc_fr_activity.activity_2016("x/d.csv", ACTIVITY_2016.encode(), "2016-17")
    account.check()
    assert short(rows, "line", "gss_code", "support_setting", "provision", "value", "value_symbol") == [
        ("1", "E10000006", "7", "3", 295.86, None),
        ("2", "E10000006", "purpose 2", "2", None, "not_available"),
        ("1", "E92000001", "7", "3", 2288.73, None),
        ("2", "E92000001", "purpose 2", "2", 9.0, None),
    ]


@pytest.mark.parametrize(
    ("read", "text", "error", "says"),
    [
        ("activity_2014", ACTIVITY_2014.replace("In house provision", "Own"), LayoutError, "Provision"),
        ("activity_2014", ACTIVITY_2014.replace("Provision,102", "By,102"), LayoutError, "Provision"),
        ("activity_2014", ACTIVITY_2014.replace(",East,", ",,"), LayoutError, "no heading"),
        ("activity_2014", ACTIVITY_2014.partition(",,,,,,,")[0], OriginalError, "truncated"),
        ("activity_2014", ACTIVITY_2014.replace("372", "n/a"), SymbolError, "line 3"),
        ("unit_costs_2014", COSTS_2014.replace("Unit costs", "Costs"), OriginalError, "Unit costs"),
        ("unit_costs_2014", COSTS_2014.replace("Denominator", "Weeks"), LayoutError, "Weeks"),
        ("activity_2015", ACTIVITY_2015.replace("Value", "Values"), LayoutError, "Value"),
        ("activity_2015", ACTIVITY_2015.replace("In house", "Own"), LayoutError, "Own"),
        ("activity_2015", ACTIVITY_2015 + "1,912,Devon" + ",x" * 9 + "\n", OriginalError, "912"),
        ("activity_2015", ACTIVITY_2015.replace("253.14", ""), SymbolError, "line 2"),
        ("activity_2016", ACTIVITY_2016.replace("2017", "2018"), LayoutError, "2017"),
        ("activity_2016", ACTIVITY_2016.replace(",3,295.86", ",4,295.86"), LayoutError, "ActivityProvision"),
        ("activity_2016", ACTIVITY_2016.rpartition("2,2017")[0], OriginalError, "E92000001"),
    ],
)
def test_a_changed_file_is_named(read, text, error, says):
    year = {"activity_2015": "2015-16", "activity_2016": "2016-17"}.get(read, "2014-15")
    with pytest.raises(error, match=says):
        getattr(asc_fr_activity, read)("x/file.csv", text.encode("cp1252"), year)


def snapshot(year: str) -> pl.DataFrame:
    return pl.read_parquet(project().raw / "asc_fr_activity" / f"{year}.parquet")


@pytest.mark.parametrize(
    ("year", "table", "where", "value"),
    [
        ("2014-15", "activity", 'line 3, column "102 - Cumbria"', 372),
        ("2014-15", "activity", 'line 3, column "ENGLAND"', 2813.43),
        ("2014-15", "activity", 'line 53, column "ENGLAND"', 29.07),
        ("2014-15", "activity", 'line 54, column "102 - Cumbria"', 13.7),
        ("2014-15", "activity", 'line 54, column "ENGLAND"', 13.92),
        ("2014-15", "unit costs", 'line 5, column "England"', 666.37),
        ("2014-15", "unit costs", 'line 108, column "England"', 1880958.68),
        ("2014-15", "unit costs", 'line 113, column "England"', 892.96),
        ("2014-15", "unit costs", 'line 116, column "England"', 513.18),
        ("2014-15", "unit costs", 'line 116, column "102 - Cumbria"', 478),
        ("2015-16", "activity", 'line 2, column "Value"', 253.14),
        ("2015-16", "activity", 'line 18634, column "Value"', 17359.24),
        ("2015-16", "activity", 'line 18638, column "Value"', 62468.68),
        ("2016-17", "activity", 'line 1199, column "ItemValue"', 15302.4),
        ("2016-17", "activity", 'line 20024, column "ItemValue"', 3252184.32),
        ("2016-17", "activity", 'line 3212, column "ItemValue"', None),
    ],
)
def test_golden_figures(year, table, where, value):
    found = snapshot(year).filter(table=table, source_locator=where)
    assert found["value"].to_list() == [value]


def test_weeks_of_residential_care_of_england():
    """314,957 weeks in house and 5,654,710 from outside, 65 and over, 2014-15: five lines each."""
    england = snapshot("2014-15").filter(
        table="activity", area="ENGLAND", age_band="Age 65 and over", support_setting="Residential"
    )
    weeks = dict(england.group_by("provision").agg(pl.col("value").sum()).iter_rows())
    assert round(weeks["In house provision"]) == 314957
    assert round(weeks["External provision"]) == 5654710


def test_codes_of_2016_17_are_lines_of_2015_16():
    earlier, later = (set(snapshot(year)["line"].unique()) for year in ("2015-16", "2016-17"))
    assert len(later) == 50
    assert later == earlier


def test_figures_of_each_edition():
    assert [snapshot(year).height for year in ("2014-15", "2015-16", "2016-17")] == [48438, 7600, 8050]
