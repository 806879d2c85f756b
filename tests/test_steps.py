"""The table of steps: whatever a step reads makes it due, what it made is trusted only byte for byte, and
`status` says beforehand what a build then does.

Most tests look at marks alone: a project in which everything is noted as done, and one change.
"""

from __future__ import annotations

import ast
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
from conftest import ROOT
from rich.console import Console

from commissioning import render
from commissioning.base.errors import RenderError
from commissioning.base.files import replace_text
from commissioning.base.paths import Project
from commissioning.base.progress import Progress
from commissioning.base.state import State
from commissioning.build import SITE_STEPS, STEPS, Build, tasks
from commissioning.build.step import CODE, code_mark
from commissioning.commands import check as checks
from commissioning.marts import publish, seals
from commissioning.numbers import headlines
from commissioning.render import search

posix = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
PAGES = 120


def build(here: Project) -> Build:
    return Build(here, Progress(Console(file=io.StringIO()), quiet=True))


def settle(here: Project) -> None:
    """Note every part of every step as done, as it would be after a build."""
    done = build(here)
    for step in STEPS + SITE_STEPS:
        for part, mark in done.marks(step).items():
            made = done.files.made(page_files(here, part) if part.startswith("page ") else [])
            done.state.keep(part, mark, made, step=step.name)
    done.state.save()


def page_files(here: Project, part: str) -> list[Path]:
    return [here.site / f"{part.removeprefix('page ')}.html"]


@pytest.fixture
def settled(own_project, monkeypatch) -> Project:
    """A copy of the checkout with a few pages, in which nothing is due. Its marts are a name and no more."""
    monkeypatch.setattr(publish, "is_whole", lambda project, build_id: True)
    monkeypatch.delenv("QUARTO", raising=False)
    publish_another(own_project, "first")
    for name in ("numbers/one", "councils/devon"):
        page = own_project.reports / f"{name}.qmd"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"---\ntitle: {name}\n---\n\nText.\n", encoding="utf-8")
    for page in render.site_pages():
        target = (own_project.site / page.relative_to(own_project.reports)).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"<h1>{page.stem}</h1>", encoding="utf-8")
    settle(own_project)
    assert build(own_project).plan() == []
    return own_project


def publish_another(here: Project, build_id: str, about: str = "{}") -> None:
    here.marts.mkdir(parents=True, exist_ok=True)
    replace_text(here.marts / "datapackage.json", about)
    tables = {"dim_route": {"rows": 1, "sha256": build_id}}
    seals.seal(here.marts, {"build_id": build_id, "tables": tables, "inputs": {}})


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def due(here: Project) -> dict[str, int]:
    """How many parts of each step are due for certain."""
    return {planned.step: planned.due for planned in build(here).plan() if planned.due}


def pages(here: Project) -> int:
    return len(render.site_pages())


# What makes which step due


def test_names_from_seeds_reach_the_pages_through_the_marts(settled):
    """A setting's name and a successor's note were read from the seeds, and no page followed them."""
    for seed, old, new in [
        ("support_settings", ",Day care,", ",Day centres,"),
        ("council_successors", "Christchurch only", "Christchurch alone"),
    ]:
        replace_in(settled.dbt / "seeds" / f"{seed}.csv", old, new)
        planned = {p.step: p for p in build(settled).plan()}
        assert planned["marts"].due == 1
        assert planned["councils"].may_grow and planned["pages"].may_grow
        replace_in(settled.dbt / "seeds" / f"{seed}.csv", new, old)
    publish_another(settled, "second")
    assert due(settled) == {
        "gate, marts": 1, "numbers": 1, "councils": 1, "regions": 1, "bodies": 1, "data files": 1,
        "pages": pages(settled), "search": 1,
    }  # fmt: skip


def test_another_licence_reaches_the_number_pages(settled):
    replace_in(
        settled.catalogue / "asc_fr.yml",
        "licence: Open Government Licence v3.0",
        "licence: A made-up licence",
    )
    assert due(settled) == {"marts": 1, "numbers": 1}


def test_another_description_of_a_column_reaches_the_pages(settled):
    publish_another(settled, "first", '{"description": "another"}')
    assert {"numbers", "councils", "regions", "bodies", "pages"} <= set(due(settled))


def test_another_renderer_makes_every_page_again(settled, tmp_path, monkeypatch):
    for version in ("1.9.0", "1.10.18"):
        quarto = tmp_path / "quarto"
        quarto.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
        quarto.chmod(0o755)
        monkeypatch.setenv("QUARTO", str(quarto))
        monkeypatch.setenv("COMMISSIONING_RENDERER", "quarto")
        assert due(settled) == {"pages": pages(settled)}
        settle(settled)
    monkeypatch.delenv("COMMISSIONING_RENDERER")
    assert due(settled) == {"pages": pages(settled)}


def test_any_change_of_the_package_is_another_package(tmp_path):
    for pattern in CODE:
        top = pattern.split("/")[0]
        shutil.copytree(ROOT / top, tmp_path / top, dirs_exist_ok=True)
    marks = [code_mark(tmp_path)]
    for name in (
        "commissioning/base/csvs.py",
        "commissioning/render/batch.lua",
        "commissioning/site/templates/council.qmd.j2",
        "ingest/ledgers/payees.yml",
        "ingest/ledgers/person_names.csv",
    ):
        with (tmp_path / name).open("a", encoding="utf-8") as stream:
            stream.write("\n")
        code_mark.cache_clear()
        marks.append(code_mark(tmp_path))
    assert len(set(marks)) == len(marks)


def test_models_are_built_anew_with_other_versions_of_all_that_they_import():
    """pandas was left out: estimates of another version's data frames would have stayed."""
    files = [
        *(ROOT / "commissioning" / "marts" / "estimates").glob("*.py"),
        *(ROOT / "dbt" / "models").rglob("*.py"),
    ]
    modules = {
        name.split(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    others = modules - set(sys.stdlib_module_names) - {"commissioning"}
    assert "numpy" in others
    packages = {package for module in others for package in metadata.packages_distributions()[module]}
    assert packages <= set(tasks.ENGINES)


def test_the_package_is_in_every_mark(settled, monkeypatch):
    monkeypatch.setattr("commissioning.build.code_mark", lambda: "another package")
    everything = {step.name for step in STEPS + SITE_STEPS if step.name != "publish"}
    assert set(due(settled)) == everything
    assert due(settled)["pages"] == pages(settled)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("80-in-80-out.qmd", {"quality pages": 1, "pages": 1}),
        ("accessibility.yml", {"pages": 1}),
        ("judgements_in_code.yml", {"pages": 1}),
        ("sentences.yml", {"numbers": 1}),
        ("_theme/brief.css", {"theme": 1, "pages": None}),
        ("_filters/brief.lua", {"pages": None}),
        ("cells/ex1.sql", {"numbers": 1}),
        ("../dbt/models/marts/dim_route.sql", {"marts": 1}),
        ("../dbt/models/marts/dim_route.yml", {"marts": 1, "gate, marts": 1}),
        ("../expectations/marts/dim_route.yml", {"gate, marts": 1}),
        ("../expectations/raw/imd.yml", {"gate, raw": 1}),
        ("../CITATION.cff", {"numbers": 1, "councils": 1, "regions": 1, "bodies": 1}),
        ("../CHANGELOG.md", {"news": 1}),
    ],
)
def test_a_change_makes_due_what_reads_it_and_no_more(settled, file, expected):
    with (settled.reports / file).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert due(settled) == {step: count or pages(settled) for step, count in expected.items()}


def test_pages_that_link_to_one_that_is_gone_are_due(settled):
    """Their links lead nowhere: the render stops, as it would from nothing."""
    (settled.reports / "missing.qmd").unlink()
    linking = [
        page
        for page in render.site_pages()
        if "](missing.qmd" in (text := page.read_text(encoding="utf-8")) or "](../missing.qmd" in text
    ]
    assert linking
    # The deleted page itself is to be taken away.
    assert due(settled)["pages"] == len(linking) + 1


@pytest.mark.parametrize("part", ["_part.qmd", "_part.md"])
def test_a_part_that_pages_include_is_theirs(settled, part):
    """With the headlines that it names."""
    (settled.reports / part).write_text("[made_up]{.n}", encoding="utf-8")
    for name in ("one", "two"):
        text = f"---\ntitle: {name}\n---\n\n{{{{< include {part} >}}}}\n"
        (settled.reports / f"{name}.qmd").write_text(text, encoding="utf-8")
        (settled.site / f"{name}.html").touch()
    headlines_file = settled.reports / headlines.GENERATED
    headlines_file.parent.mkdir(parents=True, exist_ok=True)
    settle(settled)
    headlines_file.write_text('{"made_up": {"text": "7"}}', encoding="utf-8")
    assert due(settled)["pages"] == 2
    settle(settled)
    (settled.reports / part).write_text("Another text.", encoding="utf-8")
    assert due(settled)["pages"] == 2


def test_a_page_takes_in_nothing_from_outside(settled):
    outside = settled.root.parent / "outside.md"
    outside.write_text("Text.", encoding="utf-8")
    page = settled.reports / "one.qmd"
    page.write_text("---\ntitle: One\n---\n\n{{< include ../../outside.md >}}\n", encoding="utf-8")
    with pytest.raises(RenderError, match="from outside the project"):
        build(settled).plan()


# What was made is not trusted because it exists


@pytest.mark.parametrize("spoil", ["cut", "altered", "lost"])
def test_a_page_that_is_not_as_it_was_made_is_due(settled, spoil):
    page = settled.site / "methods.html"
    text = page.read_text(encoding="utf-8")
    if spoil == "lost":
        page.unlink()
    else:
        page.write_text(text[:5] if spoil == "cut" else text.replace("m", "n", 1), encoding="utf-8")
    assert due(settled)["pages"] == 1
    # The index of the search is made of the pages.
    assert due(settled)["search"] == 1


def test_a_cache_that_was_altered_is_not_taken_for_what_was_made(settled):
    """A number's cells are kept in the work folder. A step that is done again must not copy a cut file."""
    file = settled.work / "numbers" / "made_up.csv"
    file.parent.mkdir(parents=True)
    file.write_text("whole", encoding="utf-8")
    step = next(step for step in SITE_STEPS if step.name == "numbers")
    done = build(settled)
    done.state.keep("numbers", done.marks(step)["numbers"], done.files.made([file]))
    file.write_text("cut", encoding="utf-8")
    again = Build(settled, done.progress)
    again.state = done.state
    marks = again.due(step, again.marks(step))
    seen = []
    again.do(type(step)(step.name, (), (), lambda work: seen.append(file.exists())), marks)
    assert seen == [False]


# What is no longer made does not stay


BRIEF = "---\ntitle: Made up\nformat:\n  html: default\n  typst: default\n---\n\nText.\n"


@pytest.fixture
def rendering(settled, monkeypatch) -> Project:
    """A settled project in which pages can be rendered: the index of the search alone needs real marts."""
    monkeypatch.setattr(search, "write", lambda project, pages: 0)
    return settled


def of_theme(here: Project) -> list[str]:
    return sorted(file.name for file in (here.site / "_theme").iterdir())


def test_a_page_that_is_gone_leaves_the_site(rendering):
    """Nothing made it again, and nothing took it away: a reader, and the search, still found it."""
    page = rendering.reports / "made-up.qmd"
    page.write_text(BRIEF, "utf-8")
    build(rendering).render()
    made = [rendering.site / f"made-up.{suffix}" for suffix in ("html", "pdf")]
    assert all(file.exists() for file in made)
    page.unlink()
    assert due(rendering)["pages"] == 1
    build(rendering).render()
    assert not any(file.exists() for file in made)
    assert due(rendering) == {}


@pytest.mark.parametrize("killed", [False, True])
def test_a_brief_without_its_pdf_leaves_none(rendering, killed):
    page = rendering.reports / "made-up.qmd"
    page.write_text(BRIEF, "utf-8")
    build(rendering).render()
    replace_in(page, "  typst: default\n", "")
    if killed:
        # As it is where a render stops in the middle.
        stopped = build(rendering)
        stopped.state.begin("page made-up")
    build(rendering).render()
    assert (rendering.site / "made-up.html").exists()
    assert not (rendering.site / "made-up.pdf").exists()


def test_a_file_that_left_the_theme_leaves_the_site(rendering):
    extra = rendering.reports / "_theme" / "extra.css"
    extra.write_text("p { color: red }", encoding="utf-8")
    build(rendering).render(["search"])
    assert "extra.css" in of_theme(rendering)
    extra.unlink()
    build(rendering).render(["search"])
    assert "extra.css" not in of_theme(rendering)
    assert "brief.css" in of_theme(rendering)


# Status


def status(here: Project) -> str:
    console = Console(file=io.StringIO(), width=300)
    checks.print_plan(build(here), console)
    return console.file.getvalue()


def test_status_names_steps_and_pages(settled):
    assert status(settled) == "The next build will do: nothing.\n"
    count = pages(settled)
    replace_in(settled.reports / "methods.qmd", "title: ", "title: A ")
    # The page of reading ages reads every page that people write.
    assert status(settled).startswith(f"The next build will do: quality pages; pages (1 of {count}).\n")
    with (settled.dbt / "models" / "marts" / "dim_route.sql").open("a", encoding="utf-8") as stream:
        stream.write("-- A remark.\n")
    assert status(settled) == (
        f"The next build will do: marts; quality pages; pages (1 of {count}).\n"
        "Where that changes what they read, also: gate, marts; publish; numbers; councils; regions; "
        f"bodies; data files; quality pages; pages (up to {count}); search.\n"
    )


def test_status_says_what_would_stop_the_build(settled):
    (settled.raw / "pss_ex1" / "2000-01.parquet").unlink()
    assert status(settled).startswith("The next build would stop: A raw table is missing")


# A render that is killed goes on where it was


@posix
def test_a_killed_render_goes_on_where_it_was(settled, monkeypatch):
    for number in range(PAGES):
        text = f"---\ntitle: Page {number}\n---\n\nText.\n"
        (settled.reports / f"made-up-{number:03}.qmd").write_text(text, encoding="utf-8")
    # Only the made-up pages are due; numbers and councils stay as noted.
    code = (
        "from commissioning.build import Build; from commissioning.base.paths import project; "
        "from commissioning.base.progress import Progress; from rich.console import Console; "
        "Build(project(), Progress(Console(), quiet=True)).render()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=settled.root,
        env={**os.environ, "COMMISSIONING_HOME": str(settled.root)},
        start_new_session=True,
    )

    def finished() -> set[str]:
        noted = State(settled.work / "state.json")
        return {p for p in (f"page made-up-{n:03}" for n in range(PAGES)) if noted.recall(p)}

    deadline = time.monotonic() + 120
    while not finished() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = finished()
    assert 0 < len(before) < PAGES
    again = build(settled)
    pages = next(step for step in SITE_STEPS if step.name == "pages")
    left = {p for p in again.due(pages, again.marks(pages)) if p.startswith("page made-up")}
    assert left == {f"page made-up-{n:03}" for n in range(PAGES)} - before
    monkeypatch.setattr(search, "write", lambda project, pages: 0)
    build(settled).render()
    assert len(finished()) == PAGES


def test_a_mart_that_changed_puts_those_before_the_gate_that_are_held_against_it(settled, monkeypatch):
    tables = {name: {"sha256": "as it was"} for name in ("dim_route", "mart_ledger_labels", "dim_deflator")}

    def marks() -> dict[str, object]:
        monkeypatch.setattr(publish, "staged_build", lambda project: {"tables": tables})
        return tasks.mart_tables(build(settled))

    before = marks()
    tables["dim_route"] = {"sha256": "another"}
    after = marks()
    assert {part for part in after if after[part] != before[part]} == {
        "gate marts dim_route",
        "gate marts mart_ledger_labels",
    }
