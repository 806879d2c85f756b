"""The shape of a raw table, and the checks every reader's result passes before it is kept.

A raw table has one row a published figure. Its columns are the dataset's own dimensions, in the
publisher's words, followed by these:

| column           | type    | meaning                                                               |
|------------------|---------|-----------------------------------------------------------------------|
| `unit`           | String  | the publisher's unit, e.g. `GBP thousand`, `GBP`, `people`, `weeks`   |
| `value_text`     | String  | the cell exactly as published (numbers of a workbook: as Python prints) |
| `value`          | Float64 | the number, null where the cell holds a symbol                        |
| `value_symbol`   | String  | why `value` is null (one of `SYMBOLS`), null where there is a number  |
| `source_file`    | String  | path of the original in the catalogue                                 |
| `source_locator` | String  | `Sheet!C14`, or `line 231, column "GROSSCURRENTEXPENDITURE"`           |
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from commissioning.base.errors import CommissioningError, KeyClashError, SymbolError

TAIL = {
    "unit": pl.String,
    "value_text": pl.String,
    "value": pl.Float64,
    "value_symbol": pl.String,
    "source_file": pl.String,
    "source_locator": pl.String,
}

SYMBOLS = {
    "suppressed": "withheld by the publisher to protect people or commercial interest",
    "not_applicable": "the figure cannot exist for this row",
    "not_available": "the publisher does not have the figure",
    "not_collected": "the return did not ask for the figure",
    "low_reliability": "withheld by the publisher as too unreliable",
    "rounds_to_zero": "more than zero, less than half the unit",
}


@dataclass
class Accounting:
    """What became of every cell (workbooks) or line (text files) of one original.

    `read` must equal `loaded` plus `rejected` plus everything in `furniture`, whose keys say in plain
    words what was left out on purpose (headers, footers, blanks, tables out of scope).
    """

    source_file: str
    counts: str  # "cells" or "lines"
    read: int = 0
    loaded: int = 0
    furniture: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str, count: int = 1) -> None:
        """Count what is left out on purpose."""
        self.furniture[why] = self.furniture.get(why, 0) + count

    def check(self) -> None:
        accounted = self.loaded + sum(self.furniture.values()) + sum(self.rejected.values())
        if accounted != self.read:
            raise CommissioningError(
                f"The reader lost {self.counts}.",
                file=self.source_file,
                expected=f"{self.read} {self.counts} accounted for",
                found=f"{accounted} ({self.loaded} loaded, {self.furniture}, rejected {self.rejected})",
                todo="this is a fault in the reader: please report it with the file's sha256",
            )


Dimensions = Iterable[str] | Mapping[str, pl.DataType]
"""The names of a raw table's own columns, all of them texts, or their names and types."""


@dataclass
class Reading:
    """What a dataset's reader returns for one edition: its tidy table, and the accounting of each file.

    `key` names the dimension columns that together identify a figure.
    """

    table: pl.DataFrame
    key: tuple[str, ...]
    accounting: list[Accounting]

    @classmethod
    def of(
        cls,
        rows: Iterable[Mapping[str, object]] | pl.DataFrame,
        accounting: Iterable[Accounting],
        dimensions: Dimensions,
        key: Iterable[str] | None = None,
    ) -> Reading:
        """A reading of rows as `tidy` takes them; all dimensions are the key where none is given."""
        key = dimensions if key is None else key
        return cls(tidy(rows, dimensions), tuple(key), list(accounting))


NO_SYMBOLS: Mapping[str, str] = MappingProxyType({})
"""Of a dataset that leaves no figure out."""

_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d*)?([eE][-+]?\d+)?|[-+]?\.\d+([eE][-+]?\d+)?")


def parse_value(
    cell: object, symbols: Mapping[str, str | float], *, file: str, where: str
) -> tuple[str, float | None, str | None]:
    """A published cell as `(value_text, value, value_symbol)`.

    `symbols` maps the texts that stand for a missing value in this dataset (compared stripped, exact case)
    to keys of `SYMBOLS`, and words that stand for a number to that number. Thousands commas and surrounding
    blanks are allowed in numbers. Raises `SymbolError` for any other text, for NaN and for infinities.
    """
    if isinstance(cell, bool) or cell is None:
        text = "" if cell is None else str(cell)
    elif isinstance(cell, int | float):
        if math.isfinite(cell):
            return repr(cell), float(cell), None
        text = str(cell)
    else:
        text = str(cell)
    stripped = text.strip()
    if stripped in symbols:
        meaning = symbols[stripped]
        return (text, meaning, None) if isinstance(meaning, float) else (text, None, meaning)
    if _NUMBER.fullmatch(stripped):
        number = float(stripped.replace(",", ""))
        if math.isfinite(number):
            return text, number, None
    raise SymbolError(
        "A cell holds neither a number nor a known symbol.",
        file=file,
        where=where,
        expected=f"a number, or one of {sorted(symbols)}",
        found=repr(text[:80]),
        todo="open the cell in the publisher's file; if the symbol is new, add it with its meaning to the "
        "dataset's symbols",
    )


def columns(dimensions: Dimensions) -> dict[str, pl.DataType]:
    """A raw table's columns in order, with their types. Dimensions are texts where no type is said."""
    types = dimensions if isinstance(dimensions, Mapping) else dict.fromkeys(dimensions, pl.String)
    return {**types, **TAIL}


def tidy(rows: Iterable[Mapping[str, object]] | pl.DataFrame, dimensions: Dimensions) -> pl.DataFrame:
    """Rows as a raw table: `dimensions` first, then the common columns, in that order and those types.

    A dimension that a row does not give is an empty text, never null, because dimensions form the key.
    """
    schema = columns(dimensions)
    if not isinstance(rows, pl.DataFrame):
        blank = dict.fromkeys(dimensions, "")
        rows = [blank | row for row in rows]
        if unknown := set().union(*rows) - set(schema):
            raise CommissioningError(
                "A reader gives a column that its raw table has not.",
                found=sorted(unknown),
                todo="name the column among the reader's DIMENSIONS, or leave it out",
            )
        rows = pl.DataFrame(rows, schema=schema, orient="row")
    return rows.select([pl.col(name).cast(dtype) for name, dtype in schema.items()])


def check(reading: Reading, *, what: str) -> None:
    """Raise where a reading breaks the rules of a raw table (see the module's text). `what` names it."""
    table = reading.table
    if list(table.columns)[-len(TAIL) :] != list(TAIL):
        raise CommissioningError(
            f"{what}: the raw table does not end with the common columns.",
            expected=", ".join(TAIL) + " at the end",
        )
    if table.is_empty():
        raise CommissioningError(f"{what}: the reader found no figure.", todo="check the original's layout")
    symbols = set(table["value_symbol"].drop_nulls().unique())
    if symbols - set(SYMBOLS):
        raise SymbolError(
            f"{what}: unknown value symbols.",
            found=sorted(symbols - set(SYMBOLS)),
            expected=", ".join(sorted(SYMBOLS)),
        )
    both = table.filter(pl.col("value").is_null() == pl.col("value_symbol").is_null())
    if both.height:
        raise CommissioningError(
            f"{what}: {both.height} figures have both a number and a symbol, or neither.",
            where=both["source_locator"][0],
            todo="mend the reader: it gives a number, or says why there is none",
        )
    for columns, why in ((list(reading.key), "dimensions"), (["source_file", "source_locator"], "cell")):
        clash = table.filter(table.select(columns).is_duplicated()).sort(columns, nulls_last=True)
        if clash.height:
            first = clash.row(0, named=True)
            raise KeyClashError(
                f"{what}: {clash.height} figures share their {why} with another.",
                file=first["source_file"],
                where=", ".join(clash["source_locator"].head(4)),
                expected=f"one figure for each combination of {', '.join(columns)}",
                found={column: first[column] for column in columns},
                todo="find out from the publisher's file which one is right; do not drop one blindly",
            )
    for account in reading.accounting:
        account.check()
    loaded = sum(account.loaded for account in reading.accounting if account.counts == "cells")
    cells = {account.source_file for account in reading.accounting if account.counts == "cells"}
    held = table.filter(pl.col("source_file").is_in(list(cells))).height
    if held != loaded:
        raise CommissioningError(
            f"{what}: the accounting does not match the table.", expected=f"{loaded} cells loaded", found=held
        )
