"""The reference specifications, looked at harder than the rest of the grid.

A reference takes the plan's first choice on every fork but exposure, lag and design. Each is also tested with
errors clustered by region, by every pattern of signs that nine regions allow. Those with council and year
effects are estimated again by linearmodels, and held against shares shuffled among councils.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

from commissioning.base.workers import share_out
from commissioning.marts.estimates.fit import Comparison, NotIdentified, Partialled, fit
from commissioning.marts.estimates.grid import Choices, Scale, Specification, select, specify, transform
from commissioning.marts.estimates.multiverse import SEED
from commissioning.marts.estimates.panel import Pair, Panel
from commissioning.marts.estimates.precision import significant
from commissioning.marts.estimates.samples import DESIGNS, Sample, compare, within

SHUFFLES = 999


def choices(pair: Pair, design: str, *, form: str, has_margins: bool) -> Choices | None:
    """The plan's first choices for a pair, or None where the pair itself is another choice."""
    if not pair.is_first:
        return None
    return Choices(design, "all", "precision" if has_margins else "none", form, "none")


def by_region(data: Comparison, region: np.ndarray) -> float:
    """p value of the wild bootstrap with clusters by region, over every pattern of signs.

    `region` gives each row's region. With nine regions there are 512 patterns, so p is a multiple of 1/512,
    and it cannot be below 2/512: the observed pattern and its mirror image are among them.
    """
    order = np.argsort(region, kind="stable")
    cluster = np.unique(region[order], return_inverse=True)[1]
    moved = Comparison(
        data.y[order],
        data.x[order],
        data.z[order],
        cluster,
        data.weight[order],
        None if data.group is None else data.group[order],
        None,
        None if data.mixing is None else data.mixing[order][:, order],
    )
    signs = np.array(list(product((1.0, -1.0), repeat=int(cluster.max()) + 1))).T
    slope = fit(moved, signs)
    return float((np.abs(slope.t_null) >= abs(slope.t) * (1 - 1e-9)).mean())


def shuffled_shares(sample: Sample, generator: np.random.Generator, shuffles: int = SHUFFLES) -> float:
    """p value of council and year effects against shares given to other councils, whole histories at a time.

    Only councils seen in every year take part, so that every history fits every council. Unweighted, with CR1
    errors: what counts is the observed statistic's place among the shuffled.
    """
    sample = within(sample)
    seen = np.bincount(sample.entity)
    sample = sample.rows(seen[sample.entity] == seen.max())
    data = compare(sample, "fixed_effects")
    if data is None:
        return np.nan
    parts = Partialled(data)
    entities, years = int(data.cluster.max()) + 1, int(seen.max())
    if len(sample) != entities * years:
        return np.nan
    history = data.x.reshape(entities, years)
    orders = [np.arange(entities), *(generator.permutation(entities) for _ in range(shuffles))]
    x = parts.out_of(np.stack([history[order].ravel() for order in orders], axis=1))
    y = parts.out_of(data.y[:, None])
    slope = (x * y).sum(axis=0) / (x**2).sum(axis=0)
    scores = np.add.reduceat(x * (y - x * slope), parts.starts, axis=0)
    t = np.abs(slope) * (x**2).sum(axis=0) / np.sqrt((scores**2).sum(axis=0))
    return float((t >= t[0] * (1 - 1e-9)).mean())


def by_library(made: Specification) -> tuple[float, float]:
    """Slope and clustered (CR1) standard error of a specification with council and year effects, by
    linearmodels.
    """
    from linearmodels.panel import PanelOLS

    data = made.data
    # linearmodels wants a time for each row; year effects are columns of z already.
    order = np.arange(len(data.y)) - np.flatnonzero(np.r_[True, np.diff(data.group) > 0])[data.group]
    index = pd.MultiIndex.from_arrays([data.group, order])
    columns = np.column_stack([data.x, _independent(data.z[:, 1:], data.group)])
    names = ["share", *(f"z{i}" for i in range(columns.shape[1] - 1))]
    fitted = PanelOLS(
        pd.Series(data.y, index=index),
        pd.DataFrame(columns, index=index, columns=names),
        weights=pd.Series(data.weight, index=index),
        entity_effects=True,
    ).fit(
        cov_type="clustered",
        clusters=pd.DataFrame({"cluster": data.cluster}, index=index),
        debiased=True,
        auto_df=False,
        count_effects=False,
    )
    return float(fitted.params["share"]), float(fitted.std_errors["share"])


def _independent(columns: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The columns that say more than the groups and the columns before them. Where a break parts the years,
    each side has one year's effect too many, and the library refuses it."""
    table = pd.DataFrame(columns)
    inner = (table - table.groupby(group).transform("mean")).to_numpy()
    more = np.abs(np.diag(np.linalg.qr(inner, mode="r")))
    return columns[:, more > 1e-9 * np.linalg.norm(inner, axis=0).max(initial=0)]


def check(
    pair: Pair, sample: Sample, councils: int, peers: np.ndarray, scale: Scale, form: str
) -> list[dict]:
    """The reference specifications of one pair, one row each; none where the pair is another choice."""
    rows = []
    region = np.full(councils, -1)
    region[sample.council] = sample.region
    for design in DESIGNS:
        chosen = choices(pair, design, form=form, has_margins=bool(np.isfinite(sample.margin).all()))
        part = None if chosen is None else select(pair, chosen, sample)
        made = None if part is None else specify(pair, chosen, part, peers, scale)
        if made is None:
            continue
        try:
            p_region = by_region(made.data, region[made.data.councils][made.data.cluster])
        except NotIdentified:
            continue
        slope = error = p_shuffled = np.nan
        if design == "fixed_effects":
            slope, error = by_library(made)
            generator = np.random.default_rng([SEED, int(made.id, 16) % 2**32])
            p_shuffled = shuffled_shares(transform(part, form), generator)
        rows.append(
            {
                "specification_id": made.id,
                "p_value_region": p_region,
                "p_value_shuffled": p_shuffled,
                "library_estimate": float(significant(slope * made.factor, size=error * made.factor)),
                "library_standard_error": float(significant(error * made.factor)),
            }
        )
    return rows


def compute(
    panel: Panel,
    scales: dict[tuple[str, str], Scale],
    forms: dict[str, str],
    *,
    progress: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """One row a reference specification, sorted by id. `forms` gives the plan's first form for each
    outcome.
    """
    jobs = [
        (
            pair,
            sample,
            len(panel.councils),
            panel.peers,
            scales[pair.outcome, pair.exposure],
            forms[pair.outcome],
        )
        for pair, sample in panel.samples.items()
    ]
    rows = share_out(
        check,
        jobs,
        # Each would import linearmodels, a third of the work; and the specifications need processors too.
        workers=1,
        progress=lambda done, rows: progress(f"{rows} references, {done} of {len(jobs)} pairs"),
    )
    return pd.DataFrame(rows).sort_values("specification_id", ignore_index=True)
