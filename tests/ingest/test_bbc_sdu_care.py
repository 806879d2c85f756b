"""Contracts handed back and waits: made-up answers, columns that are never read, and typed figures."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import bbc_sdu_care as bbc

CONTRACTS = (
    "upper_tier_authority,type,country,type_of_response,reason_for_refusal,contracts_handed_back_2021_22,"
    "hours_per_week_handed_back_2021_22,contracts_handed_back_2022_23,hours_per_week_handed_back_2022_23\n"
    "Northshire,County,England,Full,,3.0,NA,4.0,120.5\n"
    "Smalltown,Unitary Authority,Wales,Refused,Cost,,,Not held,n/a\n"
)
WAITS = (
    "upper_tier_authority,type,country,response_given,median_wait_assessment_days_2021_22,"
    "longest_wait_assessment_days_2021_22,median_wait_start_days_2021_22,longest_wait_start_days_2021_22,"
    "median_wait_assessment_days_2022_23,longest_wait_assessment_days_2022_23,median_wait_start_days_2022_23,"
    "longest_wait_start_days_2022_23,deaths_waiting_for_package_2022_23\n"
    "Northshire,County,England,Full,17.0,7654,Not given,Nor held,19.0,8765,16.0,,4321\n"
)


def test_layouts():
    rows, account = bbc.read_contracts("x.csv", CONTRACTS.encode())
    account.check()
    assert [(r["area"], r["year"], r["unit"], r["value"], r["value_symbol"]) for r in rows] == [
        ("Northshire", "2021-22", "contracts", 3.0, None),
        ("Northshire", "2022-23", "contracts", 4.0, None),
        ("Northshire", "2021-22", "hours a week", None, "not_applicable"),
        ("Northshire", "2022-23", "hours a week", 120.5, None),
        ("Smalltown", "2021-22", "contracts", None, "not_available"),
        ("Smalltown", "2022-23", "contracts", None, "not_available"),
        ("Smalltown", "2021-22", "hours a week", None, "not_available"),
        ("Smalltown", "2022-23", "hours a week", None, "not_applicable"),
    ]
    assert (rows[0]["response"], rows[4]["response"]) == ("in full", "refused")


def test_deaths_and_longest_waits_are_never_read():
    rows, _ = bbc.read_waits("x.csv", WAITS.encode())
    assert [(r["measure"], r["value"]) for r in rows] == [
        ("median wait for an assessment", 17.0),
        ("median wait for an assessment", 19.0),
        ("median wait for care to start", None),
        ("median wait for care to start", 16.0),
    ]
    assert not any(figure in str(rows) for figure in ("4321", "7654", "8765"))
    assert not any(word in str(rows) for word in ("death", "longest"))


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (CONTRACTS.replace("hours_per_week_handed_back_2022_23", "hours"), LayoutError, "hours_per_week"),
        (
            CONTRACTS.replace("reason_for_refusal", "reason_for_refusal,notes", 1),
            LayoutError,
            "nobody has seen",
        ),
        (CONTRACTS.replace("Wales", "France"), LayoutError, "line 3"),
        (CONTRACTS.replace("Full", "Maybe"), LayoutError, "line 2"),
        (CONTRACTS.replace("3.0", "three"), SymbolError, "line 2"),
        (CONTRACTS[:-12], OriginalError, "line 3"),
    ],
)
def test_bad_files_are_named(text, error, says):
    with pytest.raises(error, match=says):
        bbc.read_contracts("x.csv", text.encode())


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "bbc_sdu_care" / "2021-22_2022-23.parquet")


@pytest.mark.parametrize(
    ("area", "measure", "year", "value"),
    [
        ("Bradford", "home care contracts handed back", "2021-22", 80),
        ("Bradford", "home care contracts handed back", "2022-23", 100),
        ("Bradford", "hours of home care a week handed back", "2021-22", 1154.25),
        ("Kent", "home care contracts handed back", "2022-23", 778),
        ("Kent", "hours of home care a week handed back", "2022-23", None),
        ("Wakefield", "home care contracts handed back", "2022-23", 52),
        ("Wakefield", "hours of home care a week handed back", "2021-22", 382.083),
        ("Salford", "home care contracts handed back", "2021-22", 0),
        ("Devon", "home care contracts handed back", "2021-22", None),
        ("Devon", "median wait for an assessment", "2022-23", 19),
        ("Devon", "median wait for care to start", "2021-22", 14),
        ("Hampshire", "median wait for care to start", "2022-23", 10),
        ("Anglesey", "median wait for an assessment", "2021-22", 41),
    ],
)
def test_golden_figures(held, area, measure, year, value):
    assert held.filter(area=area, measure=measure, year=year)["value"].to_list() == [value]


def test_who_answered(held):
    asked = held.filter(measure="home care contracts handed back", year="2021-22")
    assert dict(asked.group_by("response").len().rows()) == {
        "in full": 112,
        "in part": 10,
        "refused": 50,
        "no answer": 38,
    }
    assert held["measure"].n_unique() == 4
