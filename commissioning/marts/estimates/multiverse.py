"""All specifications, in parallel, the same on every run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from commissioning.base.workers import share_out
from commissioning.marts.estimates.exposures import Error, of_design
from commissioning.marts.estimates.fit import NotIdentified, Partialled, fit
from commissioning.marts.estimates.grid import Choices, Scale, Specification, specifications
from commissioning.marts.estimates.panel import Pair, Panel
from commissioning.marts.estimates.precision import DRAW_DIGITS, significant
from commissioning.marts.estimates.samples import WITHIN, Sample

DRAWS, SEED = 199, 20261125


def council_signs(councils: int, draws: int = DRAWS) -> np.ndarray:
    """Signs of the wild bootstrap, one row a council: the same in every specification."""
    return np.random.default_rng(SEED).choice(np.array([-1.0, 1.0]), size=(councils, draws))


def estimate(
    samples: dict[Pair, Sample],
    peers: np.ndarray,
    scales: dict[tuple[str, str], Scale],
    signs: np.ndarray,
    errors: dict[str, Error],
) -> list[dict]:
    """One row a specification of these pairs, in the reported units, not rounded but for the draws.

    `errors` are those of the exposures that have a second measure; the others have no reliability.
    """
    rows = []
    for made in specifications(samples, peers, scales):
        try:
            parts = Partialled(made.data)
            # Clusters are numbered within the comparison; signs belong to councils.
            slope = fit(parts, signs[made.data.councils])
        except NotIdentified:
            continue
        even, floor = reliabilities(made, parts, errors.get(made.pair.exposure))
        rows.append(
            {
                "specification_id": made.id,
                **made.pair._asdict(),
                **made.choices._asdict(),
                "estimate": slope.slope * made.factor,
                "standard_error": slope.standard_error * made.factor,
                "half_width": slope.half_width * made.factor,
                "p_value": slope.p,
                "p_value_bootstrap": float(
                    (1 + (np.abs(slope.t_null) >= abs(slope.t)).sum()) / (1 + signs.shape[1])
                ),
                "n": slope.n,
                "clusters": slope.clusters,
                "effective_clusters": slope.effective_clusters,
                "years": len(made.years),
                "first_year": int(made.years[0]),
                "last_year": int(made.years[-1]),
                "minimum_detectable": slope.minimum_detectable * made.factor,
                "reliability_even": even,
                "reliability_floor": floor,
                "outcome_mean": made.outcome_mean,
                "null_t": significant(slope.t_null, DRAW_DIGITS).astype(np.float32),
                "null_estimate": significant(slope.slope_null * made.factor, DRAW_DIGITS).astype(np.float32),
            }
        )
    return rows


ROUNDED = (
    "standard_error", "half_width", "p_value", "effective_clusters", "minimum_detectable", "reliability_even",
    "reliability_floor", "outcome_mean",
)  # fmt: skip


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what is published of each number; half widths become the ends of intervals."""
    table = table.assign(**{name: significant(table[name].to_numpy()) for name in ROUNDED})
    middle = significant(table.estimate.to_numpy(), size=table.standard_error.to_numpy())
    half = table.pop("half_width")
    return table.assign(estimate=middle, interval_low=middle - half, interval_high=middle + half)


def reliabilities(made: Specification, parts: Partialled, error: Error | None) -> tuple[float, float]:
    """Of the exposure in a specification: if both measures are equally good, and at the least."""
    if error is None:
        return np.nan, np.nan
    # An error in a logarithm is one relative to the share.
    unit = made.share_mean if made.choices.form == "log_share" else 1.0
    grade = "within" if made.choices.design in WITHIN else "between"
    even, floor = (of_design(parts, made.choices.design, one / unit) for one in error.of(grade))
    return even, floor


def compute(
    panel: Panel,
    scales: dict[tuple[str, str], Scale],
    errors: dict[str, Error],
    *,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Every specification's estimate, sorted by pair and choices; work is shared out by outcome, exposure
    and lag.
    """
    signs = council_signs(len(panel.councils))
    shares: dict[tuple, dict[Pair, Sample]] = {}
    for pair, sample in panel.samples.items():
        shares.setdefault(pair[:4], {})[pair] = sample
    # The longest first, so that no worker is left with a long one at the end.
    order = sorted(shares, key=lambda key: (-sum(map(len, shares[key].values())), key))
    rows = share_out(
        estimate,
        [(shares[key], panel.peers, scales, signs, errors) for key in order],
        workers=workers,
        progress=lambda done, rows: progress(f"{rows:,} specifications, {done} of {len(order)} pairs"),
    )
    keys = [*Pair._fields, *Choices._fields]
    return rounded(pd.DataFrame(rows).sort_values(keys, ignore_index=True))
