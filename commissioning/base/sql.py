"""SQL from registers: text that anybody may propose, so it is read with less trust than code.

A headline, an alternative or a rule of the gate brings SQL of its own. It may read the tables it is given
and nothing else: no file, no address, no setting, no write. `closed` shuts a connection, `one_select`
refuses what is not a single query.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def literal(text: object) -> str:
    """A text or path as SQL writes it: `it's` becomes `'it''s'`."""
    return "'" + str(text).replace("'", "''") + "'"


def file_pattern(path: Path) -> str:
    """A path as DuckDB's and Polars' file patterns take it literally, as a text of SQL.

    A folder called `[draft]` would otherwise be read as a choice of letters.
    """
    return literal(escaped_pattern(path))


def escaped_pattern(path: Path) -> str:
    """`path` with the letters that mean something in a file pattern made literal."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path.as_posix())


def closed(db: duckdb.DuckDBPyConnection, *, reading: Iterable[Path] = ()) -> duckdb.DuckDBPyConnection:
    """Shut `db` off from files, network and settings for good; `reading` names folders it may still read."""
    # DuckDB holds a pattern's own text against the list, then each file that it finds.
    ways = [way for folder in reading for way in (folder.as_posix(), escaped_pattern(folder))]
    if ways:
        db.execute(f"set allowed_directories = [{', '.join(map(literal, ways))}]")
    db.execute("set enable_external_access = false; set lock_configuration = true")
    return db


def one_select(sql: str) -> str:
    """`sql` where it is one query that only reads. Raises `duckdb.Error` for anything else.

    A closed connection still lets a statement write into the folders that it may read.
    """
    import duckdb

    statements = duckdb.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if kinds != ["SELECT"]:
        raise duckdb.PermissionException(
            f"a register may hold one query and nothing else: expected SELECT, found {', '.join(kinds)}"
        )
    return sql
