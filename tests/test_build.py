"""The build as a whole, on the committed snapshot: whatever stops it, the last good marts stay.

One private copy of the checkout is built once; every test starts from that state again.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml
from conftest import ROOT, copy_project, restore
from rich.console import Console

from commissioning import render
from commissioning.base import state
from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project, project
from commissioning.base.progress import Progress
from commissioning.base.trouble import named_trouble
from commissioning.build import SITE_STEPS, STEPS, Build
from commissioning.ingest import snapshot
from commissioning.marts import models, publish
from commissioning.numbers import headlines

posix = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
KILLS = 5
STRANGE_FOLDER = "it's a [draft], {x} & 100% #é"
"""A checkout may lie anywhere: each of these means something to SQL, a file pattern, dbt or an address."""
FOREIGN = {
    "DBT_TARGET": "prod", "DBT_PROFILE": "warehouse", "DBT_DEFER": "true", "DBT_STATE": "elsewhere",
    "DBT_FAVOR_STATE": "true", "DBT_EMPTY": "true", "DBT_SAMPLE": "3 days", "DBT_PARTIAL_PARSE": "false",
    "DBT_WARN_ERROR": "true", "DBT_INDIRECT_SELECTION": "empty", "DBT_RESOURCE_TYPES": "seed",
    "DBT_EXCLUDE_RESOURCE_TYPES": "model", "DBT_ENGINE_TARGET": "prod", "DBT_LOG_FORMAT": "json",
    "DBT_CACHE_SELECTED_ONLY": "maybe", "dbt_target": "prod",
    "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "COLUMNS": "20",
}  # fmt: skip
"""What other work may have left in a user's environment."""


def start(root: Path, *arguments: str) -> subprocess.Popen:
    """The command line of the copy, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "commissioning.cli", *(arguments or ("build", "--marts-only"))],
        cwd=root,
        env={**os.environ, **FOREIGN, "COMMISSIONING_HOME": str(root), "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def end(process: subprocess.Popen) -> tuple[int, str, str]:
    """Exit code, standard output and error output."""
    out, err = process.communicate(timeout=900)
    return process.returncode, out, err


def run(root: Path, *arguments: str) -> tuple[int, str, str]:
    return end(start(root, *arguments))


@pytest.fixture(scope="module")
def first_build(tmp_path_factory) -> tuple[Path, Path]:
    """A copy of the checkout with its marts built, and a saved copy of that. Estimates that the checkout
    holds are read and not made again: tests of their own make them anew."""
    folder = tmp_path_factory.mktemp("build").resolve()
    root = copy_project(folder / STRANGE_FOLDER)
    if (held := Project(ROOT).work / "estimates").exists():
        shutil.copytree(held, Project(root).work / "estimates")
    code, out, err = run(root)
    assert code == 0, out + err
    shutil.copytree(root, folder / "saved")
    return root, folder / "saved"


@pytest.fixture
def built(first_build, monkeypatch) -> Project:
    """The built copy as it was after its first build; `project()` gives it during the test."""
    root, saved = first_build
    restore(root, saved)
    monkeypatch.setenv("COMMISSIONING_HOME", str(root))
    for name, value in models.environment(Project(root)).items():
        monkeypatch.setenv(name, value)
    project.cache_clear()
    return project()


def tables(here: Project) -> dict[str, dict]:
    return publish.published_build(here)["tables"]


def bytes_of(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def rename_a_route(here: Project) -> None:
    """A small change that gives other marts."""
    replace_in(here.dbt / "seeds" / "routes.csv", ",Direct payment,", ",Direct payment (renamed),")


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_group_ends(group: int) -> None:
    """No process of the group outlives its leader by more than the moment that helpers need to notice."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the stopped build left processes behind")


def remembered(here: Project, step: str) -> dict:
    return json.loads((here.work / "state.json").read_text(encoding="utf-8")).get(step, {})


def is_noted_as_done(here: Project, step: str) -> bool:
    return "fingerprint" in remembered(here, step)


def assert_published_is_sound(here: Project) -> None:
    """The database answers and holds the rows that `build.json` names, which has the hashes of the files."""
    with duckdb.connect(str(here.database), read_only=True) as db:
        assert len(db.execute("select * from mart_claim_check").fetchall()) == 4
        for name, facts in tables(here).items():
            assert db.execute(f"select count(*) from {name}").fetchall() == [(facts["rows"],)]
    found = bytes_of(here.marts / "parquet")
    assert found == {f"{name}.parquet": facts["sha256"] for name, facts in tables(here).items()}


def test_a_checkout_in_a_strange_place_under_foreign_settings_gives_the_same_marts(built, built_project):
    plain = json.loads((publish.staging_folder(built_project) / "build.json").read_text(encoding="utf-8"))
    assert {name: facts["sha256"] for name, facts in tables(built).items()} == {
        name: facts["sha256"] for name, facts in plain["tables"].items()
    }


def test_a_question_mark_in_the_path_is_named(tmp_path, monkeypatch):
    folder = copy_project(tmp_path / "really?")
    monkeypatch.setenv("COMMISSIONING_HOME", str(folder))
    project.cache_clear()
    with pytest.raises(CommissioningError, match="question mark"):
        project()


# Stopped from outside


@posix
def test_killed_at_any_moment(built):
    fresh = tables(built)
    rename_a_route(built)
    began = time.monotonic()
    code, out, err = run(built.root)
    assert code == 0, out + err
    duration = time.monotonic() - began
    assert tables(built) != fresh
    renamed = built.root / "renamed"
    shutil.copytree(built.root / "data", renamed)
    replace_in(built.dbt / "seeds" / "routes.csv", " (renamed)", "")
    for moment in range(KILLS):
        shutil.rmtree(built.root / "data")
        shutil.copytree(renamed, built.root / "data")
        process = start(built.root)
        time.sleep(duration * (moment + 0.5) / KILLS)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        # The one state between old and new marts: a publication cut short, which the next command finishes.
        publish.finish_publishing(built)
        assert_published_is_sound(built)
    code, out, err = run(built.root)
    assert code == 0, out + err
    assert_published_is_sound(built)
    assert tables(built) == fresh


@posix
@pytest.mark.parametrize(
    ("sent", "during"),
    [(signal.SIGINT, "marts"), (signal.SIGINT, "gate"), (signal.SIGTERM, "gate")],
)
def test_told_to_end(built, sent, during):
    before = bytes_of(built.marts)
    rename_a_route(built)
    last = remembered(built, "marts")["fingerprint"]
    process = start(built.root)
    if during == "marts":
        wait_for(lambda: not is_noted_as_done(built, "marts"), process)
        time.sleep(1)
    else:
        wait_for(lambda: remembered(built, "marts").get("fingerprint", last) != last, process)
    process.send_signal(sent)
    code, out, err = end(process)
    assert code == 130
    assert err == "stopped; marts, pages and lake hold what was finished, nothing by halves\n"
    assert "Traceback" not in out
    assert_group_ends(process.pid)
    assert bytes_of(built.marts) == before
    code, out, err = run(built.root)
    assert code == 0, out + err
    assert_published_is_sound(built)
    assert bytes_of(built.marts) != before


def test_a_second_build_says_so_and_leaves(built):
    rename_a_route(built)
    first = start(built.root)
    wait_for(lambda: not is_noted_as_done(built, "marts"), first)
    code, out, err = run(built.root)
    assert (code, out) == (3, "")
    assert "Another build of this project is running." in err
    assert f"process {first.pid}" in err
    assert first.poll() is None
    code, out, err = end(first)
    assert code == 0, out + err
    assert_published_is_sound(built)


# A full disk


def out_of_space(*arguments, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "some.file")


def fail_to_save(patch):
    patch.setattr(state, "replace_text", out_of_space)


def fail_to_stage(patch):
    patch.setattr(publish, "_write_database", out_of_space)


def fail_to_move(patch):
    real = Path.replace

    def limited(path, target):
        return out_of_space() if Path(target).parent.name == "parquet" else real(path, target)

    patch.setattr(Path, "replace", limited)


@pytest.mark.parametrize("fail", [fail_to_save, fail_to_stage, fail_to_move])
def test_a_full_disk_is_named(built, monkeypatch, fail):
    before, parquet = bytes_of(built.marts), bytes_of(built.marts / "parquet")
    build = Build(built, Progress(Console(file=io.StringIO())))
    # The marts are due again, from the working database as it is.
    facts = build.state.recall("marts")
    build.state.keep("marts", **{**facts, "fingerprint": "out of date"})
    build.state.save()
    monkeypatch.setattr(models, "build", lambda *arguments, **options: [])
    with monkeypatch.context() as patch:
        fail(patch)
        with pytest.raises(CommissioningError, match=r"(?s)disk is full.*some.file.*free some space"):
            build.run(briefs=False)
    if fail is not fail_to_move:
        assert bytes_of(built.marts) == before
    Build(built, build.progress).run(briefs=False)
    assert_published_is_sound(built)
    assert bytes_of(built.marts / "parquet") == parquet
    assert not (built.work / "publish.json").exists()


def test_a_full_disk_while_writing_headlines_is_named(built, monkeypatch):
    build = Build(built, Progress(Console(file=io.StringIO())))
    monkeypatch.setattr(headlines, "replace_changed", out_of_space)
    with pytest.raises(CommissioningError, match=r"(?s)disk is full.*some.file"):
        build.run()
    assert not is_noted_as_done(built, "numbers")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "write",
    [
        lambda: duckdb.execute("copy (select 1 as i) to '/dev/full' (format csv)"),
        lambda: pl.DataFrame({"i": [1]}).write_parquet("/dev/full"),
        lambda: Path("/dev/full").write_text("x"),
    ],
)
def test_every_librarys_own_error_for_a_full_disk_is_named(write):
    with pytest.raises(CommissioningError, match=r"(?s)disk is full.*No space left"), named_trouble():
        write()


def test_other_errors_pass_as_they_are():
    with pytest.raises(ZeroDivisionError), named_trouble():
        1 / 0  # noqa: B018
    with pytest.raises(duckdb.Error, match="no_such"), named_trouble():
        duckdb.execute("select no_such")


# Input that is wrong


def alter_raw(here: Project) -> None:
    with next(here.raw.glob("nsiamhs/*.parquet")).open("ab") as stream:
        stream.write(b"x")


def lose_raw(here: Project) -> None:
    (here.raw / "pss_ex1" / "2000-01.parquet").unlink()


def lose_alias(here: Project) -> None:
    seed = here.dbt / "seeds" / "council_aliases.csv"
    rows = seed.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if not row.startswith("barnsley,")]
    assert len(kept) == len(rows) - 1
    seed.write_text("".join(kept), encoding="utf-8")


def repeat_route(here: Project) -> None:
    """A route of no ledger: of the others a test of the models says first that payments count twice."""
    seed = here.dbt / "seeds" / "routes.csv"
    rows = seed.read_text(encoding="utf-8").splitlines(keepends=True)
    unused = next(row for row in rows if row.startswith("sds_option_1,"))
    seed.write_text("".join([*rows, unused]), encoding="utf-8")


def break_sql(here: Project) -> None:
    (here.dbt / "models" / "marts" / "dim_route.sql").write_text("selec * from x", encoding="utf-8")


def break_template(here: Project) -> None:
    (here.dbt / "models" / "marts" / "dim_route.sql").write_text("{{ ref('no_such') }}", encoding="utf-8")


def demand_the_impossible(here: Project) -> None:
    rename_a_route(here)
    suite = here.expectations / "marts" / "dim_route.yml"
    content = yaml.safe_load(suite.read_text(encoding="utf-8"))
    content["rules"].append(
        {
            "id": "no_route_is_called_direct_payment",
            "expectation": "expect_column_values_to_not_be_in_set",
            "kwargs": {"column": "route", "value_set": ["direct_payment"]},
            "severity": "critical",
            "why": "A made-up rule.",
            "todo": "nothing",
        }
    )
    suite.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (alter_raw, ["A raw table does not match the lock", "nsiamhs", "restore data/raw from git"]),
        (lose_raw, ["A raw table is missing", "2000-01.parquet", "restore data/raw from git"]),
        (lose_alias, ["no_orphan_areas", "'area_key': 'alias:barnsley'"]),
        (break_sql, ["dim_route (models/marts/dim_route.sql)", "syntax error"]),
        (break_template, ["dim_route", "no_such", "not found"]),
        (demand_the_impossible, ["no_route_is_called_direct_payment", "marts/dim_route", "direct_payment"]),
    ],
)
def test_bad_input_is_named_and_the_marts_stay(built, spoil, said):
    assert_named_and_the_marts_stay(built, spoil, said)


def assert_named_and_the_marts_stay(
    built: Project, spoil: Callable[[Project], None], said: list[str]
) -> None:
    before = bytes_of(built.marts)
    spoil(built)
    code, out, err = run(built.root)
    assert code == 1, out + err
    assert err.startswith("error: ")
    for words in said:
        assert words in err
    assert "Traceback" not in out + err
    assert bytes_of(built.marts) == before
    assert_published_is_sound(built)


def test_a_build_after_a_failed_one_mends_itself(built):
    before = tables(built)
    seed = built.dbt / "seeds" / "routes.csv"
    good = seed.read_bytes()
    said = ["marts/dim_route: key_is_unique", '{"route": "sds_option_1", "rows": 2}']
    assert_named_and_the_marts_stay(built, repeat_route, said)
    seed.write_bytes(good)
    code, out, err = run(built.root)
    assert code == 0, out + err
    assert tables(built) == before


@pytest.mark.parametrize("lost", ["commissioning.duckdb", "parquet/dim_route.parquet"])
def test_a_published_file_that_was_lost_comes_back(built, lost):
    before = bytes_of(built.marts / "parquet")
    (built.marts / lost).unlink()
    code, out, err = run(built.root)
    assert code == 0, out + err
    assert bytes_of(built.marts / "parquet") == before
    assert_published_is_sound(built)


# The same and no more


def test_two_folders_give_the_same_bytes(built, built_project):
    assert built.root != built_project.root
    here, there = publish.published_build(built), publish.staged_build(built_project)
    assert here["tables"] == there["tables"]
    assert here["build_id"] == there["build_id"]
    assert bytes_of(built.marts / "parquet") == bytes_of(publish.staging_folder(built_project) / "parquet")


def test_nothing_changed_nothing_done(built):
    before = bytes_of(built.work)
    code, out, err = run(built.root)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["snapshot", "done"]
    after = bytes_of(built.work)
    assert {name for name in after if after[name] != before.get(name)} <= {"build.pid"}


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """Names of the dbt nodes that builds of this process ran."""
    names: list[str] = []
    real = models.build

    def build(*arguments, **options):
        result = real(*arguments, **options)
        names.extend(result)
        return result

    monkeypatch.setattr(models, "build", build)
    return names


def models_among(names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(("stg_", "int_", "mart_", "dim_"))}


# The catalogue is written anew for each run, and the tables of sources and of gaps made from it.
ALWAYS = {
    "stg_catalogue", "dim_source", "mart_gaps", "mart_finance_reconciliation", "mart_place_resources",
}  # fmt: skip


def test_a_changed_model_redoes_only_what_depends_on_it(built, ran):
    before = tables(built)
    with (built.dbt / "models" / "marts" / "mart_mental_health_split.sql").open("a") as stream:
        stream.write("\n-- A remark.\n")
    build_as_told(built, briefs=False)
    assert models_among(ran) == {"mart_mental_health_split", "mart_claim_check", *ALWAYS}
    assert tables(built) == before


def build_as_told(here: Project, *, briefs: bool = True) -> str:
    """Build, and hold what was done against what `status` says beforehand. Returns what the build said."""
    planned = Build(here, Progress(Console(file=io.StringIO()))).plan()
    wanted = {step.name for step in STEPS + (SITE_STEPS if briefs else ())}
    # The search index is due while a page is lost, and no longer once that page is made again as it was.
    open_ = {"search"} if not (here.site / "index.html").exists() else set()
    sure = ({p.step for p in planned if p.due} - open_) & wanted
    maybe = {p.step for p in planned if p.may_grow} & wanted
    told = io.StringIO()
    Build(here, Progress(Console(file=told, width=200))).run(briefs=briefs)
    did = {name for name in wanted if re.search(rf"^{name} +[0-9.]+ s", told.getvalue(), re.M)}
    assert sure <= did <= sure | maybe
    return told.getvalue()


def test_a_changed_dataset_redoes_only_what_depends_on_it(built, ran):
    before = tables(built)
    file = built.raw / "hmt_gdp_deflator" / f"{reseal(built, 'hmt_gdp_deflator')}.parquet"
    assert file.exists()
    assert "on 1 tables" in build_as_told(built, briefs=False), (
        "only the changed raw table goes before the gate"
    )
    redone = models_among(ran)
    assert {"stg_hmt_gdp_deflator", "int_deflators", "mart_social_care_spend"} <= redone
    assert not redone & {"stg_pss_ex1__spend", "stg_asc_fr", "int_spend_cells", "int_population"}
    after = tables(built)
    assert {name for name in after if after[name] != before[name]} == {"dim_source"}


def reseal(here: Project, dataset: str) -> str:
    """Write a raw table again in other bytes that hold the same figures. Returns its edition."""
    file = next((here.raw / dataset).glob("*.parquet"))
    pl.read_parquet(file, glob=False).write_parquet(file, compression="zstd", compression_level=1)
    lock = json.loads((here.raw / "lock.json").read_text(encoding="utf-8"))
    entry = lock[f"{dataset}/{file.stem}"]
    assert entry["sha256"] != snapshot.file_sha256(file)
    entry["sha256"] = snapshot.file_sha256(file)
    (here.raw / "lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return file.stem


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """Names of the pages that were rendered (`index`, `numbers/index`), in place of rendering them."""
    names: list[str] = []

    def render_site(pages, *, progress, finished):
        for page in pages:
            names.append(page.relative_to(project().reports).with_suffix("").as_posix())
            outputs = render.page_outputs(page)
            for output in outputs:
                output.parent.mkdir(parents=True, exist_ok=True)
                output.touch()
            finished(page, outputs)

    monkeypatch.setattr(render, "render_site", render_site)
    return names


def test_only_pages_that_depend_on_a_change_are_rendered_again(built, rendered):
    def redone() -> list[str]:
        rendered.clear()
        planned = {p.step: p for p in Build(built, Progress(Console(file=io.StringIO()))).plan()}
        build_as_told(built)
        if pages := planned.get("pages"):
            assert pages.due <= len(rendered)
            assert len(rendered) == pages.due or pages.may_grow
        return sorted(rendered)

    everything = redone()
    assert {"index", "councils/index", "councils/devon", "numbers/index"} < set(everything)
    assert {f"numbers/{name}" for name in headlines.register(built)} < set(everything)
    assert everything == sorted(
        p.relative_to(built.reports).with_suffix("").as_posix() for p in render.site_pages()
    )
    assert redone() == []
    # A brief's text.
    replace_in(built.reports / "80-in-80-out.qmd", "The comparison between them is", "Their comparison is")
    # Its reading age is counted again.
    assert redone() == ["80-in-80-out", "quality/reading"]
    # A headline whose number changes, and one whose SQL changes while its number stays.
    register = built.reports / "headlines.yml"
    entries = yaml.safe_load(register.read_text(encoding="utf-8"))
    entries["checks_total"]["sql"] = "select 12345"
    entries["claimed_dp_amount"]["sql"] += " "
    register.write_text(yaml.safe_dump(entries), encoding="utf-8")
    numbers = ["numbers/alternatives", "numbers/checks_total", "numbers/index"]
    assert redone() == ["index", *numbers, "quality", "reconciliation"]
    # A headline whose number changes for one council.
    of_councils = built.reports / "headlines" / "council_pages.yml"
    replace_in(
        of_councils,
        "select area_id, value / 100,",
        "select area_id, if(area_id = 'devon', 0.5, value / 100),",
    )
    assert redone() == ["councils/devon", "numbers/council_control_2024_25"]
    # What all pages share.
    with (built.reports / "_theme" / "brief.css").open("a") as stream:
        stream.write("\n/* A remark. */\n")
    assert redone() == everything
    # A page that was lost.
    (built.site / "index.html").unlink()
    assert redone() == ["index"]


def test_a_state_file_that_cannot_be_read_is_an_empty_one(tmp_path):
    for content in (b"", b'{"marts": {"fing', b"\xff\xfe\x00"):
        (tmp_path / "state.json").write_bytes(content)
        assert state.State(tmp_path / "state.json").recall("marts") == {}
