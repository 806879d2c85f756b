"""The committed snapshot in `data/raw/`: one Parquet file an edition, and the lock that seals it.

`data/raw/lock.json` holds, for each edition: sha256 of the Parquet file (the same bytes for the same
originals under the locked versions), sha256 of its content (the same across versions of Polars), rows,
sha256 of each original, and the accounting of each original.

A ledger is too long to commit payment by payment. Its edition is several tables that are summed from the
lake (`ingest/ledgers/aggregate.py`), each with its own entry under `tables` in the lock; the edition's sha256
is then one over theirs, and its accounting is the table `files`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from commissioning.base.errors import CatalogueError, DamagedFile, SnapshotError
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import project
from commissioning.ingest import originals, raw
from commissioning.ingest.catalogue import Edition, catalogue, chosen


def parquet_path(edition: Edition, folder: Path | None = None) -> Path:
    return (folder or project().raw) / edition.dataset / f"{edition.edition}.parquet"


def table_paths(edition: Edition, folder: Path | None = None) -> dict[str, Path]:
    """Every Parquet file of an edition by the name of its table; a ledger has several."""
    place = parquet_path(edition, folder)
    return {name: place.with_name(f"{name}.parquet") for name in edition.tables or (edition.edition,)}


def lock_path() -> Path:
    return project().raw / "lock.json"


def read_lock() -> dict[str, dict]:
    """The lock by edition id, e.g. `pss_ex1/2000-01`; empty before the first ingest."""
    path = lock_path()
    try:
        return read_json(path) or {}
    except DamagedFile as error:
        raise SnapshotError(
            "The snapshot's lock is not JSON.", file=path, found=error.found, todo="restore it from git"
        ) from error


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_sha256(table: pl.DataFrame) -> str:
    """A hash of a raw table's column names and cells that does not depend on how Parquet is written."""
    return hashlib.sha256(table.write_csv(null_value="\\N", quote_style="necessary").encode()).hexdigest()


def read_edition(edition: Edition) -> raw.Reading:
    """Read an edition's originals with its dataset's module and check the result. Writes nothing.

    A reader sees a revised edition under the names of the first one, as it may choose a layout by edition
    or file name; `source_file` is the file really read.
    """
    first = edition
    while first.revises is not None:
        first = catalogue()[first.dataset].edition(first.revises)
    read_from = {originals.unmarked(file.path): file.path for file in edition.files}
    files = tuple(replace(file, path=originals.unmarked(file.path)) for file in edition.files)
    data = {originals.unmarked(path): content for path, content in originals.load_all(edition).items()}
    try:
        module = importlib.import_module(f"commissioning.ingest.{edition.dataset}")
    except ModuleNotFoundError as error:
        raise CatalogueError(
            f"There is no module to read the dataset {edition.dataset!r}.",
            expected=f"ingest/{edition.dataset}.py",
        ) from error
    reading = module.read(replace(edition, edition=first.edition, revises=None, files=files), data)
    table = reading.table.with_columns(
        pl.lit(edition.edition).alias("edition"), pl.col("source_file").replace(read_from)
    ).select("edition", pl.exclude("edition"))
    accounting = [
        replace(account, source_file=read_from.get(account.source_file, account.source_file))
        for account in reading.accounting
    ]
    reading = raw.Reading(table, reading.key, accounting)
    raw.check(reading, what=edition.id)
    return reading


def _write_parquet(table: pl.DataFrame, path: Path) -> dict:
    """Write a table whole or not at all, and return its rows and hashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        table.write_parquet(
            part, compression="zstd", compression_level=19, statistics=False, row_group_size=1_000_000
        )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {"rows": table.height, "sha256": file_sha256(path), "content_sha256": content_sha256(table)}


def write_edition(edition: Edition, reading: raw.Reading, folder: Path | None = None) -> dict:
    """Write the edition's Parquet file (whole or not at all) and return its entry for the lock."""
    return {
        **_write_parquet(reading.table, parquet_path(edition, folder)),
        "key": list(reading.key),
        "originals": {file.path: file.sha256 for file in edition.files},
        "accounting": [asdict(account) for account in reading.accounting],
    }


def write_tables(edition: Edition, tables: Mapping[str, pl.DataFrame], folder: Path | None = None) -> dict:
    """Write the tables of a ledger, each whole or not at all, and return the edition's entry for the lock."""
    paths = table_paths(edition, folder)
    written = {name: _write_parquet(table, paths[name]) for name, table in tables.items()}
    return {
        "rows": sum(entry["rows"] for entry in written.values()),
        "sha256": tables_sha256(written),
        "tables": written,
        "originals": {file.path: file.sha256 for file in edition.files},
    }


def tables_sha256(written: Mapping[str, dict]) -> str:
    """One hash for the tables of an edition."""
    text = json.dumps({name: entry["sha256"] for name, entry in written.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def ingest(
    editions: Iterable[Edition], *, progress: Callable[[str], None] = lambda line: None
) -> dict[str, dict]:
    """Read editions into the snapshot and seal them in the lock. Returns the new lock entries.

    Each edition is written whole before its lock entry is; a failure leaves the earlier ones sealed and
    this one as it was.
    """
    written = {}
    for edition in editions:
        if edition.tables:
            from commissioning.ingest.ledgers.aggregate import read_tables

            entry = write_tables(edition, read_tables(edition, progress=progress))
        else:
            entry = write_edition(edition, read_edition(edition))
        lock = read_lock() | {edition.id: entry}
        replace_text(lock_path(), json.dumps(lock, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        written[edition.id] = entry
        progress(f"{edition.id}: {entry['rows']:,} {'rows' if edition.tables else 'figures'}")
    return written


def held_editions(names: Iterable[str] = ()) -> list[Edition]:
    """Held editions of the named datasets (`pss_ex1`) or editions (`pss_ex1/2000-01`); all if none named."""
    return chosen(names, (edition for dataset in catalogue().values() for edition in dataset.held))


def verify() -> dict[str, dict]:
    """Check that `data/raw/` is what the catalogue and the lock say, and return the lock.

    Raises `SnapshotError` for a file missing, altered, unsealed, unlisted or read from other originals.
    """
    lock = read_lock()
    todo = "restore data/raw from git, or run `commissioning ingest` with the originals at hand"
    expected = {edition.id: edition for edition in held_editions()}
    if set(lock) != set(expected):
        raise SnapshotError(
            "The snapshot's lock does not list the catalogue's held editions.",
            file=lock_path(),
            expected=f"also {sorted(set(expected) - set(lock))}" if set(expected) - set(lock) else "no more",
            found=f"extra {sorted(set(lock) - set(expected))}" if set(lock) - set(expected) else "too few",
            todo=todo,
        )
    for name, edition in expected.items():
        sealed = lock[name].get("tables") or {edition.edition: lock[name]}
        for table, path in table_paths(edition).items():
            if not path.exists():
                raise SnapshotError("A raw table is missing.", file=path, todo=todo)
            found, wanted = file_sha256(path), sealed.get(table, {}).get("sha256")
            if found != wanted:
                raise SnapshotError(
                    "A raw table does not match the lock.",
                    file=path,
                    where=f"{lock_path().name}, entry {name}",
                    expected=f"sha256 {wanted}",
                    found=f"sha256 {found}",
                    todo=todo,
                )
        if edition.tables and tables_sha256(sealed) != lock[name]["sha256"]:
            raise SnapshotError(
                "The lock's entry of a ledger is not sound.", file=lock_path(), where=name, todo=todo
            )
        if lock[name]["originals"] != {file.path: file.sha256 for file in edition.files}:
            raise SnapshotError(
                "A raw table was read from other originals than the catalogue names.",
                file=parquet_path(edition).parent,
                where=f"{lock_path().name}, entry {name}",
                todo=f"run `commissioning ingest {name}` with the catalogue's originals at hand",
            )
    listed = {path for edition in expected.values() for path in table_paths(edition).values()}
    _refuse_unlisted(listed)
    return lock


def _refuse_unlisted(listed: set[Path]) -> None:
    """The models read every Parquet file of a dataset's folder: one that no edition owns would get in."""
    unlisted = sorted(set(project().raw.rglob("*.parquet")) - listed)
    if unlisted:
        raise SnapshotError(
            "A raw table belongs to no edition that the catalogue holds.",
            file=", ".join(path.relative_to(project().root).as_posix() for path in unlisted),
            expected=f"only tables of the editions in {lock_path().name}",
            todo="take the file away, or add its edition to ingest/catalogue/ and run `commissioning ingest`",
        )
