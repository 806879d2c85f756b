"""What pages say of a figure that is flagged: a sentence that states it says so, and a table marks it."""

from __future__ import annotations

from typing import Any

from commissioning.site.formats import percent

WORDS = {
    "publisher_error": "flagged as probably misreported",
    "outlier": "flagged as out of line",
    "imputed": "flagged as resting on another year’s return",
}
"""How a sentence names each flag that a figure can have. (A figure that is not available has no sentence.)"""
OF_ENGLAND = {
    "imputed": "estimates for missing returns included",
    "publisher_error": "a figure that is flagged as partly misreported",
}
"""The same for England's own figures."""
NEGATIVE = "a negative amount in the council’s return, kept as published"
FAR_OUT = "the share is far from those of other councils in the year; kept as published"
DAGGER = "† Flagged as doubtful or out of line: the council’s page says why."
"""What goes below a table that has `marked` shares."""


def words(row: dict[str, Any] | None) -> str:
    """What a sentence calls a flagged figure; nothing for one that is not."""
    if row is None or row["share"] is None or not (row["flag"] or row["is_outlier"]):
        return ""
    return WORDS[row["flag"] or "outlier"]


def marked(row: dict[str, Any] | None) -> str:
    """A share for a cell of a table, with a dagger where it is flagged."""
    return percent(row["share"] if row else None) + (" †" if words(row) else "")
