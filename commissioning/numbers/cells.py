"""Source cells: the publishers' figures that a headline is made of, and the headline worked out from them.

A headline's `cells` is SQL over the views of `reports/cells.sql`, which stand on the raw tables of
`data/raw/` and on the judgements of `dbt/seeds/`; dbt and the marts have no part in it. Each row it gives is
one cell: `dataset`, `edition`, `source_file`, `source_locator`, `value_text` as published, `value` and `unit`
as read, `part` (what the cell counts as), `amount` (in pounds or as the formula needs it) and, where it is
about an area, `area_id`. Its `formula` is SQL over the table `cells` and gives the headline's value; with a
council parameter, rows of `area_id` and value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.sql import closed, file_pattern, one_select
from commissioning.marts.inputs import ledger_folder

if TYPE_CHECKING:
    import duckdb


class Cell(NamedTuple):
    """A publisher's cell, as a headline counts it."""

    dataset: str
    edition: str
    source_file: str
    source_locator: str
    value_text: str | None
    value: float | None
    unit: str | None
    part: str | None
    area_id: str | None
    year: str | None


@dataclass(frozen=True)
class Traced:
    """A headline's source cells, in a fixed order, and its value worked out from them alone.

    Each cell is there once for each part that it counts in. `value` is a number or text, or a dictionary by
    council.
    """

    cells: list[Cell]
    value: Any


@contextmanager
def sources(project: Project, reads: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the raw tables, the seeds and the views of `reports/cells.sql`.

    With `reads`, the SQL of one headline, only with what that needs: making all of them takes seconds.
    """
    import duckdb

    views = project.reports / "cells.sql"
    with duckdb.connect() as db:
        statements = _needed(_statements(db, views), reads)
        asked = None if reads is None else " ".join([reads, *statements])
        db.execute("create schema raw; create schema seeds")
        for folder in sorted(path for path in project.raw.iterdir() if path.is_dir()):
            if not folder.name.startswith("ledger_"):
                db.execute(
                    f"create view raw.{folder.name} as select '{folder.name}' as dataset, * "
                    f"from read_parquet({file_pattern(folder)} || '/*.parquet', union_by_name = true)"
                )
        ledgers = file_pattern(ledger_folder(project))
        for table in ("monthly", "suppliers"):
            if not _names(f"ledger_{table}", asked):
                continue
            db.execute(
                f"create table raw.ledger_{table} as from "
                f"read_parquet({ledgers} || '/ledger_*/{table}.parquet', union_by_name = true)"
            )
        for file in sorted((project.dbt / "seeds").glob("*.csv")):
            if not _names(file.stem, asked):
                continue
            db.execute(
                f"create table seeds.{file.stem} as "
                f"from read_csv({file_pattern(file)}, header = true, sample_size = -1)"
            )
        try:
            for statement in statements:
                db.execute(statement)
        except duckdb.Error as error:
            raise RenderError("The views of source cells fail.", file=views, found=str(error)) from error
        # One thread, and rows in a fixed order: a sum of floating numbers is the same every time.
        db.execute("set threads = 1")
        # Views read the raw tables when they are asked, so their folder stays open to reading.
        yield closed(db, reading=[project.raw])


def _statements(db: duckdb.DuckDBPyConnection, views: Path) -> list[str]:
    import duckdb

    try:
        return [one.query for one in db.extract_statements(views.read_text(encoding="utf-8"))]
    except duckdb.Error as error:
        raise RenderError("The views of source cells are no SQL.", file=views, found=str(error)) from error


def _needed(statements: list[str], reads: str | None) -> list[str]:
    """Those statements that `reads` names a table or view of, or that one of them names, in their order."""
    kept: list[str] = []
    for statement in reversed(statements):
        made = re.search(r"create (?:table|view) (\w+)", statement)
        if made is None or _names(made[1], None if reads is None else " ".join([reads, *kept])):
            kept.insert(0, statement)
    return kept


def _names(table: str, sql: str | None) -> bool:
    return sql is None or bool(re.search(rf"\b{re.escape(table)}\b", sql))


def trace(db: duckdb.DuckDBPyConnection, name: str, entry: dict) -> Traced:
    """Select the headline's cells and work its value out. Raises `RenderError` naming the headline."""
    import duckdb

    try:
        db.execute(f"create or replace temp table found as {one_select(entry['cells'])}")
        order = "source_file, source_locator, part"
        db.execute(f"create or replace temp table cells as from found order by {order}")
        rows = db.execute(one_select(entry["formula"])).fetchall()
        has = {column[0] for column in db.execute("describe cells").fetchall()}
        listed = ", ".join(c if c in has else f"null as {c}" for c in Cell._fields)
        # Shorter places first: line 9 comes before line 10.
        places = ("source_file", "length(source_locator)", "source_locator", "part", *Cell._fields)
        order = ", ".join(f"{place} nulls first" for place in places)
        found = db.execute(f"from (select distinct {listed} from cells) order by {order}").fetchall()
        cells = list(map(Cell._make, found))
    except duckdb.Error as error:
        raise RenderError(
            "A headline's source cells or formula fail.", file=entry["file"], where=name, found=str(error)
        ) from error
    if "parameter" in entry:
        return Traced(cells, {area: value for area, value in rows if area is not None})
    if len(rows) != 1 or len(rows[0]) != 1:
        raise RenderError(
            "A headline's formula must give one value.", file=entry["file"], where=name, found=str(rows[:3])
        )
    return Traced(cells, rows[0][0])
