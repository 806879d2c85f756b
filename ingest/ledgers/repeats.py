"""Payments that were published before.

A payment is one that was published before when an earlier line has the same transaction number, date, amount,
expense code and area. Between two files, the first such line of the one repeats the first of the other, the
second the second, and so on. Within one file a repeat counts only where the body's YAML says that a number
stands for a line (`transaction_numbers: line`); where it stands for a document, two equal lines are two
payments. The supplier is no part of the key, because a name is often redacted in the second publication.

Without a number a single payment is never taken for a duplicate: care is paid in equal weekly amounts. A file
or sheet that repeats another one whole is: all of its payments but a tenth (or but one, in a short file) have
the same date, amount, supplier and labels there. Payments to people do not count as evidence, as their names
are masked.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from commissioning.ingest.ledgers.bodies import Body

KEY = ["transaction_id", "payment_date", "amount_gbp", "expense_code", "expense_area"]
COPY = [
    "payment_date",
    "amount_gbp",
    "supplier",
    "department",
    "expense_area",
    "expense_code",
    "expense_label",
]
"""What is the same in a line that a copied file or sheet repeats."""
MOST_THAT_DIFFER = 0.1
MASKED = ("person", "redacted")


def flag_duplicates(payments: pl.DataFrame, body: Body) -> pl.DataFrame:
    """Add `is_duplicate_of` by the rules at the top of this module. Rows are in order of file and line."""
    earlier = pl.Series("is_duplicate_of", [None], dtype=pl.String).new_from_index(0, payments.height)
    if payments.is_empty():
        return payments.with_columns(earlier)
    number = payments["transaction_id"]
    bare = (
        number.is_null() | (number == "") if body.transaction_numbers != "none" else number.is_null() | True
    )
    flags = [copies(payments, bare.arg_true())]
    if body.transaction_numbers != "none":
        flags.append(_same_numbers(payments, body))
    for found in flags:
        earlier = earlier.scatter(found["row"], found["is_duplicate_of"]) if found.height else earlier
    return payments.with_columns(earlier.alias("is_duplicate_of"))


def _same_numbers(payments: pl.DataFrame, body: Body) -> pl.DataFrame:
    """`row` and `is_duplicate_of` of payments whose number came before."""
    number = payments["transaction_id"]
    # Two numbers of one hash, which sorting finds at once, may be one number; the key tells.
    hashes = number.hash()
    ordered = np.sort(hashes.to_numpy())
    repeated = pl.Series(ordered[1:][ordered[1:] == ordered[:-1]]).unique()
    rows = (hashes.is_in(repeated.implode()) & number.is_not_null() & (number != "")).arg_true()
    twice = payments[rows].select(rows.alias("row"), *KEY, "era", "source_file", "source_line")
    # Where a number is a line, every repeat is one of the first; else the second in a file is a second one.
    by_document = pl.col("era").is_in(body.eras_by_document()) | pl.lit(
        body.transaction_numbers == "document"
    )
    occurrence = pl.when(by_document.fill_null(False)).then(
        pl.int_range(pl.len()).over([*KEY, "source_file"])
    )
    group = [*KEY, "occurrence"]
    first = pl.format("{}:{}", pl.col("source_file").first(), pl.col("source_line").first()).over(group)
    return (
        twice.with_columns(occurrence.alias("occurrence"))
        .with_columns(pl.int_range(pl.len()).over(group).alias("place"), first.alias("is_duplicate_of"))
        .filter(pl.col("place") > 0)
        .select("row", "is_duplicate_of")
    )


def copies(payments: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """`row` and `is_duplicate_of` of those payments, among `rows`, that stand in a file or sheet that
    repeats an earlier one."""
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "is_duplicate_of": pl.String})
    if payments["source_file"].n_unique() < 2 or not len(rows):
        return nothing
    kept = payments[rows].select(
        rows.cast(pl.UInt32).alias("row"),
        *COPY,
        "source_file",
        "source_line",
        pl.col("payee_class").is_in(MASKED).alias("masked")
        if "payee_class" in payments.columns
        else pl.lit(False).alias("masked"),
    )
    kept = kept.with_columns(pl.struct(COPY).hash().alias("hash"))
    files = kept.group_by("source_file").agg(
        pl.len().alias("lines"), (~pl.col("masked")).sum().cast(pl.Int64).alias("named")
    )
    # Lines that stand in one file only, nearly all of a ledger, are no matter from here on.
    shared = kept.filter(pl.col("source_file").n_unique().over("hash") > 1)
    if shared.is_empty():
        return nothing
    shared = shared.with_columns(
        pl.int_range(pl.len()).over("hash", "source_file").alias("occurrence"),
        pl.col("source_file").cast(pl.String),
    )
    pairs = shared.join(
        shared.select("hash", "occurrence", *COPY, "source_file", "source_line"),
        on=["hash", "occurrence"],
        suffix="_before",
    ).filter(
        (pl.col("source_file_before") < pl.col("source_file")),
        pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in COPY),
    )
    sizes = files.select(pl.col("source_file").cast(pl.String), "named")
    whole = (
        pairs.group_by("source_file", "source_file_before")
        .agg((~pl.col("masked")).sum().cast(pl.Int64).alias("same"))
        .join(sizes, on="source_file")
        .filter(
            pl.col("same") >= 2,
            pl.col("named") - pl.col("same")
            <= pl.max_horizontal(pl.lit(1), (pl.col("named") * MOST_THAT_DIFFER).floor()),
        )
    )
    return (
        pairs.join(
            whole.select("source_file", "source_file_before"), on=["source_file", "source_file_before"]
        )
        .sort("row", "source_file_before")
        .unique("row", keep="first", maintain_order=True)
        .select(
            "row", pl.format("{}:{}", "source_file_before", "source_line_before").alias("is_duplicate_of")
        )
    )


def said_of(payments: pl.DataFrame, source_file: str) -> list[str]:
    """What to say of a sheet that repeats another of its workbook."""
    found = copies(payments, pl.Series(range(payments.height), dtype=pl.UInt32))
    here = found.join(
        payments.select(pl.col("source_file").cast(pl.String)).with_row_index("row"), on="row"
    ).filter(pl.col("source_file") == source_file)
    if here.is_empty():
        return []
    before = here["is_duplicate_of"][0].rpartition(":")[0]
    if here.height == 1:
        return [f"1 payment is that of {before}; in the lake it counts once"]
    return [f"{here.height:,} payments are those of {before}; in the lake they count once"]
