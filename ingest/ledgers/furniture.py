"""Rows that are no payment: furniture of a table, what is rejected and why, and totals that have a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from commissioning.base.errors import LedgerError
from commissioning.ingest.ledgers import bodies, headers, text, values
from commissioning.ingest.ledgers.bodies import Body

if TYPE_CHECKING:
    from commissioning.ingest.ledgers.reader import Table

TOTAL = r"(?i)^\W*(?:grand|sub|overall|page|monthly|report)?[\s-]*totals?\b"
TOTAL_ALONE = (
    r"(?i)^\W*(?:grand|sub|overall|page|monthly|report|net|gross)?[\s-]*totals?\W*(?:for|of|in|to|gbp|£|$).*$"
)
"""A cell that is a total's and no name: `TOTAL`, `Grand total:`, `Total for April`; not `Total Gas Ltd`."""
FORWARD = r"(?i)^\W*(?:(?:balance|total)s?\W*)?(?:(?:carried|brought)\W*(?:forward|fwd|down)|[bc]/[fd])\W*$"
"""A cell that carries a sum from one printed page to the next: `Balance c/f`, `Brought forward`."""
PAGE = r"(?i)^\W*page\s*\d+(?:\s*(?:of|/)\s*\d+)?\W*$"
"""A cell that numbers the pages of a printed table: `Page 2 of 7`."""


def are_long(texts: pl.Series) -> bool:
    return (texts.str.len_bytes().max() or 0) > text.MAX_CELL


def apart(rows: pl.DataFrame, texts: dict[str, pl.Series]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The payments, which have a date and an amount, and the other rows: `long` where a cell is too long,
    `summed` where a row with a date is a total.

    `texts` are the distinct texts of each field.
    """
    too_long = [
        pl.col(name).cast(pl.String).str.len_bytes() > text.MAX_CELL
        for name, found in texts.items()
        if are_long(found)
    ]
    long = pl.any_horizontal(pl.lit(False), *too_long).fill_null(False)
    none = rows.select(pl.col("pence").is_null() | pl.col("payment_date").is_null() | long).to_series()
    summed = _dated_totals(rows, none, texts)
    none |= summed
    rest = rows.filter(none).with_columns(summed.filter(none).alias("summed"), long.alias("long"))
    return (rows.filter(~none) if rest.height else rows), rest.cast({pl.Categorical: pl.String})


def _dated_totals(rows: pl.DataFrame, none: pl.Series, texts: dict[str, pl.Series]) -> pl.Series:
    """Which rows with a date are totals: they say so, or name nothing, and are the sum of the other rows."""
    # The word alone first, which costs little: hardly a text has it.
    said = {
        name: found.filter(found.str.contains(r"(?i)total|brought|carried|\b[bc]/[fd]\b").fill_null(False))
        for name, found in texts.items()
        if name != "transaction_id"
    }
    said = {
        name: found.filter(found.str.contains(TOTAL_ALONE) | found.str.contains(FORWARD))
        for name, found in said.items()
    }
    worded = [
        pl.col(name).cast(pl.String).is_in(found.implode()) for name, found in said.items() if len(found)
    ]
    empty = []
    if "supplier" in texts and texts["supplier"].null_count() + (texts["supplier"] == "").sum():
        empty = [pl.all_horizontal(pl.col(name).is_null() | (pl.col(name) == "") for name in texts)]
    nowhere = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).alias("summed")
    if not worded and not empty:
        return nowhere
    worded, empty = (
        set(
            rows.select(pl.any_horizontal(pl.lit(False), *told).fill_null(False) & ~none)
            .to_series()
            .arg_true()
        )
        for told in (worded, empty)
    )
    found = []
    sheets, pence = rows["sheet"], rows["pence"].fill_null(0)
    for sheet in sorted({sheets[row] for row in worded | empty}):
        start, end = (sheets.search_sorted(sheet, side) for side in ("left", "right"))
        here = [row for row in sorted(worded | empty) if start <= row < end]
        found += _sums_of_what_is_above(pence, start, here, worded)
        if here[0] == start and start in worded and 2 * pence[start] == pence.slice(start, end - start).sum():
            found.append(start)
    return nowhere.scatter(found, True) if found else nowhere


def _sums_of_what_is_above(
    pence: pl.Series, start: int, candidates: list[int], worded: set[int]
) -> list[int]:
    """Those candidates that are the sum of the rows above them, from the last total or from the start. Of one
    row alone only a total that says so is the sum."""
    found, since, all_above = [], start, 0
    for row in candidates:
        part = int(pence.slice(since, row - since).sum())
        if row - since > (row not in worded) and pence[row] in (part, all_above + part):
            found.append(row)
            all_above, since = all_above + part, row + 1
        elif row == since and found and pence[row] == all_above:
            found.append(row)
            since = row + 1
    return found


WORDS = ("supplier", "department", "expense_area", "expense_label")
_AMOUNT = r"^-?£?[\d,]+\.\d{2}$"


def slipped(words: dict[str, tuple[pl.Series, pl.Series]], height: int) -> pl.Series:
    """Which rows have an amount in a column of words, so that their cells must have slipped.

    `words` are columns with their distinct texts. One in which half of these are amounts is none of words.
    """
    found = pl.repeat(False, height, dtype=pl.Boolean, eager=True).alias("slipped")
    for column, texts in words.values():
        odd = texts.filter(texts.str.contains(_AMOUNT).fill_null(False)).unique()
        if len(odd) and 2 * len(odd) < texts.n_unique():
            found |= column.cast(pl.String).is_in(odd.implode()).fill_null(False)
    return found


def set_aside(table: Table, rest: pl.DataFrame, body: Body | None) -> pl.DataFrame:
    """Tell furniture (blank, padding, repeated header, total) from what is rejected, and give the latter."""
    account, kind = table.account, pl.col("kind")
    rest = rest.with_columns(_furniture(table.header).alias("kind"))
    _refuse_thousands_below(table, rest)
    for line in rest.filter(kind == "repeated header")["source_line"]:
        _same_header(table, line, body)
    blank = [line for line in rest.filter(kind == "padding")["source_line"] if table.sheet.is_blank(line)]
    rest = rest.with_columns(
        pl.when(pl.col("source_line").is_in(blank)).then(pl.lit("blank")).otherwise(kind).alias("kind")
    )
    for name, count in rest.drop_nulls("kind").group_by("kind").len().sort("kind").iter_rows():
        account.furniture[name] = account.furniture.get(name, 0) + count
    rejected = rest.filter(kind.is_null()).with_columns(_reason().alias("reason"))
    account.rejected = dict(rejected.group_by("reason").len().sort("reason").iter_rows())
    account.rejected_pence = int(rejected["pence"].sum())
    by_reason = rejected.group_by("reason").agg(pl.col("pence").sum()).sort("reason")
    account.rejected_pence_by_reason = dict(by_reason.iter_rows())
    totals = rest.filter(kind == "total")["pence"]
    account.totals_pence = int(totals.sum())
    if len(totals):
        equal = account.loaded_pence + account.rejected_pence in totals.to_list()
        account.oddities.append(
            "the total under the table equals the sum of its lines"
            if equal
            else "no total under the table equals the sum of its lines"
        )
    return rejected.select(
        pl.lit(account.source_file).alias("source_file"),
        "source_line",
        "reason",
        values.pence_as_pounds("pence").alias("amount_gbp"),
    )


def _refuse_thousands_below(table: Table, rest: pl.DataFrame) -> None:
    """Raise where a note under the table says that amounts are in thousands, and the YAML gives no factor."""
    notes = rest.filter(pl.col("kind") == "padding")
    for name in (*bodies.TEXTS, "date_text"):
        for note in notes[name].drop_nulls().unique():
            headers.check_unit(note, table.body, table.account.source_file)


def _furniture(header: headers.Header) -> pl.Expr:
    """What a row without a date or an amount is, if it is no payment at all; else null."""
    no_amount = pl.col("amount_text").fill_null("").str.strip_chars() == ""
    no_date = ~pl.col("date_text").fill_null("").str.contains(r"\d")
    said = [pl.col(name).is_not_null() & (pl.col(name) != "") for name in bodies.TEXTS]
    words = (*bodies.TEXTS, "date_text")
    total = pl.any_horizontal(
        pl.col(name).str.contains(pattern) for name in words for pattern in (TOTAL, FORWARD)
    ).fill_null(False)
    page = pl.any_horizontal(pl.col(name).str.contains(PAGE) for name in words).fill_null(False)
    heading = pl.col("amount_text").str.strip_chars() == header.headings["amount"]
    kind = (
        pl.when(heading)
        .then(pl.lit("repeated header"))
        .when(pl.col("pence").is_not_null() & (~pl.any_horizontal(said) | total) & no_date)
        .then(pl.lit("total"))
        .when(no_amount & page & (pl.sum_horizontal(*said) <= 1))
        .then(pl.lit("page number"))
        .when(no_amount & no_date & (pl.col("supplier").fill_null("") == ""))
        .then(pl.lit("padding"))
    )
    no_payment = pl.col("pence").is_null() | pl.col("payment_date").is_null()
    return pl.when("summed").then(pl.lit("total")).when(no_payment).then(kind)


def _same_header(table: Table, line: int, body: Body | None) -> None:
    """A header further down must name the same columns, or what stands under it would be misread."""
    cells = [cell or "" for cell in table.sheet.cells(line)]
    again = headers.find_header([cells], body=body, file=table.account.source_file)
    if again.columns != table.header.columns:
        raise LedgerError(
            "A second header names other columns than the first.",
            file=table.account.source_file,
            where=f"line {line}",
            expected=str(table.header.headings),
            found=str(again.headings),
            todo="cut the file in two at that line",
        )


def _reason() -> pl.Expr:
    return (
        pl.when("long")
        .then(pl.lit("a cell too long for any spreadsheet"))
        .when("wide")
        .then(pl.lit("more cells than headings"))
        .when("slipped")
        .then(pl.lit("an amount in a column of words: cells have slipped"))
        .when("foreign")
        .then(pl.lit("amount in another currency"))
        .when(pl.col("pence").is_null() & values.is_redacted(pl.col("amount_text")))
        .then(pl.lit("amount redacted"))
        .when(pl.col("amount_text").fill_null("").str.strip_chars() == "")
        .then(pl.lit("no amount"))
        .when(pl.col("pence").is_null())
        .then(pl.lit("amount unreadable"))
        .when(pl.col("date_text").fill_null("").str.strip_chars() == "")
        .then(pl.lit("no date"))
        .otherwise(pl.lit("date unreadable or out of range"))
    )
