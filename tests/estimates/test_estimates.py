"""The estimates of the built marts, and made-up panels with a known effect, at a reduced size."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from commissioning.marts import models
from commissioning.marts.estimates import compositions, exposures, multiverse, panel, simulate, tables
from commissioning.marts.estimates.panel import Pair
from commissioning.marts.estimates.samples import DESIGNS

CONTROL = Pair("control_over_daily_life", "spend_c", 0, "estimate", "none", "none", "latest")


@pytest.fixture(scope="module")
def database(built_project):
    with duckdb.connect(str(models.database(built_project)), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def real(database) -> panel.Panel:
    rows = database.execute("select * from int_effect_panel").df()
    return panel.read(rows, database.execute("select * from mart_council_peers").df())


@pytest.mark.parametrize("effect", [0.0, 10.0])
def test_known_effect_is_recovered(real, effect):
    """Over 150 panels 88% of intervals or more hold it, without bias; docs/simulation.md has 1,000."""
    found = simulate.coverage(real.samples[CONTROL], real.peers, effect=effect, draws=150)
    assert list(found.design) == list(DESIGNS)
    assert (found.covered >= 0.88).all(), found
    assert (found.bias.abs() < 4 * found.spread / np.sqrt(150)).all(), found


def test_shuffled_shares_find_nothing(real):
    sample = simulate.shuffled(real.samples[CONTROL], np.random.default_rng(2))
    found = simulate.coverage(sample, real.peers, effect=0, draws=150)
    assert (found.found <= 0.12).all(), found


def test_shuffling_keeps_histories_whole(real):
    sample = real.samples[CONTROL]
    mixed = simulate.shuffled(sample, np.random.default_rng(2))
    history = lambda s: sorted(tuple(s.share[s.entity == e]) for e in np.unique(s.entity))  # noqa: E731
    assert history(mixed) == history(sample)
    assert (mixed.share != sample.share).mean() > 0.9


def test_the_same_on_one_worker_and_two(database, real):
    """Equal inputs give equal bytes, however the work is shared out."""
    seeds = [
        database.execute(f"select * from {name}").df() for name in ("effect_outcomes", "effect_exposures")
    ]
    few = {p: s for p, s in real.samples.items() if p.outcome in ("delayed_transfers", "commissioned_pounds")}
    small = panel.Panel(real.councils, real.regions, real.peers, few)
    one, two = (multiverse.compute(small, tables.scales(*seeds), {}, workers=n) for n in (1, 2))
    assert one.to_dict("list").keys() == two.to_dict("list").keys()
    for name in one.columns.difference(["null_t", "null_estimate"]):
        assert one[name].equals(two[name]), name
    assert np.array_equal(np.stack(one.null_t), np.stack(two.null_t))


def test_rows_in_another_order_are_the_same_panel(database, real):
    rows = database.execute("select * from int_effect_panel order by outcome_value desc, council_id").df()
    again = panel.read(rows, database.execute("select * from mart_council_peers order by distance").df())
    for name in ("council", "year", "share", "outcome"):
        assert np.array_equal(getattr(again.samples[CONTROL], name), getattr(real.samples[CONTROL], name)), (
            name
        )


SPENDING = """
    select council_id, financial_year, direct_payment_spend_share as x,
        ln(long_term_support_per_adult_real_gbp) as y
    from mart_choice_and_outcomes where direct_payment_spend_share is not null
"""
SETTINGS = """
    select s.area_id as council_id, s.financial_year, any_value(s.share) as x,
        sum(r.amount_cash_gbp) / any_value(s.denominator_cash_gbp - s.direct_payments_cash_gbp) as y
    from mart_direct_payment_share as s
    inner join mart_social_care_spend as r on r.area_id = s.area_id and r.financial_year = s.financial_year
        and r.basis = s.basis and r.grain = 'leaf' and r.provision = 'total' and r.care_type = 'long_term'
        and r.expenditure_type = 'gross_current_expenditure'
        and r.support_setting in ('residential', 'nursing')
    where s.area_level = 'council' and s.basis = 'C' and s.client_group = 'all' and s.age_band = 'all'
        and s.share is not null
    group by s.area_id, s.financial_year having count(*) = count(r.amount_cash_gbp)
"""


@pytest.mark.parametrize(
    ("outcome", "sql"), [("long_term_support", SPENDING), ("residential_care_share", SETTINGS)]
)
def test_primary_estimate_by_another_route(database, outcome, sql):
    """Questions (e) and (f), unweighted: demeaned twice, straight from the marts of spending."""
    rows = database.execute(
        f"from ({sql}) where council_id not in ('city-of-london', 'isles-of-scilly') order by all"
    ).df()
    # Dorset has other boundaries since 2019, and is another council in the panel.
    since = (rows.council_id == "dorset") & (rows.financial_year >= "2019-20")
    rows["council_id"] = rows.council_id.where(~since, "dorset since 2019")
    rows = rows[rows.groupby("council_id").x.transform("size") > 1]
    x, y = rows.x.to_numpy(), rows.y.to_numpy()
    for _ in range(300):
        for key in ("council_id", "financial_year"):
            x = x - rows.assign(v=x).groupby(key).v.transform("mean").to_numpy()
            y = y - rows.assign(v=y).groupby(key).v.transform("mean").to_numpy()
    ours = database.execute(
        "select estimate, n from mart_effect_estimates where is_primary and outcome = ?", [outcome]
    ).fetchone()
    assert ours == (pytest.approx(float(x @ y / (x @ x)) * 10, rel=1e-6), len(rows))


@pytest.mark.parametrize("split", list(simulate.SPLITS))
def test_forms_that_give_a_verdict_cover_with_error_in_the_share(database, real, split):
    """Wherever the error lies, over 100 panels with a large effect; docs/simulation.md has 1,000.

    A slope that takes the share as free of error covers too seldom where the error is in it: no verdict.
    """
    shares = exposures.measured(database.execute("select * from int_effect_panel").df(), real.councils)
    part, beside = exposures.changes(real.samples[CONTROL], "spend_c", shares)
    found = simulate.coverage_with_error(part, beside, split=split, effect=30.0, draws=100)
    covered = found.set_index("form").covered
    assert covered["bounds"] >= 0.88 and covered["instrumented"] >= 0.88, found
    assert (covered["plain"] < 0.8) == (split != "all in people"), found


def test_verdicts_are_of_forms_that_cover(database):
    """The form that covers too seldom carries none."""
    assert database.execute(
        "select distinct verdict from mart_effect_exposure_error where form = 'plain'"
    ).fetchall() == [("not judged",)]


def test_declared_parts_are_those_of_the_figures(database):
    """What the seed says over and under gives every outcome and share that is held in pounds."""
    parts = database.execute("select * from effect_parts").df()
    amounts = database.execute("select * from int_effect_parts").df()
    held = set(amounts.columns)
    ratios = {kind: compositions.ratios(parts, kind) for kind in ("outcome", "exposure")}
    checked = 0
    for (exposure, _), ratio in ratios["exposure"].items():
        if not {*ratio.over, *ratio.under} <= held:
            continue
        figures = database.execute(
            "select e.council_id, e.financial_year, e.value, x.basis from int_effect_exposures as e "
            "inner join effect_exposures as x on x.exposure = e.exposure where e.exposure = ?",
            [exposure],
        ).df()
        both = figures.merge(amounts, on=["council_id", "financial_year", "basis"])
        worked_out = ratio.of({name: both[name].to_numpy() for name in {*ratio.over, *ratio.under}})
        assert worked_out == pytest.approx(both.value.to_numpy(), rel=1e-9)
        checked += len(both) > 300
    for (outcome, divided_by), ratio in ratios["outcome"].items():
        if not {*ratio.over, *ratio.under} <= held:
            continue
        figures = database.execute(
            "select council_id, financial_year, comparability_group as basis, value from int_effect_outcomes "
            "where outcome = ? and denominator = ? and prices != 'cash'",
            [outcome, divided_by],
        ).df()
        both = figures.merge(amounts, on=["council_id", "financial_year", "basis"])
        worked_out = ratio.of({name: both[name].to_numpy() for name in {*ratio.over, *ratio.under}})
        # Some outcomes are in per cent.
        scale = 100 if outcome == "residential_care_share" else 1
        assert scale * worked_out == pytest.approx(both.value.to_numpy(), rel=1e-9)
        checked += len(both) > 300
    assert checked == 10
