"""The ledger models on a second engine: what they may say, what is refused, and the marts row by row.

The last test needs Java, and an environment with pyspark that COMMISSIONING_PYSPARK names (docs/scale.md).
"""

from __future__ import annotations

import csv
import os
import re
import time
from pathlib import Path

import polars as pl
import pytest
import yaml
from conftest import ROOT

from commissioning.base.errors import EngineError
from commissioning.bench import spark as comparison
from commissioning.bench.cluster import LocalCluster, free_port, spark_home
from commissioning.marts.engines import PREFIX, Spark, tables

MODELS = ROOT / "dbt" / "models"
ONE_ENGINE_LACKS = {
    "qualify": r"\bqualify\b",
    "varchar (text casts go through a macro)": r"\bvarchar\b",
    "* exclude or replace": r"\*\s*(exclude|replace)\b",
    "a quoted name": r'"',
    "a backslash": r"\\",
    "string_agg (joined_texts does it)": r"\bstring_agg\b",
    "a regular expression": r"\bregexp_\w+",
    "unnest": r"\bunnest\b",
    "a source of its own": r"\bsource\s*\(",
    "upper, which makes ß two letters on one engine": r"\bupper\b",
    "decimal by decimal": r"decimal\([^)]*\)\)?\s*[*/]",
}


def tagged() -> list[str]:
    project = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = project["models"]["commissioning"].values()
    return [
        name
        for folder in folders
        for name, held in folder.items()
        if isinstance(held, dict) and held.get("+tags") == ["ledgers"]
    ]


def refused(sql: str) -> list[str]:
    code = re.sub(r"--[^\n]*|\{#.*?#\}", "", sql, flags=re.S)
    return [what for what, pattern in ONE_ENGINE_LACKS.items() if re.search(pattern, code, re.I)]


def test_every_ledger_model_past_staging_is_tagged():
    found = {
        file.stem for part in ("intermediate", "marts") for file in (MODELS / part).glob("*_ledger_*.sql")
    }
    assert set(tagged()) == found


def test_ledger_models_say_what_both_engines_understand():
    texts = {name: next(MODELS.glob(f"*/{name}.sql")).read_text(encoding="utf-8") for name in tagged()}
    texts["ledger_routes"] = (ROOT / "dbt" / "macros" / "ledger_routes.sql").read_text(encoding="utf-8")
    assert {name: found for name, sql in texts.items() if (found := refused(sql))} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select a from t qualify row_number() over () = 1",
        "select cast(a as varchar) from t",
        "select * exclude (a) from t",
        "select \"table\" = 'x' from t",
        r"select a like '100\%' from t",
        "select string_agg(a, ';') from t",
        "select upper(a) from t",
        "select cast(a as decimal(18, 2)) * b from t",
    ],
)
def test_what_one_engine_lacks_is_refused(sql):
    assert refused(sql)


@pytest.mark.parametrize(
    ("seed", "columns"),
    [
        ("route_rules", ("area_like", "code_like", "label_like", "prefix_like")),
        ("ledger_care_words", ("label_like",)),
    ],
)
def test_patterns_have_no_backslash_which_like_reads_in_two_ways(seed, columns):
    with (ROOT / "dbt" / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        assert not [row for row in csv.DictReader(file) if any("\\" in row[column] for column in columns)]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("spark://127.0.0.1:7077", "no address of Spark Connect"),
        ("sc://127.0.0.1:PORT", "No cluster answers"),
        ("sc://cluster.example:15002", "inside your organisation's own boundary"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_named_within_seconds(address, said, monkeypatch):
    address = address.replace("PORT", str(free_port()))
    monkeypatch.delenv("COMMISSIONING_SPARK_BOUNDARY", raising=False)
    began = time.monotonic()
    with pytest.raises(EngineError, match=said), Spark(address):
        pass
    assert time.monotonic() - began < 6


def test_an_environment_without_pyspark_is_named(tmp_path):
    with pytest.raises(EngineError, match="pip install pyspark"):
        spark_home(tmp_path)


BEFORE = pl.DataFrame({"body": ["a", "b", None], "note": ["ß", None, "None"], "x_gbp": [1.0, 2.0, None]})


def test_equal_tables_in_another_order_have_no_differing_row():
    assert list(comparison.differences(BEFORE, BEFORE.reverse(), ["body"])) == []


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (BEFORE.with_columns(note=pl.col("note").fill_null("None")), ["b: note"]),
        (BEFORE.with_columns(x_gbp=pl.col("x_gbp") + 0.01), ["a: x_gbp", "b: x_gbp"]),
        (BEFORE.with_columns(x_gbp=pl.col("x_gbp") + 0.001), []),
        (BEFORE.with_columns(x_gbp=pl.col("x_gbp").fill_null(0)), ["None: x_gbp"]),
    ],
)
def test_a_row_that_differs_is_named(after, lines):
    assert sorted(comparison.differences(BEFORE, after, ["body"])) == lines


def test_a_row_that_only_one_engine_has_is_named():
    assert [line.partition(",")[0] for line in comparison.differences(BEFORE, BEFORE.head(2), ["body"])] == [
        "None: only one has it"
    ]


@pytest.mark.skipif("COMMISSIONING_PYSPARK" not in os.environ, reason="no environment with pyspark is named")
def test_the_ledger_marts_are_the_same_on_spark(built_project, capsys):
    with LocalCluster(Path(os.environ["COMMISSIONING_PYSPARK"])) as cluster, Spark(cluster.address) as spark:
        differing = comparison.compare(built_project, spark)
        assert differing == 0, capsys.readouterr().out
        # A null pattern is no pattern, and not the word "None".
        read, _ = tables(built_project)
        rules = pl.from_arrow(spark.fetch("route_rules"))
        assert "route_rules" in read and "None" not in rules["area_like"] and rules["area_like"].null_count()
        assert spark.schema.startswith(PREFIX)
        worked = {log.parts[-4] for log in cluster.folder.glob("worker-*/app-*/*/stderr")}
        assert worked == {"worker-1", "worker-2"}
