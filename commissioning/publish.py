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
import shutil
from pathlib import Path

from commissioning import __version__, models
from commissioning.errors import PublishError
from commissioning.files import replace_text
from commissioning.paths import Project
from commissioning.state import versions


def staging_folder(project: Project) -> Path:
    return project.work / "marts"


def _journal(project: Project) -> Path:
    return project.work / "publish.json"


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
                f"copy (select {columns} from {name} order by {key}) to '{file.as_posix()}' "
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
    _write_json(folder / "datapackage.json", _datapackage(nodes, build))
    _write_json(folder / "build.json", build)
    return build


def _write_database(folder: Path, nodes: dict[str, dict]) -> None:
    """The published database, readable by any DuckDB from 1.0 on, with comments on tables and columns."""
    import duckdb

    file = folder / "commissioning.duckdb"
    with duckdb.connect() as db:
        db.execute(f"attach '{file.as_posix()}' as published (storage_version 'v1.0.0')")
        db.execute("use published; set threads = 1")
        for name, node in nodes.items():
            db.execute(f"create table {name} as from '{(folder / 'parquet' / name).as_posix()}.parquet'")
            db.execute(f"comment on table {name} is {_quoted(node['description'])}")
            for column in node["columns"].values():
                db.execute(f"comment on column {name}.{column['name']} is {_quoted(column['description'])}")
        db.execute("use memory; detach published")


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


def _datapackage(nodes: dict[str, dict], build: dict) -> dict:
    """A Frictionless data package descriptor of the Parquet files."""
    return {
        "name": "commissioning-evidence",
        "version": build["package"],
        "title": "Evidence and spend analysis on commissioning",
        "licenses": [{"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0 (see dim_source)"}],
        "resources": [
            {
                "name": name,
                "path": f"parquet/{name}.parquet",
                "format": "parquet",
                "description": " ".join(node["description"].split()),
                "hash": f"sha256:{build['tables'][name]['sha256']}",
                "schema": {
                    "fields": [
                        {
                            "name": column["name"],
                            "type": column["data_type"],
                            "description": " ".join(column["description"].split()),
                            "unit": column["config"]["meta"].get("unit"),
                        }
                        for column in node["columns"].values()
                    ],
                    "primaryKey": node["config"]["meta"]["key"],
                },
            }
            for name, node in nodes.items()
        ],
    }


def _write_json(path: Path, content: dict) -> None:
    replace_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def staged_build(project: Project) -> dict:
    return json.loads((staging_folder(project) / "build.json").read_text(encoding="utf-8"))


def published_build(project: Project) -> dict | None:
    """`build.json` of the published marts, or None where there are none."""
    path = project.marts / "build.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def is_whole(project: Project, build_id: str | None) -> bool:
    """Whether the published marts are those of `build_id`, and each file is there with its own bytes."""
    build = published_build(project)
    if build is None or build["build_id"] != build_id or not project.database.exists():
        return False
    for name, table in build["tables"].items():
        file = project.marts / "parquet" / f"{name}.parquet"
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != table["sha256"]:
            return False
    return True


def publish(project: Project) -> None:
    """Move the staged marts into `data/marts/`. Raises `PublishError` where a file is held open."""
    folder = staging_folder(project)
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    _write_json(_journal(project), {"files": files})
    finish_publishing(project)


def finish_publishing(project: Project) -> None:
    """Carry a publication that was begun to its end: the database first, then the files that describe it."""
    journal = _journal(project)
    if not journal.exists():
        return
    files = json.loads(journal.read_text(encoding="utf-8"))["files"]
    files.sort(key=lambda name: (not name.endswith(".duckdb"), name == "build.json", name))
    (project.marts / "parquet").mkdir(parents=True, exist_ok=True)
    for name in files:
        source = staging_folder(project) / name
        if source.exists():
            try:
                source.replace(project.marts / name)
            except PermissionError as error:
                raise PublishError(
                    "A published file is held open by another program, so it cannot be replaced.",
                    file=project.marts / name,
                    found=str(error),
                    todo="close the program that has it open (a Python session, DuckDB, a BI tool); "
                    "the next build finishes the publication",
                ) from error
    keep = set(files)
    for leftover in (project.marts / "parquet").glob("*.parquet"):
        if f"parquet/{leftover.name}" not in keep:
            leftover.unlink()
    journal.unlink()
