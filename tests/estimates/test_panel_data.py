"""The panel's data by another route: boundaries, breaks of responsibility, placebos and benchmarks."""

from __future__ import annotations

import csv
from dataclasses import replace

import duckdb
import numpy as np
import polars as pl
import pytest
from conftest import ROOT

from commissioning.marts import models
from commissioning.marts.estimates.grid import TWIN
from commissioning.marts.estimates.samples import DESIGNS, Sample, restrict

SEEDS = ROOT / "dbt" / "seeds"


@pytest.fixture(scope="module")
def database(built_project):
    with duckdb.connect(str(models.database(built_project)), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def rows(database) -> pl.DataFrame:
    return database.sql("select * from int_effect_panel").pl()


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sample(side: list[int]) -> Sample:
    nothing = np.zeros(len(side))
    made = Sample(*([nothing] * 14), side=np.array(side, int))
    return replace(made, year=np.arange(len(side)))


@pytest.mark.parametrize(
    ("side", "kept"),
    [([0, 0, 200], [0, 1]), ([0, 200, 200, 200], [1, 2, 3]), ([0, 0, 1, 1], [2, 3]), ([5], [0]), ([], [])],
)
def test_one_side_keeps_the_side_with_most_rows_and_the_later_of_two(side, kept):
    assert restrict(sample(side), "one_side").year.tolist() == kept


def test_no_council_of_the_panel_spans_a_change_of_boundaries(rows):
    """Whoever has a successor and goes on existing is two councils in the panel: so far Dorset alone."""
    ends = {row["council_id"]: row["end_date"] for row in seed("councils")}
    changed = {
        row["council_id"]: int(row["date"][:4])
        for row in seed("council_successors")
        if not ends[row["council_id"]] or ends[row["council_id"]] > row["date"]
    }
    assert changed == {"dorset": 2019}
    for council, year in changed.items():
        own = rows.filter(pl.col("council_id").str.starts_with(council))
        assert sorted(own["council_id"].unique()) == [council, f"{council}-before-{year}-04"]
        spans = own.with_columns(ends=pl.col("exposure_year") + pl.col("lag"))
        new = spans.filter(pl.col("council_id") == council)
        old = spans.filter(pl.col("council_id") != council)
        assert min(new["exposure_year"].min(), new["ends"].min()) >= year
        assert max(old["exposure_year"].max(), old["ends"].max()) < year
    assert not rows.filter(pl.col("council_id") == "dorset", pl.col("exposure") == "spend_a").height


def test_placebo_and_twin_are_asked_of_the_same_councils_and_years(database, rows):
    key = ["outcome", "exposure", "edition", "council_id", "exposure_year", "share", "comparability_group"]
    lead, twin = (
        rows.filter(pl.col("role") == role).select(key).sort(key)
        for role in ("placebo_lead", "placebo_lead_twin")
    )
    assert lead.height > 2000
    assert lead.equals(twin)
    # Each twin's outcome is the placebo's of a year later, and the estimate's of the same year.
    estimates = rows.filter(pl.col("role") == "estimate", pl.col("lag") == 0)
    both = rows.filter(pl.col("role") == "placebo_lead_twin").join(estimates, on=key)
    assert both.height == twin.height
    assert (both["outcome_value"] == both["outcome_value_right"]).all()
    fits = database.execute(
        "select design, count(*) from mart_effect_estimates where role = 'placebo_lead_twin' group by design"
    ).fetchall()
    assert {design for design, _ in fits} == set(DESIGNS) == {choice.design for choice in TWIN}


def test_breaks_crossed_are_those_between_the_panels_years(database, rows):
    """From the panel's years and the seeds: what every estimate within councils must say, and they alone."""
    bases = {row["exposure"]: row["basis"] for row in seed("effect_exposures")}
    breaks = {row["break_id"]: row for row in seed("responsibility_breaks")}
    changes = [
        (breaks[row["break_id"]], int(row["financial_year"][:4]))
        for row in seed("responsibility_break_years")
        if row["changes_figures"] == "true"
    ]
    spending = {"residential_care_share", "long_term_support", "commissioned_pounds"}

    def crossed(outcome: str, exposure: str, lag: int, first: int, last: int) -> set[str]:
        basis = bases[exposure]
        spans = [(basis, first, last)]
        if outcome in spending:
            spans.append((basis if basis in "ABCD" else "C", first + lag, last + lag))
        return {
            one["short_name"]
            for basis, start, end in spans
            for one, year in changes
            if basis in one["bases"].split() and start < year <= end
        }

    held = rows.group_by("outcome", "exposure", "lag", "role").agg(
        first=pl.col("exposure_year").min(), last=pl.col("exposure_year").max()
    )
    span = {tuple(row[:4]): row[4:] for row in held.iter_rows()}
    found = database.execute(
        "select outcome, exposure, lag, role, grade, sample, left(first_year, 4)::int, "
        "left(last_year, 4)::int, coalesce(breaks_crossed, '') from mart_effect_estimates"
    ).fetchall()
    marked = 0
    for outcome, exposure, lag, role, grade, kept, first, last, said in found:
        lowest, highest = span[outcome, exposure, lag, role]
        assert lowest <= first <= last <= highest
        expected = crossed(outcome, exposure, lag, first, last) if grade == "within" else set()
        assert set(filter(None, said.split("; "))) == expected, (outcome, exposure, lag, first, last)
        if kept == "one_side":
            assert not said
        marked += bool(said)
    assert marked > 2000


def test_the_primary_estimates_of_money_cross_the_funds_closure(database):
    found = database.execute(
        "select outcome, first_year, last_year, breaks_crossed from mart_effect_estimates where is_primary"
    ).fetchall()
    closes = "Independent Living Fund closes"
    assert {outcome for outcome, *_, said in found if said} == {"long_term_support", "residential_care_share"}
    assert {said for *_, said in found} == {None, closes}


def test_benchmarks_on_peoples_share_are_those_of_the_community(database):
    """T6 of the survey of 2020-21: 46,740 in the community, 11,920 and 3,690 in care homes."""
    raw = pl.read_parquet(ROOT / "data/raw/ascs/2020-21.parquet").filter(
        pl.col("table") == "T6", pl.col("breakdown").str.replace(" ", "") == "SupportSetting"
    )
    people = raw.filter(pl.col("unit") == "people")
    counts = dict(people.select("category", "value").iter_rows())
    assert counts == {"Community": 46740, "Residential Care": 11920, "Nursing Care": 3690}
    part = 46740 / (46740 + 11920 + 3690)
    set_beforehand = {row["outcome"]: row for row in seed("effect_outcomes")}
    found = database.execute(
        "select distinct outcome, exposure, question, benchmark from mart_effect_estimates "
        "where benchmark is not null"
    ).fetchall()
    for outcome, exposure, question, benchmark in found:
        rescaled = question in ("a", "b", "c", "d") and exposure.startswith("users")
        full = float(set_beforehand[outcome]["benchmark"])
        assert benchmark == pytest.approx(full * part if rescaled else full), (outcome, exposure)


# What the publisher prints of England, thousands of pounds, and parliament's answer 170773.
ENGLAND = {"2016-17": (1_623_402, 13_601_450, 177_000), "2021-22": (1_873_789, 16_566_468, 161_000)}


@pytest.mark.parametrize("year", ENGLAND)
def test_share_without_the_funds_grant(database, year):
    payments, support, grant = ENGLAND[year]
    found = database.execute(
        "select share, share_low, share_high from mart_responsibility_bounds "
        "where break_id = 'independent_living_fund' and basis = 'C' and financial_year = ?",
        [year],
    ).fetchone()
    rest = support - grant
    assert found == pytest.approx((payments / support, (payments - grant) / rest, payments / rest), abs=5e-7)
