"""Evidence and spend analysis on commissioning, every number traceable to the publisher's cell.

>>> from commissioning import open_marts
>>> with open_marts() as marts:                                     # doctest: +SKIP
...     marts.sql("select * from mart_claim_check").show()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__version__ = "0.2.0"


def open_marts() -> duckdb.DuckDBPyConnection:
    """Open the published marts read-only.

    Returns a DuckDB connection. Raises `MissingMarts` where nothing has been built yet.
    """
    import duckdb

    from commissioning.errors import MissingMarts
    from commissioning.paths import project

    database = project().database
    if not database.exists():
        raise MissingMarts(database)
    return duckdb.connect(str(database), read_only=True)
