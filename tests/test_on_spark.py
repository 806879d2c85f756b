"""The lake counted and the ledger models run on a cluster of this machine: the same rows, also where a worker
and executors are killed in mid-run, and what a client or a server that is killed leaves.

`make spark` runs them. They need Java, and an environment with pyspark, which COMMISSIONING_PYSPARK names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import duckdb
import polars as pl
import pytest
import traps
from conftest import ROOT

from commissioning.base.errors import EngineError
from commissioning.base.paths import Project
from commissioning.bench import spark as comparison
from commissioning.bench.cluster import LocalCluster
from commissioning.ingest.ledgers import aggregate, lake
from commissioning.ingest.ledgers.bodies import body_named
from commissioning.marts import cluster_counts, models
from commissioning.marts.engines import PREFIX, Spark, tables

pytestmark = pytest.mark.skipif(
    "COMMISSIONING_PYSPARK" not in os.environ, reason="no environment with pyspark is named"
)
BODIES = ("bradford", "wakefield")
"""Small ledgers: every ledger mart keeps bodies apart."""
TRAPS = ("Care stra\u00dfe", "Care O'Brien", r"Care 100\%_\d", "Care None", 'Care "table"', "Care \u0130")
MASTER, ONE, OTHER, CONNECT = range(4)
COUNTED_BY = {
    "monthly": aggregate.MONTHLY_KEY,
    "suppliers": ["body", "financial_year", "route"],
    "supplier_types": ["body", "financial_year", "route", "supplier_type", "evidence_grade"],
}
"""Tables that the lake is counted to, and what tells their rows apart."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(Path(os.environ["COMMISSIONING_PYSPARK"])) as started:
        yield started


@pytest.fixture(scope="module")
def small(built_project, tmp_path_factory) -> Project:
    """The built project with few bodies and labels full of traps, its ledger marts made by DuckDB."""
    here = Project(tmp_path_factory.mktemp("small").resolve())
    for name in ("dbt", "data/build", "ingest/catalogue"):
        shutil.copytree(built_project.root / name, here.root / name)
    # Views of raw tables name their files as seen from dbt's folder.
    with chdir(built_project.dbt), duckdb.connect(str(models.database(here))) as db:
        for table in (f"stg_ledger__{name}" for name in ("files", "monthly", "suppliers", "supplier_types")):
            db.execute(f"create table few as from {table} where body in {BODIES}")
            db.execute(f"drop view {table}")
            db.execute(f"alter table few rename to {table}")
        # The mart of labels keeps those that a rule fits.
        db.execute(
            "insert into route_rules by name select * replace ('trap' as rule_id, 99999 as priority, "
            "null as area_like, null as code_like, 'care%' as label_like, null as prefix_like) "
            "from route_rules where body = 'bradford' and care_scope = 'adult_social_care' limit 1"
        )
        for trap in TRAPS:
            db.execute(
                "insert into stg_ledger__monthly by name "
                "select * replace (? as expense_label, null as department) "
                "from stg_ledger__monthly where body = 'bradford' limit 1",
                [trap],
            )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in models.environment(here).items():
            patch.setenv(name, value)
        models.invoke(here, ["run", "--select", f"tag:{models.LEDGERS}"])
    return here


def kill_executors(worker: int) -> int:
    """Kill the executors of a worker, which is the head of its group of processes; how many there were."""
    killed = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inside = b"ExecutorBackend" in (folder / "cmdline").read_bytes()
            if inside and os.getpgid(int(folder.name)) == worker:
                os.kill(int(folder.name), signal.SIGKILL)
                killed += 1
        except OSError:
            continue
    return killed


def schemas(spark: Spark) -> set[str]:
    return {row[0] for row in spark.session.sql(f"show databases like '{PREFIX}*'").collect()}


def seeds_came_back(project: Project, spark: Spark) -> None:
    """Every seed that went up holds what its file holds, empty texts apart from the word None."""
    read, _ = tables(project)
    folder = project.dbt / "seeds"
    seeds = [name for name in read if (folder / f"{name}.csv").exists() and name != "route_rules"]
    assert {"ledger_care_words", "routes"} <= set(seeds)
    for seed in seeds:
        back = pl.from_arrow(spark.fetch(seed))
        file = pl.read_csv(folder / f"{seed}.csv", infer_schema=False)
        texts = [name for name, kind in back.schema.items() if kind == pl.String]
        assert back.select(texts).sort(texts).equals(file.select(texts).sort(texts)), seed
        assert back.null_count().equals(file.null_count()), seed
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        rules = db.table("route_rules").pl().sort("rule_id")
    assert pl.from_arrow(spark.fetch("route_rules")).sort("rule_id").equals(rules)


def test_texts_and_numbers_that_the_engines_read_otherwise(cluster, tmp_path):
    with Spark(cluster.address) as spark:

        def said(sql: str) -> object:
            return spark.session.sql(sql).collect()[0][0]

        # Why the rules for ledger models are as they are (test_spark.py holds the models to them).
        assert said("""select count(*) from values ('x') as t(`table`) where "table" = 'x'""") == 0
        assert said(r"select '\d'") == "d"
        assert said("select upper('\u00df')") == "SS"
        wide = "cast(1 as decimal(38, 10))"
        assert said(f"select typeof({wide} / cast(3 as decimal(38, 10)))") == "decimal(38,6)"
        assert said(f"select cast({wide} as double) / cast(3 as double)") == 1 / 3
        parts = spark.session.createDataFrame(pl.DataFrame({"code": ["007"], "n": [1]}).to_arrow())
        parts.write.partitionBy("code").parquet(str(tmp_path / "parts"))
        back = spark.session.read.parquet(str(tmp_path / "parts"))
        assert back.collect()[0]["code"] == "007"


def test_the_lake_is_counted_to_the_same_rows(cluster, tmp_path, monkeypatch):
    here, bodies = Project(ROOT), ["wakefield"]
    monkeypatch.setenv("COMMISSIONING_LAKE", str(tmp_path))
    traps.write(tmp_path)
    if here.mirror and (here.mirror / "ledger_bradford").exists():
        lake.ingest(body_named("bradford"))
        bodies.append("bradford")
    ours = [aggregate.counted(body_named(body)) for body in bodies]
    with Spark(cluster.address) as spark:
        cluster_counts.count(spark, here, bodies)
        for table, key in COUNTED_BY.items():
            theirs = pl.from_arrow(spark.fetch(cluster_counts.in_schema(table)))
            expected = pl.concat(of_body[table] for of_body in ours)
            assert expected.height > 20 and list(comparison.differences(expected, theirs, key)) == []
            assert f"stg_ledger__{table}" in spark.there


def test_the_rows_are_the_same_with_a_worker_and_executors_killed_in_mid_run(cluster, small, capsys):
    killed = []

    def in_mid_run(line: str) -> None:
        if line.startswith("int_ledger_years") and not killed:
            killed.append(kill_executors(cluster.processes[OTHER].pid))
            os.killpg(cluster.processes[ONE].pid, signal.SIGKILL)

    with Spark(cluster.address) as spark:
        assert comparison.compare(small, spark, in_mid_run) == 0, capsys.readouterr().out
        assert killed == [1]
        seeds_came_back(small, spark)
        labels = set(pl.from_arrow(spark.fetch("mart_ledger_labels"))["expense_label"])
        assert set(TRAPS) <= labels
        ours = spark.schema
    with Spark(cluster.address) as spark:
        assert ours not in schemas(spark)
    for worker in ("worker-1", "worker-2"):
        logs = cluster.folder.glob(f"{worker}/app-*/*/stderr")
        assert any("Running task" in log.read_text("utf-8", "replace") for log in logs), worker


def test_a_client_that_is_killed_leaves_the_next_run_right(cluster, small):
    before = models.database(small).read_bytes()
    line = [sys.executable, "-m", "commissioning.bench.spark", cluster.address]
    with Spark(cluster.address) as spark:
        mine = schemas(spark)
        run = subprocess.Popen(
            line,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "COMMISSIONING_HOME": str(small.root)},
        )
        end = time.monotonic() + 60
        while not (left := schemas(spark) - mine) and run.poll() is None and time.monotonic() < end:
            time.sleep(0.5)
        run.kill()
        run.wait()
        assert len(left) == 1 and models.database(small).read_bytes() == before
    # What it left is in nobody's way.
    with Spark(cluster.address) as spark:
        assert spark.schema not in left and left <= schemas(spark)
        spark.send("t", pl.DataFrame({"n": [1]}).to_arrow())
        assert spark.fetch("t").num_rows == 1


def test_a_server_that_is_gone_in_mid_run_is_named_within_a_minute(cluster, small):
    before, gone = models.database(small).read_bytes(), []

    def in_mid_run(line: str) -> None:
        if not gone:
            gone.append(time.monotonic())
            os.killpg(cluster.processes[CONNECT].pid, signal.SIGKILL)

    with pytest.raises(EngineError, match="No cluster answers"), Spark(cluster.address) as spark:
        spark.bring(small, spark.run(small, in_mid_run))
    assert time.monotonic() - gone[0] < 60 and models.database(small).read_bytes() == before
