"""Why a council has no figure, in a few words for a cell of a table; the whole reason is the cell's title.

The reasons are those of `mart_gaps`; what that mart does not list, a publisher's symbol or the council's own
first and last day tells."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from markupsafe import Markup

from commissioning.site.councils.data import SYMBOLS, Council, Rows
from commissioning.site.formats import day, start

SHARE = "direct payment share, basis {}"
"""How the mart names a council's share that is missing."""

SHORT = (
    ("missing from the data", "missing"),
    ("counted with", "counted elsewhere"),
    ("suppressed by", "suppressed"),
    ("unreliable", "withheld as unreliable"),
    ("no survey of carers", "not asked that year"),
    ("voluntary", "did not take part"),
    ("does not apply", "does not apply"),
    ("empty return", "empty return"),
    ("not in the publisher's file", "not in the file"),
    ("not available: no return, no survey", "not published"),
    ("no return", "no return"),
    ("not published or suppressed", "not published"),
    ("a part of numerator or denominator", "part not published"),
    ("shown as not available", "not published"),
)
"""What a cell says of a reason that has these words, the first that fit."""

UNKNOWN = ("not published", "the publisher's files have no such figure, and do not say why")


def of_share(council: Council, year: str, basis: str = "C") -> tuple[str, str]:
    """Why the council has no share of the year, shortly and in full."""
    return _told(council, year, SHARE.format(basis))


def of_measure(council: Council, year: str, measure: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Why it has no figure of a measure of the outcomes framework, by its id; `names` are the mart's."""
    row = council.outcome(measure, year)
    return _told(council, year, names[measure], row["value_symbol"] if row else None)


def of_people(council: Council, year: str, symbol: str) -> tuple[str, str]:
    """Why a count of people is missing: a council that made no return has none at all."""
    if symbol == "suppressed":
        return SYMBOLS[symbol], "a small count, suppressed by the publisher"
    return _told(council, year, SHARE.format("C"), symbol)


def shortly(reason: str) -> str | None:
    """A reason in a few words, if it is one that has such."""
    return next((short for words, short in SHORT if words in reason), None)


def link(why: tuple[str, str], page: str = "") -> Markup:
    """A cell that says so and leads to what the council's page lists; `page` is that page's name
    where the cell is on another."""
    short, reason = why
    page = page and f"{page}.html"
    return Markup('<a href="{}#data-notes" title="{}">{}</a>').format(page, reason, short)


def _told(council: Council, year: str, what: str, symbol: str | None = None) -> tuple[str, str]:
    if outside := _was_not_there(council, year):
        return outside
    reasons = [gap["reason"] for gap in _of(council.gaps, year) if gap["what"] == what]
    for reason in reasons:
        if short := shortly(reason):
            return short, reason
    if symbol and symbol != "not_available":
        return SYMBOLS[symbol], SYMBOLS[symbol]
    return ("no figure", reasons[0]) if reasons else UNKNOWN


def _of(gaps: Rows, year: str) -> Rows:
    return [gap for gap in gaps if gap["financial_year"] == year]


def _was_not_there(council: Council, year: str) -> tuple[str, str] | None:
    """A council that began after the year or ended before it has no figure to give."""
    began, ended = council.facts["start_date"], council.facts["end_date"]
    if began and began > datetime.date(start(year) + 1, 3, 31):
        return "began later", f"the council began on {day(began)}"
    if ended and ended < datetime.date(start(year), 4, 1):
        return "had ended", f"the council ended on {day(ended)}"
    return None
