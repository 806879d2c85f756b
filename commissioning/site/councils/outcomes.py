"""What people and carers say on a council's page, and the other measures of the outcomes framework."""

from __future__ import annotations

from typing import Any

from commissioning.site.charts import svg
from commissioning.site.councils import gaps
from commissioning.site.councils.data import Council, Everything, Rows
from commissioning.site.formats import number, percent

FEW = 50
"""A survey of fewer answers says so. With 50 a 95% interval of a share reaches some 14 points to either side:
it tells a council from England, where most councils lie within five points of it, hardly ever."""
FEW_IN_WORDS = "fewer than fifty"
NO_MARGIN = "none published"
"""What stands for an interval: what is counted from returns has no margin, and some surveys print none."""
FAR = 1.5
"""A share of people that is half as high again as the one before, or as much lower, says so: between the two
the way of counting changed, and England's fell by a tenth."""
FEW_COUNTED = 20
"""Of fewer than these one more or less moves a share by more than five points: the table says how many."""
FEW_PEOPLE = 100
"""Of fewer people than these, one more or less moves a share by more than a point."""

SURVEYS = [
    "control_over_daily_life", "satisfaction_with_care", "users_find_information_easily",
    "users_social_contact", "feeling_safe",
]  # fmt: skip
CARERS = [
    "carers_satisfaction", "carers_included_in_discussion", "carers_find_information_easily",
    "carers_social_contact",
]  # fmt: skip


def outcomes(council: Council, everything: Everything) -> dict[str, Any] | None:
    """A chart for each survey: they are of different people in different years."""
    if not council.outcomes:
        return None
    year = max(row["financial_year"] for row in council.outcomes)
    asked = (
        ("fig-outcomes", "people who use services", everything.years.outcomes, SURVEYS),
        ("fig-carers", "carers", everything.years.carers, CARERS),
    )
    others = [
        row
        for row in council.outcomes
        if row["financial_year"] == year
        and row["measure_id"] not in SURVEYS
        and not row["measure_id"].startswith("carers_")
    ]
    return {
        "surveys": [found for args in asked if (found := _survey(council, everything, *args))],
        "year": year,
        "others": [_told(row, council, everything) for row in others],
        "few_counted": FEW_COUNTED,
        "has_few_counted": any(map(_of_few, others)),
    }


def control(council: Council, everything: Everything) -> dict[str, Any]:
    """What its sentence on control over daily life has to say besides: whether the survey tells the council
    from England, and whether few answered."""
    year, measure = everything.years.outcomes, "control_over_daily_life"
    for row in council.outcomes:
        if (row["financial_year"], row["measure_id"]) == (year, measure) and row["value"] is not None:
            # Of so few the published margin is no interval: it may pass what a share can be.
            few = is_few(row)
            return {"like_england": _covers_england(row), "few": FEW_IN_WORDS if few else ""}
    return {"like_england": False, "few": ""}


def far_from_before(council: Council, everything: Everything) -> str | None:
    """The last earlier year whose share of people with a direct payment is far from the newest."""
    held = {
        row["financial_year"]: row["value"]
        for row in council.outcomes
        if row["measure_id"] == "users_with_direct_payment" and row["value"]
    }
    newest = held.pop(everything.years.outcomes, None)
    if newest is None or not held:
        return None
    before = max(held)
    return None if held[before] / FAR < newest < held[before] * FAR else before


def few_people(council: Council, everything: Everything) -> bool:
    """Whether the newest share of people with a direct payment is of so few that one moves it by a point."""
    row = council.outcome("users_with_direct_payment", everything.years.outcomes)
    return bool(row and row["denominator"] and row["denominator"] < FEW_PEOPLE)


def _covers_england(row: dict[str, Any]) -> bool:
    if row["interval_low"] is None or row["england_value"] is None:
        return False
    # To the digit that is printed: an end worked out in floats may lie a hair beside it.
    return round(row["interval_low"], 1) <= row["england_value"] <= round(row["interval_high"], 1)


def is_few(row: dict[str, Any]) -> bool:
    """Whether too few people answered to tell the council from England."""
    return row["base"] is not None and row["base"] < FEW


def _of_few(row: dict[str, Any]) -> str:
    """Of how many a share is, behind a space, where they are few."""
    held = row["value"] is not None and row["unit"] == "per cent" and row["denominator"]
    return f" (of {row['denominator']:.0f})" if held and row["denominator"] < FEW_COUNTED else ""


def _survey(
    council: Council, everything: Everything, label: str, who: str, year: str, measures: list[str]
) -> dict[str, Any] | None:
    """The answers of one survey in one year."""
    answers = {row["measure_id"]: row for row in council.outcomes if row["financial_year"] == year}
    rows = [answers[measure] for measure in measures if measure in answers]
    if not any(row["value"] is not None for row in rows):
        return None
    marks = [
        svg.Row(
            row["measure_name"], row["value"], row["peer_median"], row["england_value"], _interval(row),
            "" if row["value"] is not None else _why(row, council, everything)[0],
            year,
        )
        for row in rows
    ]  # fmt: skip
    return {
        "label": label,
        "who": who,
        "year": year,
        "drawing": svg.dots(
            marks, lambda v: percent(v / 100, 0), name=council.name, peers=bool(council.peers), high=100
        ),
        "marks": marks,
        "few": f"{FEW_IN_WORDS} answers" if any(map(is_few, rows)) else "",
        "cut_off": any("cut off" in _interval_in_words(row, 1) for row in rows),
        "rows": [_told(row, council, everything) for row in rows],
    }


def _interval(row: dict[str, Any]) -> tuple[float, float] | None:
    """The margin of a small survey may pass what a share can be: its ends stop there."""
    if row["interval_low"] is None:
        return None
    if row["unit"] == "per cent":
        return max(row["interval_low"], 0), min(row["interval_high"], 100)
    return row["interval_low"], row["interval_high"]


def _interval_in_words(row: dict[str, Any], digits: int) -> str:
    """With what a reader needs to judge it: that an end was cut off, and that few answered."""
    ends = _interval(row)
    if not ends:
        return NO_MARGIN
    uncut = (row["interval_low"], row["interval_high"])
    said = [f"cut off at {number(end, 0)}" for end, was in zip(ends, uncut, strict=True) if end != was]
    said += [f"about {row['base']:,.0f} answered"] if is_few(row) else []
    return " to ".join(number(end, digits) for end in ends) + (f" ({'; '.join(said)})" if said else "")


def _why(row: dict[str, Any], council: Council, everything: Everything) -> tuple[str, str]:
    names = everything.measure_names
    return gaps.of_measure(council, row["financial_year"], row["measure_id"], names)


def _told(row: dict[str, Any], council: Council, everything: Everything) -> Rows:
    """A measure's row of a table."""
    digits = 3 if row["unit"] == "score (up to 1)" else 1

    def told(figure: float) -> str:
        # As a sentence prints it: the median of two shares can end in a five that a float holds as less.
        is_share = row["unit"] == "per cent"
        return percent(figure / 100).removesuffix("%") if is_share else number(figure, digits)

    if row["value"] is None:
        value = gaps.link(_why(row, council, everything))
    else:
        value = told(row["value"]) + _of_few(row)
    return {
        "measure": f"{row['measure_name']}, {row['unit']}, {row['financial_year']}",
        "value": value,
        "interval": value if row["value"] is None else _interval_in_words(row, digits),
        "peers": None if row["peer_median"] is None else told(row["peer_median"]),
        "england": None if row["england_value"] is None else told(row["england_value"]),
    }
