"""Error in the measure of choice: against linearmodels, by hand, and on made-up panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS

from commissioning.marts.estimates.exposures import (
    Error,
    bounds,
    errors,
    instrumented,
    of_design,
    reliability,
)
from commissioning.marts.estimates.fit import Comparison, Partialled, fit

COUNCILS = 140


def made_up(seed: int, strength: float = 1.0, slope: float = 2.0) -> tuple[Comparison, np.ndarray]:
    """Choice, two measures of it with error, an outcome; `x` of the comparison is the instrument."""
    generator = np.random.default_rng(seed)
    choice = generator.normal(size=COUNCILS)
    own, other = choice + generator.normal(size=COUNCILS), strength * choice + generator.normal(size=COUNCILS)
    outcome = slope * choice + generator.normal(0, 2, COUNCILS)
    ones = np.ones((COUNCILS, 1))
    weight = generator.uniform(0.5, 2, COUNCILS)
    return Comparison(outcome, other, ones, np.arange(COUNCILS), weight / weight.mean()), own


def test_slope_agrees_with_linearmodels():
    data, own = made_up(1)
    other = IV2SLS(data.y, data.z, own, data.x, weights=data.weight).fit(cov_type="robust")
    line = instrumented(data, own)
    assert line.slope == pytest.approx(float(other.params.iloc[1]), rel=1e-6)
    # The jackknife is somewhat wider than the robust error.
    assert 1 <= line.standard_error / float(other.std_errors.iloc[1]) < 1.15
    strength = float(other.first_stage.diagnostics["f.stat"].iloc[0])
    assert line.first_stage_f == pytest.approx(strength, rel=0.2)


def test_the_measure_itself_as_instrument_is_least_squares():
    data, own = made_up(2)
    data = replace(data, x=own)
    plain, same = fit(data), instrumented(data, own)
    assert same.slope == pytest.approx(plain.slope)
    assert same.standard_error == pytest.approx(plain.standard_error)
    assert (same.high - same.low) / 2 == pytest.approx(plain.half_width)


def test_the_interval_is_the_test_turned_round():
    """Its ends are the slopes that the instrument just does not refute."""
    data, own = made_up(3)
    line = instrumented(data, own)
    for end in (line.low, line.high):
        left = fit(replace(data, y=data.y - end * own))
        assert abs(left.slope) == pytest.approx(left.half_width, rel=1e-6)


def test_a_weak_instrument_is_said_to_be_weak_and_bounds_nothing():
    data, own = made_up(4, strength=0.0)
    line = instrumented(data, own)
    assert line.first_stage_f < 10
    assert not np.isfinite([line.low, line.high]).any()


def test_coverage_of_an_instrument_and_not_of_a_measure_with_error():
    covered, plain = [], []
    for seed in range(300):
        data, own = made_up(seed)
        line = instrumented(data, own)
        covered.append(line.low <= 2 <= line.high)
        least_squares = instrumented(replace(data, x=own), own)
        plain.append(least_squares.low <= 2 <= least_squares.high)
    assert np.mean(covered) >= 0.93
    assert np.mean(plain) < 0.5


def test_reliability_by_hand():
    """Both measures are choice and an error of the same variance: they agree by a half, and so does each with
    itself; if the other had no error, this one would be three quarters error.
    """
    generator = np.random.default_rng(5)
    choice = generator.normal(size=20_000)
    x, z = (choice + generator.normal(size=20_000) for _ in range(2))
    found = reliability(x - x.mean(), z - z.mean())
    assert found.even == pytest.approx(0.5, abs=0.02)
    assert found.floor == pytest.approx(0.25, abs=0.03)
    assert found.floor < found.correlation**2 < found.even


def test_error_of_a_year_is_half_that_of_a_change():
    generator = np.random.default_rng(6)
    n = 50_000
    level, change = generator.normal(0.2, 0.05, n), generator.normal(0, 0.03, n)
    noise = {key: generator.normal(0, 0.02, n) for key in ("s17", "s21", "u18", "u21")}
    shares = {
        ("spend_c", 2017): level + noise["s17"],
        ("spend_c", 2021): level + change + noise["s21"],
        ("users_salt", 2018): level + noise["u18"],
        ("users_salt", 2021): level + change + noise["u21"],
    }
    found = errors(shares)["spend_c"]
    assert found.within_even == pytest.approx(0.02, abs=0.001)
    assert found.between_even == pytest.approx(0.02, abs=0.001)
    assert found.within_most > found.within_even
    assert errors({}) == {}


@pytest.mark.parametrize("design", ["fixed_effects", "first_differences"])
def test_reliability_of_a_design_is_what_choice_explains(design):
    """With council and year taken out, or between years: the variance of choice over that of the measure."""
    from commissioning.marts.estimates.samples import Sample, compare

    generator = np.random.default_rng(7)
    councils, years, error = 400, 3, 0.02
    council, year = np.repeat(np.arange(councils), years), np.tile(2016 + np.arange(years), councils)
    choice = generator.normal(0, 0.03, councils * years) + generator.normal(0, 0.05, councils)[council]
    share = choice + generator.normal(0, error, councils * years)
    nothing = np.full(len(council), np.nan)
    no = np.zeros(len(council), bool)
    made = Sample(
        council,
        year,
        council % 9,
        council,
        share,
        share,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        no,
        no,
        no,
        np.zeros(len(council), int),
    )
    found = of_design(Partialled(compare(made, design)), design, error)
    assert found == pytest.approx(0.03**2 / (0.03**2 + error**2), abs=0.03)


def test_bounds_hold_every_reliability():
    data, own = made_up(8)
    line = instrumented(replace(data, x=own), own)
    low, high = bounds(line, 0.25)
    assert (low, high) == (min(line.low, 4 * line.low), 4 * line.high)
    assert bounds(line, 0.0) == (-np.inf, np.inf)


def test_an_exposure_without_a_second_measure_has_no_reliability():
    from commissioning.marts.estimates.multiverse import reliabilities

    assert np.isnan(reliabilities(None, None, None)).all()
    assert Error(0.1, 0.2, 0.3, 0.4).of("within") == (0.1, 0.2)
    assert Error(0.1, 0.2, 0.3, 0.4).of("between") == (0.3, 0.4)


def test_measured_reads_each_council_once():
    from commissioning.marts.estimates.exposures import measured

    rows = pd.DataFrame(
        {
            "exposure": ["spend_c"] * 3,
            "council_id": ["b", "b", "a"],
            "exposure_year": [2017] * 3,
            "share": [0.2, 0.2, 0.1],
        }
    )
    assert np.array_equal(
        measured(rows, ["a", "b", "c"])["spend_c", 2017], [0.1, 0.2, np.nan], equal_nan=True
    )
