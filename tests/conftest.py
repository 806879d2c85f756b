"""Fixtures shared by all tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commissioning.paths import project

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
