"""Unit costs, and Scotland's spending beside outcomes, recomputed by another route than our own models.

Golden figures are typed from the publishers' files. The rest is recomputed with Polars and plain Python from
the snapshot in `data/raw/`.
"""

from __future__ import annotations

import csv
import math

import duckdb
import polars as pl
import pytest
from conftest import ROOT

RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def same(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def lgbf() -> pl.DataFrame:
    return pl.read_parquet(RAW / "lgbf" / "2022-01.parquet")


def places() -> dict[str, str]:
    text = (ROOT / "dbt" / "seeds" / "scottish_partnership_aliases.csv").read_text(encoding="utf-8")
    return {row["alias"]: row["partnership_id"] for row in csv.DictReader(text.splitlines())}


def test_every_share_of_scotland(marts):
    parts = {
        (row["area"], row["year"], row["part"]): row["value"]
        for row in lgbf().filter(indicator="SW2").iter_rows(named=True)
    }
    ids = places()
    expected = {
        (ids[area.lower()], year): parts[area, year, "numerator"] / parts[area, year, "denominator"]
        for area, year, part in parts
        if part == "numerator"
    }
    rows = marts.execute("select area_id, financial_year, share from mart_sds_share").fetchall()
    assert len(rows) == len(expected) == 33 * 11
    for area, year, share in rows:
        assert share == same(expected[area, year])


def test_correlations_of_scotland(marts):
    """Pearson's by its definition over 32 councils, and -0.14 for having a say in 2019-20."""
    values = {
        (row["indicator"], row["year"], row["area"]): row["value"]
        for row in lgbf().filter(pl.col("part") == "indicator").iter_rows(named=True)
        if row["area"] != "Scotland"
    }
    outcomes = {
        "had_a_say": "SW4d",
        "quality_of_life": "SW4b",
        "carers_supported": "SW4e",
        "home_care_hour": "SW1",
    }
    rows = marts.execute(
        "select outcome, financial_year, councils, correlation from mart_sds_correlations "
        f"where sample = 'all councils' and outcome in {tuple(outcomes)}"
    ).fetchall()
    assert len(rows) == 4 + 4 + 4 + 11
    for outcome, year, councils, correlation in rows:
        pairs = [
            (share, values[outcomes[outcome], year, area])
            for (indicator, of, area), share in values.items()
            if indicator == "SW2" and of == year
        ]
        assert councils == len(pairs) == 32
        mean_x, mean_y = (sum(pair[n] for pair in pairs) / 32 for n in (0, 1))
        together = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
        apart = math.sqrt(sum((x - mean_x) ** 2 for x, _ in pairs) * sum((y - mean_y) ** 2 for _, y in pairs))
        assert correlation == pytest.approx(together / apart, abs=1e-8)
    say = next(row[3] for row in rows if row[:2] == ("had_a_say", "2019-20"))
    assert round(say, 2) == -0.14


HOUR, WEEK, PERSON = "GBP per hour", "GBP per week of care", "GBP per person per week"


@pytest.mark.parametrize(
    ("area", "year", "group", "age", "setting", "who", "per", "value"),
    [
        # EX1: council by council, from the file's lines.
        ("devon", "2008-09", "all", "all", "home_care", "all", HOUR, 17.1),
        ("devon", "2008-09", "all", "all", "home_care", "own_provision", HOUR, 27.0),
        ("devon", "2008-09", "all", "all", "home_care", "provision_by_others", HOUR, 14.8),
        ("devon", "2012-13", "all", "all", "home_care", "own_provision", HOUR, 31.7),
        ("leeds", "2013-14", "all", "all", "home_care", "provision_by_others", HOUR, 25.1),
        ("barnet", "2013-14", "all", "all", "home_care", "own_provision", HOUR, None),
        ("leeds", "2012-13", "learning_disability", "18-64", "home_care", "all", PERSON, 827.6),
        ("barnet", "2012-13", "older_people", "65+", "direct_payments", "all", PERSON, 222.8),
        ("devon", "2013-14", "older_people", "65+", "direct_payments", "all", PERSON, 194.2),
        ("england", "2013-14", "all", "all", "home_care", "all", HOUR, 17.2),
        # ASC-FR 2014-15: unit costs, lines 113 and 116, column England.
        ("england", "2014-15", "physical_support", "65+", "residential", "own_provision", WEEK, 892.96),
        ("england", "2014-15", "physical_support", "65+", "residential", "provision_by_others", WEEK, 513.18),
        # ASC-FR 2021-22: T51 and T55, Devon and England.
        ("devon", "2021-22", "all", "all", "home_care", "own_provision", HOUR, 23.0),
        ("devon", "2021-22", "all", "65+", "residential", "own_provision", WEEK, 1766.1847894406),
        ("england", "2021-22", "all", "18-64", "residential", "provision_by_others", WEEK, 1468.39973183756),
    ],
)
def test_golden_unit_costs(marts, area, year, group, age, setting, who, per, value):
    found = marts.execute(
        "select unit_cost_cash_gbp from mart_unit_costs where area_id = ? and financial_year = ? "
        "and client_group = ? and age_band = ? and support_setting = ? and provision = ? and cost_unit = ?",
        [area, year, group, age, setting, who, per],
    ).fetchall()
    assert found == [(value,)]


def test_costs_of_2016_17_are_spending_over_weeks(marts):
    """Residential care, 65 and over, five support reasons: from the files' codes."""
    weeks = pl.read_parquet(RAW / "asc_fr_activity" / "2016-17.parquet").filter(
        age_band="2", support_setting="7"
    )
    spent = pl.read_parquet(RAW / "asc_fr" / "2016-17.parquet").filter(
        table="totals",
        measure="GROSSCURRENTEXPENDITURE",
        age_band="2",
        care_type="2",
        support_setting="7",
    )
    spent = spent.filter(
        pl.col("detail").str.contains("DataType_KEY=1")
        & pl.col("support_reason").is_in(["4", "5", "6", "7", "13"])
    )
    for code, council, expected in (
        ("912", "devon", 623.4662116125771),
        ("212", "leeds", 368.0999259604574),
        ("211", "kirklees", 513.7869347973598),
    ):
        pounds = 1000 * spent.filter(area_code=code)["value"].sum()
        cost = pounds / weeks.filter(area_code=code)["value"].sum()
        assert cost == same(expected)
        ours = marts.execute(
            "select unit_cost_cash_gbp from mart_unit_costs where area_id = ? and financial_year = '2016-17' "
            "and client_group = 'all' and age_band = '65+' and support_setting = 'residential' "
            "and provision = 'all'",
            [council],
        ).fetchone()
        assert ours[0] == same(expected)


def test_no_flagged_cost_is_hidden_and_no_series_is_joined(marts):
    """Every series starts with a break but the first, and 2010-11's direct payments a person are flagged."""
    series = marts.execute(
        "select series, count(break_before) > 0, min(financial_year) from mart_unit_costs group by series "
        "order by min(financial_year)"
    ).fetchall()
    assert [row[1] for row in series] == [False, True, True, True, True]
    flags = marts.execute(
        "select distinct flag from mart_unit_costs where area_id = 'england' and financial_year = '2010-11' "
        "and support_setting = 'direct_payments'"
    ).fetchall()
    assert flags == [("people_counted_otherwise",)]
