"""A table of faults: every file of a build damaged in every way, every command when the machine refuses.

Every attempt must end well, by making again what was damaged, or with one named error that says what to do
and no traceback; and the published marts are whole afterwards. The commands are the real ones. Only dbt, the
gate's rules and the renderer, each tried elsewhere, are stood in for: dbt gives the working database that it
gave before, every rule passes, and a page is a line of HTML.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import copy_project, restore

from commissioning import cli, render
from commissioning.base.paths import Project, project
from commissioning.expectations import gate
from commissioning.marts import models, publish, seals
from commissioning.numbers import families, headlines, sentences

NUMBERS = ("dp_share_c_2021_22", "council_control_2024_25", "checks_total")
"""The register is cut to these, so that the numbers of an attempt take a moment."""
PAGES = ("index.qmd", "search.qmd")


def run(*arguments: str) -> int:
    """The command line in this process; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["commissioning", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return ended.value.code or 0


def cut_down(here: Project) -> None:
    """Three numbers, two pages without numbers, and no sentence that the few councils left could belie."""
    entries = {
        name: entry for file in headlines.register_files(here) for name, entry in families.read(file).items()
    }
    (here.reports / "headlines.yml").write_text(
        yaml.safe_dump({name: entries[name] for name in NUMBERS}, sort_keys=False), encoding="utf-8"
    )
    for file in (sentences.file(here), *(here.reports / "headlines").glob("*.yml")):
        file.unlink()
    for file in here.reports.glob("*.qmd"):
        if file.name in PAGES:
            file.write_text(f"---\ntitle: {file.stem}\n---\n\nNo number.\n", encoding="utf-8")
        else:
            file.unlink()


@pytest.fixture(scope="module")
def stand_ins(built_project, tmp_path_factory) -> Iterator[pytest.MonkeyPatch]:
    kept = tmp_path_factory.mktemp("dbt")
    names = ("models.duckdb", "dbt-state", "dbt-target")
    for name in names:
        _copy(built_project.work / name, kept / name)
    thin_out(kept)

    def dbt(here: Project, *arguments, **options) -> list[str]:
        for name in names:
            models.remove(here.work / name)
            _copy(kept / name, here.work / name)
        return []

    def render_site(pages, *, finished=None, **options) -> None:
        for page in pages:
            outputs = render.page_outputs(page)
            for output in outputs:
                output.parent.mkdir(parents=True, exist_ok=True)
                output.write_text("<html><title>x</title><main>x</main></html>", encoding="utf-8")
            if finished:
                finished(page, outputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", dbt)
        patch.setattr(render, "render_site", render_site)
        patch.setattr(gate, "check_raw", lambda names=(): [passed("raw", name) for name in names])
        patch.setattr(gate, "check_marts", lambda _, names=(): [passed("marts", name) for name in names])
        yield patch


def thin_out(kept: Path) -> None:
    """Leave a council of each region and those that have a body's page, in the working database and its seal:
    what is tried here does not hang on how many there are."""
    database, seal = kept / "models.duckdb", kept / "dbt-state" / "seal.json"
    with duckdb.connect(str(database)) as db:
        db.execute(
            "create temp table kept as from dim_council select council_id where is_current qualify "
            "row_number() over (partition by region order by council_id) = 1 "
            "or council_id in (select council_id from dim_body)"
        )
        db.execute("create temp table gone as select council_id from dim_council except from kept")
        holders = (
            "select table_name, column_name from duckdb_columns() where schema_name = 'main' and "
            "regexp_matches(table_name, '^(dim|mart)_') and column_name in ('area_id', 'council_id')"
        )
        for table, column in db.execute(holders).fetchall():
            db.execute(f"delete from {table} where {column} in (from gone)")
        db.execute("update dim_council set predecessors = null, successors = null")
    sealed = json.loads(seal.read_text(encoding="utf-8"))
    sealed["hashes"]["database"] = seals.sha256(database)
    seal.write_text(json.dumps(sealed), encoding="utf-8")


def passed(layer: str, name: str) -> gate.SuiteResult:
    return gate.SuiteResult(layer=layer, name=name, describes="Nothing is looked at.", rows=1, rules=())


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def ready(stand_ins, tmp_path_factory) -> tuple[Path, Path]:
    """A copy of the checkout with everything built, and a saved copy of that."""
    folder = tmp_path_factory.mktemp("faults").resolve()
    root = copy_project(folder / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMISSIONING_HOME", str(root))
        project.cache_clear()
        cut_down(project())
        assert run("build", "--quiet") == 0
    project.cache_clear()
    shutil.copytree(root, folder / "saved")
    return root, folder / "saved"


@pytest.fixture
def built(ready, monkeypatch) -> Project:
    root, saved = ready
    restore(root, saved)
    monkeypatch.setenv("COMMISSIONING_HOME", str(root))
    project.cache_clear()
    return project()


def assert_marts_whole(here: Project, build_id: str) -> None:
    publish.finish_publishing(here)
    assert seals.check(here)["build_id"] == build_id


def assert_one_named_error(said, *words: str) -> None:
    """One error, which names its kind and what to do, and no traceback of anybody's."""
    assert said.err.startswith("error: "), said.err
    assert said.err.count("error: ") == 1, said.err
    assert "Traceback" not in said.out + said.err
    assert "what to do: " in said.err, said.err
    for word in words:
        assert word in said.err, said.err


# Files that a build keeps, damaged

FILES = [
    "data/build/state.json",
    "data/build/build.pid",
    "data/build/dbt-state/manifest.json",
    "data/build/dbt-state/seal.json",
    "data/build/inputs/catalogue.parquet",
    "data/build/gate/raw/pss_ex1.json",
    "data/build/gate/marts/dim_route.json",
    "data/build/numbers/dp_share_c_2021_22.json",
    "data/build/numbers/dp_share_c_2021_22.csv",
    "data/marts/build.json",
    "data/marts/commissioning.duckdb",
    "data/marts/datapackage.json",
    "data/marts/parquet/dim_route.parquet",
    "data/marts/history.json",
    "reports/_generated/headlines.json",
    "reports/_generated/councils/devon.json",
    "reports/numbers/index.qmd",
    "reports/councils/devon.qmd",
    "reports/regions/south-west.qmd",
    "reports/bodies/devon.qmd",
    "reports/_site/index.html",
    "reports/_site/search-index.js",
    "reports/_site/quality/index.html",
    "reports/_site/numbers/dp_share_c_2021_22.csv",
]


SAME_BYTES = (
    "data/build/gate",
    "data/build/numbers",
    "data/marts/datapackage.json",
    "data/marts/parquet",
    "reports",
)
"""What is made again is byte for byte what it was; the rest holds dates, processes, a database."""


def lose(path: Path) -> None:
    path.unlink()


def rewrite(content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        before = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content(before))

    return spoil


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "missing": lose,
    "empty": rewrite(lambda before: b""),
    "half": rewrite(lambda before: before[: len(before) // 2]),
    "binary": rewrite(lambda before: b"\xff\xfe\x00\x9f" * 64),
    "wrong type": rewrite(lambda before: b"[3]"),
    "folder": put_a_folder,
}


ATTEMPTS = [
    (file, damage)
    for file in FILES
    for damage in (*DAMAGE, "unreadable")
    # Only of JSON does it matter what is in the file; of others, that it is not what was written.
    if file.endswith(".json") or damage not in ("empty", "binary", "wrong type")
]


@pytest.mark.parametrize(("file", "damage"), ATTEMPTS)
def test_a_damaged_file_of_the_build(built, ready, file, damage, monkeypatch, capsys):
    build_id = seals.check(built)["build_id"]
    path = built.root / file
    if damage == "unreadable":
        forbid(monkeypatch, lambda name, writing: Path(name) == path and not writing, errno.EACCES)
    else:
        DAMAGE[damage](path)
    code = run("build")
    said = capsys.readouterr()
    monkeypatch.undo()
    monkeypatch.setenv("COMMISSIONING_HOME", str(built.root))
    if code:
        assert_one_named_error(said, path.name)
    elif file.startswith("data/marts") and file != "data/marts/history.json" and damage != "unreadable":
        assert f"{path.relative_to(built.marts).as_posix()}: " in said.out, "a mended file is named"
    if not code and damage != "unreadable" and file.startswith(SAME_BYTES):
        assert path.read_bytes() == (ready[1] / file).read_bytes(), "made again as it was"
    assert_marts_whole(built, build_id)
    if code:
        # Once the advice is taken, the next build goes through.
        if damage != "unreadable":
            assert "move it away" in said.err or "commissioning clean" in said.err
            models.remove(path)
        assert run("build") == 0, capsys.readouterr().err
        assert_marts_whole(built, build_id)


READERS = (("status",), ("trace", NUMBERS[0]), ("render", "index"), ("check",), ("release",))


@pytest.mark.parametrize("file", ["commissioning.duckdb", "build.json", "datapackage.json"])
@pytest.mark.parametrize("damage", ["empty", "half", "wrong type", "folder"])
def test_no_command_reads_marts_that_are_damaged(built, file, damage, capsys):
    DAMAGE[damage](built.marts / file)
    for command in READERS:
        assert run(*command) == 1, command
        assert_one_named_error(capsys.readouterr(), file, "run `commissioning build`")


def test_a_number_that_is_gone_leaves_nothing(built):
    name, folders = NUMBERS[0], (built.reports, built.work / "numbers")

    def left() -> list[Path]:
        return [file for folder in folders for file in folder.rglob(f"{name}*")]

    assert left()
    register = built.reports / "headlines.yml"
    entries = yaml.safe_load(register.read_text(encoding="utf-8"))
    del entries[name]
    register.write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")
    orphan = built.reports / headlines.GENERATED_COUNCILS / "narnia.json"
    orphan.write_text("{}", encoding="utf-8")
    assert run("build") == 0
    assert left() == []
    assert not orphan.exists()


# The machine refuses


def forbid(
    patch: pytest.MonkeyPatch, which: Callable[[object, bool], bool], number: int, after: int = 0
) -> None:
    """The system refuses files that `which(path, writing)` names, from the one with number `after` on."""
    seen = 0

    def refused(path: object, writing: bool) -> None:
        nonlocal seen
        if isinstance(path, str | os.PathLike) and which(path, writing):
            seen += 1
            if seen > after:
                raise OSError(number, os.strerror(number), os.fspath(path))

    def opening(real):
        def call(file, mode="r", *arguments, **options):
            refused(file, any(letter in mode for letter in "wax+"))
            return real(file, mode, *arguments, **options)

        return call

    def low_level(path, flags, *arguments, **options):
        refused(path, bool(flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)))
        return os_open(path, flags, *arguments, **options)

    def changing(real):
        def call(path, *arguments, **options):
            refused(path, True)
            return real(path, *arguments, **options)

        return call

    os_open = os.open
    patch.setattr(builtins, "open", opening(builtins.open))
    patch.setattr(io, "open", opening(io.open))
    patch.setattr(os, "open", low_level)
    for name in ("replace", "mkdir", "rename"):
        patch.setattr(os, name, changing(getattr(os, name)))


def all_due(here: Project) -> None:
    """Everything that a build does is due."""
    (here.work / "state.json").unlink()


COMMANDS = {
    "build": ("build",),
    "build --marts-only": ("build", "--marts-only"),
    "render": ("render",),
    "trace --csv": ("trace", NUMBERS[0], "--csv", "reports/cells.csv"),
    "release": ("release",),
    "ingest": ("ingest", "hmt_gdp_deflator"),
}
REFUSALS = {
    "disk full": (errno.ENOSPC, "disk is full"),
    "quota": (errno.EDQUOT, "disk is full"),
    "read-only": (errno.EROFS, "cannot be written"),
    "no permission": (errno.EACCES, "no permission"),
    "input or output error": (errno.EIO, "The system could not do"),
}


@pytest.mark.parametrize("after", [0, 9])
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_machine_refuses_to_write(built, command, refusal, after, monkeypatch, capsys):
    build_id = seals.check(built)["build_id"]
    # A version that can be released and is not yet: that of the day may be one between releases.
    package = built.root / "CITATION.cff"
    package.write_text(re.sub(r"(?m)^version: .*$", "version: 9.9.9", package.read_text("utf-8")), "utf-8")
    monkeypatch.chdir(built.root)
    all_due(built)
    number, words = REFUSALS[refusal]
    with monkeypatch.context() as patch:
        inside = str(built.root)
        forbid(patch, lambda path, writing: writing and inside in str(Path(path).absolute()), number, after)
        code = run(*COMMANDS[command])
    said = capsys.readouterr()
    if code or after == 0:
        assert_one_named_error(said)
        # Once past the lock, an ingest without a mirror misses its originals first.
        no_originals = command == "ingest" and after
        assert no_originals or words in said.err or "cannot be replaced" in said.err, said.err
    assert_marts_whole(built, build_id)


@pytest.mark.parametrize(
    "command", [("build",), ("status",), ("trace", NUMBERS[0]), ("render", "index"), ("check",)]
)
def test_another_program_holds_the_published_database(built, command, capsys):
    """A reader's lock keeps nobody out; a writer's keeps readers out, and the error says so."""
    build_id = seals.check(built)["build_id"]
    all_due(built)
    with held(built.database):
        code = run(*command)
        said = capsys.readouterr()
    if code:
        assert_one_named_error(said, "Another program")
    assert_marts_whole(built, build_id)


def test_another_program_holds_the_working_database(built, capsys):
    build_id = seals.check(built)["build_id"]
    (built.marts / "datapackage.json").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", lambda *arguments, **options: [])
        with held(built.work / "models.duckdb"):
            assert run("build") == 1
    assert_one_named_error(capsys.readouterr(), "Another program", "models.duckdb")
    assert run("build") == 0
    assert_marts_whole(built, build_id)


class held:
    """Another process has a database open for writing."""

    def __init__(self, database: Path):
        self.database = database

    def __enter__(self) -> None:
        self.database.chmod(0o644)
        code = (
            "import duckdb, sys; db = duckdb.connect(sys.argv[1]); "
            "print('open', flush=True); sys.stdin.read()"
        )
        self.holder = subprocess.Popen(
            [sys.executable, "-c", code, str(self.database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.holder.stdout.readline() == "open\n"

    def __exit__(self, *error: object) -> None:
        self.holder.communicate("")


class Killed(BaseException):
    """Stands for `kill -9`: no handler for errors catches it, and nothing is written after it."""


@pytest.mark.parametrize("after", range(0, 40, 8))
def test_killed_at_any_change_of_a_file(built, after, capsys):
    """A build that publishes anew stops dead at some change; the next one mends it."""
    build_id = seals.check(built)["build_id"]
    (built.marts / "datapackage.json").unlink()
    all_due(built)
    done = 0

    def counting(real):
        def call(*arguments, **options):
            nonlocal done
            done += 1
            if done > after:
                raise Killed
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "mkdir", "unlink", "chmod"):
            patch.setattr(os, name, counting(getattr(os, name)))
        patch.setattr(sys, "argv", ["commissioning", "build"])
        with pytest.raises((Killed, SystemExit)):
            cli.main()
    capsys.readouterr()
    assert run("build") == 0, capsys.readouterr().err
    assert_marts_whole(built, build_id)


# dbt's own log, on a disk that fills


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_log_that_cannot_be_written_prints_no_tracebacks(built_project, tmp_path):
    """dbt logs hundreds of lines; Python prints a traceback for each that does not reach the file."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "dbt.log").symlink_to("/dev/full")
    code = (
        "import sys; from pathlib import Path; from commissioning.marts import models; "
        "from commissioning.base.paths import Project; real = models.environment; "
        "models.environment = lambda here: real(here) | {'DBT_LOG_PATH': sys.argv[2], "
        "'DBT_TARGET_PATH': sys.argv[2] + '/target'}; "
        "models.invoke(Project(Path(sys.argv[1])), ['parse'])"
    )
    line = [sys.executable, "-c", code, str(built_project.root), str(logs)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=900)
    assert (logs / "target").exists(), ended.stderr  # dbt did run
    assert "Logging error" not in ended.stderr
    assert ended.stderr.count("Traceback") <= 1


def test_there_are_more_than_a_hundred_attempts():
    assert len(ATTEMPTS) + len(COMMANDS) * len(REFUSALS) * 2 > 150


def test_an_attempt_changes_nothing_for_the_next(ready, built):
    root, saved = ready
    (built.work / "state.json").write_text("x", encoding="utf-8")
    (built.marts / "stray").touch()
    began = time.perf_counter()
    restore(root, saved)
    assert time.perf_counter() - began < 10
    assert (root / "data/build/state.json").read_bytes() == (saved / "data/build/state.json").read_bytes()
    assert not (built.marts / "stray").exists()


# Deleting it all


def test_clean_leaves_what_a_clone_holds_and_what_no_build_can_make_again(built, ready, tmp_path, capsys):
    """All that a whole build made goes; the numbers of this machine's former builds and payments stay."""
    (built.dbt / "target").mkdir()
    (built.dbt / "target" / "manifest.json").touch()
    (built.reports / "index.quarto_ipynb").touch()
    memory = built.marts / "history.json"
    for kept in (built.cache / "an_original.xlsx", built.lake / "devon" / "payments.parquet"):
        kept.parent.mkdir(parents=True)
        kept.touch()
    remembered = memory.read_bytes()
    assert run("clean") == 0
    assert capsys.readouterr() == ("", "")

    def held(root: Path) -> set[str]:
        files = {p.relative_to(root).as_posix() for p in root.rglob("*") if "__pycache__" not in p.parts}
        # A checkout that was built holds these, and `copy_project` copies them.
        copied = ("reports/bodies/", "reports/councils/", "reports/regions/")
        return {name for name in files if not f"{name}/".startswith(copied)}

    clone = copy_project(tmp_path / "clone")
    cut_down(Project(clone))
    kept = {"data/marts", "data/marts/history.json", "data/cache", "data/cache/an_original.xlsx"}
    kept |= {"data/lake", "data/lake/devon", "data/lake/devon/payments.parquet"}
    assert held(built.root) == held(clone) | kept
    assert not (built.reports / "councils").exists()
    assert memory.read_bytes() == remembered
    assert run("build") == 0
    assert memory.read_bytes() == remembered
