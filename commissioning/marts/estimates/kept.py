"""Estimates kept from the last build. They take most of the time of the marts, and few changes touch them.

`data/build/estimates/` holds what each Python model gave last, with a mark of all that it was made from. A
build that was killed, or in which other models changed, reads it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from commissioning.base.errors import DamagedFile
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import project
from commissioning.base.state import fingerprint, versions
from commissioning.marts.estimates import RUNS_ON


def kept(make: Callable[..., pa.Table], **tables: pd.DataFrame) -> pa.Table:
    """`make(**tables)`, or what it gave last where neither tables nor code have changed since."""
    folder = project().work / "estimates"
    held, about = folder / f"{make.__name__}.parquet", folder / f"{make.__name__}.json"
    mark = _mark(tables)
    if (made := _held(held, about, mark)) is not None:
        return made
    made = make(**tables)
    folder.mkdir(parents=True, exist_ok=True)
    # First the table, then its hash: of a table cut short the hash is another.
    parquet.write_table(made, held)
    replace_text(about, json.dumps({"mark": mark, "sha256": _sha256(held)}) + "\n")
    return made


def _held(held: Path, about: Path, mark: str) -> pa.Table | None:
    try:
        said = read_json(about) or {}
        if said.get("mark") == mark and said.get("sha256") == _sha256(held):
            return parquet.read_table(held)
    except (DamagedFile, OSError):
        pass  # Estimated again.
    return None


def _mark(tables: dict[str, pd.DataFrame]) -> str:
    """A hash of the tables' rows, of this package and of what it runs on."""
    here = Path(__file__).parent
    held = {name: [list(table.columns), _rows(table)] for name, table in tables.items()}
    return fingerprint(here.glob("*.py"), held, versions(*RUNS_ON), root=here)


def _rows(table: pd.DataFrame) -> str:
    """A hash of the rows in any order: DuckDB's threads leave them in another one each time."""
    rows = pd.util.hash_pandas_object(table, index=False).sort_values()
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
