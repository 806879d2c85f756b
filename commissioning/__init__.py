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

    Returns a DuckDB connection. Raises `MissingMarts` where nothing has been built yet, and `DamagedMarts`
    where the database is not the one that was published.
    """
    from commissioning.base.paths import project
    from commissioning.marts import seals

    return seals.open_database(project())
