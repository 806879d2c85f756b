"""Panels with a known effect, on the real panel's councils, years, gaps, shares and margins of error.

outcome = 75 + council + year + lasting shock + survey error + effect * share

A council's level has a standard deviation of 3.5 points and is unrelated to its share, a year's of 2; a shock
of 1.5 points lasts with a correlation of 0.5 from year to year; survey error has the published size. These
are near what the real outcomes show (analysis plan, power). Only in such a world is a slope between councils
an effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from commissioning.estimates.fit import fit
from commissioning.estimates.panel import Pair, Panel
from commissioning.estimates.samples import DESIGNS, Sample, compare
from commissioning.estimates.workers import share_out

COUNCIL, YEAR, SHOCK, LASTS = 3.5, 2.0, 1.5, 0.5
DRAWS = 1_000


def outcomes(sample: Sample, effect: float, generator: np.random.Generator) -> Sample:
    """The sample with a made-up outcome: `effect` points for a share of 1."""
    councils, council = np.unique(sample.council, return_inverse=True)
    years = np.arange(sample.year.min(), sample.year.max() + 1)
    position = sample.year - years[0]
    shocks = np.empty((len(councils), len(years)))
    shocks[:, 0] = generator.normal(0, SHOCK, len(councils))
    for t in range(1, len(years)):
        fresh = generator.normal(0, SHOCK * np.sqrt(1 - LASTS**2), len(councils))
        shocks[:, t] = LASTS * shocks[:, t - 1] + fresh
    made = (
        75
        + generator.normal(0, COUNCIL, len(councils))[council]
        + generator.normal(0, YEAR, len(years))[position]
        + shocks[council, position]
        + generator.normal(0, 1, len(sample)) * sample.margin / 1.96
        + effect * sample.share
    )
    return replace(sample, outcome=made)


def coverage(
    sample: Sample,
    peers: np.ndarray,
    *,
    effect: float,
    draws: int = DRAWS,
    seed: int = 1,
    weights: str = "precision",
) -> pd.DataFrame:
    """How each design does over `draws` panels: one row a design.

    `covered` is the share of 95% intervals that hold `effect`, `found` the share that leave out zero, `bias`
    the mean error and `spread` the standard deviation of the estimates, `stated` the mean standard error.
    """
    generator = np.random.default_rng(seed)
    results: dict[str, list] = {design: [] for design in DESIGNS}
    for _ in range(draws):
        made = outcomes(sample, effect, generator)
        for design in DESIGNS:
            data = compare(made, design, weights=weights, peers=peers)
            if data is not None:
                slope = fit(data)
                results[design].append((slope.slope, slope.standard_error, slope.half_width))
    rows = []
    for design, slopes in results.items():
        if slopes:
            estimate, error, half = np.array(slopes).T
            outside = np.abs(estimate - effect) > half
            rows.append(
                {
                    "design": design,
                    "effect": effect,
                    "draws": draws,
                    "covered": float(1 - outside.mean()),
                    "found": float((np.abs(estimate) > half).mean()),
                    "bias": float(estimate.mean() - effect),
                    "spread": float(estimate.std(ddof=1)),
                    "stated": float(error.mean()),
                }
            )
    return pd.DataFrame(rows)


def shuffled(sample: Sample, generator: np.random.Generator) -> Sample:
    """The sample with every council's shares given to another council seen in the same years."""
    share = sample.share.copy()
    years = pd.Series(sample.year).groupby(sample.entity).agg(tuple)
    for pattern in sorted(set(years)):
        same = np.flatnonzero(years == pattern)
        given = generator.permutation(same)
        for to, source in zip(years.index[same], years.index[given], strict=True):
            share[sample.entity == to] = sample.share[sample.entity == source]
    return replace(sample, share=share)


PANELS = (("spend_c", 0), ("spend_c", 1), ("users_salt", 0), ("users_salt", 1))
"""Exposures and lags whose real panels the check uses, with the margins of control over daily life."""


def one_panel(
    exposure: str, lag: int, effect: float, mix: bool, sample: Sample, peers: np.ndarray, draws: int
):
    """Rows of `check` for one panel: `mix` gives shares to other councils first, so that there is no
    effect.
    """
    if mix:
        sample = shuffled(sample, np.random.default_rng(2))
    table = coverage(sample, peers, effect=effect, draws=draws)
    return table.assign(exposure=exposure, lag=lag, shuffled=mix).to_dict("records")


def check(
    panel: Panel, *, draws: int = DRAWS, progress: Callable[[str], None] = lambda line: None
) -> pd.DataFrame:
    """Coverage of every design on the real panels: with an effect of a point for ten points of share, without
    one, and with shuffled shares."""
    jobs = []
    for exposure, lag in PANELS:
        pair = Pair("control_over_daily_life", exposure, lag, "estimate", "none", "none", "latest")
        sample = panel.samples[pair]
        jobs += [
            (exposure, lag, effect, mix, sample, panel.peers, draws)
            for effect, mix in ((10.0, False), (0.0, False), (0.0, True))
        ]
    rows = share_out(
        one_panel,
        jobs,
        progress=lambda done, rows: progress(f"{done} of {len(jobs)} sets of {draws:,} panels"),
    )
    order = ["exposure", "lag", "shuffled", "effect", "design"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)
