"""The multi-year outturn: made-up records, errors, typed figures, agreement with the summary (RSX)."""

from __future__ import annotations

import json

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import mhclg_ro_multi as multi


def record(**changes) -> dict[str, object]:
    services = {name: float(number) for number, name in enumerate(multi.SERVICES)}
    return {"year_ending": 202403, "ONS_code": "E10000999", "LA_name": "Northshire CC"} | services | changes


def read(*records: object):
    return multi.read_records("mhclg_ro_multi/x.json", json.dumps(records).encode())


def test_layout():
    rows, account = read(
        record(),
        record(ONS_code="E92000001", LA_name="England", year_ending=201803),
        record(ONS_code="E07", LA_name="Shire districts", **dict.fromkeys(multi.SERVICES)),
        record(ONS_code="E23000002", LA_name="Northshire Police"),
    )
    account.check()
    care = [row for row in rows if row["service"] == "Adult_Social_Care"]
    assert [(r["year"], r["part"], r["value"], r["value_symbol"]) for r in care] == [
        ("2023-24", "authority", 3.0, None),
        ("2017-18", "England", 3.0, None),
        ("2023-24", "class total", None, "not_available"),
        ("2023-24", "other authority", 3.0, None),
    ]
    assert care[1]["source_locator"] == 'record 2, "Adult_Social_Care"'


@pytest.mark.parametrize(
    ("records", "error", "says"),
    [
        ([record(Extra=1)], LayoutError, "record 1"),
        ([record(), {"year_ending": 202403}], LayoutError, "record 2"),
        ([record(), "text"], LayoutError, "record 2"),
        ([record(year_ending=202312)], LayoutError, "a March"),
        ([record(year_ending=None)], LayoutError, "year_ending"),
        ([record(ONS_code="W06000001")], LayoutError, "ONS_code"),
        ([record(Housing="n/a")], SymbolError, 'record 1, "Housing"'),
        ([record(Housing=True)], SymbolError, "True"),
    ],
)
def test_odd_records_are_named(records, error, says):
    with pytest.raises(error, match=says):
        read(*records)


@pytest.mark.parametrize(
    ("data", "error"), [(b'[{"year', OriginalError), (b"{}", LayoutError), (b"\xff", OriginalError)]
)
def test_no_json_or_no_list_is_named(data, error):
    with pytest.raises(error, match=r"x\.json"):
        multi.read_records("mhclg_ro_multi/x.json", data)


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "mhclg_ro_multi" / "2017-18_to_2023-24_derived.parquet")


@pytest.mark.parametrize(
    ("number", "year", "area", "service", "value"),
    [
        (259, "2023-24", "Calderdale", "Adult_Social_Care", 89291),
        (299, "2023-24", "Devon CC", "Public_Health", 35675),
        (412, "2023-24", "England", "Adult_Social_Care", 23498348),
        (696, "2022-23", "Calderdale", "Total", 330242),
        (737, "2022-23", "Devon CC", "Adult_Social_Care", 372852),
        (851, "2022-23", "England", "Total", 113520283),
        (1135, "2021-22", "Calderdale", "Public_Health", 16840),
        (1614, "2020-21", "Devon CC", "Total", 983690),
        (2172, "2019-20", "England", "Adult_Social_Care", 16905497),
        (2509, "2018-19", "Devon CC", "Adult_Social_Care", 249088),
        (2918, "2017-18", "Calderdale", "Adult_Social_Care", 52875),
        (3075, "2017-18", "England", "Public_Health", 3365436),
    ],
)
def test_golden_figures(held, number, year, area, service, value):
    found = held.filter(year=year, area=area, service=service)
    assert found["value"].to_list() == [value]
    assert found["source_locator"].to_list() == [f'record {number}, "{service}"']


def test_authorities_without_a_return(held):
    assert held.filter(service="Total")["value"].null_count() == 18
    assert held.filter(year="2023-24", area="Westmorland and Furness", service="Total")[
        "value"
    ].to_list() == [None]


@pytest.mark.parametrize(("year", "same", "compared"), [("2022-23", 400, 403), ("2023-24", 352, 367)])
def test_adult_social_care_is_the_summarys_but_for_revisions(held, year, same, compared):
    rsx = pl.read_parquet(project().raw / "mhclg_rsx" / f"{year}.parquet").filter(
        pl.col("measure").str.starts_with("Net Current"), part="authority", service_code="RSX-asc"
    )
    both = held.filter(year=year, service="Adult_Social_Care").join(rsx, on="gss_code", suffix="_rsx")
    both = both.drop_nulls(["value", "value_rsx"])
    equal = both.filter((pl.col("value") - pl.col("value_rsx")).abs() < 1)
    assert (equal.height, both.height) == (same, compared)
