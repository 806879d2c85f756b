"""Dates and amounts of a whole column: the style is decided from every cell, never from the first few.

Dates are decided on the distinct texts of a file (about thirty), so that the work does not grow with the
rows. Amounts go through Polars expressions; only texts that are not plain numbers are looked at twice.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from commissioning.base.errors import LedgerError

FIRST_YEAR, LAST_YEAR = 1990, 2049
"""A payment dated outside these years is a slip of the keyboard and is rejected."""

MONTHS = {
    name: number
    for number in range(1, 13)
    for name in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower())
} | {"sept": 9}
ORDERS = {"day first": "dmy", "month first": "mdy"}

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_SLASHED = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})" + _TIME)
_WORDED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([A-Za-z]{3,9})[-/., ]*(\d{4}|\d{2})" + _TIME
)
_MONTH_WORD_FIRST = re.compile(
    r"([A-Za-z]{3,9})[-/. ]+(\d{1,2})(?:st|nd|rd|th)?,?[-/. ]+(\d{4}|\d{2})" + _TIME
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
EXCEL_EPOCH = dt.date(1899, 12, 30)


@dataclass
class Dates:
    """What a column of dates holds: `days` by text (None where it is no date), the style in words, and the
    order of day and month where it matters."""

    days: dict[str, dt.date | None]
    style: str
    order: str | None = None


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= year <= LAST_YEAR else None


def read_dates(texts: list[str], *, order: str | None, file: str, column: str) -> Dates:
    """Every distinct date text of a column as a day.

    `order` ('day first' or 'month first') is the body's own statement. Without it the whole column decides:
    a text whose first part is above 12 can only be day first. Raises `LedgerError` where every text can be
    read both ways, or some only one way and some only the other.
    """
    days: dict[str, dt.date | None] = {}
    styles: set[str] = set()
    slashed: dict[str, tuple[int, int, int]] = {}
    for text in texts:
        value = text.strip().strip("'\"").strip()
        if found := _ISO.fullmatch(value):
            year, month, day = map(int, found.groups())
            days[text] = _day(year, month, day)
            styles.add("yyyy-mm-dd")
        elif found := _SLASHED.fullmatch(value):
            slashed[text] = (int(found[1]), int(found[2]), _full_year(found[3]))
        elif (found := _WORDED.fullmatch(value)) and found[2].lower() in MONTHS:
            days[text] = _day(_full_year(found[3]), MONTHS[found[2].lower()], int(found[1]))
            styles.add("day, month in words, year")
        elif (found := _MONTH_WORD_FIRST.fullmatch(value)) and found[1].lower() in MONTHS:
            days[text] = _day(_full_year(found[3]), MONTHS[found[1].lower()], int(found[2]))
            styles.add("month in words, day, year")
        elif found := _COMPACT.fullmatch(value):
            days[text] = _day(*map(int, found.groups()))
            styles.add("yyyymmdd")
        elif (found := _SERIAL.fullmatch(value)) and 32874 <= int(found[1]) <= 54788:
            days[text] = EXCEL_EPOCH + dt.timedelta(days=int(found[1]))
            styles.add("days since 1900 (spreadsheet serial)")
        else:
            days[text] = None
    if slashed:
        order = _order(slashed, order, file=file, column=column)
        styles.add("dd/mm/yyyy" if order == "day first" else "mm/dd/yyyy")
        for text, (first, second, year) in slashed.items():
            day, month = (first, second) if order == "day first" else (second, first)
            days[text] = _day(year, month, day)
    return Dates(days, " and ".join(sorted(styles)) or "no dates", order if slashed else None)


def _order(slashed: dict[str, tuple[int, int, int]], order: str | None, *, file: str, column: str) -> str:
    if order is not None:
        return order
    day_first = [t for t, (first, second, _) in slashed.items() if first > 12 >= second]
    month_first = [t for t, (first, second, _) in slashed.items() if second > 12 >= first]
    if day_first and not month_first:
        return "day first"
    if month_first and not day_first:
        return "month first"
    example = next(iter(slashed))
    raise LedgerError(
        "The order of day and month cannot be told."
        if not day_first
        else "Some dates can only be day first and others only month first.",
        file=file,
        where=f"column {column!r}",
        expected="a date whose day is above 12",
        found=f"{example!r}: either {' or '.join(ORDERS)}"
        if not day_first
        else f"{day_first[0]!r} and {month_first[0]!r}",
        todo="put `date_order: day first` (or `month first`) into the body's YAML; of a new body, give it to "
        "`commissioning ledger add` as `--date-order`",
    )


# Texts


def distinct(column: pl.Series) -> tuple[pl.Series, np.ndarray]:
    """The distinct values of a column of categories or days, the first of them null, and the place of each
    row's value among them. Told by code, which costs less than sorting or hashing."""
    codes = column.to_physical()
    none = (codes.max() or 0) + 1
    codes = codes.fill_null(none).to_numpy()
    row_of = np.full(none + 1, -1, dtype=np.int32)
    row_of[codes] = np.arange(len(codes), dtype=np.int32)
    row_of[none] = -1
    found = np.flatnonzero(row_of >= 0)
    places = np.zeros(none + 1, dtype=np.uint32)
    places[found] = np.arange(1, len(found) + 1, dtype=np.uint32)
    values = column.gather(row_of[found])
    return pl.concat([values.clear(1), values]), places[codes]


def each_distinct(column: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """What `change` makes of each distinct value of a column of categories or days, of which one is null.

    `change` is given categories as String. A ledger repeats its names, labels and days, so that work on text
    is done some hundred times less than by row.
    """
    values, places = distinct(column)
    return change(values.cast(pl.String) if column.dtype == pl.Categorical else values).gather(places)


def trimmed(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Texts without the spaces around them, and the distinct ones as String (all of a column of String)."""
    if column.dtype == pl.String:
        stripped = column.str.strip_chars()
        return stripped, stripped
    values, places = distinct(column)
    texts = values.cast(pl.String)
    stripped = texts.str.strip_chars()
    if not (texts == stripped).all():
        column = stripped.cast(pl.Categorical).gather(places)
    return column, stripped


# Amounts

LIMIT = 1e12
"""Amounts of a million million pounds are damage. Below it a double holds every penny exactly, so that
`round(x * 100)` gives the pence that the text says (a test compares it with decimal arithmetic)."""

_REDACTED = r"(?i)redact|redcat|reacted|withheld|exempt|confidential|personal data"


def decimal_comma(texts: pl.Series, *, order: str | None, file: str, column: str) -> bool:
    """Whether a column writes 1.234,56. Decided from every text with a comma; a text such as 1,234 alone is
    a thousand. Raises `LedgerError` where some texts can only be one style and some only the other."""
    if order is not None:
        return order == "decimal comma"
    with_comma = texts.filter(texts.str.contains(",", literal=True)).str.strip_chars(" £€\"'()-+")
    if with_comma.is_empty():
        return False
    comma = with_comma.filter(
        with_comma.str.contains(r"^\d+,\d{1,2}$") | with_comma.str.contains(r"^\d{1,3}(?:\.\d{3})+,\d{1,2}$")
    )
    if comma.is_empty():
        return False
    point = texts.filter(
        texts.str.contains(r"\d\.\d{1,2}[\s\-)]*$") | texts.str.contains(r"^\D*\d{1,3}(,\d{3})+\b")
    )
    if point.is_empty():
        return True
    raise LedgerError(
        "Some amounts can only have a decimal comma and others only a decimal point.",
        file=file,
        where=f"column {column!r}",
        found=f"{comma[0]!r} and {point[0]!r}",
        todo="put `numbers: decimal point` (or `decimal comma`) into the body's YAML, and inspect",
    )


def plain_numbers(texts: pl.Series) -> pl.Series:
    """Texts as finite numbers of pounds below `LIMIT`, null where they are anything else."""
    numbers = pl.DataFrame({"pounds": texts.cast(pl.Float64, strict=False)})
    return numbers.select(pl.when(pl.col("pounds").abs() < LIMIT).then("pounds")).to_series()


def written_number(text: pl.Expr, *, comma: bool) -> pl.Expr:
    """A text as people write amounts: pound signs, thousands, brackets or a sign behind for minus, CR, DR.

    Digits in groups of other than three after a comma are no number (`12,34` under a decimal point).
    """
    t = text.str.strip_chars().str.strip_chars("'\"").str.replace_all(r"[\s\u{a0}\u{202f}]", "")
    t = t.str.replace_all("\u2212", "-", literal=True).str.replace_all("[\u2013\u2014]", "-")
    t = t.str.replace(r"^(-?)(?:GBP|[£€\x{9c}œ?\u{fffd}])", "${1}").str.replace(r"^[£€](-)", "${1}")
    negative = t.str.contains(r"^\(.*\)$|^-|-$|(?i)CR$|^\(")
    t = t.str.replace(r"(?i)(?:CR|DR)$", "").str.strip_chars("()-+£")
    if comma:
        grouped = t.str.contains(r"^\d{1,3}(?:\.\d{3})*(?:,\d*)?$|^\d+(?:,\d*)?$")
        t = t.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        grouped = t.str.contains(
            r"^\d{1,3}(?:,\d{3})*(?:\.\d*)?$|^\d*\.?\d+$|^\d+\.$|^\d+(?:\.\d+)?[eE]\+?\d{1,2}$"
        )
        t = t.str.replace_all(",", "", literal=True)
    number = t.cast(pl.Float64, strict=False)
    sign = pl.when(negative).then(-1.0).otherwise(1.0)
    return pl.when(grouped & (number.abs() < LIMIT)).then(sign * number)


def is_redacted(text: pl.Expr) -> pl.Expr:
    """Whether a text says that it is withheld, in the spellings that ledgers use (REDCATED among them)."""
    return text.str.contains(_REDACTED)
