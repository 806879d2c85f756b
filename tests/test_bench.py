"""What `commissioning bench` runs; how long it takes is no business of a test."""

from __future__ import annotations

import shutil

from conftest import copy_project

from commissioning import bench
from commissioning.base.paths import Project, project
from commissioning.bench import compare
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


def test_two_builds_are_compared_file_by_file(tmp_path):
    same = {"data/marts/parquet/m.parquet": "rows", "reports/_site/same.html": "<p>One</p>"}
    one = {**same, "reports/_site/a.html": "<p>A share</p>", "reports/_site/b.html": "<p>2</p>"}
    other = {
        **same,
        "reports/_site/a.html": '<p class="x">A <b>share</b></p>',
        "reports/_site/b.html": "<p>3</p>",
    }
    other["reports/_site/_theme/new.css"] = ""
    for root, held in (("before", one), ("after", other)):
        for name, content in held.items():
            (tmp_path / root / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / root / name).write_text(content)
    assert list(compare.differences(tmp_path / "before", tmp_path / "after")) == [
        "only after: reports/_site/_theme/new.css",
        "markup differs: reports/_site/a.html",
        "differs: reports/_site/b.html",
    ]
    assert compare.main(tmp_path / "after", tmp_path / "after") == 0
