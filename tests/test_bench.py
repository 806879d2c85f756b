"""What `commissioning bench` runs; how long it takes is no business of a test."""

from __future__ import annotations

import shutil

import polars as pl
import pytest
import traps
from conftest import copy_project

from commissioning import bench
from commissioning.base.paths import Project, project
from commissioning.bench import compare, scale
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.ledgers import aggregate
from commissioning.ingest.ledgers.bodies import bodies, body_named
from commissioning.marts import cluster_counts, models


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


@pytest.fixture
def read_again():
    """Call it where the project has changed: bodies and catalogue are read once in a process."""

    def forget() -> None:
        for told in (project, bodies, catalogue):
            told.cache_clear()

    yield forget
    forget()


def test_a_lake_is_enlarged_by_bodies_with_rules_of_their_own(tmp_path, monkeypatch, read_again):
    lake, folder = tmp_path / "lake", tmp_path / "project"
    monkeypatch.setenv("COMMISSIONING_LAKE", str(lake))
    traps.write(lake)
    (lake / "memory").mkdir()
    (lake / "memory" / "wakefield.json").write_text("{}", encoding="utf-8")
    payments = traps.payments().height
    held = scale.enlarge(project(), folder, lake, {"wakefield": payments}, 3 * payments)
    assert held == dict.fromkeys(("wakefield", "wakefield-2", "wakefield-3"), payments)
    monkeypatch.setenv("COMMISSIONING_HOME", str(folder))
    read_again()
    with_copies = {name for name in cluster_counts.editions() if name.startswith("wakefield")}
    assert with_copies == set(held)
    tables = [aggregate.counted(body_named(name)) for name in held]
    for name in ("monthly", "suppliers", "supplier_types"):
        own = [table[name].drop("body", pl.selectors.ends_with("sha256")) for table in tables]
        assert own[0].height > 5 and own[0].equals(own[1]) and own[0].equals(own[2])
