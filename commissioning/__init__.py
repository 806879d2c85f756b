"""Evidence and spend analysis on commissioning, every number traceable to the publisher's cell.

>>> from commissioning import open_marts
>>> with open_marts() as marts:                                     # doctest: +SKIP
...     marts.sql("select * from mart_claim_check").show()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    import duckdb

__version__ = "0.3.0.dev0"


def open_marts(path: str | PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open the published marts read-only: this checkout's, or a copy of `commissioning.duckdb` at `path`, or
    those of a workspace, where `path` is its folder.

    Returns a DuckDB connection. Raises `MissingMarts` where there is no database, and `DamagedMarts` where it
    is not the one that was published. A copy is held against the `build.json` beside it, if there is one.
    """
    from pathlib import Path

    from commissioning.base.paths import Workspace, is_workspace, project
    from commissioning.marts import seals

    if path is None:
        return seals.open_database(project())
    place = Path(path).resolve()
    return seals.open_database(Workspace(place).build) if is_workspace(place) else seals.open_copy(Path(path))
