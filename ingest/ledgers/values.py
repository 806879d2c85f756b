"""Texts and amounts of a whole column: the style is decided from every cell, never from the first few.

Amounts go through Polars expressions; only texts that are not plain numbers are looked at twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from commissioning.base.errors import LedgerError

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
    t = t.str.replace(r"^(-?)(?:GBP|[£\x{9c}œ?\u{fffd}])", "${1}").str.replace(r"^£(-)", "${1}")
    t = t.str.replace(r"(?i)(\d)GBP$", "${1}")
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


FORMULA_ERROR = r"^#(?:REF!|VALUE!|N/A|NAME\?|NULL!|NUM!|DIV/0!)$"
"""What a spreadsheet shows in place of a formula that failed: it names nobody."""
FOREIGN = r"(?i)[€$¥]|\b(?:eur|euros?|usd|us dollars?|dollars?|aud|chf|yen)\b|^(?:eur|usd)\d"
"""Words and signs of other currencies, in an amount, a heading or a column of currencies."""
CREDIT = r"(?i)^\W*c(?:r|redits?|redit note)?\W*$"
"""What a column of signs says of money that came back."""
POUNDS = r"(?i)^\W*(?:gbp|uk ?p?|pounds?(?: sterling)?|sterling|stg|£)?\W*$"

THOUSANDS = re.compile(
    r"(?i)(?:£|\bgbp)\s*['’`]?000['’]?s?\b|(?<![\d.,])['’`]000\b"
    r"|(?<![\d.,'])(?<![\d.,] )000['’]?s\b|\(\s*000\s*\)"
    r"|\bin (?:thousands|millions)\b|\b(?:thousands|millions) of pounds"
    r"|(?:£|\bgbp)\s?(?:k|m|mn|bn|million|thousand)\b"
)
"""`£000s`, `£'000`, `in thousands`, `£m`; not `over £25,000`."""

MONEY = pl.Decimal(18, 2)


def pence_as_pounds(column: str) -> pl.Expr:
    """Whole pence as exact decimal pounds."""
    return (pl.col(column) / 100).cast(MONEY)
