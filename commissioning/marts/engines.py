"""The ledger models on Apache Spark 4 in place of DuckDB, by Spark Connect: a client without Java.

The models tagged `ledgers` run there, through dbt-spark, as they stand. What they read and do not make goes
up as Arrow from the build's working database: the ledgers' counted tables, seeds, three national tables. No
supplier is named in any of these. What they make can be fetched as Arrow. The working schema is ours alone,
and is dropped at the end.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
from collections.abc import Callable
from contextlib import chdir

from commissioning.base.errors import EngineError
from commissioning.base.paths import Project
from commissioning.base.settings import one_of
from commissioning.marts import models

TAG = "ledgers"
ADDRESS = re.compile(r"sc://(?P<host>[^:/;]+):(?P<port>[0-9]+)(?:/.*)?")
HERE = ("localhost", "127.0.0.1")
PREFIX = "commissioning_work_"
SECONDS_TO_ANSWER = 5
ROWS_AT_ONCE = 50_000


def tables(project: Project) -> tuple[list[str], list[str]]:
    """The tables that ledger models read and do not make, and the marts among what they make."""
    nodes = models.manifest(project)["nodes"]
    tagged = {key: node for key, node in nodes.items() if key.startswith("model.") and TAG in node["tags"]}
    read = {key for node in tagged.values() for key in node["depends_on"]["nodes"]} - set(tagged)
    marts = sorted(node["name"] for node in tagged.values() if node["fqn"][1] == "marts")
    return sorted(nodes[key]["name"] for key in read), marts


class Spark:
    """A cluster at an address `sc://host:port`, with a working schema while the `with` lasts."""

    def __init__(self, address: str):
        self.address = address
        self.schema = PREFIX + uuid.uuid4().hex[:12]

    def __enter__(self) -> Spark:
        self._reach()
        try:
            import dbt.adapters.spark  # noqa: F401
            from pyspark.sql import SparkSession
        except ImportError as fault:
            raise EngineError(
                "Spark needs packages that are not installed.",
                found=str(fault),
                todo='install the extra: pip install "commissioning-evidence[spark]"',
            ) from None
        # dbt-spark asks for a session of its own, and is given this one.
        os.environ["SPARK_REMOTE"] = self.address
        self.session = SparkSession.builder.remote(self.address).getOrCreate()
        self.version = self.session.version
        if int(self.version.split(".")[0]) < 4:
            self.session.stop()
            raise EngineError(
                "The cluster is of another version of Spark.",
                where=self.address,
                expected="4.0 or later",
                found=self.version,
            )
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self.session.sql(f"create database {self.schema}")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.session.sql(f"drop database if exists {self.schema} cascade")
        finally:
            self.session.stop()
            os.environ.pop("SPARK_REMOTE", None)

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

    def build(self, project: Project, progress: Callable[[str], None] = lambda line: None) -> list[str]:
        """Run the ledger models over what the working database holds; the names of the marts they made."""
        import duckdb

        read, marts = tables(project)
        # Views of raw tables name their files as seen from dbt's folder.
        with chdir(project.dbt), duckdb.connect(str(models.database(project)), read_only=True) as db:
            for name in read:
                self._send(name, db.table(name).to_arrow_table())
                progress(f"{name} went up")
        os.environ["COMMISSIONING_SPARK_SCHEMA"] = self.schema
        try:
            folder = str(project.work / "dbt-target-spark")
            run = ["run", "--target", "spark", "--target-path", folder, "--select", f"tag:{TAG}"]
            models.invoke(project, run, progress=progress)
        finally:
            del os.environ["COMMISSIONING_SPARK_SCHEMA"]
        return marts

    def _send(self, name: str, table) -> None:
        """In pieces: a driver holds a piece whole, and 80 MB at once ended one of 1 GB."""
        for start in range(0, max(table.num_rows, 1), ROWS_AT_ONCE):
            piece = self.session.createDataFrame(table.slice(start, ROWS_AT_ONCE))
            piece.write.format("parquet").mode("append").saveAsTable(f"{self.schema}.{name}")

    def fetch(self, name: str):
        """A table of the working schema as Arrow."""
        return self.session.table(f"{self.schema}.{name}").toArrow()
