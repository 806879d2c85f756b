"""The seal of the published marts: nothing is read from them but what was published.

`build.json` names every published file with its size and sha256, and holds a hash of itself. Published files
are read-only. Another program may change, cut or lose them all the same, or leave a write-ahead log beside
the database, which DuckDB would replay onto the fresh marts. So whoever reads them here asks first: `check`
for every file, `open_database` for the database alone. The next build mends what they refuse.
"""

from __future__ import annotations

import hashlib
import json
import stat
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning.base.errors import DamagedFile, DamagedMarts, HeldError, MissingMarts
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import Project

if TYPE_CHECKING:
    import duckdb

DATABASE = "commissioning.duckdb"
PATIENCE = 3
"""How often a reader looks again, in case a publication is just going on: that takes milliseconds."""


def staging_folder(project: Project) -> Path:
    """Where the next marts wait to be published."""
    return project.work / "marts"


def journal(project: Project) -> Path:
    """The file that is there while a publication is going on, or was cut short."""
    return project.work / "publish.json"


def seal(folder: Path, build: dict) -> dict:
    """Add to `build` every file of `folder` and its own hash, write it as `build.json`, forbid to write."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "build.json"]
    named = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in files
    }
    build = {**build, "files": named}
    build["seal"] = _own_hash(build)
    replace_text(folder / "build.json", json.dumps(build, indent=1, ensure_ascii=False) + "\n")
    for path in (*files, folder / "build.json"):
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    return build


def _own_hash(build: dict) -> str:
    rest = {key: value for key, value in build.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def sha256(path: Path) -> str:
    """A file's hash. A file that has not changed since it was last asked for is not read again."""
    about = path.stat()
    return _sha256(path, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


@cache
def _sha256(path: Path, *identity: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_build(folder: Path) -> dict | None:
    """A folder's `build.json`; None where there is none. `DamagedMarts` where its own hash is wrong."""
    path = folder / "build.json"
    try:
        build = read_json(path)
    except DamagedFile as error:
        raise DamagedMarts(folder, [f"build.json: {error.found}"]) from error
    if build is not None and build.get("seal") != _own_hash(build):
        raise DamagedMarts(folder, ["build.json: it has no seal, or is not what was written"])
    return build


def companions(database: Path) -> list[Path]:
    """Files that DuckDB or another program left beside a database: a write-ahead log, a folder for spills.

    The published database never has any of its own.
    """
    return sorted(database.parent.glob(database.name + ".*"))


def faults(build: dict, folders: Iterable[Path], names: Iterable[str] | None = None) -> Iterator[str]:
    """What is wrong with the files that `build` names, or those of them in `names`, one line a file.

    A file is looked for in each of `folders`.
    """
    for name in build["files"] if names is None else names:
        told = [_fault(folder / name, build["files"][name]) for folder in folders]
        if all(told):
            yield f"{name}: {told[0]}"


def _fault(path: Path, sealed: dict) -> str | None:
    try:
        if not path.exists():
            return "missing"
        if not path.is_file():
            return "not a file"
        size = path.stat().st_size
        if size != sealed["bytes"]:
            return f"{size:,} bytes and not {sealed['bytes']:,}"
        return None if sha256(path) == sealed["sha256"] else "altered since it was published"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _look(project: Project, every_file: bool) -> tuple[dict, list[str]]:
    """The build whose database is published, and what is wrong with its files."""
    names = None if every_file else [DATABASE]
    staged = None
    if journal(project).exists():
        # The database is moved first and build.json last: until then the new one waits in the other folder.
        try:
            staged = read_build(staging_folder(project))
        except DamagedMarts:
            staged = None
    if staged and not list(faults(staged, [project.marts], [DATABASE])):
        build, folders = staged, [project.marts, staging_folder(project)]
    else:
        build, folders = read_build(project.marts), [project.marts]
        if build is None:
            if not project.database.exists():
                raise MissingMarts(project.database)
            raise DamagedMarts(project.marts, ["build.json: missing"])
    found = list(faults(build, folders, names))
    found += [f"{p.name}: it belongs to another database" for p in companions(project.database)]
    if every_file and not journal(project).exists():
        # Readers of `parquet/*.parquet` would take it for a mart.
        held = {f"parquet/{path.name}" for path in (project.marts / "parquet").glob("*.parquet")}
        found += [f"{name}: it was never published" for name in sorted(held - set(build["files"]))]
    return build, found


def check(project: Project, *, every_file: bool = True) -> dict:
    """The `build.json` of the published marts, once they are found to be what was published.

    Raises `MissingMarts` where there are none, and `DamagedMarts` with each file that is not as it was.
    """
    for left in reversed(range(PATIENCE)):
        try:
            build, found = _look(project, every_file)
        except DamagedMarts as error:
            build, found = {}, error.faults
        if not found:
            return build
        if left:
            time.sleep(0.05)
    raise DamagedMarts(project.marts, found)


def open_database(project: Project) -> duckdb.DuckDBPyConnection:
    """A connection that reads the published database, once that is found to be what was published."""
    import duckdb

    check(project, every_file=False)
    try:
        return duckdb.connect(str(project.database), read_only=True)
    except duckdb.IOException as error:
        raise HeldError(project.database, str(error)) from error


def open_copy(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads a copy of the published database, wherever it lies.

    With the `build.json` that was published with it beside it, it must be what was published. Raises
    `MissingMarts`, `DamagedMarts` or `HeldError`.
    """
    import duckdb

    if not database.is_file():
        raise MissingMarts(
            database, "There is no such file.", todo="name the file that was copied, `commissioning.duckdb`"
        )
    build = read_build(database.parent) or {"files": {}}
    found = list(faults(build, [database.parent], {database.name} & set(build["files"])))
    found += [f"{p.name}: it belongs to another database" for p in companions(database)]
    if found:
        raise DamagedMarts(database.parent, found, todo="copy it again")
    try:
        return duckdb.connect(str(database), read_only=True)
    except duckdb.CatalogException as error:
        # A file whose name ends in .csv and the like: DuckDB would read it into a database in memory.
        raise DamagedMarts(database, ["not a DuckDB database"], todo="name the database") from error
    except duckdb.IOException as error:
        if "not a valid DuckDB database" in str(error):
            raise DamagedMarts(database, ["not a DuckDB database"], todo="copy it again") from error
        raise HeldError(database, str(error)) from error
