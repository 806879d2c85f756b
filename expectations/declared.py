"""What a table is declared to be, once: its columns in order with their types, its key, what is never empty.

A published mart is declared beside its model, in `dbt/models/marts/<mart>.yml`: `columns` with `data_type`,
`meta.key`, and the constraint `not_null`. A table of the snapshot is declared by its reader: `DIMENSIONS` and
`KEY` in `ingest/<dataset>.py`, between the edition and the columns that every raw table has. The gate's
suites declare nothing again.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from commissioning.base.errors import GateError
from commissioning.base.paths import project
from commissioning.base.yamls import read_yaml

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Declared:
    """A table as its one declaration has it, with DuckDB's names of types."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    never_null: tuple[str, ...] = ()
    of_figures: bool = False
    """Whether a row is a published figure, with a value or a symbol and its place in the publisher's file."""


def declared(layer: str, table: str) -> Declared:
    """The declaration of a table of the layer `raw` or `marts`."""
    return _mart(table) if layer == "marts" else _raw(table)


DECLARE = "declare the mart there; docs/adding.md says how"


def _mart(name: str) -> Declared:
    file = project().dbt / "models" / "marts" / f"{name}.yml"
    declaration = read_yaml(
        file, GateError, "The declaration of a mart", needs=("models",), todo=DECLARE, anchors=True
    )
    try:
        [model] = declaration["models"]
        columns = {column["name"]: column["data_type"].upper() for column in model["columns"]}
        key = tuple(model["config"]["meta"]["key"])
    except (KeyError, TypeError, ValueError) as error:
        raise GateError(
            "A mart is not declared.",
            file=file,
            expected="one model with `columns`, each with name and data_type, and `config.meta.key`",
            found=f"{type(error).__name__}: {error}",
            todo=DECLARE,
        ) from error
    if unknown := [column for column in key if column not in columns]:
        raise GateError(
            "A mart's key names a column that it has not.",
            file=file,
            where="config.meta.key",
            found=unknown,
            expected=sorted(columns),
        )
    never_null = tuple(
        column["name"] for column in model["columns"] if {"type": "not_null"} in column.get("constraints", [])
    )
    return Declared(columns, key, never_null)


def _raw(name: str) -> Declared:
    import polars as pl

    from commissioning.ingest import raw

    if name == "ledgers":
        from commissioning.ingest.ledgers import aggregate

        return Declared(_in_duckdb(aggregate.MONTHLY), tuple(aggregate.MONTHLY_KEY))
    reader = importlib.import_module(f"commissioning.ingest.{name}")
    columns = {"edition": pl.String, **raw.columns(reader.DIMENSIONS)}
    key = ("edition", *getattr(reader, "KEY", reader.DIMENSIONS))
    return Declared(_in_duckdb(columns), key, of_figures=True)


def _in_duckdb(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Polars' types as DuckDB names them."""
    import polars as pl

    with duckdb.connect() as connection:
        empty = connection.from_arrow(pl.DataFrame(schema=schema).to_arrow())
        return dict(zip(empty.columns, map(str, empty.types), strict=True))
