"""Dates of a whole column: the style is decided from every cell, never from the first few.

It is decided on the distinct texts of a file (about thirty), so that the work does not grow with the rows.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field

from commissioning.base.counting import counted
from commissioning.base.errors import LedgerError

FIRST_YEAR = 1990
LAST_DAY = dt.date.today() + dt.timedelta(days=366)
"""A payment dated outside these is a slip of the keyboard and is rejected: nobody publishes what will be paid
a year from now."""

MONTHS = {
    name: number
    for number in range(1, 13)
    for name in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower())
} | {"sept": 9}
ORDERS = ("day first", "month first")

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?"
_WEEKDAY = r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[A-Za-z]{0,6}\.?,?\s+)?"
_ISO = re.compile(_WEEKDAY + r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_SLASHED = re.compile(_WEEKDAY + r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})" + _TIME)
_WORDED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([A-Za-z]{3,9})[-/., ]*(\d{4}|\d{2})" + _TIME
)
_MONTH_WORD_FIRST = re.compile(
    _WEEKDAY + r"([A-Za-z]{3,9})[-/. ]+(\d{1,2})(?:st|nd|rd|th)?,?[-/. ]+(\d{4}|\d{2})" + _TIME
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTH_IN_WORDS = re.compile(r"([A-Za-z]{3,9})[-/., ']*(\d{4}|\d{2})")
_YEAR_AND_MONTH = re.compile(r"(\d{4})[-/. ]?(0[1-9]|1[0-2])")
_MONTH_AND_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/. ](\d{4})")
_NAMED_MONTH = re.compile(r"([a-z]{3,9})[-_. ]*(20\d\d|\d\d)(?!\d)|(20\d\d)[-_. ]*([a-z]{3,9})")
_NUMBERED_MONTH = re.compile(
    r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d)|(?<!\d)(0[1-9]|1[0-2])[-_. ](20\d\d)"
)
EPOCHS = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
"""The day 0 of a spreadsheet's date system."""
SERIALS = (dt.date(1990, 1, 1), dt.date(2050, 1, 1))


class OrderUntold(LedgerError):
    """Nothing in a file tells whether day or month stands first."""


@dataclass(frozen=True)
class Rules:
    """What is known of a file's dates before they are looked at; `Body` explains the keys of a YAML.

    `epoch` is the year of the workbook's date system, `months` the months that the file's name gives.
    """

    order: str | None = None
    months: str | None = None
    swapped: str | None = None
    epoch: int = 1900
    named: frozenset[tuple[int, int]] = frozenset()


@dataclass
class Dates:
    """What a column of dates holds: `days` by text (None where it is no date), the style in words, the order
    of day and month where it matters, and what was guessed. Columns of equal `reading` read alike."""

    days: dict[str, dt.date | None]
    style: str
    order: str | None = None
    guesses: list[str] = field(default_factory=list)
    reading: tuple = ()


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if year >= FIRST_YEAR and found <= LAST_DAY else None


@dataclass
class _Texts:
    """The texts of a column by what they look like."""

    days: dict[str, dt.date | None] = field(default_factory=dict)
    iso: set[str] = field(default_factory=set)
    slashed: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    months: dict[str, dt.date | None] = field(default_factory=dict)
    styles: set[str] = field(default_factory=set)


def _sort_out(texts: list[str], epoch: int) -> _Texts:
    found = _Texts()
    for text in texts:
        value = text.strip().strip("'\"").strip()
        if match := _ISO.fullmatch(value):
            found.days[text] = _day(*map(int, match.groups()))
            found.iso.add(text)
            found.styles.add("yyyy-mm-dd")
        elif match := _SLASHED.fullmatch(value):
            found.slashed[text] = (int(match[1]), int(match[2]), _full_year(match[3]))
        elif (match := _WORDED.fullmatch(value)) and match[2].lower() in MONTHS:
            found.days[text] = _day(_full_year(match[3]), MONTHS[match[2].lower()], int(match[1]))
            found.styles.add("day, month in words, year")
        elif (match := _MONTH_WORD_FIRST.fullmatch(value)) and match[1].lower() in MONTHS:
            found.days[text] = _day(_full_year(match[3]), MONTHS[match[1].lower()], int(match[2]))
            found.styles.add("month in words, day, year")
        elif match := _COMPACT.fullmatch(value):
            found.days[text] = _day(*map(int, match.groups()))
            found.styles.add("yyyymmdd")
        elif (match := _SERIAL.fullmatch(value)) and (day := _serial(int(match[1]), epoch)):
            found.days[text] = day
            found.styles.add(f"days since {epoch} (spreadsheet serial)")
        elif month := _month(value):
            found.months[text] = month
        else:
            found.days[text] = None
    return found


def _serial(days: int, epoch: int) -> dt.date | None:
    day = EPOCHS[epoch] + dt.timedelta(days=days)
    return day if SERIALS[0] <= day < SERIALS[1] else None


def _month(value: str) -> dt.date | None:
    """The first of the month that a text without a day names."""
    if (match := _MONTH_IN_WORDS.fullmatch(value)) and match[1].lower() in MONTHS:
        return _day(_full_year(match[2]), MONTHS[match[1].lower()], 1)
    if match := _YEAR_AND_MONTH.fullmatch(value):
        return _day(int(match[1]), int(match[2]), 1)
    if match := _MONTH_AND_YEAR.fullmatch(value):
        return _day(int(match[2]), int(match[1]), 1)
    return None


def read_dates(texts: list[str], rules: Rules, *, file: str, column: str) -> Dates:
    """Every distinct date text of a column as a day.

    Raises `LedgerError` where every text can be read both ways and nothing tells which, where the dates tell
    no day, and where a spreadsheet seems to have swapped days and months.
    """
    found = _sort_out(texts, rules.epoch)
    days, guesses = found.days, []
    if found.months:
        _book_months(found, rules, file=file, column=column)
    order = None
    if found.slashed:
        order, guesses = _order(found.slashed, rules, file=file, column=column)
        found.styles |= _slashed_days(found, order)
        if len({s for s in found.styles if s in ("dd/mm/yyyy", "mm/dd/yyyy")}) == 2:
            guesses.append("some dates can only be day first and others only month first: each as it can be")
    mended = _mend(found, rules, file=file, column=column)
    if mended:
        guesses.append(f"days and months of {counted(mended, 'date')} swapped back, as the YAML says")
    reading = (order, rules.epoch, rules.months, bool(mended))
    return Dates(days, " and ".join(sorted(found.styles)) or "no dates", order, guesses, reading)


def _book_months(found: _Texts, rules: Rules, *, file: str, column: str) -> None:
    """Book what names a month alone on its first day where the YAML says so; else it is no date."""
    if rules.months:
        found.days |= found.months
        found.styles.add("month and year, booked on the first of the month")
        return
    if len(found.months) > sum(1 for day in found.days.values() if day) + len(found.slashed):
        raise LedgerError(
            "The dates name a month and no day.",
            file=file,
            where=f"column {column!r}",
            expected="the day of a payment",
            found=", ".join(map(repr, sorted(found.months)[:3])),
            todo="if months are enough, put `months: first day` into the body's YAML, or give "
            '`--months "first day"` to `commissioning ledger add`: a payment is then dated the first',
        )
    found.days |= dict.fromkeys(found.months)


def _slashed_days(found: _Texts, order: str) -> set[str]:
    """Read what has slashes in this order, and what can only be read in the other in that one."""
    styles = set()
    for text, (first, second, year) in found.slashed.items():
        day_first = order == "day first"
        if (first if not day_first else second) > 12 >= (second if not day_first else first):
            day_first = not day_first
        day, month = (first, second) if day_first else (second, first)
        found.days[text] = _day(year, month, day)
        styles.add("dd/mm/yyyy" if day_first else "mm/dd/yyyy")
    return styles


def _order(
    slashed: dict[str, tuple[int, int, int]], rules: Rules, *, file: str, column: str
) -> tuple[str, list[str]]:
    """The order of day and month, and what was guessed.

    The file's own dates tell where some can only be read one way; then what the YAML states; then the file's
    name, where all dates lie in its month in one order and not in the other.
    """
    day_first = [t for t, (first, second, _) in slashed.items() if first > 12 >= second]
    month_first = [t for t, (first, second, _) in slashed.items() if second > 12 >= first]
    either = [t for t, (first, second, _) in slashed.items() if first != second and max(first, second) <= 12]
    if not either:
        return ("month first" if month_first and not day_first else "day first"), []
    told = None
    if bool(day_first) != bool(month_first):
        told = "day first" if day_first else "month first"
        sure = len(day_first or month_first) >= len(either)
        if rules.order in (None, told) or sure:
            said = rules.order not in (None, told)
            return told, [f"{told}, unlike the YAML: the file's dates can be read in no other way"] * said
    if rules.order:
        return rules.order, []
    if not day_first and not month_first and (named := _order_by_name(slashed, rules.named)):
        return named, [f"{named}: so all dates lie in the month that the file's name gives"]
    raise OrderUntold(
        "Some dates can only be day first and others only month first."
        if day_first
        else "The order of day and month cannot be told.",
        file=file,
        where=f"column {column!r}",
        expected="a date whose day is above 12",
        found=f"{day_first[0]!r} and {month_first[0]!r}, and {either[0]!r} can be both"
        if day_first
        else f"{either[0]!r}: either {' or '.join(ORDERS)}",
        todo="put `date_order: day first` (or `month first`) into the body's YAML; of a new body, give it to "
        "`commissioning ledger add` as `--date-order`",
    )


def _order_by_name(slashed: dict[str, tuple[int, int, int]], named: frozenset[tuple[int, int]]) -> str | None:
    fits = [
        order
        for order, place in (("day first", 1), ("month first", 0))
        if all((parts[2], parts[place]) in named for parts in slashed.values())
    ]
    return fits[0] if len(fits) == 1 else None


def months_in_name(name: str) -> frozenset[tuple[int, int]]:
    """Years and months that a file's name gives: `spend-2024-06.csv`, `June 2024.xlsx`, `spend_jun24.csv`."""
    name = name.rpartition("/")[2].lower()
    found = set()
    for match in _NAMED_MONTH.finditer(name):
        word, year = (match[1], match[2]) if match[1] else (match[4], match[3])
        if word in MONTHS:
            found.add((_full_year(year), MONTHS[word]))
    for match in _NUMBERED_MONTH.finditer(name) if not found else ():
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        found.add((int(year), int(month)))
    return frozenset(found)


def _mend(found: _Texts, rules: Rules, *, file: str, column: str) -> int:
    """Swap days and months back where the YAML says so, and say of how many dates.

    A spreadsheet of the other order takes 05/04/2024 for 4 May and leaves 15/04/2024 a text. It shows in two
    ways: real dates up to the 12th alone beside texts above it alone, or dates up to the 12th that lie in
    three months or more, whose days are the month of all the others.
    """
    if rules.swapped == "keep":
        return 0
    real = {text: found.days[text] for text in found.iso if found.days[text]}
    texts = {text: found.days[text] for text in found.slashed if found.days[text]}
    dates = real | texts
    low = {text: day for text, day in dates.items() if day.day <= 12 and day.day != day.month}
    high = {(day.year, day.month) for day in dates.values() if day.day > 12}
    if not low or not high:
        return 0
    outside = {(day.year, day.month) for day in low.values()} - high
    turned = {(day.year, day.day) for day in low.values()} <= high
    kinds_differ = (
        bool(real)
        and bool(texts)
        and all(day.day <= 12 for day in real.values())
        and all(day.day > 12 for day in texts.values())
        and (len(real) > 1 or bool(outside))
    )
    scattered = turned and bool(outside) and len({day.month for day in low.values()}) > 2
    if not kinds_differ and not scattered:
        return 0
    swapped = {text: _day(day.year, day.day, day.month) for text, day in low.items()}
    if rules.swapped == "mend":
        found.days |= swapped
        return len(swapped)
    example = sorted(low)[0]
    raise LedgerError(
        "Days and months seem to be swapped in some dates, as a spreadsheet of the other order does.",
        file=file,
        where=f"column {column!r}",
        expected="dates up to the 12th that lie in the same months as the others",
        found=f"{example!r}: {low[example]}, or {swapped[example]}",
        todo="put `swapped_dates: mend` (or `keep`) into the body's YAML, or give it to "
        "`commissioning ledger add` as `--swapped-dates`",
    )
