"""The ledger models on a second engine: what they may say, what is refused, and how rows are compared.

A cluster is at work in test_on_spark.py.
"""

from __future__ import annotations

import csv
import re
import runpy
import socket
import sys
import time
from types import ModuleType, SimpleNamespace

import duckdb
import polars as pl
import pytest
import traps
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from commissioning.base.errors import EngineError, LedgerError
from commissioning.bench import spark as comparison
from commissioning.bench.cluster import free_port, spark_home
from commissioning.build import Build
from commissioning.cli import app
from commissioning.ingest.ledgers import aggregate
from commissioning.marts import cluster_counts, engines, inputs
from commissioning.marts.engines import OURS, PREFIX, DuckDB, Spark

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


@pytest.fixture
def answering():
    """An address at which something listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"sc://127.0.0.1:{listening.getsockname()[1]}"


class Session:
    """What a client of Spark Connect gives, as far as a cluster is looked at before it is used."""

    def __init__(self, version: str = "4.2.0", schemas: dict[str, str] | None = None):
        self.version, self.schemas, self.asked = version, schemas or {}, []
        self.client = SimpleNamespace(set_retry_policies=lambda policies: None)
        self.conf = SimpleNamespace(set=lambda name, value: None)
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def sql(self, text: str) -> SimpleNamespace:
        self.asked.append(text)
        found = [(name,) for name in self.schemas] if text.startswith("show databases") else []
        if text.startswith("describe database"):
            found = [("Comment", self.schemas[text.split()[-1]])]
        return SimpleNamespace(collect=lambda: found)


@pytest.fixture
def client(monkeypatch):
    """Call it with a `Session` that the client's package then gives."""

    def give(session: Session) -> Session:
        names = ("pyspark", "pyspark.sql", "pyspark.sql.connect", "pyspark.sql.connect.client")
        modules = {name: ModuleType(name) for name in (*names, f"{names[-1]}.retries", "dbt.adapters.spark")}
        builder = SimpleNamespace(remote=lambda address: SimpleNamespace(getOrCreate=lambda: session))
        modules["pyspark.sql"].SparkSession = SimpleNamespace(builder=builder)
        modules[f"{names[-1]}.retries"].DefaultPolicy = dict
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        return session

    return give


def test_a_spark_before_4_is_refused(answering, client):
    session = client(Session("3.5.6"))
    with pytest.raises(EngineError, match="another version of Spark") as refused:
        Spark(answering).check()
    assert refused.value.found == "3.5.6" and "4.0" in refused.value.expected and session.stopped
    assert not session.asked


def test_a_working_schema_of_another_version_is_not_gone_past(answering, client):
    client(Session(schemas={f"{PREFIX}0": OURS}))
    Spark(answering).check()
    session = client(Session(schemas={f"{PREFIX}0": OURS, f"{PREFIX}1": "commissioning-evidence 0.0.1"}))
    with pytest.raises(EngineError, match="working schema of another version") as refused:
        Spark(answering).check()
    assert f"drop database {PREFIX}1" in refused.value.todo
    assert not [text for text in session.asked if text.startswith(("create", "drop"))]


def test_a_working_schema_is_named_as_ours_and_dropped(answering, client):
    session = client(Session())
    with Spark(answering) as spark:
        assert spark.schema.startswith(PREFIX) and "mart" not in spark.schema
    assert session.asked[-2:] == [
        f"create database {spark.schema} comment '{OURS}'",
        f"drop database if exists {spark.schema} cascade",
    ]
    assert Spark(answering).told() == f"Spark 4.2.0 at {answering}"


def test_packages_that_are_missing_are_named(answering, monkeypatch):
    monkeypatch.setitem(sys.modules, "dbt.adapters.spark", None)
    with pytest.raises(EngineError, match="packages that are not installed") as refused:
        Spark(answering).check()
    assert "commissioning-evidence[spark]" in refused.value.todo


def test_what_a_client_raises_is_named(answering, client):
    session = client(Session())
    with (
        pytest.raises(EngineError, match="did not do what it was asked") as refused,
        Spark(answering) as spark,
    ):
        session.table = {}.__getitem__
        spark.fetch("mart_ledger_labels")
    assert "KeyError" in refused.value.found


def test_an_empty_lake_is_named_before_a_cluster_is_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("COMMISSIONING_LEDGERS", raising=False)
    monkeypatch.setenv("COMMISSIONING_SPARK", f"sc://127.0.0.1:{free_port()}")
    assert not inputs.from_lake()
    monkeypatch.setenv("COMMISSIONING_LAKE", str(tmp_path))
    with pytest.raises(LedgerError, match="no payment of this ledger"):
        engines.check()
    monkeypatch.setenv("COMMISSIONING_LEDGERS", "snapshot")
    with pytest.raises(EngineError, match="No cluster answers"):
        engines.check()


def test_a_build_ends_before_its_first_step_where_the_cluster_is_not_there(monkeypatch):
    monkeypatch.setenv("COMMISSIONING_SPARK", f"sc://127.0.0.1:{free_port()}")
    monkeypatch.setattr(Build, "run", lambda *_, **__: pytest.fail("the build began"))
    refused = CliRunner().invoke(app, ["build"])
    assert isinstance(refused.exception, EngineError)


def test_duckdb_is_what_models_run_on_by_default(monkeypatch):
    monkeypatch.delenv("COMMISSIONING_SPARK", raising=False)
    chosen = engines.chosen()
    assert isinstance(chosen, DuckDB) and chosen.made_by == {} and chosen.told().startswith("DuckDB ")


def test_where_the_lake_is_read_it_is_counted_by_what_the_models_run_on(monkeypatch, answering, client):
    client(Session())
    done = []
    monkeypatch.setattr(engines.models, "build", lambda *_, **__: done.append("models"))
    monkeypatch.setattr(engines.inputs, "write_ledgers", lambda *_: done.append("counted here"))
    monkeypatch.setattr(engines.cluster_counts, "write_ledgers", lambda *_: done.append("counted there"))
    monkeypatch.setattr(engines.inputs, "from_lake", lambda: False)
    for engine in (DuckDB(), Spark(answering)):
        engine.build(None, None)
    assert done == ["models", "models"]
    monkeypatch.setattr(engines.inputs, "from_lake", lambda: True)
    for engine in (DuckDB(), Spark(answering)):
        engine.build(None, None)
    assert done[2:] == ["counted here", "models", "counted there", "models"]


def test_what_the_cluster_counted_is_written_for_dbt_as_it_is_counted_here(monkeypatch, tmp_path):
    """All bodies come down in one table; each has its own files for dbt, and a file's account is of here."""
    monkeypatch.setenv("COMMISSIONING_LAKE", str(tmp_path / "lake"))
    traps.write(tmp_path / "lake")
    edition = cluster_counts.editions()["wakefield"]
    monkeypatch.setattr(cluster_counts, "editions", lambda: {"wakefield": edition})
    monkeypatch.setattr(cluster_counts, "count", lambda *_: None)
    monkeypatch.setattr(cluster_counts.inputs, "ledger_folder", lambda project: tmp_path / "inputs")
    monkeypatch.setattr(aggregate, "files", lambda body, edition: pl.DataFrame({"body": [body.body]}))
    here = aggregate.tables(edition)
    (tmp_path / "inputs" / "ledger_wakefield").mkdir(parents=True)
    (tmp_path / "inputs" / "ledger_wakefield" / aggregate.COUNTED).write_text('{"mark": "of DuckDB"}')

    class There:
        def fetch(self, name: str):
            mine = here[name.removeprefix("ledgers_")]
            return pl.concat([mine, mine.with_columns(body=pl.lit("leeds"))]).to_arrow()

    cluster_counts.write_ledgers(There(), None)
    folder = tmp_path / "inputs" / "ledger_wakefield"
    for name, table in here.items():
        assert pl.read_parquet(folder / f"{name}.parquet").equals(table) and table.height, name
    assert not (folder / aggregate.COUNTED).exists()


def test_what_the_cluster_counted_does_not_go_up_again(monkeypatch, tmp_path):
    spark, sent = Spark("sc://127.0.0.1:1"), []
    spark.there.add("stg_ledger__monthly")
    names = ["route_rules", "stg_ledger__monthly"]
    with duckdb.connect(str(tmp_path / "models.duckdb")) as db:
        for name in names:
            db.execute(f"create table {name} as select 1 as n")
    monkeypatch.setattr(engines, "tables", lambda project: (names, ["mart_ledger_labels"]))
    monkeypatch.setattr(engines.models, "database", lambda project: tmp_path / "models.duckdb")
    monkeypatch.setattr(engines.models, "invoke", lambda *_, **__: None)
    monkeypatch.setattr(spark, "send", lambda name, table: sent.append(name))
    spark.run(SimpleNamespace(dbt=tmp_path, work=tmp_path))
    assert sent == ["route_rules"]


def test_a_table_without_the_columns_of_its_contract_is_refused():
    expected = duckdb.sql("select cast(null as varchar) as body, cast(null as double) as amount_cash_gbp")
    Spark("sc://127.0.0.1:1")._check_columns(
        "mart", expected, duckdb.sql("select 'a' as body, 1e0 as amount_cash_gbp")
    )
    for found in ("select 'a' as body, 1 as amount_cash_gbp", "select 1e0 as amount_cash_gbp, 'a' as body"):
        with pytest.raises(EngineError, match="columns of its contract"):
            Spark("sc://127.0.0.1:1")._check_columns("mart", expected, duckdb.sql(found))


def test_what_the_cluster_made_takes_the_place_of_what_was_there(tmp_path, monkeypatch):
    file, spark = tmp_path / "models.duckdb", Spark("sc://127.0.0.1:1")
    columns = {"body": {"name": "body", "data_type": "varchar"}, "n": {"name": "n", "data_type": "bigint"}}
    monkeypatch.setattr(engines.models, "database", lambda project: file)
    monkeypatch.setattr(engines.models, "marts", lambda project: {"mart_ledger_labels": {"columns": columns}})
    made = pl.DataFrame({"body": ["\u00df", None], "n": [1, 2]})
    monkeypatch.setattr(spark, "fetch", lambda name: made.to_arrow())
    with duckdb.connect(str(file)) as db:
        db.execute("create table mart_ledger_labels as select 'old' as body, 0 as n")
    spark.bring(None, ["int_ledger_years", "mart_ledger_labels"])
    with duckdb.connect(str(file), read_only=True) as db:
        assert db.table("mart_ledger_labels").pl().equals(made) and len(db.sql("show tables").fetchall()) == 2


def test_the_gate_does_not_look_for_a_client_that_ends_the_process(tmp_path, monkeypatch):
    """pyspark's light client does so where it is imported in the way of Great Expectations."""
    library = tmp_path / "great_expectations"
    (library / "expectations").mkdir(parents=True)
    (library / "expectations" / "__init__.py").touch()
    (library / "expectations" / "registry.py").write_text("get_expectation_impl = None\n", "utf-8")
    look = "try:\n    import pyspark\nexcept ImportError:\n    pyspark = None\n"
    (library / "__init__.py").write_text(look, "utf-8")
    (tmp_path / "pyspark.py").write_text("raise SystemExit\n", "utf-8")

    def imported() -> list[str]:
        return [name for name in sys.modules if name.split(".")[0] in ("great_expectations", "pyspark")]

    for name in imported():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        told = runpy.run_path(str(ROOT / "expectations" / "library.py"))
        assert told["great_expectations"].pyspark is None and "pyspark" not in sys.modules
    finally:
        for name in imported():
            del sys.modules[name]


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
