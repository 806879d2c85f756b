"""What a publisher's change did to an edition's figures, and the catalogue's entry for the changed file.

A changed file is kept beside the old one as `name@<first 12 digits of its sha256>.xls`. It is read with the
dataset's reader as a revised edition (`2021-22r1`) and compared with the figures in force. The catalogue is
not edited: the entry to add is given as YAML.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl
import yaml

from commissioning.base.files import replace_text
from commissioning.base.paths import project
from commissioning.base.yamls import written
from commissioning.ingest import originals, snapshot
from commissioning.ingest.catalogue import Edition, OriginalFile, catalogue

_COMPARED = ("unit", "value_text", "value", "value_symbol", "source_file", "source_locator")
_KINDS = ("changed", "appeared", "vanished", "retyped")
_ENTRY = (
    "edition",
    "revises",
    "status",
    "title",
    "publisher",
    "publication_page",
    "licence",
    "licence_status",
    "unit",
    "published",
    "retrieved",
    "review_by",
    "provenance",
    "known_problems",
)


@dataclass(frozen=True)
class Comparison:
    """What a publisher's change did to an edition's figures.

    `changes` has one row a figure: `kind` (`changed`, `appeared`, `vanished`, or `retyped` where only the
    text differs), the key's columns, then unit, text, value, symbol, file and locator, each `_old` and
    `_new`, and `difference` in the figure's unit. It is also written to `file`. `entry` is the YAML to add.
    """

    revision: Edition
    changes: pl.DataFrame
    file: Path
    entry: str

    def count(self, kind: str) -> int:
        return self.changes.filter(pl.col("kind") == kind).height


def marked(path: str, sha256: str) -> str:
    """The path of a changed file: `a/spend.xls` becomes `a/spend@44f59684ec75.xls`."""
    plain = PurePosixPath(originals.unmarked(path))
    return str(plain.with_name(f"{plain.stem}@{sha256[:12]}{plain.suffix}"))


def revision_name(edition: Edition) -> str:
    """The next free name for a revision: `2021-22r1`, then `2021-22r2`."""
    taken = {other.edition for other in catalogue()[edition.dataset].editions}
    stem = re.sub(r"r\d+$", "", edition.edition)
    number = 1
    while f"{stem}r{number}" in taken:
        number += 1
    return f"{stem}r{number}"


def file_entry(file: OriginalFile) -> str:
    """A file as one line of YAML under `files:`."""
    keys = {key: value for key, value in asdict(file).items() if key != "layout" or value}
    return yaml.safe_dump(
        keys, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000
    ).strip()


def catalogue_entry(edition: Edition) -> str:
    """A held edition as the lines of YAML to put under `editions:`."""
    values = {key: getattr(edition, key) for key in _ENTRY}
    values["known_problems"] = list(edition.known_problems)
    entry = {key: value for key, value in values.items() if value or key == "published"}
    text = written(entry, width=10_000)
    lines = [*text.splitlines(), "files:", *(f"  - {file_entry(file)}" for file in edition.files)]
    return "\n".join(("  - " if number == 0 else "    ") + line for number, line in enumerate(lines))


def figures_in_force(edition: Edition) -> pl.DataFrame:
    """The edition's raw table: from the sealed snapshot, else read from the originals."""
    sealed = snapshot.read_lock().get(edition.id)
    path = snapshot.parquet_path(edition)
    if sealed and path.exists() and sealed["sha256"] == snapshot.file_sha256(path):
        return pl.read_parquet(path, glob=False)
    return snapshot.read_edition(edition).table


def compare(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The figures that differ between two raw tables, matched by `key`; see `Comparison.changes`."""
    sides = []
    for table, side in ((old, "old"), (new, "new")):
        columns = [pl.col(name).alias(f"{name}_{side}") for name in _COMPARED]
        sides.append(table.select(*key, *columns))
    both = sides[0].join(
        sides[1], on=list(key), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right"
    )
    differs = [
        pl.col(f"{name}_old").ne_missing(pl.col(f"{name}_new")) for name in ("value", "value_symbol", "unit")
    ]
    kind = (
        pl.when(pl.col("source_file_old").is_null())
        .then(pl.lit("appeared"))
        .when(pl.col("source_file_new").is_null())
        .then(pl.lit("vanished"))
        .when(pl.any_horizontal(differs))
        .then(pl.lit("changed"))
        .when(pl.col("value_text_old") != pl.col("value_text_new"))
        .then(pl.lit("retyped"))
    )
    pairs = [f"{name}_{side}" for name in _COMPARED for side in ("old", "new")]
    return (
        both.with_columns(kind.alias("kind"), (pl.col("value_new") - pl.col("value_old")).alias("difference"))
        .filter(pl.col("kind").is_not_null())
        .select("kind", *key, "difference", *pairs)
        .sort(pl.col("kind").cast(pl.Enum(_KINDS)), maintain_order=True)
    )


def compare_edition(edition: Edition, changed: Mapping[str, OriginalFile]) -> Comparison:
    """Read an edition with its changed files, by old path, swapped in, and list what that changes."""
    files = tuple(changed.get(file.path, file) for file in edition.files)
    revision = replace(
        edition,
        edition=revision_name(edition),
        revises=edition.edition,
        published=None,
        retrieved=dt.date.today(),
        provenance="publisher",
        files=files,
    )
    hashes = [file.sha256 for file in changed.values()]
    stamp = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    reading = snapshot.read_edition(revision)
    changes = compare(figures_in_force(edition), reading.table, reading.key)
    file = project().cache / edition.dataset / f"{edition.edition}@{stamp[:12]}.changes.csv"
    replace_text(file, changes.write_csv())
    return Comparison(revision, changes, file, catalogue_entry(revision))
