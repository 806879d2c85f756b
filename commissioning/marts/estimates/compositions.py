"""Estimates whose outcome and exposure share parts, held against the slope that the sharing makes by
itself.

Two ratios with a part in common go together though no two parts do (Pearson 1897): noise in commissioned
community care moves the direct payment share and care homes' share of what is commissioned the same way.
Giving councils each other's *shares* cannot show it, since the shuffled share has lost its denominator.
So here they are given each other's *pounds*: the history of one council's direct payments goes to
another, scaled to its size, both ratios are worked out again, and what the slope then is, is arithmetic.
Size is the mean of a council's other support over the years: it does not move, so it makes no tie of its
own, and it is held where population is not.

A second null keeps every council's own level of direct payments and hands on the movement around it alone
(the *path*), which is all that a design within councils looks at. It guards against levels that carry the
tie. Nothing here tells which null is the better one, so an association must be clear of both.

Ratios of parts (Aitchison 1986) are the third way: what goes with direct payments is the ratio of care
homes to community care, in logarithms. `balance` takes the isometric coordinate of direct payments
against the other two; it still moves with the noise of either. `pounds` takes direct payments themselves,
which share no part with the ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from commissioning.marts.estimates.fit import ALPHA
from commissioning.marts.estimates.multiverse import SEED
from commissioning.marts.estimates.precision import significant

PERMUTATIONS = 999
NULLS = ("pounds", "paths")
PAID, HOMES, COMMUNITY = "direct_payments", "residential", "community"
Amounts = dict[str, np.ndarray]
"""Parts by name; arrays of councils by years, or of permutations by councils by years."""


@dataclass(frozen=True)
class Ratio:
    """A figure as parts over parts, from the seed `effect_parts`."""

    over: tuple[str, ...]
    under: tuple[str, ...]

    def of(self, amounts: Amounts) -> np.ndarray:
        return sum(amounts[p] for p in self.over) / sum(amounts[p] for p in self.under)

    def shares_with(self, other: Ratio) -> set[str]:
        return {*self.over, *self.under} & {*other.over, *other.under}


@dataclass(frozen=True)
class Form:
    """What is held against what: functions of the parts, and the step that an estimate is for."""

    name: str
    outcome: object
    exposure: object
    step: float


def log_forms() -> list[Form]:
    """The ratio of care homes to community care, for a tenth more direct payments."""

    def mix(a: Amounts) -> np.ndarray:
        return 100 * np.log(a[HOMES] / a[COMMUNITY])

    def balance(a: Amounts) -> np.ndarray:
        return np.log(a[PAID]) - (np.log(a[HOMES]) + np.log(a[COMMUNITY])) / 2

    return [
        Form("balance", mix, balance, float(np.log(1.1))),
        Form("pounds", mix, lambda a: np.log(a[PAID]), float(np.log(1.1))),
    ]


def histories(rows: pd.DataFrame, names: list[str]) -> Amounts:
    """Parts of the councils seen in every year, councils by years, in a fixed order."""
    rows = rows.dropna(subset=names)
    years = rows.financial_year.nunique()
    whole = rows[rows.groupby("council_id").financial_year.transform("size") == years]
    table = whole.sort_values(["council_id", "financial_year"])
    return {name: table[name].to_numpy(float).reshape(-1, max(years, 1)) for name in names}


def handed_on(amounts: Amounts, orders: np.ndarray, null: str) -> Amounts:
    """The parts with other councils' direct payments: row `i` of an order says whose council `i` gets."""
    paid = amounts[PAID]
    level = paid if null == "paths" else amounts[HOMES] + amounts[COMMUNITY]
    level = level.mean(axis=-1, keepdims=True)
    given = np.divide(paid, level, out=np.zeros_like(paid), where=level > 0)
    return amounts | {PAID: given[orders] * level}


def _less_councils(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=-1, keepdims=True)


def _slope(xx, xy, x, y, councils):
    """From sums over councils, with the years' means taken out."""
    return (xy - (x * y).sum(axis=-1) / councils) / (xx - (x**2).sum(axis=-1) / councils)


class Permuted:
    """Slopes with council and year taken out, one a permutation; the first is the figures as they are.

    `x`, `y` are permutations by councils by years (`y` may have one for all); `orders` says whose pounds each
    council got.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, orders: np.ndarray):
        self.x, self.y = _less_councils(x), np.broadcast_to(_less_councils(y), x.shape)
        self.orders = orders
        self.councils = x.shape[1]
        self.xx, self.xy = (self.x**2).sum(axis=-1), (self.x * self.y).sum(axis=-1)
        self.slopes = _slope(
            self.xx.sum(axis=-1),
            self.xy.sum(axis=-1),
            self.x.sum(axis=1),
            self.y.sum(axis=1),
            self.councils,
        )

    def excess(self) -> float:
        return float(self.slopes[0] - self.slopes[1:].mean())

    def without_each(self) -> np.ndarray:
        """The excess without each council in turn, which then neither gets nor gives pounds."""
        got_by = np.argsort(self.orders, axis=1)
        itself = got_by == np.arange(self.councils)

        def rest(values: np.ndarray) -> np.ndarray:
            wide = itself if values.ndim == 2 else itself[..., None]
            giver = np.take_along_axis(values, got_by if values.ndim == 2 else got_by[..., None], axis=1)
            return values.sum(axis=1, keepdims=True) - values - np.where(wide, 0, giver)

        left = self.councils - np.where(itself, 1, 2)
        slopes = _slope(rest(self.xx), rest(self.xy), rest(self.x), rest(self.y), left)
        return slopes[0] - slopes[1:].mean(axis=0)

    def p_value(self) -> float:
        """How often chance gives an excess as far from nought, in standard errors (CR1)."""
        x = self.x - self.x.mean(axis=1, keepdims=True)
        y = self.y - self.y.mean(axis=1, keepdims=True)
        scores = (x * (y - self.slopes[:, None, None] * x)).sum(axis=-1)
        error = np.sqrt((scores**2).sum(axis=-1)) / (x**2).sum(axis=(-1, -2))
        t = np.abs(self.slopes - self.slopes[1:].mean()) / error
        return float((t >= t[0] * (1 - 1e-9)).mean())

    def effective(self) -> float:
        """Councils that would carry as much were they alike."""
        x = self.x[0] - self.x[0].mean(axis=0)
        carried = (x**2).sum(axis=-1)
        return float(carried.sum() ** 2 / (carried**2).sum())


def orders(councils: int, seed: list[int], permutations: int = PERMUTATIONS) -> np.ndarray:
    """As they are, and so many random orders, one a row."""
    generator = np.random.default_rng(seed)
    return np.stack([np.arange(councils), *(generator.permutation(councils) for _ in range(permutations))])


def against(amounts: Amounts, form: Form, given: np.ndarray, null: str) -> dict:
    """One form against one null, in the form's step."""
    from scipy.special import stdtrit

    moved = handed_on(amounts, given, null)
    made = Permuted(form.exposure(moved), form.outcome(moved), given)
    excess, left_out = made.excess(), made.without_each()
    jackknife = np.sqrt((made.councils - 1) / made.councils * ((left_out - excess) ** 2).sum())
    # Both say how sure the excess is; the larger is taken, so that none is called clear by the choice of one.
    error = max(float(jackknife), float(made.slopes[1:].std(ddof=1)))
    freedom = max(made.effective() - 1, 1)
    half = significant(float(stdtrit(freedom, 1 - ALPHA / 2)) * error * form.step)
    middle = float(significant(excess * form.step, size=error * form.step))
    scaled = made.slopes * form.step
    return {
        "null_model": null,
        "estimate": float(significant(scaled[0], size=error * form.step)),
        "null_mean": float(significant(scaled[1:].mean(), size=error * form.step)),
        "null_low": float(significant(np.quantile(scaled[1:], ALPHA / 2), size=error * form.step)),
        "null_high": float(significant(np.quantile(scaled[1:], 1 - ALPHA / 2), size=error * form.step)),
        "excess": middle,
        "standard_error": float(significant(error * form.step)),
        "interval_low": middle - float(half),
        "interval_high": middle + float(half),
        "p_value": made.p_value(),
        "effective_clusters": float(significant(made.effective())),
    }


def ratios(parts: pd.DataFrame, kind: str) -> dict[tuple[str, str], Ratio]:
    """Figures of a kind by name and what they are divided by, from the seed `effect_parts`."""
    rows = parts[parts.kind == kind].sort_values(["figure", "divided_by", "part"])
    found = {}
    for key, one in rows.groupby(["figure", "divided_by"], sort=True):
        found[key] = Ratio(tuple(one.part[one.place == "over"]), tuple(one.part[one.place == "under"]))
    return found


def tied(parts: pd.DataFrame, pairs: pd.DataFrame, held: set[str]) -> list[tuple[str, str, str]]:
    """Outcome, what it is divided by, and exposure, of the pairs of one year that share a part, where all
    their parts are `held`.
    """
    asked = pairs[(pairs.role == "estimate") & (pairs.lag == 0)]
    asked = set(zip(asked.outcome, asked.exposure, strict=True))
    return [
        (outcome, divided_by, exposure)
        for (outcome, divided_by), y in ratios(parts, "outcome").items()
        for (exposure, _), x in ratios(parts, "exposure").items()
        if (outcome, exposure) in asked
        and y.shares_with(x)
        and {*y.over, *y.under, *x.over, *x.under} <= held
    ]


def _forms(outcome: pd.Series, divided_by: str, y: Ratio, x: Ratio, step: float) -> list[Form]:
    if outcome.default_form == "log_outcome":
        first = Form("share", lambda a: 100 * np.log(y.of(a)), x.of, step)
    else:
        # Shares are in percentage points, pounds for pounds in pounds.
        scale = 100 if outcome.unit == "percentage points" else 1
        first = Form("share", lambda a: scale * y.of(a), x.of, step)
    return [first, *(log_forms() if divided_by == "commissioned_support" else [])]


def compute(
    amounts: pd.DataFrame,
    parts: pd.DataFrame,
    pairs: pd.DataFrame,
    outcomes: pd.DataFrame,
    exposures: pd.DataFrame,
) -> pd.DataFrame:
    """Every estimate that shares parts, in every form and against both nulls, one row each."""
    keys = {"council_id", "financial_year", "basis"}
    found = ratios(parts, "outcome"), ratios(parts, "exposure")
    rows = []
    for outcome, divided_by, exposure in tied(parts, pairs, set(amounts.columns) - keys):
        about = outcomes.set_index("outcome").loc[outcome]
        measure = exposures.set_index("exposure").loc[exposure]
        y = found[0][outcome, divided_by]
        x = next(ratio for (name, _), ratio in found[1].items() if name == exposure)
        names = sorted({*y.over, *y.under, *x.over, *x.under, PAID, HOMES, COMMUNITY})
        of_basis = amounts[amounts.basis == measure.basis]
        whole = histories(of_basis, names)
        nought = sum((whole[name] <= 0) for name in (PAID, HOMES, COMMUNITY)) > 0
        for form in _forms(about, divided_by, y, x, float(measure.step)):
            # A part of nought has no logarithm: the council is left out, and counted.
            keep = ~nought.any(axis=1) if form.name != "share" else np.ones(len(nought), bool)
            kept = {name: values[keep] for name, values in whole.items()}
            given = orders(int(keep.sum()), [SEED, len(rows)])
            # Logarithms less a council's mean hold no level, so there the two nulls are one.
            for null in NULLS if form.name == "share" else NULLS[:1]:
                rows.append(
                    {
                        "outcome": outcome,
                        "denominator": divided_by,
                        "exposure": exposure,
                        "form": form.name,
                        **against(kept, form, given, null),
                        "councils": int(keep.sum()),
                        "years": kept[PAID].shape[1],
                        "councils_with_gaps": int(of_basis.council_id.nunique() - len(nought)),
                        "noughts": int(nought.sum()),
                        "councils_with_noughts": int((~keep).sum()),
                    }
                )
    return pd.DataFrame(rows)
