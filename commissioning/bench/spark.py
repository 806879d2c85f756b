"""The ledger marts of Apache Spark against DuckDB's: `python -m commissioning.bench.spark WHERE`.

WHERE is the address of a cluster (`sc://host:15002`), or a folder with a virtual environment of pyspark: from
that one, a cluster is started on this machine and stopped again. The models must have been built. It prints a
line for each row that differs, and ends with 1 where there is one. Nothing is published.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

from commissioning.base import paths
from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project
from commissioning.bench.cluster import LocalCluster
from commissioning.marts import models
from commissioning.marts.engines import Spark

PENNY, RATIO = 0.005, 1e-9
"""How far money, and any other number with a point, may be apart."""
MOST_PRINTED = 20


def differences(before, after, key: list[str]) -> Iterator[str]:
    """A line for each row of two Polars tables that is in one alone or is not the same."""
    import polars as pl

    if before.schema != after.schema:
        yield f"columns differ: {before.schema} and {after.schema}"
        return
    both = before.with_columns(_here=True).join(
        after.with_columns(_here=True), on=key, how="full", suffix="_after", nulls_equal=True, coalesce=True
    )
    checks = {"only one has it": pl.col("_here").ne_missing(pl.col("_here_after"))}
    for name, kind in before.schema.items():
        if name in key:
            continue
        ours, theirs = pl.col(name), pl.col(f"{name}_after")
        apart = ours.ne_missing(theirs)
        if kind.is_float():
            allowed = PENNY if name.endswith("_gbp") else RATIO * pl.max_horizontal(ours.abs(), 1.0)
            apart &= (ours.is_null() != theirs.is_null()) | ((ours - theirs).abs() > allowed).fill_null(False)
        checks[name] = apart
    found = both.with_columns(
        pl.concat_list(pl.when(c).then(pl.lit(n)) for n, c in checks.items())
        .list.drop_nulls()
        .alias("_differs")
    )
    for row in found.filter(pl.col("_differs").list.len() > 0).iter_rows(named=True):
        yield f"{' | '.join(str(row[k]) for k in key)}: {', '.join(row['_differs'])}"


def compare(project: Project, spark: Spark, progress: Callable[[str], object] = str) -> int:
    """Build on the cluster and print what differs; how many rows do."""
    import duckdb
    import polars as pl

    began = time.monotonic()
    made = spark.run(project, progress)
    nodes, total = models.marts(project), 0
    made = [name for name in made if name in nodes]
    print(f"Spark {spark.version}: {len(made)} marts in {time.monotonic() - began:.0f} s")
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        for name in made:
            ours, theirs = db.table(name).pl(), pl.from_arrow(spark.fetch(name))
            found = list(differences(ours, theirs, nodes[name]["config"]["meta"]["key"]))
            total += len(found)
            print(f"{name}: {ours.height} rows, {len(found)} differ")
            print("".join(f"  {line}\n" for line in found[:MOST_PRINTED]), end="")
    return total


def main(where: str) -> int:
    # Also where it is told to end, the cluster is stopped and the schema dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        project = paths.project()
        cluster = nullcontext() if "://" in where else LocalCluster(Path(where))
        with cluster as started, Spark(started.address if started else where) as spark:
            return 1 if compare(project, spark, lambda line: print(f"  {line}", flush=True)) else 0
    except CommissioningError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
