"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from commissioning.base.files import remove
from commissioning.base.paths import Project, project
from commissioning.base.progress import Progress
from commissioning.build import STEPS, Build
from commissioning.expectations import gate
from commissioning.expectations.gate import SuiteResult
from commissioning.ingest.sheets import Workbook
from commissioning.marts import inputs, models, publish

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def this_checkout(monkeypatch):
    """Every test works on the checkout that it lives in, unless it makes a project of its own."""
    monkeypatch.setenv("COMMISSIONING_HOME", str(ROOT))
    project.cache_clear()
    yield
    project.cache_clear()


def as_read(text: str) -> str:
    """A page's text without the marks that keep a year on one line."""
    return re.sub(r'<span class="year">(.*?)</span>', r"\1", text)


LONG = (("test_build.py",), ("test_faults.py", "browser"))
"""What takes minutes: each of pytest's two processes begins with one of these."""
SMALL = ("ingest", "ledgers", "contracts")
"""Folders of short tests that share nothing dear: a process that is done takes these from the other's end."""


def pytest_collection_modifyitems(items):
    """Two processes get a half of the tests each. Where both halves begin with what takes longest, neither
    waits for the other at the end."""

    def among(item, names) -> bool:
        return item.path.relative_to(ROOT / "tests").parts[0] in names

    first, second = ([item for item in items if among(item, names)] for names in LONG)
    small = [item for item in items if among(item, SMALL)]
    held = {id(item) for item in (*first, *second, *small)}
    others = [item for item in items if id(item) not in held]
    end = len(small) // 2
    start = max(0, len(items) // 2 - len(first) - end)
    items[:] = [*first, *others[:start], *small[:end], *second, *others[start:], *small[end:]]


def copy_project(target: Path) -> Path:
    """A copy of what a clone of this checkout holds, without history, environment and build output."""
    made = {"__pycache__", "_site", "_generated", ".quarto", "target", "logs"}

    def skip(folder: str, names: list[str]) -> set[str]:
        return made & set(names) | ({"numbers", "quality"} if Path(folder) == ROOT / "reports" else set())

    for name in ("ingest", "dbt", "expectations", "reports", "commissioning", "data/raw"):
        shutil.copytree(ROOT / name, target / name, ignore=skip)
    (target / "docs").mkdir()
    # The glossary is a page of the site, too.
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "README.md", "docs/glossary.md"):
        shutil.copy(ROOT / name, target / name)
    return target


def restore(root: Path, saved: Path) -> None:
    """Make `root` what `saved` is, touching only what differs in kind, size, time or mode."""
    there = {entry.name: entry for entry in os.scandir(root)}
    for twin in os.scandir(saved):
        path, entry = root / twin.name, there.pop(twin.name, None)
        if entry and entry.is_dir() == twin.is_dir():
            if twin.is_dir():
                restore(path, Path(twin.path))
                continue
            now, about = entry.stat(), twin.stat()
            if all(getattr(now, n) == getattr(about, n) for n in ("st_size", "st_mtime_ns", "st_mode")):
                continue
        if entry:
            remove(path)
        (shutil.copytree if twin.is_dir() else shutil.copy2)(twin.path, path)
    for name in there:
        remove(root / name)


@pytest.fixture
def own_project(tmp_path, monkeypatch):
    """A private copy of the checkout, and the project that `project()` gives during the test."""
    copy_project(tmp_path)
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    project.cache_clear()
    return project()


@pytest.fixture
def made_up_workbook(monkeypatch):
    """Call it with rows by name of sheet: what every workbook opened in the test then holds."""

    def give(sheets: dict[str, list[list[object]]]) -> None:
        monkeypatch.setattr(Workbook, "open", lambda file, data: Workbook.of(file, sheets))

    return give


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` fills once in a run of the tests, whichever of pytest's processes asks first."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # what the processes share
    folder, done = (base / name).resolve(), base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder


def is_built(name: str) -> bool:
    """Whether the checkout's own last build did this step, and nothing that it reads has changed since."""
    own = Build(Project(ROOT), Progress(Console(), quiet=True))
    step = next(step for step in STEPS if step.name == name)
    return not inputs.from_lake() and not own.due(step, own.marks(step))


def borrow(work: Path) -> bool:
    """Copy the checkout's own working database to `work`, where its last build is up to date: the same models
    over the same tables, without the minute that they take. Says whether it did."""
    own = Project(ROOT)
    if not models.database(own).exists() or not is_built("marts"):
        return False
    shutil.copy(models.database(own), work)
    for name in ("dbt-target", "dbt-state", "inputs"):
        shutil.copytree(own.work / name, work / name)
    return True


def gate_results(layer: str, check: Callable[[], list[SuiteResult]]) -> list[SuiteResult]:
    """What the gate found of every table: in the checkout's own last build, where that is up to date."""
    if not is_built(f"gate, {layer}"):
        return check()
    return [result for result in gate.read(Project(ROOT).work / "gate") if result.layer == layer]


def build(folder: Path) -> None:
    """A copy of the checkout in `folder` with its working database built and its marts staged."""
    private = Project(copy_project(folder).resolve())
    private.work.mkdir(parents=True)
    ready = borrow(private.work)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMISSIONING_HOME", str(private.root))
        # dbt's settings go into the environment: put back what was there afterwards.
        for name, value in models.environment(private).items():
            patch.setenv(name, value)
        project.cache_clear()
        if not ready:
            inputs.write(private)
            models.build(private, None)
        publish.stage(private, inputs={})
    project.cache_clear()


@pytest.fixture(scope="session")
def built_project(tmp_path_factory) -> Project:
    """A private copy of the checkout, built. Tests must leave its tables, models and marts as they are."""
    return Project(made_once(tmp_path_factory, "built_marts", build))


@pytest.fixture(scope="session")
def built_marts(built_project) -> Path:
    """The staged database, as it would be published."""
    return publish.staging_folder(built_project) / "commissioning.duckdb"


# The built site in a browser: Debian's Chromium, driven by Playwright, opened straight from disk


def refuse(why: str) -> None:
    """Skip the test and say why; fail it where browser tests must run, as in CI."""
    if os.environ.get("COMMISSIONING_BROWSER") == "required":
        pytest.fail(why)
    pytest.skip(why)


BROWSERS = ("chromium-headless-shell", "chromium")
"""The first is the same browser without windows: a page in a new profile takes it a quarter of the time."""


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        refuse(f"no Chromium: install Debian's package {BROWSERS[0]}, or name one in CHROMIUM")
    if not (ROOT / "reports" / "_site" / "index.html").exists():
        refuse("no site: run `make build` first")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium) -> Iterator:
    """A fresh profile; the test fails where a page asks another host for anything or complains."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield from watched(context)


@pytest.fixture
def plain_context(chromium) -> Iterator:
    """The same with JavaScript off."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    yield from watched(context)


def watched(context) -> Iterator:
    complaints: list[str] = []
    context.on("request", lambda r: None if local(r.url) else complaints.append(f"request to {r.url}"))
    # What is downloaded is "aborted" as a page.
    context.on("requestfailed", lambda r: None if aborted(r) else complaints.append(f"{r.failure}: {r.url}"))
    context.on("weberror", lambda error: complaints.append(f"script error: {error.error}"))
    context.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    context.set_default_timeout(20_000)
    yield context
    context.close()
    assert complaints == []


def local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:"))


def aborted(request) -> bool:
    return request.failure == "net::ERR_ABORTED"


@pytest.fixture
def page(context):
    return context.new_page()
