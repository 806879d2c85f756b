"""The SQL that counts the lake, from `dbt/macros/ledger_counts.sql`: one text for DuckDB and for Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from commissioning.base.paths import Project, project
from commissioning.ingest.ledgers import routes

DUCKDB, SPARK = "default", "spark"
"""Engines, as dbt's macros name them."""
CARE = "care_payments"
"""A relation with the payments for adult care, which two of the tables are counted from."""


def macro_file(project: Project) -> Path:
    return project.dbt / "macros" / "ledger_counts.sql"


def sql(project: Project, table: str, *arguments: str, engine: str = DUCKDB, **named: object) -> str:
    """The SQL of a table: `monthly`, `care`, `suppliers` or `supplier_types`."""
    return routes.macro(macro_file(project), f"ledger_{table}", *arguments, engine=engine, **named)


def from_care(project: Project, table: str, *arguments: str, engine: str = DUCKDB, **named: object) -> str:
    """The SQL of `suppliers` or `supplier_types` where the relation `CARE` is there."""
    return sql(project, table, f"select * from {CARE}", *arguments, engine=engine, **named)


@contextmanager
def connected(**tables: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that sees these tables."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            # Texts as they lie in memory: any other form would copy them all.
            connection.register(name, table.to_arrow(compat_level=pl.CompatLevel.newest()))
        yield connection


@contextmanager
def care(payments: pl.DataFrame, monthly: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with `CARE`, of a body's payments in the lake (with `month` and `transaction_prefix`) and the
    same by month, whose labels are looked up in the rules."""
    here = project()
    routed = routes.routes_sql(here, "monthly"), routes.same_label_sql(here, "p", "r")
    with connected(payments=payments, monthly=monthly) as connection:
        connection.execute(f"create table {CARE} as {sql(here, 'care', 'payments', *routed)}")
        yield connection
