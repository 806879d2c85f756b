"""Publishing: the old marts or the new ones, wherever it is cut short."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from commissioning.base.errors import PublishError
from commissioning.base.paths import Project
from commissioning.marts import publish, seals


def write_marts(folder: Path, edition: str, names: list[str]) -> dict:
    """Made-up marts, each with one row that says which edition it is of."""
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    tables = {}
    database = folder / "commissioning.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect() as db:
        db.execute(f"attach '{database.as_posix()}' as made (storage_version 'v1.0.0')")
        for name in names:
            file = folder / "parquet" / f"{name}.parquet"
            db.execute(f"create table made.{name} as select '{edition}' as edition")
            db.execute(f"copy made.{name} to '{file.as_posix()}' (format parquet)")
            tables[name] = {"rows": 1, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        db.execute("detach made")
    (folder / "datapackage.json").write_text(json.dumps({"version": edition}), encoding="utf-8")
    return seals.seal(folder, {"build_id": edition, "tables": tables})


@pytest.fixture
def between(tmp_path):
    """A project with old marts published and new ones staged; the new ones lack one mart and have another."""
    project = Project(tmp_path.resolve())
    write_marts(project.marts, "old", ["mart_a", "mart_dropped"])
    write_marts(publish.staging_folder(project), "new", ["mart_a", "mart_added"])
    return project


def edition_in(database: Path) -> str:
    """What another process finds in the database (this one's DuckDB may remember the replaced file)."""
    code = (
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True)"
        ".sql('select * from mart_a').fetchall()[0][0])"
    )
    run = [sys.executable, "-c", code, str(database)]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


NEW = [
    "build.json",
    "commissioning.duckdb",
    "datapackage.json",
    "parquet/mart_a.parquet",
    "parquet/mart_added.parquet",
]


class Killed(BaseException):
    """Stands for `kill -9`."""


def die_after(monkeypatch, steps: int) -> list[str]:
    """Let `steps` moves or deletions happen, then die at every further one. Returns those that happened."""
    done = []

    def limited(real):
        def call(path, *arguments, **options):
            if len(done) >= steps:
                raise Killed
            # A deletion of what is not there is no step.
            if path.exists():
                done.append(path.name)
            return real(path, *arguments, **options)

        return call

    monkeypatch.setattr(Path, "replace", limited(Path.replace))
    monkeypatch.setattr(Path, "unlink", limited(Path.unlink))
    return done


def test_publishing_replaces_everything(between):
    publish.publish(between)
    assert files_in(between.marts) == NEW
    assert edition_in(between.database) == "new"
    assert publish.is_whole(between, "new")
    assert files_in(publish.staging_folder(between)) == []


# The journal's own move, five files, one mart dropped, the journal's deletion.
STEPS = 8


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_publication_cut_short_at_any_step_is_finished_by_the_next_command(between, monkeypatch, steps):
    with monkeypatch.context() as patch:
        die_after(patch, steps)
        with pytest.raises(Killed):
            publish.publish(between)
    journal = between.work / "publish.json"
    if steps == 0:
        assert not journal.exists()
        assert publish.is_whole(between, "old")
        assert edition_in(between.database) == "old"
        return
    assert journal.exists()
    assert edition_in(between.database) == ("old" if steps == 1 else "new")
    publish.finish_publishing(between)
    assert not journal.exists()
    assert files_in(between.marts) == NEW
    assert edition_in(between.database) == "new"
    assert publish.is_whole(between, "new")


def test_the_steps_above_are_all_there_are(between, monkeypatch):
    done = die_after(monkeypatch, 100)
    publish.publish(between)
    assert len(done) == STEPS
    assert done[1] == "commissioning.duckdb", "the database is the commit point"


def test_nothing_to_finish(between):
    publish.finish_publishing(between)
    assert publish.is_whole(between, "old")


@pytest.mark.skipif(os.name == "nt", reason="Windows does not replace an open file")
def test_a_reader_of_the_old_marts_is_not_disturbed(between):
    with duckdb.connect(str(between.database), read_only=True) as reader:
        assert reader.sql("select * from mart_a").fetchall() == [("old",)]
        publish.publish(between)
        assert reader.sql("select * from mart_a").fetchall() == [("old",)]
        assert reader.sql("select * from mart_dropped").fetchall() == [("old",)]
    assert edition_in(between.database) == "new"


def test_a_file_held_open_is_named_and_published_later(between, monkeypatch):
    def refuse(path, target):
        raise PermissionError(13, "The process cannot access the file", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        (between.work / "publish.json").write_text(json.dumps({"build_id": "new"}), encoding="utf-8")
        with pytest.raises(PublishError, match=r"(?s)holds it.*commissioning\.duckdb.*close the program"):
            publish.finish_publishing(between)
    assert publish.is_whole(between, "old")
    publish.finish_publishing(between)
    assert publish.is_whole(between, "new")


@pytest.mark.parametrize(
    "lost", ["commissioning.duckdb", "parquet/mart_a.parquet", "parquet/mart_dropped.parquet", "build.json"]
)
def test_marts_that_lost_a_file_are_not_whole(between, lost):
    assert publish.is_whole(between, "old")
    assert not publish.is_whole(between, "new")
    (between.marts / lost).unlink()
    assert not publish.is_whole(between, "old")


def test_marts_with_an_altered_file_are_not_whole(between):
    file = between.marts / "parquet" / "mart_a.parquet"
    file.chmod(0o644)
    with file.open("ab") as stream:
        stream.write(b"x")
    assert not publish.is_whole(between, "old")
