"""Counting the lake on a cluster of Spark: the same SQL as on this machine, for all bodies at once.

The cluster reads the payments at the lake's own address, and has to see the folder as this machine does. What
comes back is what the snapshot holds: tables by month and label, by route and by type of supplier. Payments
for care are kept in the executors' memory and on their own disks while they are counted, and are no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from commissioning.base.lock import only_one
from commissioning.base.paths import Project
from commissioning.base.sql import literal
from commissioning.ingest.catalogue import Edition, catalogue
from commissioning.ingest.ledgers import aggregate, counts, lake, routes, supplier_types
from commissioning.ingest.ledgers.bodies import NUMBERS, Body, body_named
from commissioning.marts import inputs

if TYPE_CHECKING:
    from commissioning.marts.engines import Spark

COUNTED = ("monthly", "suppliers", "supplier_types")
"""The tables that a cluster counts. The fourth, of files, is the memory of this machine."""
SEEN = [name for name in aggregate.MONTHLY_KEY if name != "month"]


def editions() -> dict[str, Edition]:
    """The ledgers of the catalogue by name of body."""
    held = [edition for dataset in catalogue().values() for edition in dataset.held if edition.tables]
    return {edition.dataset.removeprefix("ledger_"): edition for edition in held}


def write_ledgers(spark: Spark, project: Project, progress: Callable[[str], object] = str) -> None:
    """Count every ledger on the cluster and write the tables for dbt, as `inputs.write_ledgers` does here.
    They stay in the working schema as well."""
    import polars as pl

    ledgers = editions()
    with _held(body_named(name) for name in ledgers):
        count(spark, project, list(ledgers), progress)
        made = {name: pl.from_arrow(spark.fetch(in_schema(name))) for name in COUNTED}
        made["monthly"] = aggregate.typed_monthly(made["monthly"])
        for name, edition in ledgers.items():
            folder = inputs.ledger_folder(project) / edition.dataset
            # What DuckDB counted there before is no longer there.
            (folder / aggregate.COUNTED).unlink(missing_ok=True)
            folder.mkdir(parents=True, exist_ok=True)
            of_body = {table: rows.filter(pl.col("body") == name) for table, rows in made.items()}
            of_body["files"] = aggregate.files(body_named(name), edition)
            for table in edition.tables:
                of_body[table].write_parquet(folder / f"{table}.parquet")


@contextmanager
def _held(bodies: Iterator[Body]) -> Iterator[None]:
    """While it lasts no other process reads one of these bodies into the lake."""
    with ExitStack() as held:
        for body in bodies:
            what = f"The ledger of {body.body} is being read into the lake."
            held.enter_context(
                only_one(lake.lock_path(body), what, todo="wait until it has ended, then build again")
            )
        yield


def in_schema(name: str) -> str:
    """The name that a counted table has in the working schema."""
    return f"ledgers_{name}"


def count(spark: Spark, project: Project, bodies: list[str], progress: Callable[[str], object] = str) -> None:
    """Make the tables of these bodies in the working schema, and of each the staging model that reads it."""
    session = spark.session
    _show_rules(spark, project)
    columns = [*SEEN, "supplier", *NUMBERS, "amount_gbp", "source_file", "is_duplicate_of"]
    root = f"{project.lake.resolve()}/payments"
    payments = session.read.option("basePath", root).parquet(*(f"{root}/body={body}" for body in bodies))
    payments.selectExpr(
        *columns, "cast(date_trunc('month', payment_date) as date) as month"
    ).createOrReplaceTempView("payments")

    def sql(macro: Callable[..., str], table: str, *arguments: str, **named: object) -> str:
        return macro(project, table, *arguments, engine=counts.SPARK, **named)

    def keep(table: str, text: str) -> None:
        session.sql(text).write.format("parquet").saveAsTable(f"{spark.schema}.{in_schema(table)}")
        staging = project.dbt / "models" / "staging" / f"stg_ledger__{table}.sql"
        staged = routes.model(staging, source=lambda _, name: f"{spark.schema}.{in_schema(name)}")
        session.sql(f"create view {spark.schema}.{staging.stem} as {staged}")
        spark.there.add(staging.stem)
        progress(f"{table} counted")

    keep("monthly", sql(counts.sql, "monthly", "payments"))
    routed = routes.routes_sql(project, f"{spark.schema}.{in_schema('monthly')}", "route_rules")
    same_label = routes.same_label_sql(project, "p", "r")
    care = session.sql(sql(counts.sql, "care", "payments", routed, same_label, many=True)).cache()
    care.createOrReplaceTempView(counts.CARE)
    try:
        keep(
            "suppliers",
            sql(counts.from_care, "suppliers", "body", _rules(project, routes, bodies), many=True),
        )
        lists = "supplier_type_patterns", *supplier_types.LISTS
        types = supplier_types.types_by(project, *lists, engine=counts.SPARK)
        rules = _rules(project, supplier_types, bodies)
        keep("supplier_types", sql(counts.from_care, "supplier_types", types, "body", rules, many=True))
    finally:
        care.unpersist()


def _rules(project: Project, module, bodies: list[str]) -> str:
    """SQL for the hash of a body's rules."""
    hashes = (f"when {literal(body)} then {literal(module.rules_sha256(project, body))}" for body in bodies)
    return f"case body {' '.join(hashes)} end"


def _show_rules(spark: Spark, project: Project) -> None:
    """The rules and lists that payments are held against, as the cluster sees them."""
    import duckdb

    relations = {
        "route_rules": f"from {routes.rules_relation(project)}",
        "supplier_type_patterns": f"from {supplier_types.patterns_relation(project)}",
        **supplier_types.lists_sql(project),
    }
    with duckdb.connect() as db:
        for name, sql in relations.items():
            spark.session.createDataFrame(db.sql(sql).to_arrow_table()).createOrReplaceTempView(name)
