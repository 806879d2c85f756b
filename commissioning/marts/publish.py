"""From the working database to the published marts, whole or not at all.

`stage` writes the next marts beside the present ones, in `data/build/marts/`: one Parquet file a mart, with
the same bytes for the same rows, the database in DuckDB's v1.0.0 storage format, a data package descriptor
and `build.json`. `publish` moves them into `data/marts/`. The commit point is one rename of the database.
A journal written before the first move lets the next command finish a move that was cut short, so that
readers find the old marts or the new ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from pathlib import Path

from commissioning import __version__
from commissioning.base.errors import DamagedMarts, MissingMarts, PublishError
from commissioning.base.files import remove, replace_text
from commissioning.base.paths import Project
from commissioning.base.sql import file_pattern, literal
from commissioning.base.state import versions
from commissioning.marts import datapackage, models, seals
from commissioning.marts.seals import staging_folder


def stage(project: Project, *, inputs: dict[str, str]) -> dict:
    """Write the next marts to `data/build/marts/` and return their `build.json`.

    `inputs` maps each raw edition to the sha256 of its Parquet file. The rows of each mart are ordered by
    every column of its key, and written by one thread, so that equal rows give equal bytes.
    """
    import duckdb

    folder = staging_folder(project)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "parquet").mkdir(parents=True)
    nodes = models.marts(project)
    tables = {}
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        db.execute("set threads = 1; set preserve_insertion_order = true")
        for name, node in nodes.items():
            key = ", ".join(f"{column} nulls last" for column in node["config"]["meta"]["key"])
            columns = ", ".join(node["columns"])
            file = folder / "parquet" / f"{name}.parquet"
            db.execute(
                f"copy (select {columns} from {name} order by {key}) to {literal(file)} "
                "(format parquet, compression zstd, row_group_size 122880)"
            )
            rows = db.execute(f"select count(*) from {name}").fetchone()[0]
            tables[name] = {"rows": rows, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    _write_database(folder, nodes)
    build = {
        "build_id": hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()[:12],
        "package": __version__,
        "versions": versions("duckdb", "dbt-core", "dbt-duckdb", "polars", "great-expectations"),
        "inputs": inputs,
        "tables": tables,
    }
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        package = datapackage.descriptor(db, models.manifest(project), nodes, build, folder)
    _write_json(folder / "datapackage.json", package)
    return seals.seal(folder, build)


def _write_database(folder: Path, nodes: dict[str, dict]) -> None:
    """The published database, readable by any DuckDB from 1.0 on, with comments on tables and columns."""
    import duckdb

    file = folder / "commissioning.duckdb"
    with duckdb.connect() as db:
        db.execute(f"attach {literal(file)} as published (storage_version 'v1.0.0')")
        # One transaction: each of five hundred comments would wait for the disk.
        db.execute("use published; set threads = 1; begin")
        for name, node in nodes.items():
            rows = file_pattern(folder / "parquet" / f"{name}.parquet")
            db.execute(f"create table {name} as from read_parquet({rows})")
            db.execute(f"comment on table {name} is {_comment(node['description'])}")
            for column in node["columns"].values():
                db.execute(f"comment on column {name}.{column['name']} is {_comment(column['description'])}")
        db.execute("commit; use memory; detach published")


def _comment(text: str) -> str:
    """A description on one line, as SQL writes it."""
    return literal(" ".join(text.split()))


def _write_json(path: Path, content: dict) -> None:
    replace_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def staged_build(project: Project) -> dict | None:
    """`build.json` of the marts that wait to be published; None where none wait, or not all of them.

    Only a build stages and publishes, and it holds the lock.
    """
    folder = staging_folder(project)
    try:
        build = seals.read_build(folder)
    except DamagedMarts:
        return None
    return build if build and not any(seals.faults(build, [folder])) else None


def published_build(project: Project) -> dict | None:
    """`build.json` of the published marts, None where there are none. `DamagedMarts` where it is damaged."""
    return seals.read_build(project.marts)


def faults(project: Project) -> list[str]:
    """What is wrong with the published marts, one line a file; empty where there are none yet."""
    try:
        seals.check(project)
    except MissingMarts:
        return []
    except DamagedMarts as error:
        return error.faults
    return []


def is_whole(project: Project, build_id: str | None) -> bool:
    """Whether the published marts are those of `build_id`, and each file is what was published."""
    try:
        return seals.check(project)["build_id"] == build_id
    except (MissingMarts, DamagedMarts):
        return False


def publish(project: Project) -> None:
    """Move the staged marts into `data/marts/`. Raises `PublishError` where a file is held open."""
    build = staged_build(project)
    if build is None:
        raise PublishError(
            "The marts that wait to be published are not all there.",
            file=staging_folder(project),
            todo="run `commissioning build` again: it makes them anew",
        )
    _write_json(seals.journal(project), {"build_id": build["build_id"]})
    finish_publishing(project)


def finish_publishing(project: Project) -> None:
    """Carry a publication that was begun to its end: the database first, `build.json` last.

    What the former database left beside itself goes before the new one comes. `build.json` says which files
    there are; the journal says only that they are on their way. Where neither folder has a sound
    `build.json`, nothing can be finished: what waits is dropped, and the build publishes again.
    """
    journal, folder = seals.journal(project), staging_folder(project)
    if not journal.exists():
        return
    build = _begun(project)
    if build is None:
        shutil.rmtree(folder, ignore_errors=True)
        remove(journal)
        return
    (project.marts / "parquet").mkdir(parents=True, exist_ok=True)
    for leftover in seals.companions(project.database):
        remove(leftover)
    last = [name for name in build["files"] if name != seals.DATABASE] + ["build.json"]
    for name in (seals.DATABASE, *last):
        if (folder / name).exists():
            _move(folder / name, project.marts / name)
    for leftover in (project.marts / "parquet").glob("*.parquet"):
        if f"parquet/{leftover.name}" not in build["files"]:
            remove(leftover)
    remove(journal)


def _begun(project: Project) -> dict | None:
    """The build that is being published: `build.json` waits until everything else is in its place."""
    for folder in (staging_folder(project), project.marts):
        try:
            build = seals.read_build(folder)
        except DamagedMarts:
            build = None
        if build:
            return build
    return None


def _move(source: Path, target: Path) -> None:
    if target.is_dir():
        remove(target)
    try:
        if os.name == "nt" and target.exists():
            target.chmod(stat.S_IWRITE)  # Windows replaces no read-only file
        source.replace(target)
    except PermissionError as error:
        raise PublishError(
            "A published file cannot be replaced: another program holds it, or its folder is not yours.",
            file=target,
            found=str(error),
            todo="close the program that has it open (a Python session, DuckDB, a BI tool), or make the "
            "folder writable; the next build finishes the publication",
        ) from error
