"""One slope: weighted least squares with fixed effects taken out and errors clustered.

The model is `y = slope * x + group effects + columns of z + error`. Groups and `z` are taken out of `x` and
`y` (Frisch and Waugh 1933; Lovell 1963), which leaves one regressor. The variance is the cluster jackknife,
CR3: each cluster's residuals are those of a fit without it (Bell and McCaffrey 2002; MacKinnon, Nielsen and
Webb 2023). The common CR1 (Liang and Zeger 1986) is too small here, because a few councils with extreme
shares carry much of the slope: `docs/simulation.md` has its coverage. For the same reason Student's t has as
many degrees of freedom as there are *effective* clusters, fewer than clusters (Carter, Schnepel and
Steigerwald 2017). Groups must be nested in clusters; their effects then drop out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.special import stdtr, stdtrit

ALPHA, POWER = 0.05, 0.80


@dataclass(frozen=True)
class Comparison:
    """What a design compares, as arrays of one length `n`, sorted by `cluster`.

    `y`, `x` are outcome and exposure; `z` is `n` by any number of columns to hold constant (year effects and
    covariates); `group` numbers the fixed effects to take out by demeaning, or is None; `cluster` numbers the
    clusters from 0, and `councils` gives each cluster's place in the panel; `weight` is positive.
    """

    y: np.ndarray
    x: np.ndarray
    z: np.ndarray
    cluster: np.ndarray
    weight: np.ndarray
    group: np.ndarray | None = None
    councils: np.ndarray | None = None
    mixing: sparse.csr_array | None = None
    """Where rows share errors: rows by rows, what turns independent errors into those of `y`."""


@dataclass(frozen=True)
class Slope:
    """A slope in the units of `y` over `x`, with its clustered standard error."""

    slope: float
    standard_error: float
    n: int
    clusters: int
    effective_clusters: float
    slope_null: np.ndarray
    t_null: np.ndarray
    """Slopes and t statistics under no association, one a draw of signs; empty where none were asked for."""

    @property
    def t(self) -> float:
        return self.slope / self.standard_error

    @property
    def p(self) -> float:
        """Two-sided, from Student's t."""
        return float(2 * stdtr(self.freedom, -abs(self.t)))

    @property
    def freedom(self) -> float:
        return max(self.effective_clusters - 1, 1)

    @property
    def half_width(self) -> float:
        """Half of the 95% interval."""
        return float(stdtrit(self.freedom, 1 - ALPHA / 2)) * self.standard_error

    @property
    def minimum_detectable(self) -> float:
        """The slope that a two-sided test at 5% finds four times in five (Bloom 1995)."""
        return self.half_width + float(stdtrit(self.freedom, POWER)) * self.standard_error


class NotIdentified(ValueError):
    """The exposure does not vary once what is held constant is taken out."""


def _demean(columns: np.ndarray, group: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Columns less their weighted group means."""
    groups = int(group.max()) + 1
    total = np.bincount(group, weight, groups)
    means = np.stack([np.bincount(group, weight * c, groups) for c in columns.T], axis=1) / total[:, None]
    return columns - means[group]


def _basis(z: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span `root * z`; columns that add nothing are dropped."""
    if z.shape[1] == 0:
        return z
    scaled = z * root[:, None]
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    return left[:, sizes > sizes[0] * 1e-10]


class Partialled:
    """A comparison with groups and `z` taken out of it: what slope, errors and leverage are computed from."""

    def __init__(self, data: Comparison):
        self.data = data
        self.root = np.sqrt(data.weight)
        z = data.z if data.group is None else _demean(data.z, data.group, data.weight)
        self.q = _basis(z, self.root)
        self.starts = np.flatnonzero(np.r_[True, np.diff(data.cluster) > 0])
        self.clusters, self.n = len(self.starts), len(data.y)
        self.k = 1 + self.q.shape[1]
        self.x = self.out_of(data.x[:, None])[:, 0]
        self.sxx = float(self.x @ self.x)
        raw = data.x * self.root
        if self.n <= self.k or self.clusters < 2 or self.sxx <= 1e-9 * float(raw @ raw):
            raise NotIdentified("the exposure does not vary once groups and years are taken out")
        carried = np.add.reduceat(self.x**2, self.starts)
        self.effective_clusters = float(carried.sum() ** 2 / (carried**2).sum())

    def out_of(self, columns: np.ndarray) -> np.ndarray:
        """Columns of the comparison's length, weighted by the roots, with groups and `z` taken out."""
        if self.data.group is not None:
            columns = _demean(columns, self.data.group, self.data.weight)
        columns = columns * self.root[:, None]
        return columns - self.q @ (self.q.T @ columns)

    @cached_property
    def influence(self) -> np.ndarray:
        """How much each row's error counts in the slope."""
        jackknifed = self._jackknifed()
        if self.data.mixing is None:
            return jackknifed
        # y = mixing @ errors, so an error counts wherever it is mixed in.
        return self.data.mixing.T @ (jackknifed * self.root) / self.root

    def _jackknifed(self) -> np.ndarray:
        """`inverse(I - H) @ x`, cluster by cluster, `H` being the cluster's block of the hat matrix."""
        basis = np.column_stack([self.x / np.sqrt(self.sxx), self.q])
        position = np.arange(self.n) - self.starts[self.data.cluster]
        longest = int(position.max()) + 1
        blocks = np.zeros((self.clusters, longest, basis.shape[1]))
        blocks[self.data.cluster, position] = basis
        x = np.zeros((self.clusters, longest))
        x[self.data.cluster, position] = self.x
        values, vectors = np.linalg.eigh(np.eye(longest) - blocks @ blocks.transpose(0, 2, 1))
        # A council alone in its region and year fits itself: it has no residual to correct.
        inverse = np.where(values > 1e-8, 1 / np.maximum(values, 1e-8), 0.0)
        turned = np.einsum("gij,gi->gj", vectors, x)
        return np.einsum("gij,gj->gi", vectors, inverse * turned)[self.data.cluster, position]

    def slopes(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slope and clustered standard error for each column of `y`, already partialled."""
        slope = (self.x @ y) / self.sxx
        residual = y - self.x[:, None] * slope
        scores = np.add.reduceat(self.influence[:, None] * residual, self.starts, axis=0)
        return slope, self._error(scores)

    def under_null(self, y: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slope and standard error for each draw of signs given to the clusters of `y`, partialled.

        The same as `slopes` on outcomes with their clusters' signs changed, but summed by cluster first, so
        that a draw costs clusters by columns and not rows.
        """
        if self.data.mixing is None:
            xy, qy, vy = (self._by_cluster(columns.T * y).T for columns in (self.x, self.q, self.influence))
            slope, held = xy @ signs / self.sxx, qy.T @ signs
            scores = vy[:, None] * signs
        else:
            errors = sparse.csr_array((y / self.root, (np.arange(self.n), self.data.cluster)))
            mixed = self.root[:, None] * (self.data.mixing @ errors).toarray()
            slope, held = self.x @ mixed @ signs / self.sxx, self.q.T @ mixed @ signs
            scores = self._by_cluster((self.influence[:, None] * mixed).T).T @ signs
        scores -= self._by_cluster((self.influence[:, None] * self.q).T).T @ held
        scores -= self._by_cluster(self.influence * self.x)[:, None] * slope
        return slope, self._error(scores)

    def _by_cluster(self, rows: np.ndarray) -> np.ndarray:
        """Sums over the clusters along the last axis."""
        return np.add.reduceat(rows, self.starts, axis=-1)

    def _error(self, scores: np.ndarray) -> np.ndarray:
        factor = (self.clusters - 1) / self.clusters
        return np.sqrt(factor * (scores**2).sum(axis=0)) / self.sxx

    def leverage(self) -> np.ndarray:
        """The diagonal of the hat matrix, exposure included."""
        h = (self.q**2).sum(axis=1) + self.x**2 / self.sxx
        if self.data.group is not None:
            h = h + self.data.weight / np.bincount(self.data.group, self.data.weight)[self.data.group]
        return h


def fit(data: Comparison | Partialled, signs: np.ndarray | None = None) -> Slope:
    """The slope of a comparison, which may be partialled already.

    `signs`, a matrix of +1 and -1 with one row a cluster and one column a draw, asks for slopes and t
    statistics under no association: the wild cluster bootstrap with the null imposed (Cameron, Gelbach and
    Miller 2008). Raises `NotIdentified` where the exposure does not vary.
    """
    parts = data if isinstance(data, Partialled) else Partialled(data)
    y = parts.out_of(parts.data.y[:, None])
    slope, error = parts.slopes(y)
    null_slope = t_null = np.empty(0)
    if signs is not None:
        null_slope, null_error = parts.under_null(y[:, 0], signs)
        t_null = null_slope / null_error
    return Slope(
        float(slope[0]),
        float(error[0]),
        parts.n,
        parts.clusters,
        parts.effective_clusters,
        null_slope,
        t_null,
    )


def excess_variance(data: Comparison, sampling: np.ndarray) -> float:
    """Variance of the outcome left once sampling error is taken out, floored at zero.

    `sampling` is the sampling variance of each row. DerSimonian and Laird's moment estimate (1986), with the
    degrees of freedom of the whole design instead of those of a mean.
    """
    weight = 1 / sampling
    parts = Partialled(Comparison(data.y, data.x, data.z, data.cluster, weight, data.group))
    y = parts.out_of(data.y[:, None])[:, 0]
    residual = y - parts.x * float(parts.x @ y) / parts.sxx
    leverage = parts.leverage()
    excess = float(residual @ residual) - (parts.n - float(leverage.sum()))
    return max(0.0, excess / float((weight * (1 - leverage)).sum()))
