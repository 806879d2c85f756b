"""Every specification of the analysis plan, and the estimate that each gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np

from commissioning.marts.estimates.fit import Comparison, NotIdentified
from commissioning.marts.estimates.panel import Pair
from commissioning.marts.estimates.samples import BETWEEN, DESIGNS, WITHIN, Sample, compare, restrict, within

SAMPLES = ("all", "no_flagged", "no_approximate", "no_2020_21", "strict", "one_side")
WEIGHTS = ("none", "base", "precision")
FORMS = ("linear", "log_outcome", "log_share")
COVARIATES = ("none", "age_deprivation")
LEAST_COMPLETE = 0.9
"""A specification needs its weights and covariates for this part of its council-years; the rest are left
out.
"""


class Choices(NamedTuple):
    """What a specification chooses besides its pair."""

    design: str
    sample: str
    weights: str
    form: str
    covariates: str


EVERY = tuple(map(Choices._make, product(DESIGNS, SAMPLES, WEIGHTS, FORMS, COVARIATES)))
TWIN = tuple(Choices(design, "all", "precision", "linear", "none") for design in DESIGNS)
"""A placebo's twin is there to be set beside it, in the plan's first choices."""


def specification_id(pair: Pair, choices: Choices) -> str:
    """A short id that changes when, and only when, a choice does."""
    return hashlib.sha256("|".join(map(str, (*pair, *choices))).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Scale:
    """How an outcome's slopes are reported: for `step` of the exposure, in points or per cent of the mean."""

    step: float
    kind: str

    def factor(self, form: str, outcome_mean: float, share_mean: float) -> float:
        """What turns a slope of `form` into the reported unit, at the sample's means."""
        factor = self.step
        if form == "log_outcome":
            factor *= outcome_mean
        elif form == "log_share":
            factor /= share_mean
        return factor * 100 / outcome_mean if self.kind == "percent_of_mean" else factor


def transform(sample: Sample, form: str) -> Sample:
    """The sample with outcome or share in logarithms; a margin becomes relative to its outcome."""
    if form == "log_outcome":
        return replace(sample, margin=sample.margin / sample.outcome, outcome=np.log(sample.outcome))
    if form == "log_share":
        return replace(sample, share=np.log(sample.share))
    return sample


@dataclass(frozen=True)
class Specification:
    """A specification with what it compares; `factor` turns its slope into the reported unit."""

    pair: Pair
    choices: Choices
    data: Comparison
    factor: float
    years: np.ndarray
    outcome_mean: float
    share_mean: float

    @property
    def id(self) -> str:
        return specification_id(self.pair, self.choices)


def restrictions(sample: Sample) -> dict[str, Sample]:
    """The sample by each name of `SAMPLES`, without those that hold what one before them holds."""
    found, marks = {}, set()
    for name in SAMPLES:
        part = restrict(sample, name)
        mark = part.council.tobytes(), part.year.tobytes(), part.outcome.tobytes()
        if mark not in marks:
            marks.add(mark)
            found[name] = part
    return found


def select(pair: Pair, choices: Choices, part: Sample) -> Sample | None:
    """The council-years of a restricted sample that a specification may use, or None where the data cannot
    have it.
    """
    # With year effects a deflator falls out of a logarithm.
    if choices.form == "log_outcome" and pair.prices == "cash":
        return None
    needed = np.ones(len(part), bool)
    if choices.weights == "precision":
        needed &= np.isfinite(part.margin)
    elif choices.weights == "base":
        needed &= np.isfinite(part.base) | np.isfinite(part.adults)
    if choices.covariates != "none":
        needed &= np.isfinite(part.share_65_plus)
        if choices.design in BETWEEN:
            needed &= np.isfinite(part.imd)
    # A few councils of the past have no deprivation score; a year without population is another matter.
    if needed.sum() < LEAST_COMPLETE * len(part):
        return None
    if choices.form == "log_outcome":
        needed &= part.outcome > 0
    elif choices.form == "log_share":
        needed &= part.share > 0
    part = part.rows(needed)
    return within(part) if choices.design in WITHIN else part


def specify(
    pair: Pair, choices: Choices, part: Sample, peers: np.ndarray, scale: Scale
) -> Specification | None:
    """The specification on the rows that `select` gave, or None where they are too few for its design, or the
    share does not vary in them."""
    try:
        data = compare(
            transform(part, choices.form),
            choices.design,
            weights=choices.weights,
            covariate=choices.covariates,
            peers=peers,
        )
    except NotIdentified:
        return None
    if data is None:
        return None
    outcome, share = float(part.outcome.mean()), float(part.share.mean())
    factor = scale.factor(choices.form, outcome, share)
    return Specification(pair, choices, data, factor, np.unique(part.year), outcome, share)


def specifications(
    samples: dict[Pair, Sample], peers: np.ndarray, scales: dict[tuple[str, str], Scale]
) -> Iterator[Specification]:
    """Every combination that the data have, in a fixed order; those on the same figures come once."""
    seen = set()
    # The plan's first choices come first, so that what repeats them is left out and not they.
    for pair in sorted(
        samples, key=lambda pair: (*pair[:5], pair.prices == "cash", pair.edition != "latest")
    ):
        restricted = restrictions(samples[pair])
        scale = scales[pair.outcome, pair.exposure]
        for choices in TWIN if pair.role == "placebo_lead_twin" else EVERY:
            if choices.sample not in restricted:
                continue
            part = select(pair, choices, restricted[choices.sample])
            if part is None:
                continue
            mark = hashlib.sha256(repr((pair[:4], choices._replace(sample=""))).encode())
            for array in (part.council, part.year, part.outcome):
                mark.update(array.tobytes())
            if mark.digest() in seen:
                continue
            seen.add(mark.digest())
            made = specify(pair, choices, part, peers, scale)
            if made is not None:
                yield made
