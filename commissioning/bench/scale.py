"""From a lake of 15.8 million payments to the ledger marts: DuckDB, and Spark with one worker and with two.

The lake is the seven ledgers of the catalogue, read from their files, and then the same bodies again under
other names (`devon-2`), with rules of their own, in a copy of the project in a temporary folder.
Each way runs in a process of its own. Processor seconds and memory are of all processes: the client's, and
on Spark those of master, workers, executors and the Connect server.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from commissioning.base.paths import Project, project
from commissioning.bench.ledgers import MARTS

PAYMENTS = 15_800_000
COPIED = ("dbt", "ingest", "expectations", "commissioning", "data/raw")


# The lake


def enlarge(source: Project, folder: Path, lake: Path, sizes: dict[str, int], wanted: int) -> dict[str, int]:
    """A copy of the project in `folder`, with the ledgers that `lake` holds (`sizes`: payments by body) under
    further names, as long as no more than `wanted` payments come of it; the payments by name."""
    for name in COPIED:
        shutil.copytree(source.root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "README.md"):
        shutil.copy(source.root / name, folder / name)
    held, copies = dict(sizes), dict(_names(sizes, wanted))
    for copy, body in copies.items():
        _add_body(folder, body, copy)
        held[copy] = sizes[body]
        shutil.copytree(
            lake / "payments" / f"body={body}", lake / "payments" / f"body={copy}", copy_function=os.link
        )
        shutil.copy(lake / "memory" / f"{body}.json", lake / "memory" / f"{copy}.json")
    for seed in (folder / "dbt" / "seeds").glob("*.csv"):
        _repeat_rows(seed, copies)
    return held


def _names(sizes: dict[str, int], wanted: int) -> Iterator[tuple[str, str]]:
    """Names for further copies and the bodies that they are of, the smallest body first in each round."""
    total, number = sum(sizes.values()), 1
    while True:
        number += 1
        for body in sorted(sizes, key=sizes.get):
            total += sizes[body]
            if total > wanted:
                return
            yield f"{body}-{number}", body


def _add_body(folder: Path, body: str, copy: str) -> None:
    for place, key in (
        ("ingest/ledgers/{}.yml", "body: {}"),
        ("ingest/catalogue/ledger_{}.yml", "dataset: ledger_{}"),
    ):
        text = (folder / place.format(body)).read_text(encoding="utf-8")
        text = text.replace(key.format(body) + "\n", key.format(copy) + "\n", 1)
        (folder / place.format(copy)).write_text(text, encoding="utf-8")


def _repeat_rows(seed: Path, copies: dict[str, str]) -> None:
    """Rows of a seed that are of a body, once more for each of its copies."""
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "body" not in rows[0]:
        return
    with seed.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        for copy, body in copies.items():
            for row in rows:
                if row["body"] == body:
                    own = {"rule_id": f"{row['rule_id']}_{copy}"} if "rule_id" in row else {}
                    writer.writerow({**row, **own, "body": copy})


# The ways. Each is run as `python -m commissioning.bench.scale WAY [ADDRESS]` and prints what it took.


def duckdb() -> None:
    from commissioning.marts import inputs, models

    here = project()
    inputs.write(here)
    inputs.write_ledgers(here)
    models.invoke(here, MARTS)


def spark(address: str) -> None:
    from commissioning.marts import cluster_counts, inputs, models
    from commissioning.marts.engines import Spark

    here = project()
    inputs.write(here)
    with Spark(address) as engine:
        cluster_counts.write_ledgers(engine, here)
        models.invoke(here, [*MARTS, "--exclude", f"tag:{models.LEDGERS}+"])
        engine.bring(here, engine.run(here))


def _measured(folder: Path, lake: Path, *way: str) -> dict[str, float]:
    shutil.rmtree(folder / "data" / "build", ignore_errors=True)
    (folder / "data" / "build").mkdir()
    told = {"COMMISSIONING_HOME": folder, "COMMISSIONING_LAKE": lake, "COMMISSIONING_LEDGERS": "lake"}
    done = subprocess.run(
        [sys.executable, "-m", "commissioning.bench.scale", *way],
        env={**os.environ, **{name: str(value) for name, value in told.items()}},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _of_cluster(groups: list[int]) -> tuple[float, float]:
    """Processor seconds of all processes of these groups, and the most megabytes that each held, added up."""
    seconds, megabytes = 0.0, 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) not in groups:
                continue
            times = (folder / "stat").read_text().rpartition(")")[2].split()[11:15]
            held = (folder / "status").read_text().partition("VmHWM:")[2].split()
        except OSError:
            continue
        seconds += sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
        megabytes += int(held[0]) / 1024 if held else 0
    return seconds, megabytes


def on_spark(folder: Path, lake: Path, environment: Path, workers: int) -> dict[str, float]:
    from commissioning.bench.cluster import LocalCluster

    with LocalCluster(environment, workers) as cluster:
        took = _measured(folder, lake, "spark", cluster.address)
        seconds, megabytes = _of_cluster([process.pid for process in cluster.processes])
    return {
        "seconds": took["seconds"],
        "processor": took["processor"] + seconds,
        "peak_mb": took["peak_mb"] + megabytes,
    }


def run_scale_bench(console: Console, environment: Path | None, wanted: int = PAYMENTS) -> None:
    """Print what each way takes; Spark where an environment with pyspark is named."""
    from commissioning.ingest.ledgers import lake as lakes
    from commissioning.ingest.ledgers.bodies import body_named
    from commissioning.marts import cluster_counts

    with tempfile.TemporaryDirectory() as temporary:
        folder, lake = Path(temporary).resolve() / "project", Path(temporary).resolve() / "lake"
        os.environ["COMMISSIONING_LAKE"] = str(lake)
        sizes = {name: lakes.ingest(body_named(name)).payments for name in cluster_counts.editions()}
        held = enlarge(project(), folder, lake, sizes, wanted)
        ways = {"DuckDB": lambda: _measured(folder, lake, "duckdb")}
        for workers in (1, 2) if environment else ():
            name = f"Spark, {workers} worker{'s' if workers > 1 else ''} of one core"
            ways[name] = lambda workers=workers: on_spark(folder, lake, environment, workers)
        table = Table(
            title=f"From the lake to the ledger marts: {sum(held.values()):,} payments of {len(held)} bodies",
            title_justify="left",
        )
        for heading in ("way", "seconds", "processor seconds", "peak MB", "load before"):
            table.add_column(heading, justify="left" if heading == "way" else "right")
        for name, way in ways.items():
            load = os.getloadavg()[0]
            try:
                took = way()
            except subprocess.CalledProcessError:
                # What the others took is shown all the same; its own words stand above.
                table.add_row(name, "stopped", "", "", f"{load:.1f}")
                continue
            table.add_row(
                name,
                f"{took['seconds']:.0f}",
                f"{took['processor']:.0f}",
                f"{took['peak_mb']:,.0f}",
                f"{load:.1f}",
            )
        console.print(table)


def main() -> None:
    """Run one way and print what it took as JSON."""
    import resource

    way, *address = sys.argv[1:]
    begun = time.perf_counter()
    {"duckdb": duckdb, "spark": spark}[way](*address)
    took = {
        "seconds": time.perf_counter() - begun,
        "processor": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main()
