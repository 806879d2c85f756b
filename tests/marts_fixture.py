"""The marts of this checkout, built once a test session in a private copy.

Import `built_marts` (and `built_project`, which it needs) in a test module, or name this module in
`pytest_plugins`. Either way one build serves the session.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from conftest import copy_project

from commissioning import inputs, models, publish
from commissioning.paths import Project, project


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
