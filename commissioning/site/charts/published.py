"""The published marts as charts and tables read them: checked and opened once for all queries."""

from __future__ import annotations

import duckdb

from commissioning import open_marts
from commissioning.base.paths import project

_held: dict[tuple, duckdb.DuckDBPyConnection] = {}


def marts() -> duckdb.DuckDBPyConnection:
    """A connection to the published marts, opened anew where others were published. Not to be closed.

    Raises `MissingMarts` or `DamagedMarts`, as `open_marts` does.
    """
    database = project().database
    about = database.stat() if database.exists() else None
    key = (database, about and (about.st_ino, about.st_mtime_ns))
    if key not in _held:
        # DuckDB would give what is still open under the same path.
        for connection in _held.values():
            connection.close()
        _held.clear()
        connection = open_marts()
        # Threads add up in any order: the last digit of a sum would differ from run to run.
        connection.execute("set threads = 1")
        _held[key] = connection
    return _held[key]
