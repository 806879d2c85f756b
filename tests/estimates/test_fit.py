"""Slopes and errors against other libraries, by hand, and against brute force."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS

from commissioning.marts.estimates.fit import Comparison, NotIdentified, excess_variance, fit
from commissioning.marts.estimates.grid import Choices, specify
from commissioning.marts.estimates.reference import by_library
from commissioning.marts.estimates.samples import Sample, compare, within

COUNCILS, YEARS = 60, 3


@pytest.fixture
def sample() -> Sample:
    """Sixty councils, three years, some years missing; slope 20, errors that last within a council."""
    generator = np.random.default_rng(7)
    council = np.repeat(np.arange(COUNCILS), YEARS)
    year = np.tile(2016 + np.arange(YEARS), COUNCILS)
    share = generator.gamma(4, 0.03, COUNCILS)[council] + generator.normal(0, 0.02, len(council))
    outcome = (
        70
        + generator.normal(0, 3, COUNCILS)[council]
        + (year - 2016)
        + 20 * share
        + generator.normal(0, 2, len(council))
    )
    number = np.full(len(council), np.nan)
    made = Sample(
        council=council,
        year=year,
        region=council % 6,
        entity=council,
        share=share,
        outcome=outcome,
        margin=generator.uniform(2, 6, len(council)),
        base=number,
        adults=generator.uniform(5e4, 5e5, len(council)),
        share_65_plus=generator.uniform(0.1, 0.3, len(council)),
        imd=generator.uniform(10, 40, COUNCILS)[council],
        flagged=np.zeros(len(council), bool),
        approximate=np.zeros(len(council), bool),
        in_2020_21=np.zeros(len(council), bool),
        side=np.zeros(len(council), int),
    )
    return made.rows(generator.uniform(size=len(council)) > 0.1)


def peers() -> np.ndarray:
    generator = np.random.default_rng(3)
    matrix = np.zeros((COUNCILS, COUNCILS))
    for i in range(COUNCILS):
        matrix[i, generator.choice(np.delete(np.arange(COUNCILS), i), 15, replace=False)] = 1
    return matrix


def full_design(data: Comparison) -> np.ndarray:
    """Every column of the model, group effects as dummies, those that add nothing left out."""
    groups = [] if data.group is None else [np.eye(data.group.max() + 1)[data.group]]
    columns = np.column_stack([data.x, *groups, data.z])
    keep = [0]
    for j in range(1, columns.shape[1]):
        if np.linalg.matrix_rank(columns[:, [*keep, j]]) > len(keep):
            keep.append(j)
    return columns[:, keep]


def test_by_hand():
    """Three councils, two years: the example of docs/methods-estimates.md."""
    council = np.repeat([0, 1, 2], 2)
    data = Comparison(
        y=np.array([70.0, 73, 75, 76, 72, 71]),
        x=np.array([0.10, 0.20, 0.10, 0.10, 0.20, 0.10]),
        z=np.eye(2)[np.tile([0, 1], 3)],
        cluster=council,
        weight=np.ones(6),
        group=council,
    )
    assert fit(data).slope == pytest.approx(20)


@pytest.mark.parametrize("weights", ["none", "base", "precision"])
@pytest.mark.parametrize(
    "design", ["fixed_effects", "fixed_effects_region", "first_differences", "region", "peers"]
)
def test_slope_agrees_with_statsmodels(sample, design, weights):
    data = compare(sample, design, weights=weights, covariate="age_deprivation", peers=peers())
    other = sm.WLS(data.y, full_design(data), weights=data.weight).fit()
    assert fit(data).slope == pytest.approx(other.params[0], rel=1e-6)


def test_slope_agrees_with_linearmodels(sample):
    data = compare(sample, "fixed_effects", weights="precision")
    index = pd.MultiIndex.from_arrays([data.cluster, within(sample).year])
    other = PanelOLS(
        pd.Series(data.y, index=index),
        pd.DataFrame({"x": data.x}, index=index),
        weights=pd.Series(data.weight, index=index),
        entity_effects=True,
        time_effects=True,
    ).fit()
    assert fit(data).slope == pytest.approx(other.params["x"], rel=1e-6)


@pytest.mark.parametrize("design", ["fixed_effects", "first_differences", "region"])
def test_error_is_the_jackknife(sample, design):
    """CR3 by brute force: statsmodels without each council in turn (Bell and McCaffrey 2002)."""
    data = compare(sample, design, weights="base")
    columns, slope = full_design(data), fit(data)
    whole = sm.WLS(data.y, columns, weights=data.weight).fit().params[0]
    without = []
    for council in range(slope.clusters):
        rows = data.cluster != council
        other = sm.WLS(data.y[rows], columns[rows], weights=data.weight[rows]).fit()
        without.append(other.params[0])
    scale = (slope.clusters - 1) / slope.clusters
    expected = np.sqrt(scale * ((np.array(without) - whole) ** 2).sum())
    assert slope.standard_error == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("design", ["fixed_effects", "first_differences", "region", "peers"])
def test_draws_are_fits_of_flipped_outcomes(sample, design):
    """The bootstrap's shortcut gives what a fit of the outcome with its signs changed gives."""
    data = compare(sample, design, weights="precision", peers=peers())
    signs = np.random.default_rng(5).choice([-1.0, 1.0], size=(data.cluster.max() + 1, 4))
    slope = fit(data, signs)
    # The restricted residual of the outcome, by statsmodels.
    restricted = full_design(data)[:, 1:]
    residual = data.y - sm.WLS(data.y, restricted, weights=data.weight).fit().fittedvalues
    for draw in range(4):
        flipped = residual * signs[data.cluster, draw]
        if data.mixing is not None:
            flipped = data.mixing @ flipped
        other = fit(Comparison(**{**vars(data), "y": flipped}))
        assert slope.slope_null[draw] == pytest.approx(other.slope, rel=1e-6)
        assert slope.t_null[draw] == pytest.approx(other.t, rel=1e-6)


def test_a_share_that_does_not_vary_is_not_identified(sample):
    data = compare(sample, "fixed_effects")
    constant = np.bincount(data.group)[data.group] * 0.1
    with pytest.raises(NotIdentified):
        fit(Comparison(**{**vars(data), "x": constant}))


def test_a_share_that_does_not_vary_makes_no_specification(sample):
    """Weights by precision are computed from the share too: it was a traceback."""
    twice = replace(sample, share=np.bincount(sample.entity)[sample.entity] * 0.01)
    chosen = Choices("fixed_effects", "all", "precision", "linear", "none")
    assert specify(None, chosen, within(twice), peers(), None) is None


def test_years_on_two_sides_of_a_break_are_estimated_by_the_library_too(sample):
    """Each side has its own effect for every council, so one year of each is no effect of its own."""
    sides = [
        replace(sample, year=sample.year + YEARS * side, entity=2 * sample.entity + side) for side in (0, 1)
    ]
    both = Sample(**{name: np.concatenate([vars(side)[name] for side in sides]) for name in vars(sample)})
    order = np.lexsort((both.year, both.entity))
    data = compare(both.rows(order), "fixed_effects")
    slope = fit(data)
    found, error = by_library(SimpleNamespace(data=data))
    assert found == pytest.approx(slope.slope, rel=1e-9)
    # The library's errors are CR1, ours CR3.
    assert error == pytest.approx(slope.standard_error, rel=0.1)


def test_excess_variance_is_found(sample):
    """Errors of variance 4, of which sampling is 1, leave 3, give or take; no errors leave none."""
    data = compare(sample, "region")
    rows = len(data.y)
    found = [
        excess_variance(
            Comparison(**{**vars(data), "y": np.random.default_rng(i).normal(0, 2, rows)}), np.ones(rows)
        )
        for i in range(60)
    ]
    assert np.mean(found) == pytest.approx(3, abs=0.25)
    quiet = Comparison(**{**vars(data), "y": np.zeros(rows)})
    assert excess_variance(quiet, np.ones(rows)) == 0


def test_minimum_detectable_is_found_four_times_in_five():
    """Outcomes with a slope of just that size are found in about 80% of draws."""
    generator = np.random.default_rng(11)
    clusters, found = 200, []
    x = generator.normal(size=clusters)
    for _ in range(400):
        noise = generator.normal(size=clusters)
        size = 2.8 / np.sqrt((x**2).sum())
        data = Comparison(size * x + noise, x, np.ones((clusters, 1)), np.arange(clusters), np.ones(clusters))
        found.append(fit(data).p < 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)
