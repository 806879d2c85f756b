"""What `commissioning bench` runs; how long it takes is no business of a test."""

from __future__ import annotations

import shutil

from conftest import copy_project

from commissioning import bench
from commissioning.base.paths import Project, project
from commissioning.marts import models


def test_the_sql_of_the_models_runs_straight_in_duckdb(built_project, tmp_path, monkeypatch):
    private = Project(copy_project(tmp_path / "project").resolve())
    shutil.copytree(built_project.work, private.work)
    monkeypatch.setenv("COMMISSIONING_HOME", str(private.root))
    project.cache_clear()
    for name, value in models.environment(private).items():
        monkeypatch.setenv(name, value)
    compiled = bench.compiled_models(private)
    place = {name: number for number, (name, _, _) in enumerate(compiled)}
    assert place["stg_ledger__monthly"] < place["int_ledger_routes"] < place["mart_ledger_labels"]
    assert "int_effect_references" not in place, "a model in Python has no SQL"
    bench.straight_sql(private, compiled)
