"""A council's path beside a synthetic comparison: councils that did not change, weighted to be like it.

Weights are found on the years before, none below zero and one in sum; `fitting` says by which rule. Every
other council is then treated as if it had changed: the spread of what is found for them, where nothing is
known to have happened, is the noise that the council's own difference has to exceed, whichever of the weights
that fit equally well are taken. Where fit or data are too poor, `compare_path` raises `ComparisonRefused` and
gives no number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from commissioning.base.errors import ComparisonRefused, PracticeError
from commissioning.practice import series
from commissioning.practice.fitting import Fit, fit
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

    `change` is the mean gap after, and `as_good` the lowest and highest change of all weights that fit
    equally well. `interval` is `as_good` less what placebo councils show. `rank` is twice the share of them,
    the council itself among them, that lie as far out as the end of `as_good` that is less far out.
    `detectable` is the smallest change that would probably show with all these weights.

    `coverage`, the share of placebo councils within the spread of the others, is so by construction and tests
    nothing. `held_out_within` can fail: the share of placebo councils whose miss in the last year before,
    which their weights did not see, lies within the spread of the first year after.
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
    held_out_within: float
    detectable: float
    fit_before: float
    between_councils: float
    held_out_gap: float
    held_out_spread: tuple[float, float]
    weights: tuple[tuple[str, float], ...]
    as_good: tuple[float, float]
    left_out: tuple[tuple[str, str], ...]
    steady: str | None
    missing: tuple[tuple[str, str], ...]
    """Years that others have and the comparison does not, and why."""

    @property
    def outcome(self) -> str:
        """`left` where all of what equally good weights find lies beyond the placebo spread on one side,
        `noise` where none does, and `weights disagree` in between."""
        (lowest, highest), (low, high) = self.as_good, self.placebo_spread
        if lowest > high or highest < low:
            return "left"
        return "noise" if low <= lowest and highest <= high else "weights disagree"

    @property
    def exceeds_noise(self) -> bool:
        return self.outcome == "left"

    @property
    def verdict(self) -> str:
        return VERDICTS[self.outcome]


VERDICTS = {
    "left": (
        "The council left its comparison by more than councils where nothing is known to have "
        "happened. That is not yet what the change did: other things may have happened there "
        "in the same years."
    ),
    "noise": (
        "It cannot be told from noise. Councils where nothing is known to have happened leave their own "
        "comparisons by as much. A change smaller than the detectable one may have happened."
    ),
    "weights disagree": (
        "It cannot be told, because weights that fit the years before equally well disagree. With some of "
        "them the change is larger than what placebo councils show, with others it is not."
    ),
}


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
    rounding = 10.0**-held.decimals
    if still := _nothing_moves(panel[:, : len(before)], rounding):
        _refuse(council, measure, still)
    found = fit(panel, len(before))
    if problems := found.problems(needed, rounding):
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


def _nothing_moves(before: np.ndarray, rounding: float) -> str:
    """What is wrong with figures of the years before in which nothing can be seen; empty where nothing is."""
    import numpy as np

    if not np.ptp(before, axis=0).any():
        return "all councils have the same figures in the years before"
    # A step of one unit may be rounding alone.
    if np.ptp(before[1:], axis=1).max() <= rounding * (1 + 1e-9):
        return "no council that it can be compared with moves in the years before"
    return ""


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
    return {
        "change": found.change,
        "as_good": found.found,
        "placebo_spread": found.spread,
        "interval": found.interval,
        "rank": found.rank,
        "placebos": len(found.placebo_changes),
        "coverage": found.coverage,
        "held_out_within": found.held_out_within,
        "detectable": found.detectable,
        "fit_before": found.rmse,
        "between_councils": found.scale,
        "held_out_gap": found.held_out,
        "held_out_spread": found.held_out_spread,
        "weights": tuple(
            sorted(
                ((name, float(w)) for name, w in zip(donors, found.weights, strict=True) if w >= 0.0005),
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
