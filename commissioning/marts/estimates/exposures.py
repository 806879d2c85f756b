"""Error in the measure of choice: what two measures of one thing say of it, and estimates that allow for
it.

The share of spending and the share of people paid directly measure the same choice, each with errors of
its own. What they have in common moves both; the rest is error, or a real difference between money and
people. With error that goes with nothing else, a slope on one measure is too small by its *reliability*:
the part of the measure's variation, after what a design takes out, that is choice (Fuller 1987).

- The product of the two reliabilities is the squared correlation of the measures. So each is at least the
  squared correlation (`floor`), and both are the correlation if they are equal (`even`).
- One measure as an instrument for the other gives a slope without that loss (Durbin 1954). Its interval
  turns the test round (Anderson and Rubin 1949; Fieller 1954), so that it holds however weak the
  instrument is; where it is weak, no verdict is given.
- A slope on one measure lies between itself and itself over the floor: `bounds` gives the interval over
  all of it.

Both measures are held in the same year only for 2021-22; a change is from 2017-18 (spending) or 2018-19
(people).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from commissioning.marts.estimates.fit import ALPHA, POWER, NotIdentified, Partialled
from commissioning.marts.estimates.grid import Scale, transform
from commissioning.marts.estimates.panel import Pair, Panel
from commissioning.marts.estimates.precision import significant
from commissioning.marts.estimates.samples import Sample, compare

CHANGES = {"spend_c": (2017, 2021), "users_salt": (2018, 2021)}
"""The exposures that have another measure beside them, and the change over which they are compared."""

WEAK = 10.0
"""An instrument whose first stage has a smaller F is weak (Staiger and Stock 1997)."""


def other(exposure: str) -> str:
    return next(name for name in CHANGES if name != exposure)


@dataclass(frozen=True)
class Line:
    """`y` on `x` by way of the instrument `z`: slope, interval and the strength of the first stage.

    The interval's ends are infinite where the data cannot bound it.
    """

    slope: float
    standard_error: float
    low: float
    high: float
    first_stage_f: float
    effective_clusters: float
    n: int

    @property
    def minimum_detectable(self) -> float:
        freedom = max(self.effective_clusters - 1, 1)
        return self.standard_error * float(stdtrit(freedom, 1 - ALPHA / 2) + stdtrit(freedom, POWER))


def instrumented(data, x: np.ndarray) -> Line:
    """The slope on `x`; `data.x` is the instrument. With the exposure as its own instrument it is least
    squares.

    Errors are the cluster jackknife's, of both reduced forms together.
    """
    parts = Partialled(data)
    columns = parts.out_of(np.column_stack([data.y, x]))
    forms = parts.x @ columns / parts.sxx
    residual = columns - parts.x[:, None] * forms
    scores = np.add.reduceat(parts.influence[:, None] * residual, parts.starts, axis=0) / parts.sxx
    (yy, yx), (_, xx) = (parts.clusters - 1) / parts.clusters * scores.T @ scores
    y, first = forms
    slope = y / first
    error = np.sqrt(max(yy - 2 * slope * yx + slope**2 * xx, 0)) / abs(first)
    critical = float(stdtrit(max(parts.effective_clusters - 1, 1), 1 - ALPHA / 2)) ** 2
    # (y - b first)^2 <= critical (yy - 2 b yx + b^2 xx) is a quadratic in b.
    a, b, c = first**2 - critical * xx, y * first - critical * yx, y**2 - critical * yy
    root = b**2 - a * c
    low, high = -np.inf, np.inf
    if a > 0:
        low, high = (b - np.sqrt(max(root, 0))) / a, (b + np.sqrt(max(root, 0))) / a
    strength = first**2 / xx if xx > 0 else np.inf
    return Line(
        float(slope),
        float(error),
        float(low),
        float(high),
        float(strength),
        parts.effective_clusters,
        parts.n,
    )


@dataclass(frozen=True)
class Reliability:
    """How far two measures agree, once a design has taken out what it does."""

    correlation: float
    correlation_low: float
    """Lower end of its 95% interval, by the jackknife on Fisher's scale."""
    councils: int

    @property
    def even(self) -> float:
        """Of each measure, if both are as good."""
        return max(self.correlation, 0.0)

    @property
    def floor(self) -> float:
        """Of either measure, even if the other had no error; at the lower end of the correlation."""
        return max(self.correlation_low, 0.0) ** 2


def reliability(x: np.ndarray, z: np.ndarray) -> Reliability:
    """From two measures of one row a council, each with its mean taken out already."""
    n = len(x)
    xx, zz, xz = x @ x - x**2, z @ z - z**2, x @ z - x * z
    without = np.arctanh(xz / np.sqrt(xx * zz))
    whole = float(np.arctanh(x @ z / np.sqrt((x @ x) * (z @ z))))
    error = np.sqrt((n - 1) / n * ((without - whole) ** 2).sum())
    low = whole - float(stdtrit(n - 1, 1 - ALPHA / 2)) * error
    return Reliability(float(np.tanh(whole)), float(np.tanh(low)), n)


def bounds(line: Line, floor: float) -> tuple[float, float]:
    """The interval over every reliability from `floor` to one."""
    if floor <= 0:
        return -np.inf, np.inf
    return min(line.low, line.low / floor), max(line.high, line.high / floor)


def measured(panel: pd.DataFrame, councils: list[str]) -> dict[tuple[str, int], np.ndarray]:
    """Shares by exposure and year, one place a council, nan where there is none."""
    found = {}
    rows = panel.drop_duplicates(["exposure", "council_id", "exposure_year"])
    for (exposure, year), one in rows.groupby(["exposure", "exposure_year"]):
        values = one.set_index("council_id").share.reindex(councils)
        found[str(exposure), int(year)] = values.to_numpy(float)
    return found


def changes(
    sample: Sample, exposure: str, shares: dict[tuple[str, int], np.ndarray]
) -> tuple[Sample, np.ndarray] | None:
    """The council-years of the exposure's two years where both measures are held in both, and the other
    measure beside each.
    """
    own, second = CHANGES[exposure], CHANGES[other(exposure)]
    beside = np.full(len(sample), np.nan)
    for year, its in zip(own, second, strict=True):
        here = sample.year == year
        beside[here] = shares[other(exposure), its][sample.council[here]]
    keep = np.isfinite(beside)
    part, beside = sample.rows(keep), beside[keep]
    twice = np.bincount(part.entity)[part.entity] == 2 if len(part) else np.zeros(0, bool)
    return (part.rows(twice), beside[twice]) if twice.any() else None


@dataclass(frozen=True)
class Error:
    """Standard deviations of the error of one year's share: about a council's own level, and in all.

    `even` supposes both measures equally good, `most` that the other has none.
    """

    within_even: float
    within_most: float
    between_even: float
    between_most: float

    def of(self, grade: str) -> tuple[float, float]:
        return (
            (self.within_even, self.within_most)
            if grade == "within"
            else (self.between_even, self.between_most)
        )


def agreement(shares: dict[tuple[str, int], np.ndarray], grade: str) -> tuple[Reliability, dict[str, float]]:
    """How far the measures agree (changes within councils, levels of 2021-22 between), and each one's
    variance.
    """
    (spend, users), held = CHANGES, {}
    for name, (first, last) in CHANGES.items():
        held[name] = shares[name, last] - (shares[name, first] if grade == "within" else 0)
    keep = np.isfinite(held[spend]) & np.isfinite(held[users])
    centred = {name: values[keep] - values[keep].mean() for name, values in held.items()}
    found = reliability(centred[spend], centred[users])
    return found, {name: float(values @ values / (len(values) - 1)) for name, values in centred.items()}


def errors(shares: dict[tuple[str, int], np.ndarray]) -> dict[str, Error]:
    """The error of each exposure that has a second measure."""
    if any((name, year) not in shares for name, years in CHANGES.items() for year in years):
        return {}
    (within, changed), (between, level) = (agreement(shares, grade) for grade in ("within", "between"))
    return {
        name: Error(
            # A change holds the errors of two years.
            np.sqrt((1 - within.even) * changed[name] / 2),
            np.sqrt((1 - within.floor) * changed[name] / 2),
            np.sqrt((1 - between.even) * level[name]),
            np.sqrt((1 - between.floor) * level[name]),
        )
        for name in CHANGES
    }


def of_design(parts: Partialled, design: str, error: float) -> float:
    """Reliability of the exposure after a design, from the standard deviation of one year's error; floored at
    nought.

    Errors of two years add up in a change; a peer's mean has a fifteenth of an error.
    """
    data = parts.data
    times = {"first_differences": 2.0, "peers": 1 + 1 / 15}.get(design, 1.0)
    left = 1 - parts.leverage() + parts.x**2 / parts.sxx
    noise = error**2 * times * float((data.weight * left).sum())
    return max(0.0, 1 - noise / parts.sxx)


FORMS = ("plain", "bounds", "instrumented")


def compute(
    rows: pd.DataFrame, panel: Panel, scales: dict[tuple[str, str], Scale], forms: dict[str, str]
) -> pd.DataFrame:
    """Outcomes over the change for which two measures are held, one row an outcome, measure and form.

    `forms` gives each outcome's form.
    """
    shares = measured(rows, panel.councils)
    found = []
    for pair, sample in panel.samples.items():
        asked = pair.exposure in CHANGES and pair.outcome in forms and pair.is_first
        if asked and (pair.role, pair.lag) == ("estimate", 0):
            found += _forms(pair, sample, shares, scales[pair.outcome, pair.exposure], forms[pair.outcome])
    return pd.DataFrame(found).sort_values(["outcome", "exposure", "form"], ignore_index=True)


def _forms(pair: Pair, sample: Sample, shares: dict, scale: Scale, form: str) -> list[dict]:
    made = changes(sample, pair.exposure, shares)
    if made is None:
        return []
    part, beside = made
    weights = "precision" if np.isfinite(part.margin).all() else "none"
    own = compare(transform(part, form), "first_differences", weights=weights)
    if own is None:
        return []
    second = compare(replace(part, share=beside), "first_differences").x
    factor = scale.factor(form, float(part.outcome.mean()), float(part.share.mean()))
    try:
        plain = instrumented(own, own.x)
        by_other = instrumented(replace(own, x=second), own.x)
    except NotIdentified:
        return []
    parts = Partialled(own)
    agreed = reliability(parts.x, parts.out_of(second[:, None])[:, 0])
    rows = []
    for name in FORMS:
        line = by_other if name == "instrumented" else plain
        low, high = bounds(plain, agreed.floor) if name == "bounds" else (line.low, line.high)
        detectable = line.minimum_detectable / (agreed.even if name == "bounds" else 1)
        error = float(significant(line.standard_error * factor))
        rows.append(
            {
                "outcome": pair.outcome,
                "denominator": pair.denominator,
                "exposure": pair.exposure,
                "instrument": other(pair.exposure) if name == "instrumented" else None,
                "form": name,
                "first_year": CHANGES[pair.exposure][0],
                "last_year": CHANGES[pair.exposure][1],
                "estimate": float(significant(line.slope * factor, size=error)),
                "standard_error": error,
                "interval_low": _finite(low * factor, error),
                "interval_high": _finite(high * factor, error),
                "minimum_detectable": float(significant(detectable * factor)),
                "first_stage_f": float(significant(line.first_stage_f)) if name == "instrumented" else np.nan,
                "is_weak": name == "instrumented" and line.first_stage_f < WEAK,
                "correlation": float(significant(agreed.correlation)),
                "reliability_even": float(significant(agreed.even)),
                "reliability_floor": float(significant(agreed.floor)),
                "councils": line.n,
                "effective_clusters": float(significant(line.effective_clusters)),
            }
        )
    return rows


def _finite(value: float, error: float) -> float:
    return float(significant(value, size=error)) if np.isfinite(value) else np.nan
