"""Source cells: the publishers' figures that a headline is made of, and the headline worked out from them.

A headline's `cells` is SQL over the views of `reports/cells/`, one file a view, which stand on the raw tables
of `data/raw/` (`raw.asc_fr`) and on the judgements of `dbt/seeds/` (`seeds.councils`); dbt and the marts have
no part in it. A view keeps the columns of its raw table, so each row is one cell: `dataset`, `edition`,
`source_file`, `source_locator`, `value_text` as published, `value` and `unit` as read, `part` (what the cell
counts as), `amount` (in pounds or as the formula needs it) and, where it is about an area, `area_id`. The
headline's `formula` is SQL over the table `cells` and gives its value; with a council parameter, rows of
`area_id` and value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.sql import closed, file_pattern, one_select
from commissioning.marts.inputs import ledger_folder
from commissioning.numbers import queries

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


MADE_ONCE = (
    "adults", "contract_cells", "ledger_cells", "ledger_rules", "provision_cells", "share_cells",
    "supplier_type_cells", "therapy_cells", "unit_cost_cells",
)  # fmt: skip
"""Views that many headlines read, or that take long: they are worked out once and kept as tables."""


@contextmanager
def sources(project: Project, entries: Iterable[dict]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with what the cells and formulas of these headlines read, and no more: to make all
    that any headline reads takes seconds. Raises `RenderError` naming a view that fails."""
    import duckdb

    views = {file.stem: file for file in (project.reports / "cells").glob("*.sql")}
    tables = {**_raw(project), **_seeds(project)}
    with duckdb.connect() as db:
        db.execute("create schema raw; create schema seeds")
        for name in _needed(entries, views):
            if name in views:
                _make_view(db, name, views[name])
            elif name in tables:
                db.execute(tables[name])
        # One thread, and rows in a fixed order: a sum of floating numbers is the same every time.
        db.execute("set threads = 1")
        # Views read the raw tables when they are asked, so their folder stays open to reading.
        yield closed(db, reading=[project.raw])


def _raw(project: Project) -> dict[str, str]:
    """How each raw table is made, by its name. Ledgers may be in the lake, which does not stay open."""
    made = {
        f"raw.{folder.name}": f"create view raw.{folder.name} as select '{folder.name}' as dataset, * "
        f"from read_parquet({file_pattern(folder)} || '/*.parquet', union_by_name = true)"
        for folder in project.raw.iterdir()
        if folder.is_dir() and not folder.name.startswith("ledger_")
    }
    ledgers = file_pattern(ledger_folder(project))
    for table in ("monthly", "suppliers", "supplier_types"):
        made[f"raw.ledger_{table}"] = (
            f"create table raw.ledger_{table} as from "
            f"read_parquet({ledgers} || '/ledger_*/{table}.parquet', union_by_name = true)"
        )
    return made


def _seeds(project: Project) -> dict[str, str]:
    """How each seed is made a table, by its name."""
    return {
        f"seeds.{file.stem}": f"create table seeds.{file.stem} as "
        f"from read_csv({file_pattern(file)}, header = true, sample_size = -1)"
        for file in (project.dbt / "seeds").glob("*.csv")
    }


def _needed(entries: Iterable[dict], views: dict[str, Path]) -> list[str]:
    """What headlines read, and what the views among that read, in the order in which it can be made."""
    import duckdb

    needed: dict[str, None] = {}

    def add(sql: str, above: tuple[str, ...] = ()) -> None:
        for name in sorted(queries.tables(sql)):
            if name in views and name not in (*needed, *above):
                add(_query(views[name]), (*above, name))
            needed[name] = None

    for entry in entries:
        # What is no SQL is named when the headline is traced.
        with suppress(duckdb.Error):
            add(entry.get("cells", ""))
            add(entry.get("formula", ""))
    return list(needed)


def _query(view: Path) -> str:
    """The query of a view, which is one that only reads."""
    import duckdb

    try:
        return one_select(view.read_text(encoding="utf-8"))
    except duckdb.Error as error:
        raise RenderError(
            "A view of source cells is no query.", file=view, found=str(error), expected="one select"
        ) from error


def _make_view(db: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    import duckdb

    kind = "table" if name in MADE_ONCE else "view"
    try:
        db.execute(f"create {kind} {name} as {_query(file)}")
    except duckdb.Error as error:
        raise RenderError(
            "A view of source cells fails.",
            file=file,
            found=str(error),
            todo="mend the view; `select * from <view>` in a trace shows what it gives",
        ) from error


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
            "A headline's source cells or formula fail.",
            file=entry["file"],
            where=name,
            found=str(error),
            todo="mend `cells` or `formula` of the headline or of its family",
        ) from error
    if "parameter" in entry:
        return Traced(cells, {area: value for area, value in rows if area is not None})
    if len(rows) != 1 or len(rows[0]) != 1:
        raise RenderError(
            "A headline's formula must give one value.",
            file=entry["file"],
            where=name,
            found=str(rows[:3]),
            expected="one row with one number",
        )
    return Traced(cells, rows[0][0])
