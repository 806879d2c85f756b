"""The marts of this checkout, built once a test session in a private copy.

`built_project` and `built_marts` are fixtures; load them with `pytest_plugins` in `tests/conftest.py`, or by
importing them in a test module.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import copy_project

from commissioning import inputs, models, publish
from commissioning.paths import Project, project


@pytest.fixture(scope="session")
def built_project(tmp_path_factory):
    """A private copy of the checkout with its working database built and its marts staged."""
    private = Project(copy_project(tmp_path_factory.mktemp("built_marts")).resolve())
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
def built_marts(built_project) -> Path:
    """The staged database, as it would be published."""
    return publish.staging_folder(built_project) / "commissioning.duckdb"
