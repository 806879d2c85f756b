"""What the ledger models run on: DuckDB or, with `COMMISSIONING_SPARK=sc://host:15002`, Apache Spark 4 by
Spark Connect, a client without Java.

On Spark the models tagged `ledgers` run through dbt-spark as they stand. What they read and do not make goes
up as Arrow from the build's working database: the ledgers' counted tables, seeds, three national tables. No
supplier is named in any of these. Where the lake is read, the cluster counts it (`cluster_counts`). What they
make comes down as Arrow into the working database, and all that follows goes on as ever. The working schema
is ours alone, and is dropped at the end.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from importlib import metadata
from typing import ClassVar

from commissioning.base.errors import CommissioningError, EngineError
from commissioning.base.paths import Project
from commissioning.base.settings import one_of
from commissioning.marts import cluster_counts, inputs, models

OURS = f"commissioning-evidence {metadata.version('commissioning-evidence')}"
"""What a working schema says of itself."""
ADDRESS = re.compile(r"sc://(?P<host>[^:/;]+):(?P<port>[0-9]+)(?:/.*)?")
HERE = ("localhost", "127.0.0.1")
PREFIX = "commissioning_work_"
SECONDS_TO_ANSWER = 5
RETRIES = {"max_retries": 4, "initial_backoff": 500, "backoff_multiplier": 2.0, "max_backoff": 4000}
"""How often a call that the cluster does not answer is made again, and milliseconds between: 15 s in all."""
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # A folder named 007 is a text, and no number.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
ROWS_AT_ONCE = 50_000


def chosen() -> DuckDB | Spark:
    """What the ledger models run on, as the environment says."""
    address = os.environ.get("COMMISSIONING_SPARK")
    return Spark(address) if address else DuckDB()


def check() -> None:
    """Raises, within seconds, the first error that would stop the ledger models in the middle of a build."""
    if inputs.from_lake():
        inputs.check_lake()
    chosen().check()


def tables(project: Project) -> tuple[list[str], list[str]]:
    """The tables that ledger models read and do not make, and those that they make."""
    nodes = models.manifest(project)["nodes"]
    tagged = {k: n for k, n in nodes.items() if k.startswith("model.") and models.LEDGERS in n["tags"]}
    read = {key for node in tagged.values() for key in node["depends_on"]["nodes"]} - set(tagged)
    return sorted(nodes[key]["name"] for key in read), sorted(node["name"] for node in tagged.values())


class DuckDB:
    """This machine: the default."""

    made_by: ClassVar[dict[str, str]] = {}

    def build(self, project: Project, changed_raw: set[str] | None, **more) -> list[str]:
        if inputs.from_lake():
            inputs.write_ledgers(project)
        return models.build(project, changed_raw, **more)

    def check(self) -> None:
        """Nothing is needed."""

    def told(self) -> str:
        return f"DuckDB {metadata.version('duckdb')}"


class Spark:
    """A cluster at an address `sc://host:port`, with a working schema while the `with` lasts."""

    made_by: ClassVar[dict[str, str]] = {"ledgers": "spark"}
    """Beside the versions of what the models run on: on another engine, all are built from nothing."""

    def __init__(self, address: str):
        self.address = address
        self.schema = PREFIX + uuid.uuid4().hex[:12]
        self.there: set[str] = set()
        """Tables of the working schema that ledger models read, and that need not go up."""

    def check(self) -> None:
        """Raises `EngineError` within seconds where this cluster cannot be used."""
        with self:
            pass

    def told(self) -> str:
        try:
            with self:
                return f"Spark {self.version} at {self.address}"
        except EngineError as fault:
            return f"Spark at {self.address}, which cannot be used now: {fault.what}"

    def __enter__(self) -> Spark:
        self._reach()
        # Of every session it says that it knows no newer pandas and cannot change its catalogue.
        warnings.filterwarnings("ignore", module=r"pyspark\.")
        try:
            import dbt.adapters.spark  # noqa: F401
            from pyspark.sql import SparkSession
            from pyspark.sql.connect.client.retries import DefaultPolicy
        except ImportError as fault:
            raise EngineError(
                "Spark needs packages that are not installed.",
                found=str(fault),
                todo='install the extra: pip install "commissioning-evidence[spark]"',
            ) from None
        # dbt-spark asks for a session of its own, and is given this one.
        os.environ["SPARK_REMOTE"] = self.address
        try:
            with self._named_faults():
                self.session = SparkSession.builder.remote(self.address).getOrCreate()
                self.session.client.set_retry_policies([DefaultPolicy(**RETRIES)])
                self.version = self.session.version
                self._check_version()
                self._check_schemas()
                for name, value in SETTINGS.items():
                    self.session.conf.set(name, value)
                self.session.sql(f"create database {self.schema} comment '{OURS}'")
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            # Where the cluster is gone, so is the schema, or its address says where to drop it by hand.
            with suppress(Exception):
                self.session.sql(f"drop database if exists {self.schema} cascade")
        finally:
            self.there.clear()
            self._leave()

    def _leave(self) -> None:
        os.environ.pop("SPARK_REMOTE", None)
        with suppress(Exception):
            self.session.stop()

    def _check_version(self) -> None:
        if int(self.version.split(".")[0]) < 4:
            raise EngineError(
                "The cluster is of another version of Spark.",
                where=self.address,
                expected="4.0 or later",
                found=self.version,
            )

    def _check_schemas(self) -> None:
        """A schema that a build of another version left behind, or still works in, is not gone past."""
        for (name,) in self.session.sql(f"show databases like '{PREFIX}*'").collect():
            about = {row[0]: row[1] for row in self.session.sql(f"describe database {name}").collect()}
            if about.get("Comment") != OURS:
                raise EngineError(
                    "The cluster holds a working schema of another version of this project.",
                    where=f"{self.address}, schema {name}",
                    expected=OURS,
                    found=about.get("Comment") or "no version",
                    todo=f"when no build of that version runs there: drop database {name} cascade",
                )

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        """What the cluster or its client raises becomes an `EngineError`."""
        try:
            yield
        except CommissioningError:
            # dbt has named it; that the cluster is gone says more.
            self._reach()
            raise
        except Exception as fault:
            self._reach()
            raise EngineError(
                "The cluster did not do what it was asked; nothing was published.",
                where=self.address,
                found=f"{type(fault).__name__}: {str(fault).strip()[:1000]}",
                todo="the cluster's own log says more; build again when it is mended",
            ) from fault

    def _reach(self) -> None:
        """Raises `EngineError` within seconds where nothing answers; the client would try for minutes."""
        parts = ADDRESS.fullmatch(self.address)
        if parts is None:
            raise EngineError(
                "This is no address of Spark Connect.", expected="sc://host:15002", found=self.address
            )
        if parts["host"] not in HERE:
            what = (
                "Tables of the ledgers go to a cluster inside your organisation's own boundary, or to none."
            )
            if one_of("COMMISSIONING_SPARK_BOUNDARY", ("not_said", "inside"), EngineError, what) != "inside":
                raise EngineError(
                    what,
                    where=self.address,
                    todo="where the cluster is inside, say so: COMMISSIONING_SPARK_BOUNDARY=inside",
                )
        try:
            socket.create_connection((parts["host"], int(parts["port"])), timeout=SECONDS_TO_ANSWER).close()
        except (OSError, OverflowError) as fault:
            raise EngineError(
                "No cluster answers at the address.",
                where=self.address,
                found=str(fault),
                todo="start the cluster's Spark Connect server, or give its address",
            ) from None

    def build(self, project: Project, changed_raw: set[str] | None, **more) -> list[str]:
        """As `models.build`, with the ledger models' tables made on the cluster."""

        def ledgers() -> None:
            self.bring(project, self.run(project, more.get("progress", str)))

        with self:
            if inputs.from_lake():
                with self._named_faults():
                    cluster_counts.write_ledgers(self, project, more.get("progress", str))
            return models.build(project, changed_raw, ledgers=ledgers, **more)

    def run(self, project: Project, progress: Callable[[str], object] = str) -> list[str]:
        """Run the ledger models over what the working database holds; the names of the tables they made."""
        import duckdb

        read, made = tables(project)
        with self._named_faults():
            # Views of raw tables name their files as seen from dbt's folder.
            with chdir(project.dbt), duckdb.connect(str(models.database(project)), read_only=True) as db:
                for name in sorted(set(read) - self.there):
                    self.send(name, db.table(name).to_arrow_table())
                    progress(f"{name} went up")
            os.environ["COMMISSIONING_SPARK_SCHEMA"] = self.schema
            try:
                folder = str(project.work / "dbt-target-spark")
                run = ["run", "--target", "spark", "--target-path", folder]
                models.invoke(project, [*run, "--select", f"tag:{models.LEDGERS}"], progress=progress)
            finally:
                del os.environ["COMMISSIONING_SPARK_SCHEMA"]
        return made

    def bring(self, project: Project, names: list[str]) -> None:
        """Put what the cluster made into the working database. Marts must have their contract's columns."""
        import duckdb

        declared = models.marts(project)
        with duckdb.connect(str(models.database(project))) as db:
            for name in names:
                table = self.fetch(name)
                if name in declared:
                    columns = declared[name]["columns"].values()
                    nulls = ", ".join(f"cast(null as {c['data_type']}) as {c['name']}" for c in columns)
                    self._check_columns(name, db.sql(f"select {nulls}"), db.from_arrow(table))
                db.register("brought", table)
                db.execute(f"create or replace table {name} as from brought")
                db.unregister("brought")

    def _check_columns(self, name: str, expected, found) -> None:
        ours, theirs = (
            [f"{column} {kind}" for column, kind in zip(table.columns, table.types, strict=True)]
            for table in (expected, found)
        )
        if ours != theirs:
            raise EngineError(
                "The cluster made a table without the columns of its contract; nothing was published.",
                where=name,
                expected=", ".join(c for c in ours if c not in theirs) or "the same columns in another order",
                found=", ".join(c for c in theirs if c not in ours) or "the same columns in another order",
                todo="mend the model: docs/scale.md has the rules for models of two engines",
            )

    def send(self, name: str, table) -> None:
        """In pieces: a driver holds a piece whole, and 80 MB at once ended one of 1 GB."""
        for start in range(0, max(table.num_rows, 1), ROWS_AT_ONCE):
            piece = self.session.createDataFrame(table.slice(start, ROWS_AT_ONCE))
            piece.write.format("parquet").mode("append").saveAsTable(f"{self.schema}.{name}")

    def fetch(self, name: str):
        """A table of the working schema as Arrow."""
        with self._named_faults():
            return self.session.table(f"{self.schema}.{name}").toArrow()
