"""What pages say of a figure that is flagged: a sentence that states it says so, and a table marks it."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from commissioning.site.formats import percent

WORDS = {
    "publisher_error": "flagged as probably misreported",
    "outlier": "flagged as out of line",
    "imputed": "flagged as resting on another year’s return",
}
"""How a sentence names each flag that a figure can have. (A figure that is not available has no sentence.)"""
OF_ENGLAND = {
    "imputed": "with {returns}",
    "publisher_error": "a figure that is flagged as partly misreported",
}
"""The same for England's own figures; what earlier returns they hold, their reason says."""
USES = " uses "
"""What stands in such a reason before the returns."""
NEGATIVE = "a negative amount in the council’s return, kept as published"
ABOVE = (
    "direct payments are more than the whole that they are a part of, in the council’s return; "
    "kept as published"
)
AGES = {"all": "all ages", "18-64": "adults under 65", "65+": "people aged 65 and over"}
EARLIER_ANSWERS = "with Derby’s answers of the year before"
"""What the publisher's note 5 says of England's figures of the survey of 2024-25."""
OLDER_CENSUS = "when residents were estimated from the census of 2011"
RESIDENTS = (
    "Residents are mid-year estimates (of mid-2015 for 2014-15, too); those of 2015 to 2017 are not "
    "revised after the census of 2021."
)
RETURNS = (
    "The publisher warns that self-directed support comes out too low for many councils in that year, and "
    "leaves it out of its commentary. Measures from client level data (support after reablement or hospital, "
    "admissions to care homes, living at home, self-directed support and direct payments) are new and should "
    "not be compared with earlier years."
)
"""What its note 15 and its log of comparability say of 2024-25."""
FAR_OUT = "the share is far from those of other councils in the year; kept as published"
OWN_DAGGER = "† Flagged: “What is missing or odd” says why."
"""What goes below a table of the council's own figures."""
DAGGER = "† Flagged: the council’s page says why."
"""What goes below a table that has `marked` shares."""


def words(row: dict[str, Any] | None) -> str:
    """What a sentence calls a flagged figure; nothing for one that is not."""
    if row is None or row["share"] is None or not (row["flag"] or row["is_outlier"]):
        return ""
    return WORDS[row["flag"] or "outlier"]


def of_england(flag: str, reason: str) -> str:
    """What a sentence says of a flagged figure of England; its reason names the returns that it uses."""
    return OF_ENGLAND[flag].format(returns=reason.partition(USES)[2])


def marked(row: dict[str, Any] | None) -> str:
    """A share for a cell of a table, with a dagger where it is flagged."""
    return percent(row["share"] if row else None) + dagger(row)


def marked_or_why(row: dict[str, Any] | None, why: Markup) -> str | Markup:
    """The same; without a share, the link that says why."""
    return marked(row) if row and row["share"] is not None else why


def people_or_why(row: dict[str, Any] | None, why: Markup) -> str | Markup:
    """The same for a council's share of people, which the outcomes framework gives per cent."""
    return percent(row["value"] / 100) if row and row["value"] is not None else why


def dagger(row: dict[str, Any] | None) -> str:
    """What goes behind a flagged figure of a table."""
    return " †" if words(row) else ""


def beyond(share: float | None) -> tuple[str, str] | None:
    """What is odd about a share that no part of a whole can have, and why."""
    if share is None or 0 <= share <= 1:
        return None
    return ("below_zero", NEGATIVE) if share < 0 else ("above_100%", ABOVE)
