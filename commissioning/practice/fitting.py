"""Fitting a synthetic path: weights of other councils, and the noise that placebo councils show.

No weight is below zero, and they add up to one. Among weights that fit the years before equally well, those
with the smallest sum of squares are taken. A small ridge term in the non-negative least squares (scipy) does
that: the elastic net of Doudchenko and Imbens (2016), "Balancing, Regression, Difference-in-Differences and
Synthetic Control Methods", NBER working paper 22791, with its penalty on squares alone. Placebo councils are
fitted by the same rule. As other weights may fit as well, `Fit` says what all of them find, and its interval
and rank hold for each of them.

Councils are in rows, the one that changed first, and years in columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from commissioning.practice.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np

HEAVY = 1000.0
"""The weight of the sum of the weights, against values of about one: it is held to one."""
RIDGE = 1e-8
"""The weight of the sum of squares, against the same: it decides between equal fits, and worsens a fit by
less than a thousandth of a standard deviation between councils."""


@dataclass(frozen=True)
class Fit:
    """A synthetic path and those of placebo councils.

    `as_good` is the lowest and the highest change that weights with the same synthetic path before find; None
    where it cannot be worked out.
    """

    weights: np.ndarray
    synthetic: np.ndarray
    change: float
    as_good: tuple[float, float] | None
    placebo_changes: np.ndarray
    placebo_gaps: np.ndarray
    rmse: float
    scale: float
    held_out: float
    placebo_held_out: np.ndarray
    years_before: int

    @property
    def found(self) -> tuple[float, float]:
        """The lowest and the highest change of all weights that fit equally well."""
        return self.as_good or (self.change, self.change)

    @property
    def spread(self) -> tuple[float, float]:
        return _spread(self.placebo_changes)

    @property
    def interval(self) -> tuple[float, float]:
        """All that is found less what placebo councils show. It excludes zero where the whole of what is
        found lies beyond their spread on one side, and only there."""
        (lowest, highest), (low, high) = self.found, self.spread
        return lowest - high, highest - low

    @property
    def held_out_spread(self) -> tuple[float, float]:
        return _spread(self.placebo_held_out)

    def spread_of_year(self, n: int) -> tuple[float | None, float | None]:
        return _spread(self.placebo_gaps[:, n]) if n >= self.years_before else (None, None)

    @property
    def rank(self) -> float:
        """How far out all that is found lies among placebo councils: at the end that is less far out, and one
        where their middle lies within. It is `outside_spread` or less where the interval excludes zero, and
        only there."""
        import numpy as np

        low, high = self.found
        if low <= np.median(self.placebo_changes) <= high:
            return 1.0
        return max(_rank(end, self.placebo_changes) for end in (low, high))

    @property
    def coverage(self) -> float:
        """The share of placebo councils within the spread of the others: fixed by how the ends are taken, and
        so no test of anything."""
        import numpy as np

        inside = 0
        for n, change in enumerate(self.placebo_changes):
            low, high = _spread(np.delete(self.placebo_changes, n))
            inside += low <= change <= high
        return inside / len(self.placebo_changes)

    @property
    def held_out_within(self) -> float:
        """The share of placebo councils whose miss in the last year before, which their weights did not see,
        lies within the spread of the first year after: one year of misses against another."""
        low, high = self.spread_of_year(self.years_before)
        return float(((low <= self.placebo_held_out) & (self.placebo_held_out <= high)).mean())

    @property
    def detectable(self) -> float:
        """The change that would leave the spread with the chance `power`, whichever of the equal weights are
        taken."""
        normal = NormalDist()
        ends = normal.inv_cdf(1 - threshold("outside_spread") / 2) + normal.inv_cdf(threshold("power"))
        apart = max(abs(end - self.change) for end in self.found)
        return float(ends * self.placebo_changes.std(ddof=1) + apart)

    def problems(self, needed: int, rounding: float = 0.0) -> list[str]:
        """Why the fit gives no number. `rounding` is a unit of the last place of the figures."""
        found = []
        worst = threshold("worst_fit")
        if self.rmse > worst * self.scale:
            found.append(
                f"the comparison misses the years before by {self.rmse / self.scale:.2f} standard deviations "
                f"between councils, and {worst} is the most"
            )
        if self.as_good is None:
            found.append("what other weights find that fit as well cannot be worked out")
        if len(self.placebo_changes) < needed:
            found.append(
                f"{len(self.placebo_changes)} placebo councils are fitted well enough, "
                f"and {needed} are needed"
            )
        elif self.spread[1] - self.spread[0] <= rounding:
            found.append(
                "placebo councils leave their comparisons by less than the rounding of the figures, so there "
                "is no noise to hold a change against"
            )
        elif _rank(self.held_out, self.placebo_held_out) <= threshold("held_out_rank"):
            found.append(
                "the council had left its comparison in the last year before the change, more than nearly "
                "all placebo councils"
            )
        return found


def fit(panel: np.ndarray, years_before: int) -> Fit:
    """Fit the first row of `panel` from the others, and each other as if it were the one that changed."""
    import numpy as np

    scale = float(panel[:, :years_before].std(axis=0).mean()) or math.nan
    scaled = (panel - panel[:, :years_before].mean()) / scale
    donors = scaled[1:]
    weights = weights_of(scaled[0], donors, years_before)
    placebos, held = [], []
    most = threshold("worst_fit")
    for n in range(len(donors)):
        others = np.delete(donors, n, axis=0)
        gap = donors[n] - weights_of(donors[n], others, years_before) @ others
        # One that is fitted worse than any council may be says nothing about how a well fitted one strays.
        if _rmse(gap[:years_before]) <= most:
            placebos.append(gap)
            held.append(_held_out(donors[n], others, years_before))
    gaps = np.array(placebos).reshape(-1, panel.shape[1]) * scale
    synthetic = weights @ panel[1:]
    own = panel[0] - synthetic
    return Fit(
        weights=weights,
        synthetic=synthetic,
        change=float(own[years_before:].mean()),
        as_good=_changes_as_good(synthetic, panel, years_before),
        placebo_changes=gaps[:, years_before:].mean(axis=1),
        placebo_gaps=gaps,
        rmse=_rmse(own[:years_before]),
        scale=scale,
        held_out=_held_out(scaled[0], donors, years_before) * scale,
        placebo_held_out=np.array(held) * scale,
        years_before=years_before,
    )


def weights_of(target: np.ndarray, donors: np.ndarray, years: int) -> np.ndarray:
    """Weights of `donors`, none below zero and one in sum, that come nearest to `target` before; of several
    that come equally near, those with the smallest sum of squares."""
    import numpy as np
    from scipy.optimize import nnls

    count = len(donors)
    left = np.vstack([donors[:, :years].T, np.full((1, count), HEAVY), RIDGE**0.5 * np.eye(count)])
    right = np.concatenate([target[:years], [HEAVY], np.zeros(count)])
    found, _ = nnls(left, right, maxiter=100 * count)
    return found / found.sum()


def _changes_as_good(
    synthetic: np.ndarray, panel: np.ndarray, years_before: int
) -> tuple[float, float] | None:
    """The lowest and highest mean gap after that weights with the same synthetic path before give."""
    ends = as_good(panel[1:], synthetic[:years_before], years_before)
    if ends is None:
        return None
    actual, own = (float(path[years_before:].mean()) for path in (panel[0], synthetic))
    # Worked out to some digits only, the ends could leave out the weights that were taken.
    return actual - max(*ends, own), actual - min(*ends, own)


def as_good(donors: np.ndarray, path: np.ndarray, years: int) -> tuple[float, float] | None:
    """The lowest and highest mean after that weights of `donors` give whose path before is `path`. With few
    years and many councils more than one set of weights makes the same path. None where none is found."""
    import numpy as np
    from scipy.optimize import linprog

    scale = donors[:, :years].std() or 1.0
    middle = donors[:, :years].mean()
    left = np.vstack([(donors[:, :years].T - middle) / scale, np.ones((1, len(donors)))])
    right = np.append((path - middle) / scale, 1.0)
    after = donors[:, years:].mean(axis=1)
    lowest, highest = (linprog(sign * after, A_eq=left, b_eq=right) for sign in (1, -1))
    if not (lowest.success and highest.success):
        return None
    return float(lowest.fun), float(-highest.fun)


def _held_out(target: np.ndarray, donors: np.ndarray, years_before: int) -> float:
    """By how much a comparison fitted without the last year before the change misses that year."""
    last = years_before - 1
    return float(target[last] - weights_of(target, donors, last) @ donors[:, last])


def _rmse(gap: np.ndarray) -> float:
    return float((gap**2).mean() ** 0.5)


def _spread(values: np.ndarray) -> tuple[float, float]:
    """The ends of what placebo councils show. Taken outwards to a council's own figure, never between two."""
    import numpy as np

    tail = threshold("outside_spread") / 2
    ordered = np.sort(values)
    place = max(int((len(ordered) + 1) * tail + 1e-9), 1) - 1
    return float(ordered[place]), float(ordered[-1 - place])


def _rank(value: float, placebos: np.ndarray) -> float:
    """Twice the share of placebo councils, the council itself among them, that lie as far out on its side."""
    side = min(int((placebos >= value).sum()), int((placebos <= value).sum()))
    return min(2 * (1 + side) / (1 + len(placebos)), 1.0)
