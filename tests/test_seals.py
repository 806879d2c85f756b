"""The seal of the published marts: what was altered, cut, lost or left beside them is named, never read."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT
from test_publish import between, edition_in, write_marts  # noqa: F401

from commissioning import open_marts
from commissioning.base.errors import DamagedMarts, HeldError, MissingMarts
from commissioning.base.paths import Project, project
from commissioning.marts import publish, seals

DATABASE = "commissioning.duckdb"


@pytest.fixture
def published(tmp_path, monkeypatch) -> Project:
    """Made-up marts, published; `project()` gives their project."""
    (tmp_path / "ingest" / "catalogue").mkdir(parents=True)
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "dbt_project.yml").touch()
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    project.cache_clear()
    write_marts(publish.staging_folder(project()), "old", ["mart_a", "mart_b"])
    publish.publish(project())
    return project()


def rows() -> list[tuple]:
    with open_marts() as marts:
        return marts.sql("select * from mart_a").fetchall()


# What another program leaves beside the database


def kill_while_writing(database: Path, sql: str) -> None:
    """Another process runs `sql` on the database and is killed before DuckDB moves its log into the file."""
    code = (
        "import duckdb, os, signal, sys\n"
        "db = duckdb.connect(sys.argv[1])\n"
        "db.execute(\"set checkpoint_threshold = '1TB'\")\n"
        "db.execute(sys.argv[2])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    database.chmod(0o644)
    ended = subprocess.run([sys.executable, "-c", code, str(database), sql], timeout=60)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_a_log_left_by_a_killed_program_is_not_replayed_onto_fresh_marts(published):
    kill_while_writing(published.database, "delete from mart_a")
    assert published.database.with_name(f"{DATABASE}.wal").exists()
    with pytest.raises(DamagedMarts, match=r"(?s)commissioning\.duckdb\.wal.*run `commissioning build`"):
        rows()
    write_marts(publish.staging_folder(published), "new", ["mart_a"])
    publish.publish(published)
    assert rows() == [("new",)]
    assert edition_in(published.database) == "new"


@pytest.mark.parametrize("left", ["wal", "tmp/", "wal.checkpoint", "wal.recovery", "anything"])
def test_whatever_was_left_beside_the_database_is_refused_and_goes_before_the_new_one_comes(published, left):
    companion = published.database.with_name(f"{DATABASE}.{left.rstrip('/')}")
    if left.endswith("/"):
        companion.mkdir()
        (companion / "spill").touch()
    else:
        companion.write_bytes(b"of the former database")
    with pytest.raises(DamagedMarts, match=re.escape(companion.name)):
        open_marts()
    assert publish.faults(published) == [f"{companion.name}: it belongs to another database"]
    write_marts(publish.staging_folder(published), "new", ["mart_a"])
    real, moved = Path.replace, []

    def watched(path, target):
        if Path(target) == published.database:
            moved.append(companion.exists())
        return real(path, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched)
        publish.publish(published)
    assert moved == [False], "what was left must be gone before the database is moved"
    assert rows() == [("new",)]


# What another program does to the published files


def update(file: Path) -> None:
    file.chmod(0o644)
    with duckdb.connect(str(file)) as db:
        db.execute("update mart_a set edition = 'altered'")


def write(content: bytes):
    def spoil(file: Path) -> None:
        file.chmod(0o644)
        file.write_bytes(content)

    return spoil


def halve(file: Path) -> None:
    file.chmod(0o644)
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    """One bit, the size and the time of change as they were."""
    times, content = file.stat(), bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def put_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


SPOILT = {
    "emptied": write(b""),
    "cut": halve,
    "other bytes": write(b"\xff\x00\xfe" * 99),
    "one bit": flip,
    "lost": Path.unlink,
    "a folder": put_a_folder,
}
FILES = [DATABASE, "parquet/mart_b.parquet", "datapackage.json", "build.json"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("spoil", SPOILT)
def test_every_published_file_is_sealed_and_published_again(published, file, spoil):
    shutil.copytree(published.marts, publish.staging_folder(published), dirs_exist_ok=True)
    before = {name: (published.marts / name).read_bytes() for name in FILES}
    seals.check(published)
    SPOILT[spoil](published.marts / file)
    with pytest.raises(DamagedMarts, match="(?s)" + re.escape(file) + ".*run `commissioning build`"):
        seals.check(published)
    assert not publish.is_whole(published, "old")
    assert [fault.partition(":")[0] for fault in publish.faults(published)] == [file]
    if file in (DATABASE, "build.json"):
        with pytest.raises(DamagedMarts):
            open_marts()
    publish.publish(published)
    assert {name: (published.marts / name).read_bytes() for name in FILES} == before
    assert publish.is_whole(published, "old")


def test_a_mart_that_was_never_published_is_named_and_goes(published):
    shutil.copytree(published.marts, publish.staging_folder(published), dirs_exist_ok=True)
    stray = published.marts / "parquet" / "mart_c.parquet"
    shutil.copy(published.marts / "parquet" / "mart_a.parquet", stray)
    with pytest.raises(DamagedMarts, match=r"parquet/mart_c\.parquet: it was never published"):
        seals.check(published)
    publish.publish(published)
    assert not stray.exists()
    assert publish.is_whole(published, "old")


def test_a_database_altered_by_sql_is_refused(published):
    update(published.database)
    with pytest.raises(DamagedMarts, match=r"commissioning\.duckdb: "):
        rows()


def test_marts_published_before_there_were_seals_are_published_again(published):
    build = json.loads((published.marts / "build.json").read_text(encoding="utf-8"))
    (published.marts / "build.json").chmod(0o644)
    (published.marts / "build.json").write_text(json.dumps({"build_id": "old", "tables": build["tables"]}))
    assert publish.faults(published) == ["build.json: it has no seal, or is not what was written"]


def test_an_altered_seal_is_no_seal(published):
    """Who alters the database and its hash in `build.json` is found out by the hash of `build.json`."""
    update(published.database)
    file = published.marts / "build.json"
    build = json.loads(file.read_text(encoding="utf-8"))
    about = {"bytes": published.database.stat().st_size, "sha256": seals.sha256(published.database)}
    build["files"][DATABASE] = about
    file.chmod(0o644)
    file.write_text(json.dumps(build), encoding="utf-8")
    with pytest.raises(DamagedMarts, match=r"build\.json"):
        open_marts()


def test_published_files_are_read_only(published):
    for name in FILES:
        assert not (published.marts / name).stat().st_mode & 0o222, name


def test_no_marts_are_missing_and_not_damaged(published):
    shutil.rmtree(published.marts)
    with pytest.raises(MissingMarts):
        open_marts()
    assert publish.faults(published) == []


def test_a_named_file_that_is_none_or_no_database_is_named(tmp_path):
    (tmp_path / "payments.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DamagedMarts, match="not a DuckDB database"):
        open_marts(tmp_path / "payments.csv")
    with pytest.raises(MissingMarts, match="no such file"):
        open_marts(tmp_path / "nofile.duckdb")


def test_a_database_that_another_program_holds_is_named(published):
    published.database.chmod(0o644)
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    line = [sys.executable, "-c", code, str(published.database)]
    holder = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(HeldError, match=r"(?s)Another program.*close that program"):
            open_marts()
    finally:
        holder.communicate("")
    assert rows() == [("old",)]


# A reader while a publication is going on


def test_a_reader_opens_old_or_new_marts_wherever_a_publication_was_cut_short(published):
    """After any number of moves the database opens: the old one, or the new one whose build.json waits."""
    write_marts(publish.staging_folder(published), "new", ["mart_a", "mart_b"])
    seen, real = [], Path.replace

    def watched(path, target):
        real(path, target)
        seals.check(published, every_file=True)
        seen.append(edition_in(published.database))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched)
        publish.publish(published)
    assert seen == ["old"] + ["new"] * (len(seen) - 1)
    assert len(seen) == 6


def test_nothing_here_opens_the_published_database_by_another_way():
    """Every read of the published database goes through `seals.open_database`."""
    files = [
        *ROOT.glob("commissioning/**/*.py"),
        *ROOT.glob("reports/*.qmd"),
        *ROOT.glob("expectations/*.py"),
    ]
    assert len(files) > 50
    for file in files:
        if file.name != "seals.py":
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"connect\([^)]*(project|here|project\(\))\.database", text), file
