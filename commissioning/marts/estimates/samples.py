"""From the panel to what one specification compares."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from scipy import sparse

from commissioning.marts.estimates.fit import Comparison, excess_variance

WITHIN = ("fixed_effects", "fixed_effects_region", "first_differences")
BETWEEN = ("peers", "region")
DESIGNS = WITHIN + BETWEEN
LEAST_COUNCILS = 40
LEAST_PEERS = 5


@dataclass(frozen=True)
class Sample:
    """Council-years of one exposure and outcome, as arrays of one length, sorted by council and year.

    `share` and `outcome` are in the panel's units; `margin` is the half width of the outcome's 95% interval
    and `base` the people who answered, nan where there is none; `entity` numbers a council within one
    comparability group, so that no change crosses a break. Numbers of councils and regions are positions in
    the panel's lists. `side` is the same for years that no break of responsibility parts.
    """

    council: np.ndarray
    year: np.ndarray
    region: np.ndarray
    entity: np.ndarray
    share: np.ndarray
    outcome: np.ndarray
    margin: np.ndarray
    base: np.ndarray
    adults: np.ndarray
    share_65_plus: np.ndarray
    imd: np.ndarray
    flagged: np.ndarray
    approximate: np.ndarray
    in_2020_21: np.ndarray
    side: np.ndarray

    def rows(self, keep: np.ndarray) -> Sample:
        if keep.all():
            return self
        return Sample(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def __len__(self) -> int:
        return len(self.council)


def restrict(sample: Sample, name: str) -> Sample:
    """The sample called `name`: all, no_flagged, no_approximate, no_2020_21, strict (none of the three), or
    one_side: the years on that side of the breaks of responsibility which has most rows.
    """
    if name == "one_side":
        if not len(sample):
            return sample
        return sample.rows(sample.side == _commonest(sample.side))
    drop = {
        "all": np.zeros(len(sample), bool),
        "no_flagged": sample.flagged,
        "no_approximate": sample.approximate,
        "no_2020_21": sample.in_2020_21,
        "strict": sample.flagged | sample.approximate | sample.in_2020_21,
    }[name]
    return sample.rows(~drop)


def _commonest(codes: np.ndarray) -> int:
    """The code with most entries, the highest of several."""
    values, counts = np.unique(codes, return_counts=True)
    return int(values[counts == counts.max()].max())


def _dummies(codes: np.ndarray) -> np.ndarray:
    values, position = np.unique(codes, return_inverse=True)
    return np.eye(len(values))[position]


def _numbered(codes: np.ndarray) -> np.ndarray:
    return np.unique(codes, return_inverse=True)[1]


def within(sample: Sample) -> Sample:
    """The rows of entities seen in two years or more."""
    return sample.rows(np.bincount(sample.entity)[sample.entity] > 1)


def covariates(sample: Sample, name: str, design: str) -> np.ndarray:
    """Columns to hold constant: none, or age (and deprivation, where councils are compared)."""
    if name == "none":
        return np.empty((len(sample), 0))
    columns = [sample.share_65_plus] + ([sample.imd] if design in BETWEEN else [])
    return np.stack(columns, axis=1)


def compare(
    sample: Sample,
    design: str,
    *,
    weights: str = "none",
    covariate: str = "none",
    peers: np.ndarray | None = None,
) -> Comparison | None:
    """What `design` compares in the sample, or None where it has too few councils or years.

    `weights` is none, base (people who answered, else adults) or precision. `peers` is a square matrix of 0
    and 1 over councils: 1 where the column's council is a peer of the row's.
    """
    if len(sample) and design in WITHIN:
        sample = within(sample)
    years, seen = len(np.unique(sample.year)), len(np.unique(sample.council))
    if seen < LEAST_COUNCILS or (design in WITHIN and years < 2):
        return None
    x, y, z = sample.share, sample.outcome, covariates(sample, covariate, design)
    size = np.where(np.isfinite(sample.base), sample.base, sample.adults)
    sampling = (sample.margin / 1.96) ** 2
    council, times = sample.council, _dummies(sample.year)
    group = mixing = None

    if design in ("fixed_effects", "fixed_effects_region"):
        group = _numbered(sample.entity)
        if design == "fixed_effects_region":
            times = _dummies(sample.region * 10_000 + sample.year)
    elif design == "region":
        times = _dummies(sample.region * 10_000 + sample.year)
    elif design == "first_differences":
        later = np.flatnonzero(np.diff(sample.entity) == 0) + 1
        earlier = later - 1
        x, y, z = x[later] - x[earlier], y[later] - y[earlier], z[later] - z[earlier]
        # A council that missed a year changed over another time.
        times = _dummies(sample.year[later] * 10_000 + sample.year[earlier])
        size = 1 / (1 / size[later] + 1 / size[earlier])
        sampling = sampling[later] + sampling[earlier]
        council = council[later]
    elif design == "peers":
        own = _less_peers(sample, peers)
        keep = own.diagonal() == 1
        own = own[keep]
        mixing = own[:, keep]
        x, y, z = own @ x, own @ y, own @ z
        times, size, sampling, council = times[keep], size[keep], sampling[keep], council[keep]

    councils, cluster = np.unique(council, return_inverse=True)
    z = np.column_stack([times, z])
    base = Comparison(y, x, z, cluster, np.ones(len(y)), group, councils, mixing)
    if weights == "base":
        return replace(base, weight=size / size.mean())
    if weights == "precision":
        weight = 1 / (sampling + excess_variance(base, sampling))
        return replace(base, weight=weight / weight.mean())
    return base


def _less_peers(sample: Sample, peers: np.ndarray) -> sparse.csr_array:
    """Rows by rows: each council less the mean of its peers seen in the year; nought where those are too
    few. Sparse, since a row has sixteen entries at most.
    """
    n, year = len(sample), _numbered(sample.year)
    place = np.full((len(peers), year.max() + 1), -1)
    place[sample.council, year] = np.arange(n)
    row, peer = np.nonzero(peers[sample.council])
    column = place[peer, year[row]]
    row, column = row[column >= 0], column[column >= 0]
    seen = np.bincount(row, minlength=n)
    enough = (seen >= LEAST_PEERS).astype(float)
    mean = sparse.csr_array((enough[row] / seen[row], (row, column)), shape=(n, n))
    return sparse.diags_array(enough, format="csr") - mean
