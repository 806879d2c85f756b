"""Fixtures shared by all tests."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from commissioning import inputs, models, publish
from commissioning.paths import Project, project

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def this_checkout(monkeypatch):
    """Every test works on the checkout that it lives in, unless it makes a project of its own."""
    monkeypatch.setenv("COMMISSIONING_HOME", str(ROOT))
    project.cache_clear()
    yield
    project.cache_clear()


def copy_project(target: Path) -> Path:
    """A copy of what a clone of this checkout holds, without history, environment and build output."""
    skip = shutil.ignore_patterns("__pycache__", "_site", "_generated", ".quarto", "target", "logs")
    for name in ("ingest", "dbt", "expectations", "reports", "commissioning", "data/raw"):
        shutil.copytree(ROOT / name, target / name, ignore=skip)
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "README.md"):
        shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture
def own_project(tmp_path, monkeypatch):
    """A private copy of the checkout, and the project that `project()` gives during the test."""
    copy_project(tmp_path)
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    project.cache_clear()
    return project()


@cache
def build(folder: Path) -> Project:
    """A copy of the checkout in `folder` with its working database built and its marts staged."""
    private = Project(copy_project(folder).resolve())
    private.work.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMISSIONING_HOME", str(private.root))
        # dbt's settings go into the environment: put back what was there afterwards.
        for name, value in models.environment(private).items():
            patch.setenv(name, value)
        project.cache_clear()
        inputs.write(private)
        models.build(private, None)
        publish.stage(private, inputs={})
    project.cache_clear()
    return private


@pytest.fixture(scope="session")
def built_project(tmp_path_factory) -> Project:
    """A private copy of the checkout, built. Tests must leave its tables, models and marts as they are."""
    return build(tmp_path_factory.getbasetemp() / "built_marts")


@pytest.fixture(scope="session")
def built_marts(built_project) -> Path:
    """The staged database, as it would be published."""
    return publish.staging_folder(built_project) / "commissioning.duckdb"
