"""All specifications, in parallel, the same on every run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from commissioning.estimates.fit import NotIdentified
from commissioning.estimates.grid import Choices, Scale, specifications
from commissioning.estimates.panel import Pair, Panel
from commissioning.estimates.precision import DRAW_DIGITS, significant
from commissioning.estimates.samples import Sample
from commissioning.estimates.workers import share_out

DRAWS, SEED = 199, 20261125


def council_signs(councils: int, draws: int = DRAWS) -> np.ndarray:
    """Signs of the wild bootstrap, one row a council: the same in every specification."""
    return np.random.default_rng(SEED).choice(np.array([-1.0, 1.0]), size=(councils, draws))


def estimate(
    samples: dict[Pair, Sample], peers: np.ndarray, scales: dict[tuple[str, str], Scale], signs: np.ndarray
) -> list[dict]:
    """One row a specification of these pairs, in the reported units."""
    rows = []
    for made in specifications(samples, peers, scales):
        try:
            # Clusters are numbered within the comparison; signs belong to councils.
            slope = made.estimate(signs[made.data.councils])
        except NotIdentified:
            continue
        factor = made.factor
        error = float(significant(slope.standard_error * factor))
        middle = float(significant(slope.slope * factor, size=error))
        half = float(significant(slope.half_width * factor))
        rows.append(
            {
                "specification_id": made.id,
                **made.pair._asdict(),
                **made.choices._asdict(),
                "estimate": middle,
                "standard_error": error,
                "interval_low": middle - half,
                "interval_high": middle + half,
                "p_value": float(significant(slope.p)),
                "p_value_bootstrap": float(
                    (1 + (np.abs(slope.t_null) >= abs(slope.t)).sum()) / (1 + signs.shape[1])
                ),
                "n": slope.n,
                "clusters": slope.clusters,
                "effective_clusters": float(significant(slope.effective_clusters)),
                "years": made.years,
                "minimum_detectable": float(significant(slope.minimum_detectable * factor)),
                "outcome_mean": float(significant(made.outcome_mean)),
                "null_t": significant(slope.t_null, DRAW_DIGITS).astype(np.float32),
                "null_estimate": significant(slope.slope_null * factor, DRAW_DIGITS).astype(np.float32),
            }
        )
    return rows


def compute(
    panel: Panel,
    scales: dict[tuple[str, str], Scale],
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
        [(shares[key], panel.peers, scales, signs) for key in order],
        workers=workers,
        progress=lambda done, rows: progress(f"{rows:,} specifications, {done} of {len(order)} pairs"),
    )
    keys = [*Pair._fields, *Choices._fields]
    return pd.DataFrame(rows).sort_values(keys, ignore_index=True)
