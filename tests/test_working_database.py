"""The working database: a run that fails or is stopped costs the next one nothing."""

from __future__ import annotations

import duckdb
import pytest

from commissioning.base.errors import ModelError
from commissioning.base.paths import Project
from commissioning.marts import models

MADE_FROM = {"raw": {"imd": "a"}}


@pytest.fixture
def project(tmp_path) -> Project:
    (tmp_path / "dbt").mkdir()
    (tmp_path / "data" / "build").mkdir(parents=True)
    return Project(tmp_path)


@pytest.fixture
def ran(monkeypatch) -> list[list[str]]:
    """The arguments of every run of dbt, in whose place the runs of this test write a row."""
    runs: list[list[str]] = []

    class Outcome:
        class result:
            results = ()

    def invoke(project, arguments, **options):
        runs.append(arguments)
        with duckdb.connect(str(models.database(project))) as db:
            db.execute("create table if not exists t as select 1 as n")
            db.execute(f"insert into t values ({len(runs)})")
        manifest = project.work / "dbt-target" / "manifest.json"
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text(str(len(runs)))
        if len(runs) == 2:
            raise ModelError("A made-up failure.", todo="nothing")
        return Outcome

    monkeypatch.setattr(models, "invoke", invoke)
    return runs


def rows(project: Project) -> list[int]:
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        return [n for (n,) in db.execute("select n from t").fetchall()]


def test_a_run_that_failed_is_gone_and_the_next_starts_where_it_started(project, ran):
    assert models.made_from(project) is None
    models.build(project, None, made_from=MADE_FROM)
    assert models.made_from(project) == MADE_FROM
    with pytest.raises(ModelError):
        models.build(project, set(), made_from={"raw": {"imd": "b"}})
    assert rows(project) == [1, 1, 2]
    assert models.made_from(project) == MADE_FROM
    assert rows(project) == [1, 1]
    models.build(project, {"imd"}, made_from=MADE_FROM)
    assert "--state" in ran[-1] and "source:raw.imd+" in ran[-1]
    assert rows(project) == [1, 1, 3]
    assert not (project.work / "kept" / "models.duckdb").exists()


def test_where_both_databases_are_damaged_all_is_built_from_nothing(project, ran):
    models.build(project, None, made_from=MADE_FROM)
    with pytest.raises(ModelError):
        models.build(project, set(), made_from=MADE_FROM)
    with (project.work / "kept" / "models.duckdb").open("ab") as stream:
        stream.write(b"x")
    assert models.made_from(project) is None
    models.build(project, None, made_from=MADE_FROM)
    assert "--state" not in ran[-1]
    assert rows(project) == [1, 3]


@pytest.mark.parametrize("content", ["{}", "[]", "null", '{"database": "an earlier form"}', "{"])
def test_a_seal_of_another_form_is_none(project, ran, content):
    models.build(project, None, made_from=MADE_FROM)
    (project.work / "dbt-state" / "seal.json").write_text(content)
    assert models.made_from(project) is None
