"""Figures as text, for tables, charts and templates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable

from commissioning.base.rounding import rounded, signed

NONE = "–"
"""What a table shows where there is no figure."""


def percent(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else signed(f"{rounded(value, digits, 2)}%", value)


def pounds(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else signed(f"£{rounded(value, digits)}", value)


def millions(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else signed(rounded(value, digits, -6), value)


def thousands(value: float | None, digits: int = 0) -> str:
    return NONE if value is None else signed(rounded(value, digits, -3), value)


def unit_of(amounts: Iterable[float | None]) -> str:
    """The unit of a table of pounds: in millions a small council's would all be nothing."""
    return "million" if max(map(abs, filter(None, amounts)), default=0) >= 1e6 else "thousand"


def number(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else signed(rounded(value, digits), value)


def shown(value: object) -> object:
    """A figure that is text already, or a whole number."""
    return NONE if value is None else value


def written(value: object) -> object:
    """A figure that is text already; nothing where there is none."""
    return "" if value is None else value


def count(value: int) -> str:
    return f"{value:,}"


def clauses(sql: str) -> str:
    """SQL with a line for each clause, for people to read; text in quotes stays as it is."""
    clause = re.compile(r"(from|where|inner join|left join|group by|order by|union all|having)\b")

    def spaced(match: re.Match) -> str:
        if match[0].startswith("'"):
            return match[0]
        following = match.string[match.end() :]
        if clause.match(following):
            return "\n"
        return "\n  " if re.match(r"and\b", following) else " "

    return re.sub(r"'(?:[^']|'')*'|\s+", spaced, sql.strip())


def day(date: datetime.date) -> str:
    return f"{date.day} {date:%B %Y}"


def capital(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def within(text: str) -> str:
    """A name within a sentence: "Closure of the fund" begins small, "Supporting People" does not."""
    is_proper = text.split()[1:2] and text.split()[1][0].isupper()
    return text if is_proper else text[:1].lower() + text[1:]


def and_(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def span(years: list[str]) -> str:
    """`2000-01 to 2007-08, 2010-11`: years in a row are joined."""
    runs: list[list[str]] = []
    for year in years:
        if runs and start(year) == start(runs[-1][-1]) + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def start(year: str) -> int:
    """The calendar year in which a financial year begins."""
    return int(year[:4])


FORMATS: dict[str, Callable[..., str]] = {
    "percent": percent,
    "pounds": pounds,
    "millions": millions,
    "thousands": thousands,
    "number": number,
    "shown": shown,
    "written": written,
    "count": count,
    "clauses": clauses,
    "and": and_,
    "capital": capital,
    "day": day,
    "within": within,
    "span": span,
}
"""What templates know them by."""
