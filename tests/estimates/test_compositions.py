"""Estimates that share parts, on made-up councils whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from commissioning.base.paths import project
from commissioning.marts.estimates.compositions import (
    COMMUNITY,
    HOMES,
    NULLS,
    PAID,
    Form,
    Permuted,
    Ratio,
    against,
    compute,
    handed_on,
    log_forms,
    orders,
    tied,
)

COUNCILS, YEARS = 100, 4
SHARE = Form(
    "share",
    lambda a: 100 * Ratio((HOMES,), (HOMES, COMMUNITY)).of(a),
    Ratio((PAID,), (PAID, HOMES, COMMUNITY)).of,
    0.1,
)
BALANCE, POUNDS = log_forms()
SPREAD = {PAID: 0.25, HOMES: 0.08, COMMUNITY: 0.16}
"""How far the parts move from year to year, about as the real ones do."""


def made_up(seed: int, taken: float = 0.0) -> dict[str, np.ndarray]:
    """Pounds of three parts that move apart from each other, but community care, which falls by `taken` per
    cent for each per cent more of direct payments.
    """
    generator = np.random.default_rng(seed)
    size = generator.lognormal(0, 0.5, (COUNCILS, 1))
    moves = {name: generator.normal(0, s, (COUNCILS, YEARS)) for name, s in SPREAD.items()}
    moves[COMMUNITY] = moves[COMMUNITY] - taken * moves[PAID]
    level = {PAID: 12.0, HOMES: 48.0, COMMUNITY: 40.0}
    return {
        name: level[name] * size * generator.lognormal(0, 0.2, (COUNCILS, 1)) * np.exp(moves[name])
        for name in SPREAD
    }


def test_parts_that_move_apart_make_a_slope_by_themselves():
    """Shares of unrelated parts have a slope far above nought. Other councils' shares do not show it, other
    councils' pounds do, and what is left over is about nought.
    """
    found, shuffled = [], []
    for seed in range(12):
        amounts, given = made_up(seed), orders(COUNCILS, [seed], 99)
        found.append(against(amounts, SHARE, given, "pounds"))
        x, y = SHARE.exposure(amounts), SHARE.outcome(amounts)
        shuffled.append(Permuted(x[given], y, given).slopes[1:].mean() * SHARE.step)
    estimate, null, excess = (np.mean([f[n] for f in found]) for n in ("estimate", "null_mean", "excess"))
    assert estimate > 1.5
    assert abs(np.mean(shuffled)) < 0.2
    assert null == pytest.approx(estimate, abs=0.4)
    assert abs(excess) < 4 * np.std([f["excess"] for f in found]) / np.sqrt(len(found))


@pytest.mark.parametrize("null", NULLS)
def test_nothing_is_found_where_nothing_is(null):
    """At least 93% of intervals of the excess hold nought, though hardly any of the plain estimate would."""
    covered, plain = [], []
    for seed in range(100, 200):
        found = against(made_up(seed), SHARE, orders(COUNCILS, [seed], 99), null)
        covered.append(found["interval_low"] <= 0 <= found["interval_high"])
        half = (found["interval_high"] - found["interval_low"]) / 2
        plain.append(abs(found["estimate"]) <= half)
    assert np.mean(covered) >= 0.93
    assert np.mean(plain) < 0.7


@pytest.mark.parametrize("taken", [0.0, 0.2])
def test_a_known_replacement_is_recovered_from_ratios(taken):
    """A tenth more direct payments that take `taken` of it from community care raise the ratio of care homes
    to it by 1.1 to that power: in logs, times 100.
    """
    truth = 100 * taken * np.log(1.1)
    found = [
        against(made_up(seed, taken), POUNDS, orders(COUNCILS, [seed], 99), "pounds") for seed in range(40)
    ]
    middle = [f["excess"] for f in found]
    assert np.mean(middle) == pytest.approx(truth, abs=4 * np.std(middle) / np.sqrt(len(middle)))
    covered = [f["interval_low"] <= truth <= f["interval_high"] for f in found]
    assert np.mean(covered) >= 0.9
    if taken:
        assert np.mean([f["p_value"] <= 0.05 for f in found]) > 0.8


def test_the_balance_moves_with_noise_too():
    """Its exposure holds both other parts, so with unlike noise it has a slope of its own; that is taken
    off.
    """
    found = [against(made_up(seed), BALANCE, orders(COUNCILS, [seed], 99), "pounds") for seed in range(12)]
    assert np.mean([f["null_mean"] for f in found]) > 0.3
    assert abs(np.mean([f["excess"] for f in found])) < 0.5


def test_slope_is_that_of_linearmodels():
    amounts = made_up(3)
    index = pd.MultiIndex.from_product([range(COUNCILS), range(YEARS)])
    x = pd.Series(SHARE.exposure(amounts).ravel(), index=index, name="x")
    y = pd.Series(SHARE.outcome(amounts).ravel(), index=index)
    other = PanelOLS(y, x.to_frame(), entity_effects=True, time_effects=True).fit()
    ours = against(amounts, SHARE, orders(COUNCILS, [1], 9), "pounds")
    assert ours["estimate"] == pytest.approx(float(other.params["x"]) * 0.1, rel=1e-6)


@pytest.mark.parametrize("null", NULLS)
def test_leaving_a_council_out_is_doing_without_it(null):
    """The shortcut by sums gives what recomputing without receiver and giver gives."""
    amounts, given = made_up(4), orders(COUNCILS, [4], 5)
    moved = handed_on(amounts, given, null)
    x, y = SHARE.exposure(moved), SHARE.outcome(moved)
    without = Permuted(x, y, given).without_each()

    def slope(x, y):
        x, y = (v - v.mean(axis=1, keepdims=True) for v in (x, y))
        x, y = (v - v.mean(axis=0) for v in (x, y))
        return (x * y).sum() / (x**2).sum()

    for council in (0, 17, 99):
        slopes = []
        for order, one in zip(given, x, strict=True):
            keep = (np.arange(COUNCILS) != council) & (order != council)
            slopes.append(slope(one[keep], y[keep]))
        assert without[council] == pytest.approx(slopes[0] - np.mean(slopes[1:]), rel=1e-9)


def test_pounds_are_handed_on_whole():
    """Scaled to the receiver's size, or to its own level, so that only the movement is another's."""
    amounts, given = made_up(5), orders(COUNCILS, [5], 3)
    pounds, paths = (handed_on(amounts, given, null)[PAID] for null in NULLS)
    size = (amounts[HOMES] + amounts[COMMUNITY]).mean(axis=1)
    giver = given[2][7]
    assert pounds[2][7] == pytest.approx(amounts[PAID][giver] * size[7] / size[giver])
    assert paths[2][7].mean() == pytest.approx(amounts[PAID][7].mean())
    assert paths[2][7] / paths[2][7].mean() == pytest.approx(
        amounts[PAID][giver] / amounts[PAID][giver].mean()
    )
    assert pounds[0] == pytest.approx(amounts[PAID])


def seeds():
    return {
        name: pd.read_csv(project().dbt / "seeds" / f"effect_{name}.csv")
        for name in ("parts", "pairs", "outcomes", "exposures")
    }


def table(amounts: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = {name: values.ravel() for name, values in amounts.items()}
    council = np.repeat([f"c{i:03}" for i in range(COUNCILS)], YEARS)
    year = np.tile([f"{2014 + i}-{15 + i}" for i in range(YEARS)], COUNCILS)
    return pd.DataFrame({"council_id": council, "financial_year": year, "basis": "C", **rows})


def test_parts_of_nought_are_counted_and_left_out_of_logarithms(monkeypatch):
    monkeypatch.setattr("commissioning.marts.estimates.compositions.PERMUTATIONS", 9)
    amounts = made_up(6)
    amounts[PAID][3, 1] = amounts[PAID][3, 2] = amounts[COMMUNITY][8, 0] = 0
    s = seeds()
    pairs = s["pairs"][(s["pairs"].exposure == "spend_c") & (s["pairs"].outcome == "residential_care_share")]
    rows = table(amounts).drop(index=[4 * 50])
    found = compute(rows, s["parts"], pairs, s["outcomes"], s["exposures"])
    assert set(found.form) == {"share", "balance", "pounds"}
    assert (found.noughts == 3).all() and (found.councils_with_gaps == 1).all()
    logs = found.form != "share"
    assert (found.councils_with_noughts == np.where(logs, 2, 0)).all()
    assert (found.councils == np.where(logs, 97, 99)).all()


def test_what_is_tied_follows_from_its_parts():
    """A new outcome that holds direct payments is found without anyone saying so."""
    s = seeds()
    held = {PAID, HOMES, COMMUNITY, "adults"}
    found = tied(s["parts"], s["pairs"], held)
    assert ("residential_care_share", "commissioned_support", "spend_c") in found
    assert not [f for f in found if f[0] == "feeling_safe"]
    new = pd.DataFrame(
        [
            {"kind": "outcome", "figure": "feeling_safe", "divided_by": "new", "place": "over", "part": PAID},
            {
                "kind": "outcome",
                "figure": "feeling_safe",
                "divided_by": "new",
                "place": "under",
                "part": "adults",
            },
        ]
    )
    more = tied(pd.concat([s["parts"], new]), s["pairs"], held)
    assert ("feeling_safe", "new", "spend_c") in more and len(more) > len(found)
