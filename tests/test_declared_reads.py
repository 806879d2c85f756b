"""What each step declares that it reads, held against what it opens when it runs, as `strace` sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

import opened
import pytest
from conftest import refuse

from commissioning import render
from commissioning.base.paths import project
from commissioning.build import SITE_STEPS, STEPS
from commissioning.build.step import CODE, Files

BRIEF = "80-in-80-out"
SOME_PAGES = (BRIEF, "dictionary", "accessibility", "methods", "search", "numbers/index", "councils/devon")
SOME_NUMBERS = ("ledger_sheffield_dp_real_2011_12",)
SOME_TABLES = ("gate raw imd", "gate raw ledgers", "gate raw pss_ex1", "gate marts mart_council_peers")

DRIVE = f"""
import re

from commissioning.numbers import headlines
from commissioning.marts import inputs, models, publish
from commissioning.site import stated
from commissioning import render
from commissioning.build import SITE_STEPS, STEPS, Build
from commissioning.base.paths import project
from commissioning.base.progress import Progress
from rich.console import Console

here = project()
text = (here.reports / "{BRIEF}.qmd").read_text(encoding="utf-8")
every = headlines.register
# Templates name a headline by its id without the year.
templates = (here.root / "commissioning" / "site" / "templates").rglob("*.j2")
template = "".join(file.read_text(encoding="utf-8") for file in templates)
of_councils = {{name for name in every(here) if re.sub("_[0-9]{{4}}_[0-9]{{2}}$", "", name) in template}}
names = stated.names_in(text) | set({SOME_NUMBERS!r}) | of_councils
headlines.register = lambda project: {{
    n: e for n, e in every(project).items() if n in names or "parameter" in e
}}
# The marts but for the estimates, which take a minute and read tables of the working database alone.
mark("marts")
inputs.write(here)
models.invoke(here, ["seed", "--full-refresh"])
models.invoke(here, ["run", "--exclude", "tag:estimates+"])
publish.stage(here, inputs={{}})
build = Build(here, Progress(Console(), quiet=True))
for step in STEPS + SITE_STEPS:
    if step.name == "marts":
        continue
    mark("marks")
    marks = build.marks(step)
    if step.name.startswith("gate"):
        marks = {{part: mark for part, mark in marks.items() if part in {SOME_TABLES!r}}}
    if step.name == "pages":
        for page in {SOME_PAGES!r}:
            mark("page " + page)
            build.do(step, {{"page " + page: marks["page " + page]}})
    else:
        mark(step.name)
        build.do(step, marks)
"""

# The build's own: its memory, and what keeps another build out.
OWN = {"data/build/state.json", "data/build/build.lock", "data/build/build.pid"}


def need_strace() -> None:
    if not opened.STRACE:
        refuse("no strace: install Debian's package strace")


def undeclared(here: Path, files: set[Path], patterns: tuple[str, ...]) -> list[str]:
    """Files below `here`, the package among them, that no pattern names."""
    allowed = set(Files(here).matching((*patterns, *CODE)))
    mine = {f for f in files if f.is_relative_to(here) and "__pycache__" not in f.parts}
    return sorted(name for f in mine - allowed if (name := f.relative_to(here).as_posix()) not in OWN)


@pytest.fixture(scope="module")
def traced(built_project, tmp_path_factory) -> tuple[Path, dict[str, set[Path]]]:
    """A project whose steps ran under strace, some of their parts at least, and what each of them opened."""
    need_strace()
    here = tmp_path_factory.mktemp("steps").resolve() / "checkout"
    shutil.copytree(built_project.root, here)
    log = here.parent / "steps.log"
    opened.run(DRIVE, here, log)
    return here, opened.read(log, here / "reports")


@pytest.mark.parametrize("step", STEPS + SITE_STEPS, ids=lambda step: step.name)
def test_a_step_opens_nothing_that_it_does_not_declare(traced, step):
    here, found = traced
    names = [
        name for name in found if name == step.name or (step.name == "pages" and name.startswith("page "))
    ]
    assert names
    for name in names:
        assert undeclared(here, found[name], step.patterns() + step.makes) == []


def test_a_page_opens_no_other_page(traced, monkeypatch):
    """Whose text is not in its mark."""
    here, found = traced
    monkeypatch.setenv("COMMISSIONING_HOME", str(here))
    project.cache_clear()
    texts = set(Files(here).matching(("reports/**/*.qmd", "reports/*.yml"))) - {
        here / "reports" / "_quarto.yml"
    }
    for page in SOME_PAGES:
        file = here / "reports" / f"{page}.qmd"
        own, text = set(render.page_inputs(file)), file.read_text(encoding="utf-8")
        # A page that this one links to is opened only to see that it is there.
        others = {other for other in found[f"page {page}"] & texts - own if other.name not in text}
        assert others == set()


@pytest.mark.parametrize(
    "reading",
    [
        "import duckdb; duckdb.sql(\"from read_csv('dbt/seeds/routes.csv')\").fetchall()",
        "import polars; polars.read_csv('dbt/seeds/routes.csv')",
        "import subprocess; subprocess.run(['cat', 'dbt/seeds/routes.csv'], capture_output=True)",
    ],
)
def test_an_undeclared_read_is_found(own_project, tmp_path_factory, reading):
    need_strace()
    log = tmp_path_factory.mktemp("log") / "log"
    opened.run(f"mark('councils')\n{reading}", own_project.root, log)
    found = opened.read(log, own_project.root)["councils"]
    councils = next(step for step in SITE_STEPS if step.name == "councils")
    assert undeclared(own_project.root, found, councils.patterns() + councils.makes) == [
        "dbt/seeds/routes.csv"
    ]
