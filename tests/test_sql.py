"""SQL from registers reads the tables it is given and nothing else of the machine."""

from __future__ import annotations

import json

import duckdb
import pytest
import yaml
from test_headlines import register, small  # noqa: F401

from commissioning.base.errors import GateError, RenderError
from commissioning.base.paths import project
from commissioning.base.sql import closed, escaped_pattern, literal, one_select
from commissioning.expectations import gate
from commissioning.expectations.declared import Declared
from commissioning.expectations.suites import load_suite
from commissioning.numbers import cells, headlines

REACHES = [
    "select content from read_text('{file}')",
    "select count(*) from read_blob('{file}')",
    "select * from read_csv('{file}')",
    "select * from glob('{folder}/*')",
    "select * from '{file}'",
    "select * from read_parquet('https://localhost/x.parquet')",
    "copy (select 1) to '{folder}/out.csv'",
    "select 1; copy (select 1) to '{folder}/out.csv'",
    "attach '{folder}/other.duckdb'",
    "set threads = 2",
    "set enable_external_access = true",
    "install httpfs",
    "load httpfs",
    "export database '{folder}/out'",
    "insert into mart_a values ('w', 1)",
    "drop table mart_a",
    "pragma version",
    "call pragma_version()",
    "",
]
"""Ways from a query to the machine, none of which a register may go."""


@pytest.fixture
def secret(tmp_path_factory):
    """A folder outside the project with one file in it; the test fails where anything is added to it."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.csv").write_text("word\nxyzzy\n", encoding="utf-8")
    yield folder
    assert [file.name for file in folder.iterdir()] == ["secret.csv"]


def aimed(sql: str, secret) -> str:
    return sql.format(file=secret / "secret.csv", folder=secret)


@pytest.mark.parametrize("sql", REACHES)
def test_a_headline_cannot_reach_the_machine(small, secret, sql):  # noqa: F811
    register(small, aimed(sql, secret), "text")
    with pytest.raises(RenderError, match="share_of_x") as told:
        headlines.compute(small)
    assert "xyzzy" not in str(told.value)


def test_source_cells_cannot_reach_the_machine(secret):
    here = project()
    target = here.raw / "asc_fr" / "planted.parquet"
    attempts = [aimed(sql, secret) for sql in REACHES if sql] + [f"copy (select 1) to {literal(target)}"]
    entry = {"cells": "select 1 as value", "formula": "select 1", "file": "headlines.yml"}
    with cells.sources(here, []) as db:
        for sql in attempts:
            for part in ("cells", "formula"):
                with pytest.raises(RenderError, match="some_number") as told:
                    cells.trace(db, "some_number", {**entry, part: sql})
                assert "xyzzy" not in str(told.value)
    assert not target.exists()


@pytest.mark.parametrize("sql", [reach for reach in REACHES if reach])
@pytest.mark.parametrize("part", ["frames", "where"])
def test_a_rule_of_the_gate_cannot_reach_the_machine(tmp_path, secret, sql, part):
    rule = {
        "id": "made_up", "expectation": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"},
        "severity": "critical", "why": "made up", "todo": "nothing",
    }  # fmt: skip
    suite = {"describes": "made up", "rules": [rule]}
    if part == "frames":
        suite["frames"] = {"own": aimed(sql, secret)}
        rule["frame"] = "own"
    else:
        rule["where"] = f"id in ({aimed(sql, secret)})"
    file = tmp_path / "mart_a.yml"
    file.write_text(yaml.safe_dump(suite), encoding="utf-8")
    with duckdb.connect() as db:
        db.execute("create table mart_a as select 'x' as id")
        found = gate.run_suite(load_suite(file, Declared({"id": "VARCHAR"}, key=("id",))), closed(db))
        held = db.execute("select count(*) from mart_a").fetchone()
    with pytest.raises(GateError, match="made_up") as told:
        gate.enforce([found])
    assert "could not be checked" in str(told.value) and "xyzzy" not in str(told.value)
    assert held == (1,)


@pytest.mark.parametrize("id", ["../outside", "a/b", "A", "", "a b", "9", ".hidden"])
def test_an_id_becomes_a_file_so_it_is_a_plain_word(small, id):  # noqa: F811
    entry = {id: {"label": "A share", "sql": "select 1", "format": "number"}}
    (small.reports / "headlines.yml").write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(RenderError, match="id"):
        headlines.register(small)


def test_one_query_is_let_through_as_it_is():
    for sql in ("select 1", "with a as (select 1) select * from a", "from a", "(select 1) -- why\n"):
        assert one_select(sql) == sql


@pytest.mark.parametrize("name", ["it's", "a [b]", "what?", "st*r", "é", "100%", "{{ x }}"])
def test_a_file_is_found_wherever_it_lies(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    with duckdb.connect() as db:
        db.execute(f"copy (select 7 as v) to {literal(folder / 'x.parquet')} (format parquet)")
        pattern = literal(escaped_pattern(folder) + "/*.parquet")
        assert db.execute(f"select v from read_parquet({pattern})").fetchall() == [(7,)]
        closed(db, reading=[folder])
        assert db.execute(f"select v from read_parquet({pattern})").fetchall() == [(7,)]
        with pytest.raises(duckdb.Error):
            db.execute("select * from read_text('/etc/hostname')")
