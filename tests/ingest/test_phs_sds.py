"""Self-directed support in Scotland: each layout on made-up files, and figures typed from the held files."""

from __future__ import annotations

import csv
from functools import cache

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import phs_sds
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.sheets import Sheet

TREND = (
    "financial_year,sending_location,option_type,nclient,rate\n"
    "2014/15,Scotland (Estimated),Option 1,15,1.2\n"
    "2014/15,North Place,Option 1,15,1.2\n"
)
CHOSEN = (
    "financial_year,sending_location,age_group,option_type,nclient,rate\n"
    "2017/18,North Place,All Ages,Any SDS,25,2.5\n"
    "2017/18,North Place,All Ages,Option 1,25,2.5\n"
    "2017/18,North Place,Unknown,Any SDS,5,NA\n"
    "2017/18,North Place,Unknown,Option 1,0,0\n"
)
RATE = (
    "financial_year,sending_location,implementation_rate,nclient,sdsclient,scotland_rate,scotland_nclient\n"
    "2017/18,North Place,77.8,90,70,80.1,990\n"
)
HOMECARE = (
    "time_period,financial_quarter,sending_location,age_group,hc_service_provider,nclient,percentage\n"
    "Financial Quarter,2017/18 Q4,North Place,All Ages,Private only,25,100\n"
    "Census Week,2017/18,North Place,All Ages,Private only,20,100\n"
)
SUPPORTED = (
    "financial_year,sending_location,age_group,client_group,measure,denominator,nclient,rate\n"
    '2017/18,North Place,All Ages,Other,"Rate per 1,000 Social Care Clients",11,10,909.1\n'
)
SUMMARY = (
    "financial_year,sending_location,measure,rate,nclient,scotland_rate,scotland_nclient\n"
    '2017/18,North Place,"Rate per 1,000 Population",42.4,100,42,900\n'
)
REORDERED = (
    "financial_year,sending_location,measure,nclient,rate,scotland_rate,scotland_nclient\n"
    '2017/18,North Place,"Rate per 1,000 Population",100,42.4,42,900\n'
)
HEADERS = [
    "Data Set",
    "Financial Year",
    "Financial Quarter",
    "Health and Social Care Partnership",
    "Data Completeness Comments",
]
COMMENT = "Did not submit data for 2020/21. 2018/19 data was used in Scotland Trend file for 2020/21."


def read_text(name: str, text: str):
    rows, account = phs_sds.read_lines(name, text.encode(), phs_sds._layout(name))
    account.check()
    return rows


def completeness(comment: str = COMMENT, headers: list[str] = HEADERS):
    return phs_sds.read_completeness(
        Sheet("x.xlsx", "Sheet1", [headers, ["SDS", "2020/21", "All ", "North Place", comment]])
    )


def test_trend():
    rows = read_text("data_sds_trend.csv", TREND)
    assert [(r["year"], r["period"], r["area"], r["option"], r["measure"], r["value"]) for r in rows[:2]] == [
        ("2014-15", "2014/15", "Scotland (Estimated)", "Option 1", "number", 15),
        ("2014-15", "2014/15", "Scotland (Estimated)", "Option 1", "rate", 1.2),
    ]
    assert rows[3]["source_locator"] == 'line 3, column "rate"'


def test_na_is_a_symbol_and_zero_a_number():
    rows = [r for r in read_text("data_sds_options_chosen.csv", CHOSEN) if r["measure"] == "rate"]
    assert [(r["value"], r["value_symbol"]) for r in rows[2:]] == [(None, "not_applicable"), (0, None)]


def test_implementation_rate_leaves_the_scottish_columns_out():
    rows = read_text("data_sds_implementation_rate.csv", RATE)
    assert [(r["measure"], r["detail"], r["value"]) for r in rows] == [
        ("percentage", "implementation_rate", 77.8),
        ("number", "nclient", 90),
        ("number", "sdsclient", 70),
    ]


def test_home_care_tells_quarter_from_census_week():
    rows = read_text("homecare_service_provider.csv", HOMECARE)
    assert {(r["year"], r["period"], r["detail"]) for r in rows} == {
        ("2017-18", "2017/18 Q4", "Financial Quarter"),
        ("2017-18", "2017/18", "Census Week"),
    }


def test_unrounded_denominators_are_not_read():
    rows = read_text("phs_201920_202021_people_supported_client_group.csv", SUPPORTED)
    assert [(r["measure"], r["value"]) for r in rows] == [("number", 10), ("rate", 909.1)]


def test_a_repeated_file_is_checked_and_left_out():
    account = phs_sds.check_repeat("t.csv", REORDERED.encode(), "s.csv", SUMMARY.encode())
    account.check()
    assert (account.loaded, account.furniture) == (0, {"repeats the summary file": 2})
    with pytest.raises(LayoutError, match="line 2"):
        phs_sds.check_repeat("t.csv", REORDERED.replace("42.4", "43").encode(), "s.csv", SUMMARY.encode())
    with pytest.raises(LayoutError, match="end of file"):
        phs_sds.check_repeat(
            "t.csv", REORDERED.splitlines(keepends=True)[0].encode(), "s.csv", SUMMARY.encode()
        )


def test_completeness_says_which_year_stands_in():
    (row,), account = completeness()
    account.check()
    assert (row["year"], row["area"], row["carried_from"], row["value_symbol"]) == (
        "2020-21",
        "North Place",
        "2018-19",
        "not_available",
    )
    assert (row["value_text"], row["source_locator"]) == (COMMENT, "Sheet1!E2")
    assert account.furniture == {"header": 5, "labels of a comment": 4}


@pytest.mark.parametrize(
    ("name", "text", "error", "says"),
    [
        ("data_sds_trend.csv", TREND.replace("option_type", "option"), LayoutError, "option_type"),
        (
            "data_sds_trend.csv",
            TREND.replace("rate\n", "rate,new\n").replace("1.2\n", "1.2,3\n"),
            LayoutError,
            "nobody has seen",
        ),
        ("data_sds_trend.csv", "\n" + TREND, LayoutError, "line 1"),
        ("data_sds_trend.csv", TREND.replace("15,1.2", "c,1.2", 1), SymbolError, "line 2"),
        ("data_sds_trend.csv", TREND.replace("2014/15", "2014/16"), LayoutError, "line 2"),
        ("data_sds_trend.csv", TREND[:-9], OriginalError, "truncated"),
        ("data_sds_trend.csv", TREND.replace("2014/15", "2014-15"), LayoutError, "financial year"),
        (
            "data_sds_options_chosen.csv",
            "".join(CHOSEN.splitlines(keepends=True)[:-1]),
            LayoutError,
            "North Place, 2017/18",
        ),
        ("new_file.csv", TREND, LayoutError, "new_file.csv"),
    ],
)
def test_bad_files_are_named(name, text, error, says):
    with pytest.raises(error, match=says):
        read_text(name, text)


def test_bad_encoding_is_named():
    with pytest.raises(OriginalError, match="byte 3"):
        phs_sds.read_lines("x.csv", b"abc\xff", phs_sds._layout("data_sds_trend.csv"))


@pytest.mark.parametrize(
    "comment",
    [
        "Partial submission.",
        COMMENT.replace("2018/19", "an earlier year"),
        COMMENT.replace("2020/21", "2019/20"),
    ],
)
def test_unknown_comment_is_named(comment):
    with pytest.raises(LayoutError, match="Sheet1!E2"):
        completeness(comment)


def test_completeness_header_moved():
    with pytest.raises(LayoutError, match="Data Completeness Comments"):
        completeness(headers=[*HEADERS[:-1], "Comments"])


def test_completeness_sheet_renamed(made_up_workbook):
    made_up_workbook({"Sheet2": [["a"]]})
    with pytest.raises(LayoutError, match="Sheet1"):
        phs_sds.read(catalogue()["phs_sds"].edition("2020-21"), {"x.xlsx": b""})


@cache
def snapshot(edition: str = "2020-21") -> pl.DataFrame:
    return pl.read_parquet(project().raw / "phs_sds" / f"{edition}.parquet")


def figure(edition: str = "2020-21", **labels: str) -> float:
    (value,) = snapshot(edition).filter(**labels)["value"].to_list()
    return value


@pytest.mark.parametrize(
    ("year", "options"),
    [  # data_sds_trend.csv, lines 2 to 5 for 2014/15: Options 1, 2, 3, 4 and Any SDS
        ("2014-15", [6450, 3435, 26330, 1055]),
        ("2015-16", [7600, 6440, 42110, 2710]),
        ("2016-17", [8300, 6380, 72685, 3500]),
        ("2017-18", [9095, 7460, 81955, 4485, 93900]),
        ("2018-19", [9305, 7020, 91560, 5010, 102905]),
        ("2019-20", [9415, 9030, 86200, 5440, 99245]),
        ("2020-21", [9495, 8735, 92795, 5340, 105790]),
    ],
)
def test_scottish_trend(year, options):
    table = snapshot().filter(table="trend", year=year, area="Scotland (Estimated)", measure="number")
    held = dict(table.select("option", "value").iter_rows())
    assert [
        held[name] for name in ["Option 1", "Option 2", "Option 3", "Option 4", "Any SDS"] if name in held
    ] == (options)


@pytest.mark.parametrize(
    ("labels", "value"),
    [
        ({"table": "options_proportion", "option": "Option 3 Only", "measure": "number"}, 76765),
        ({"table": "options_proportion", "option": "Option 3 Only", "measure": "percentage"}, 82),
        ({"table": "options_chosen", "option": "Any SDS", "measure": "number"}, 93095),
        ({"table": "client_group", "client_group": "Learning Disability", "measure": "number"}, 12105),
        ({"table": "type_of_organisation", "provider_type": "Not Known", "measure": "number"}, 36340),
        (
            {"table": "type_of_organisation", "provider_type": "Not Known", "measure": "rate"},
            390.353939524142,
        ),
        ({"table": "support_needs", "detail": "Personal Care", "measure": "number"}, 58670),
    ],
)
def test_scottish_detail_of_2020_21(labels, value):
    place = {"area": "Scotland (All Areas Submitted)", "year": "2020-21", "age_group": "All Ages"}
    assert figure(**place, **labels) == pytest.approx(value, abs=1e-9)


def test_other_golden_figures():
    scotland = {"area": "Scotland (Estimated)", "year": "2020-21"}
    assert figure(**scotland, table="implementation_rate", measure="percentage") == 84.4
    assert figure(**scotland, table="implementation_rate", detail="nclient") == 125335
    home = {
        "table": "homecare_service_provider",
        "area": "Scotland (All Areas Submitted)",
        "age_group": "All Ages",
    }
    assert figure(**home, period="2020/21", provider_type="Private only", measure="percentage") == 50.1
    supported = {"area": "Scotland (Estimated)", "year": "2021-22", "measure": "number"}
    assert figure("2021-22", **supported, detail="Rate per 1,000 Population") == 235995


def test_missing_partnerships():
    table = snapshot().filter(table="data_completeness")
    assert set(table.select("year", "area", "carried_from").iter_rows()) == {
        ("2019-20", "Aberdeen City", "2018-19"),
        ("2019-20", "South Ayrshire", "2018-19"),
        ("2020-21", "Aberdeen City", "2018-19"),
        ("2020-21", "Aberdeenshire", "2019-20"),
        ("2020-21", "East Lothian", "2019-20"),
        ("2020-21", "Inverclyde", "2019-20"),
        ("2020-21", "Orkney Islands", "2019-20"),
        ("2020-21", "South Ayrshire", "2018-19"),
    }


def test_shares_of_the_scottish_government_need_its_own_denominators():
    """The Government printed 13, 9, 75 and 3 per cent for 2014-15, over councils with full recording.

    Over all 32, counting a mix under each of its options, the trend gives 17, 9, 71 and 3.
    """
    table = snapshot().filter(table="trend", year="2014-15", area="Scotland (Estimated)", measure="number")
    total = table["value"].sum()
    assert [round(100 * value / total) for value in table.sort("option")["value"]] == [17, 9, 71, 3]


def test_every_area_has_a_partnership():
    seeds = project().root / "dbt" / "seeds"
    with (seeds / "scottish_partnerships.csv").open(encoding="utf-8", newline="") as stream:
        partnerships = list(csv.DictReader(stream))
    with (seeds / "scottish_partnership_aliases.csv").open(encoding="utf-8", newline="") as stream:
        aliases = {row["alias"]: row["partnership_id"] for row in csv.DictReader(stream)}
    assert len({row["gss_code"] for row in partnerships}) == len(partnerships) == 33
    assert set(aliases.values()) == {row["partnership_id"] for row in partnerships}
    areas = {
        area.lower() for edition in ("2020-21", "2021-22") for area in snapshot(edition)["area"].unique()
    }
    assert areas - set(aliases) == set()
