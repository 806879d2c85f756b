"""A council's path beside a synthetic comparison: councils that did not change, weighted to be like it.

Weights are found by non-negative least squares (scipy) on the years before, and add up to one. Every other
council is then treated as if it had changed: the spread of what is found for them, where nothing is known to
have happened, is the noise that the council's own difference has to exceed. Where fit or data are too poor,
`compare_path` raises `ComparisonRefused` and gives no number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import TYPE_CHECKING

from commissioning.base.errors import ComparisonRefused, PracticeError
from commissioning.practice import series
from commissioning.practice.thresholds import threshold

if TYPE_CHECKING:
    import duckdb
    import numpy as np


@dataclass(frozen=True)
class Year:
    """A year of the comparison. `low` and `high` bound what placebo councils show; None before the change."""

    financial_year: str
    actual: float
    synthetic: float
    peer_median: float | None
    peers: int
    low: float | None = None
    high: float | None = None

    @property
    def gap(self) -> float:
        return self.actual - self.synthetic


@dataclass(frozen=True)
class Comparison:
    """What was found for a council, never without the spread of its placebo councils.

    `change` is the mean gap after; `interval` the change less what placebo councils show; `rank` the share of
    them, the council itself among them, with a gap as large; `detectable` the smallest change that would
    probably show. `coverage` is the share of placebo councils whose own interval, from the others, includes
    zero, as it should for nearly all.
    """

    council: str
    council_name: str
    measure: str
    name: str
    unit: str
    group: str
    years: tuple[Year, ...]
    from_year: str
    change: float
    placebo_spread: tuple[float, float]
    interval: tuple[float, float]
    rank: float
    placebos: int
    coverage: float
    detectable: float
    fit_before: float
    between_councils: float
    held_out_gap: float
    held_out_spread: tuple[float, float]
    weights: tuple[tuple[str, float], ...]
    as_good: tuple[float, float] | None
    """The lowest and highest change that weights with the same fit give; None where none can be found."""
    left_out: tuple[tuple[str, str], ...]
    steady: str | None
    missing: tuple[tuple[str, str], ...]
    """Years that others have and the comparison does not, and why."""

    @property
    def exceeds_noise(self) -> bool:
        return not self.placebo_spread[0] <= self.change <= self.placebo_spread[1]

    @property
    def verdict(self) -> str:
        if self.exceeds_noise:
            return (
                "The council left its comparison by more than councils where nothing is known to have "
                "happened. That is not yet what the change did: other things may have happened there "
                "in the same years."
            )
        return (
            "It cannot be told from noise. Councils where nothing is known to have happened leave their own "
            "comparisons by as much. A change smaller than the detectable one may have happened."
        )


def compare_path(
    db: duckdb.DuckDBPyConnection,
    council: str,
    measure: str,
    from_year: str,
    *,
    leave_out: Iterable[str] = (),
    steady: str | None = None,
) -> Comparison:
    """Compare a council's path from `from_year` with a synthetic one.

    `leave_out` names councils that changed, too. With `steady`, a measure, councils that moved in it are left
    out as well. Raises `ComparisonRefused` where fit or data are too poor.
    """
    import numpy as np

    council, from_year = series.council_id(db, council), series.financial_year(from_year)
    named = _named(db, council, leave_out)
    held = series.load(db, measure)
    group, before, after, missing = _stretch(held, council, from_year)
    values, years = held.of_group(group), [*before, *after]
    moved = series.moved_boundaries(db, years)
    if council in moved:
        _refuse(council, measure, f"the council's area changed on {moved[council]}")
    left_out = _left_out(values, years, moved, named)
    if steady:
        rest = [name for name in values if name not in left_out and name != council]
        held_steady = series.load(db, steady)
        _check_another(held, held_steady, council)
        left_out |= _not_steady(held_steady, rest, before, after)
    donors = sorted(name for name in values if name not in left_out and name != council)
    needed = int(threshold("placebo_councils"))
    if len(donors) < needed:
        _refuse(council, measure, f"{len(donors)} councils can be compared with, and {needed} are needed")
    panel = np.array([[values[name][year] for year in years] for name in [council, *donors]])
    if not np.ptp(panel[:, : len(before)], axis=0).any():
        _refuse(council, measure, "all councils have the same figures in the years before")
    found = fit(panel, len(before))
    if problems := found.problems(needed):
        _refuse(council, measure, *problems)
    peers = _peer_medians(db, council, values, years)
    return Comparison(
        council=council,
        council_name=series.council_name(db, council),
        measure=measure,
        name=held.name,
        unit=held.unit,
        group=group,
        years=tuple(
            Year(year, float(panel[0, n]), float(found.synthetic[n]), *peers[year], *found.spread_of_year(n))
            for n, year in enumerate(years)
        ),
        from_year=from_year,
        left_out=tuple(sorted(left_out.items())),
        steady=steady,
        missing=missing,
        as_good=_changes_as_good(found, panel, len(before)),
        **_of_fit(found, donors),
    )


def _named(db: duckdb.DuckDBPyConnection, council: str, leave_out: Iterable[str]) -> dict[str, str]:
    """Councils that a user named as changed, which are others than the one that is compared."""
    named = {series.council_id(db, name): "named as changed" for name in leave_out}
    if council in named:
        raise PracticeError(
            "The council itself is named as one to leave out.",
            where="--leave-out",
            expected="other councils that changed",
            found=council,
            todo="take it out: a council is never compared with itself",
        )
    return named


def _stretch(
    held: series.Series, council: str, from_year: str
) -> tuple[str, list[str], list[str], tuple[tuple[str, str], ...]]:
    """The comparable stretch that a change lies in, its years before and after, and those that are missing.
    Raises `ComparisonRefused` where there are too few."""
    own = held.figures.get(council, {})
    if from_year not in own:
        _refuse(
            council,
            held.measure,
            f"no figure of {from_year} is published for the council",
            expected=_usable(held, council),
        )
    group = own[from_year].group
    values = held.of_group(group)
    before, after = _both_sides(values, council, from_year)
    if faults := _poor_data(values[council], before, after, group):
        _refuse(council, held.measure, *faults, expected=_usable(held, council))
    years = sorted({year for rows in values.values() for year in rows})
    return group, before, after, _missing(held, council, group, years)


def _both_sides(
    values: dict[str, dict[str, float]], council: str, from_year: str
) -> tuple[list[str], list[str]]:
    """Years of a stretch before and after a change. Those after it are the council's own."""
    years = sorted({year for rows in values.values() for year in rows})
    after = [year for year in years if year >= from_year and year in values[council]]
    return [year for year in years if year < from_year], after


def _left_out(
    values: dict[str, dict[str, float]], years: Sequence[str], moved: dict[str, str], named: dict[str, str]
) -> dict[str, str]:
    """Councils that are not compared with, and why."""
    found = {name: f"area changed on {day}" for name, day in moved.items() if name in values}
    found |= {
        name: "a year is missing"
        for name, rows in values.items()
        if name not in found and any(year not in rows for year in years)
    }
    return found | named


def _of_fit(found: Fit, donors: Sequence[str]) -> dict:
    """What the fit says, by the names that `Comparison` gives it."""
    change, (low, high) = found.change, found.spread
    return {
        "change": change,
        "placebo_spread": (low, high),
        "interval": (change - high, change - low),
        "rank": found.rank,
        "placebos": len(found.placebo_changes),
        "coverage": found.coverage,
        "detectable": found.detectable,
        "fit_before": found.rmse,
        "between_councils": found.scale,
        "held_out_gap": found.held_out,
        "held_out_spread": found.held_out_spread,
        "weights": tuple(
            sorted(
                ((name, float(w)) for name, w in zip(donors, found.weights, strict=True) if w >= 0.005),
                key=lambda pair: (-pair[1], pair[0]),
            )
        ),
    }


def _missing(
    held: series.Series, council: str, group: str, years: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Years without a figure of the council in this stretch, though it or others have one, and why."""
    own = held.figures[council]
    found = []
    for year in sorted({year for rows in held.figures.values() for year in rows}):
        if not years[0] <= year <= years[-1]:
            continue
        if year not in own or own[year].value is None:
            found.append((year, "no figure is published for the council"))
        elif own[year].group != group:
            found.append((year, f"it is not comparable with the others ({own[year].group})"))
    return tuple(found)


def _usable(held: series.Series, council: str) -> str:
    """From which years a change of the council can be looked at, as far as the years alone decide."""
    least, usable = int(threshold("years_before")), []
    for group, years in held.stretches(council).items():
        values = held.of_group(group)
        usable += [
            year
            for year in years
            if not _poor_data(values[council], *_both_sides(values, council, year), group)
        ]
    return (
        f"--from {' or '.join(usable)}"
        if usable
        else f"a measure with {least} comparable years before, none of them missing: see `{series.LISTED}`"
    )


def _refuse(council: str, measure: str, *reasons: str, expected: str | None = None) -> None:
    raise ComparisonRefused(
        "No comparison is made: fit or data are too poor.",
        where=f"{council}, {measure}",
        expected=expected,
        found="; ".join(reasons),
        todo="take another year or measure, or leave the question open; "
        "commissioning/practice/thresholds.yml says why each mark is where it is",
    )


def _poor_data(own: dict[str, float], before: list[str], after: list[str], group: str) -> list[str]:
    faults = []
    if len(before) < (least := int(threshold("years_before"))):
        faults.append(
            f"{len(before)} comparable years are published before the change ({group}), "
            f"and {least} are needed"
        )
    if missing := [year for year in before if year not in own]:
        faults.append(f"the council has no figure of {', '.join(missing)}")
    if len(after) < threshold("years_after"):
        faults.append("no figure is published after the change")
    return faults


def _check_another(outcome: series.Series, steady: series.Series, council: str) -> None:
    """Refuse a measure of the change that is the outcome, or moves with it. Councils whose outcome moved by
    chance would be left out, and what is left would look steadier than it is."""
    most, alike = threshold("steady_alike"), outcome.moves_with(steady, council)
    if steady.measure == outcome.measure:
        found = "the outcome measure itself"
    elif alike is not None and abs(alike) >= most:
        found = f"a measure that moves with the outcome from year to year (correlation {alike:.2f})"
    else:
        return
    raise ComparisonRefused(
        "Steady councils cannot be told by the outcome: the noise would be left out with those that moved.",
        where=f"--steady {steady.measure}",
        expected=f"a measure of the change, whose moves have a correlation below {most} with those of "
        f"{outcome.measure}",
        found=found,
        todo="name a measure of what was changed, such as direct_payment_share, or the councils that changed "
        "with --leave-out",
    )


def _not_steady(held: series.Series, names: list[str], before: list[str], after: list[str]) -> dict[str, str]:
    """Which of `names` moved in a measure over the change, or cannot be said not to have."""
    import numpy as np

    first, last, usable = _over(held, names, before[-1], after[0], after[-1])
    if not usable:
        raise ComparisonRefused(
            "Nobody can say which councils were steady.",
            where=f"--steady {held.measure}",
            expected=f"comparable years up to {before[-1]} and from {after[0]} to {after[-1]}",
            found=held.in_words(),
            todo=f"name another measure with --steady (`{series.LISTED}` lists their years), or the councils "
            "that changed with --leave-out",
        )
    mark = threshold("steady_within") * float(np.std([pair[0] for pair in usable.values()]))
    span = f"from {first} to {last}"
    out = {name: f"{held.measure} is not known {span}" for name in names if name not in usable}
    return out | {
        name: f"{held.measure} moved {span}" for name, pair in usable.items() if abs(pair[1] - pair[0]) > mark
    }


def _over(
    held: series.Series, names: list[str], before: str, after: str, end: str
) -> tuple[str, str, dict[str, tuple[float, float]]]:
    """The years nearest to both sides of the change that can be compared, and the values of each
    council in them."""
    years = sorted({year for name in names for year in held.figures.get(name, {})})
    firsts = [year for year in reversed(years) if year <= before]
    lasts = [year for year in reversed(years) if after <= year <= end]
    for first, last in ((first, last) for first in firsts for last in lasts):
        usable = {}
        for name in names:
            rows = held.figures.get(name, {})
            if first in rows and last in rows and rows[first].group == rows[last].group:
                pair = (rows[first].value, rows[last].value)
                if None not in pair:
                    usable[name] = pair
        if usable:
            return first, last, usable
    return before, end, {}


def _peer_medians(
    db: duckdb.DuckDBPyConnection, council: str, values: dict[str, dict[str, float]], years: Sequence[str]
) -> dict[str, tuple[float | None, int]]:
    peers = [
        row[0]
        for row in db.execute(
            "select distinct peer_id from mart_council_peers where council_id = ? and peer_rank <= ?",
            [council, threshold("peers")],
        ).fetchall()
    ]
    found = {}
    for year in years:
        there = [values[peer][year] for peer in peers if year in values.get(peer, {})]
        enough = len(there) >= threshold("peers_for_a_median")
        found[year] = (median(there) if enough else None, len(there))
    return found


# Fitting: councils in rows (the one that changed first), years in columns


@dataclass(frozen=True)
class Fit:
    """A synthetic path and those of placebo councils."""

    weights: np.ndarray
    synthetic: np.ndarray
    change: float
    placebo_changes: np.ndarray
    placebo_gaps: np.ndarray
    rmse: float
    scale: float
    held_out: float
    placebo_held_out: np.ndarray
    years_before: int

    @property
    def spread(self) -> tuple[float, float]:
        return _spread(self.placebo_changes)

    @property
    def held_out_spread(self) -> tuple[float, float]:
        return _spread(self.placebo_held_out)

    def spread_of_year(self, n: int) -> tuple[float | None, float | None]:
        return _spread(self.placebo_gaps[:, n]) if n >= self.years_before else (None, None)

    @property
    def rank(self) -> float:
        return _rank(self.change, self.placebo_changes)

    @property
    def coverage(self) -> float:
        import numpy as np

        inside = 0
        for n, change in enumerate(self.placebo_changes):
            low, high = _spread(np.delete(self.placebo_changes, n))
            inside += low <= change <= high
        return inside / len(self.placebo_changes)

    @property
    def detectable(self) -> float:
        """The change that would leave the spread with the chance `power`."""
        normal = NormalDist()
        ends = normal.inv_cdf(1 - threshold("outside_spread") / 2) + normal.inv_cdf(threshold("power"))
        return float(ends * self.placebo_changes.std(ddof=1))

    def problems(self, needed: int) -> list[str]:
        """Why the fit gives no number."""
        found = []
        worst = threshold("worst_fit")
        if self.rmse > worst * self.scale:
            found.append(
                f"the comparison misses the years before by {self.rmse / self.scale:.2f} standard deviations "
                f"between councils, and {worst} is the most"
            )
        if len(self.placebo_changes) < needed:
            found.append(
                f"{len(self.placebo_changes)} placebo councils are fitted well enough, "
                f"and {needed} are needed"
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
    weights = _weights(scaled[0], donors, years_before)
    placebos, held = [], []
    most = threshold("worst_fit")
    for n in range(len(donors)):
        others = np.delete(donors, n, axis=0)
        gap = donors[n] - _weights(donors[n], others, years_before) @ others
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
        placebo_changes=gaps[:, years_before:].mean(axis=1),
        placebo_gaps=gaps,
        rmse=_rmse(own[:years_before]),
        scale=scale,
        held_out=_held_out(scaled[0], donors, years_before) * scale,
        placebo_held_out=np.array(held) * scale,
        years_before=years_before,
    )


def _weights(target: np.ndarray, donors: np.ndarray, years: int) -> np.ndarray:
    """Weights of `donors`, none below zero and one in sum, that come nearest to `target` before."""
    import numpy as np
    from scipy.optimize import nnls

    heavy = 1000.0  # against values of about one: the sum of the weights is held to one
    left = np.vstack([donors[:, :years].T, np.full((1, len(donors)), heavy)])
    found, _ = nnls(left, np.append(target[:years], heavy), maxiter=100 * len(donors))
    return found / found.sum()


def _changes_as_good(found: Fit, panel: np.ndarray, years_before: int) -> tuple[float, float] | None:
    """The lowest and highest mean gap after that weights with the same synthetic path before give."""
    ends = as_good(panel[1:], found.synthetic[:years_before], years_before)
    actual = float(panel[0, years_before:].mean())
    return (actual - max(ends), actual - min(ends)) if ends else None


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
    return float(target[last] - _weights(target, donors, last) @ donors[:, last])


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
    return (1 + int((abs(placebos) >= abs(value)).sum())) / (1 + len(placebos))
