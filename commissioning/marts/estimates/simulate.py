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

from commissioning.base.workers import share_out
from commissioning.marts.estimates import exposures
from commissioning.marts.estimates.fit import Partialled, fit
from commissioning.marts.estimates.panel import Pair, Panel
from commissioning.marts.estimates.samples import DESIGNS, Sample, compare

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


SPLITS = {"even": (None, None), "all in spending": (None, 1.0), "all in people": (1.0, None)}
"""Where the error lies, as reliabilities of the share of spending and of people. None: what is left over,
so that the two measures agree as far as the real ones do.
"""


def two_measures(
    sample: Sample, beside: np.ndarray, correlation: float, split: str, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choice as it is, and two measures of it with error, on rows of two years a council.

    Changes of choice are those of real shares, given to other councils and shrunk, so that each measure
    moves as much as the real one, and the two agree by `correlation`.
    """
    first, last = np.arange(0, len(sample), 2), np.arange(1, len(sample), 2)
    spend, people = SPLITS[split]
    left = correlation if split == "even" else correlation**2
    spend, people = (left if given is None else given for given in (spend, people))
    change = sample.share[last] - sample.share[first]
    others = beside[last] - beside[first]
    shape = generator.permutation(change - change.mean()) / change.std()
    truth = sample.share.copy()
    truth[last] = truth[first] + change.mean() + np.sqrt(spend) * change.std() * shape
    own = truth + generator.normal(0, 1, len(sample)) * change.std() * np.sqrt((1 - spend) / 2)
    other = beside.copy()
    other[last] = other[first] + others.mean() + np.sqrt(people) * others.std() * shape
    other = other + generator.normal(0, 1, len(sample)) * others.std() * np.sqrt((1 - people) / 2)
    return truth, own, other


def coverage_with_error(
    sample: Sample,
    beside: np.ndarray,
    *,
    split: str,
    effect: float,
    draws: int = DRAWS,
    seed: int = 3,
) -> pd.DataFrame:
    """How each form of `exposures` does where the share is measured with error: one row a form.

    `sample` and `beside` are what `exposures.changes` gives. `weak` is the share of panels whose
    instrument is.
    """
    generator = np.random.default_rng(seed)
    part = compare(replace(sample, outcome=sample.share), "first_differences")
    second = compare(replace(sample, share=beside), "first_differences").x
    agreed = float(np.corrcoef(part.x, second)[0, 1])
    results: dict[str, list] = {form: [] for form in exposures.FORMS}
    for _ in range(draws):
        truth, own, other = two_measures(sample, beside, agreed, split, generator)
        made = outcomes(replace(sample, share=truth), effect, generator)
        data = compare(replace(made, share=own), "first_differences", weights="precision")
        other = compare(replace(made, share=other), "first_differences").x
        plain = exposures.instrumented(data, data.x)
        by_other = exposures.instrumented(replace(data, x=other), data.x)
        parts = Partialled(data)
        floor = exposures.reliability(parts.x, parts.out_of(other[:, None])[:, 0]).floor
        ends = {
            "plain": (plain.low, plain.high),
            "bounds": exposures.bounds(plain, floor),
            "instrumented": (by_other.low, by_other.high),
        }
        for form, (low, high) in ends.items():
            slope = by_other if form == "instrumented" else plain
            weak = form == "instrumented" and slope.first_stage_f < exposures.WEAK
            results[form].append((slope.slope, low, high, weak))
    rows = []
    for form, found in results.items():
        slope, low, high, weak = np.array(found, dtype=float).T
        rows.append(
            {
                "split": split,
                "effect": effect,
                "form": form,
                "draws": draws,
                "covered": float(((low <= effect) & (effect <= high)).mean()),
                "found": float(((low > 0) | (high < 0)).mean()),
                "bias": float(np.median(slope) - effect),
                "spread": float(np.subtract(*np.quantile(slope, [0.75, 0.25])) / 1.349),
                "weak": float(weak.mean()),
            }
        )
    return pd.DataFrame(rows)


def _with_error(sample: Sample, beside: np.ndarray, split: str, effect: float, draws: int) -> list[dict]:
    return coverage_with_error(sample, beside, split=split, effect=effect, draws=draws).to_dict("records")


def check_with_error(
    panel: Panel,
    shares: dict[tuple[str, int], np.ndarray],
    *,
    draws: int = DRAWS,
    progress: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Coverage of every form on the real change of spending's share, with error wherever it may lie."""
    pair = Pair("control_over_daily_life", "spend_c", 0, "estimate", "none", "none", "latest")
    part, beside = exposures.changes(panel.samples[pair], "spend_c", shares)
    jobs = [(part, beside, split, effect, draws) for split in SPLITS for effect in (0.0, 10.0, 30.0)]
    rows = share_out(
        _with_error,
        jobs,
        progress=lambda done, rows: progress(f"{done} of {len(jobs)} sets of {draws:,} panels with error"),
    )
    return pd.DataFrame(rows).sort_values(["split", "effect", "form"], ignore_index=True)
