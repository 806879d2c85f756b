"""How fast ledgers are read: the largest ledger at hand (Devon's), each way in a process of its own.

The floor is Polars reading every file as text and nothing else. Beside it stand the full ingest into the
lake (every line parsed, checked, classed, accounted for and written as Parquet), the same job in pandas as
an analyst would write it for this ledger, and DuckDB's `read_csv` with `union_by_name`. pandas is told what
ours finds out (header, delimiter, date order); DuckDB only reads: it neither accounts for lines, masks people
nor looks for duplicates. Files are plain text on disk, not gzipped.

Then the way from the lake to the ledger marts, for Devon and Sheffield (`marts`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project, project
from commissioning.ingest import originals
from commissioning.ingest.catalogue import catalogue

LEDGER = "ledger_devon"
SHIFTS = tuple(range(-36, 1, 4))
"""Years by which the copies of the memory test are shifted: whole leap cycles, so that every date exists, and
back, since no payment is of the future."""


def unpack_files(target: Path) -> list[Path]:
    """The ledger's files as plain text in `target/ledger_bench/`."""
    folder = target / "ledger_bench"
    folder.mkdir(parents=True)
    edition = catalogue()[LEDGER].held[0]
    if not originals.on_this_machine(edition):
        raise CommissioningError(
            "The ledger to measure with is not on this machine.",
            file=edition.files[0].path,
            expected="in data/cache or in a mirror (COMMISSIONING_MIRROR)",
        )
    for file in edition.files:
        (folder / Path(file.path).name).write_bytes(originals.load(file))
    return sorted(folder.iterdir())


def repeat_files(source: Path, target: Path) -> None:
    """Ten times the files of `source`, each copy with its dates and its name shifted by years."""
    folder = target / "ledger_bench"
    folder.mkdir(parents=True)
    for file in sorted((source / "ledger_bench").iterdir()):
        data = file.read_bytes()
        for shift in SHIFTS:

            def later(found: re.Match, shift: int = shift) -> bytes:
                return found[1] + str(int(found[2]) + shift).encode()

            moved = re.sub(rb"(?m)^(18,[^,]*,(?:\d\d/\d\d/)?)(\d{4})", later, data)
            year, month = re.search(r"(\d{4})(\d\d)\.csv$", file.name).groups()
            name = f"DCCSpendingOver500_{int(year) + shift}{month}_{-shift:02}.csv"
            (folder / name).write_bytes(moved)


FROM_LAKE = ("ledger_devon", "ledger_sheffield")
MARTS = [
    "build",
    "--exclude-resource-type",
    "unit_test",
    # Data tests that look at other tables as well are left to the build.
    "--indirect-selection",
    "cautious",
    "--select",
    "+path:models/marts/mart_ledger*",
]


# The ways. Each is run as `python -m commissioning.bench.ledgers <way> <folder>` and prints what it took.


def floor(folder: Path) -> int:
    import polars as pl

    files = sorted((folder / "ledger_bench").iterdir())
    return sum(pl.read_csv(f, infer_schema=False, encoding="utf8-lossy").height for f in files)


def ours(folder: Path) -> int:
    os.environ["COMMISSIONING_MIRROR"] = str(folder)
    os.environ["COMMISSIONING_LAKE"] = str(folder / "lake")
    from commissioning.ingest.ledgers import dates, lake
    from commissioning.ingest.ledgers.bodies import body_named

    # The copies of the memory test go back further than any ledger does.
    dates.FIRST_YEAR += min(SHIFTS)
    body = replace(body_named("devon"), body="bench")
    return lake.ingest(body).payments


def pandas(folder: Path) -> int:
    import hashlib
    import io

    import pandas as pd
    import polars as pl

    from commissioning.ingest.ledgers import payees

    texts = ["supplier name", "expense area", "expense type", "expense code", "creditor type"]
    frames, accounts = [], []
    for file in sorted((folder / "ledger_bench").iterdir()):
        data = file.read_bytes()
        try:
            frame = pd.read_csv(io.BytesIO(data), dtype=str, encoding="utf-8-sig", skip_blank_lines=False)
        except UnicodeDecodeError:
            frame = pd.read_csv(io.BytesIO(data), dtype=str, encoding="cp1252", skip_blank_lines=False)
        frame.columns = [" ".join(name.lower().split()) for name in frame.columns]
        frame = frame[["date", "amount", "transaction number", *texts]]
        frame["source_file"], frame["source_line"] = file.name, frame.index + 2
        for text in texts:
            frame[text] = frame[text].str.strip()
        frame["amount"] = pd.to_numeric(frame["amount"].str.replace(",", "").str.strip(), errors="coerce")
        frame["date"] = pd.to_datetime(frame["date"], format="mixed", dayfirst=True, errors="coerce")
        payment = frame["date"].notna() & frame["amount"].notna()
        accounts.append(
            {
                "file": file.name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "lines": len(frame),
                "loaded": payment.sum(),
                "pounds": frame["amount"].sum(),
                "loaded_pounds": frame.loc[payment, "amount"].sum(),
            }
        )
        frames.append(frame[payment])
    payments = pd.concat(frames, ignore_index=True)
    start = payments["date"].dt.year - (payments["date"].dt.month < 4)
    payments["financial_year"] = start.astype(str)

    suppliers = pl.Series(payments["supplier name"].dropna().unique().tolist())
    payments["payee_class"] = payments["supplier name"].map(dict(payees.classify(suppliers).iter_rows()))
    payments.loc[payments["payee_class"] == "person", "supplier name"] = payees.PERSON
    key = ["transaction number", "date", "amount", "expense code", "expense area"]
    payments["is_duplicate"] = payments["transaction number"].notna() & payments.duplicated(key)

    payments.to_parquet(folder / "pandas", partition_cols=["financial_year"])
    pd.DataFrame(accounts).to_csv(folder / "pandas" / "accounts.csv", index=False)
    return len(payments)


def duckdb(folder: Path) -> int:
    import duckdb

    with duckdb.connect() as db:
        db.execute(f"""
            copy (
                select *, year(day) - (month(day) < 4)::int as financial_year
                from (
                    select *, try_cast(replace(trim(amount), ',', '') as decimal(18, 2)) as amount_gbp,
                        try_strptime("Date", ['%d/%m/%Y', '%Y-%m-%d %H:%M:%S'])::date as day
                    from read_csv('{folder}/ledger_bench/*.csv', union_by_name = true, all_varchar = true,
                        filename = true, ignore_errors = true)
                )
                where day is not null and amount_gbp is not null
            ) to '{folder}/duckdb' (format parquet, partition_by (financial_year))
        """)
        return db.execute(f"select count(*) from read_parquet('{folder}/duckdb/**/*.parquet')").fetchall()[0][
            0
        ]


WAYS = {"floor": floor, "ours": ours, "pandas": pandas, "duckdb": duckdb}


# From the lake to the marts


@dataclass(frozen=True)
class _Aside(Project):
    """This checkout, with a work folder of its own."""

    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"


Lap = tuple[float, float]
"""Seconds on the clock and seconds of the processor."""


def _now() -> Lap:
    return time.perf_counter(), time.process_time()


def _since(start: Lap, end: Lap | None = None) -> Lap:
    clock, processor = end or _now()
    return clock - start[0], processor - start[1]


def marts(folder: Path) -> dict[str, Lap]:
    """From `folder/lake` to the ledger marts in a fresh DuckDB, by dbt, with all that they rest on.

    `nodes` is the part of `dbt` from the first seed, model or test that was done to the last.
    """
    from commissioning.marts import inputs, models

    aside = _Aside(project().root, folder)
    models.database(aside).unlink(missing_ok=True)
    begun = _now()
    inputs.write(aside)
    inputs.write_ledgers(aside, FROM_LAKE)
    counted, done = _now(), []
    models.invoke(aside, MARTS, progress=lambda _: done.append(_now()))
    return {"tables": _since(begun, counted), "dbt": _since(counted), "nodes": _since(done[0], done[-1])}


def straight(folder: Path) -> dict[str, Lap]:
    """The SQL of the models that `marts` ran, straight in DuckDB: all of them, and the ledgers' own alone."""
    from commissioning import bench
    from commissioning.marts import models

    aside = _Aside(project().root, folder)
    results = json.loads((aside.work / "dbt-target" / "run_results.json").read_text(encoding="utf-8"))
    nodes = [models.manifest(aside)["nodes"][result["unique_id"]] for result in results["results"]]
    compiled = [bench.as_compiled(node) for node in nodes if node["resource_type"] == "model"]
    own = [model for model in compiled if "ledger" in model[0]]
    begun = _now()
    bench.straight_sql(aside, compiled)
    middle = _now()
    bench.straight_sql(aside, own)
    return {"straight": _since(begun, middle), "own": _since(middle)}


def run_marts_bench(console: Console, rounds: int) -> None:
    """Print how long it takes from a lake of Devon and Sheffield to their marts, stage by stage."""
    from commissioning.ingest.ledgers import lake
    from commissioning.ingest.ledgers.bodies import body_named

    runs: list[dict[str, Lap]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["COMMISSIONING_LAKE"] = str(folder / "lake")
        os.environ["COMMISSIONING_LEDGERS"] = "lake"
        payments = sum(lake.ingest(body_named(name.removeprefix("ledger_"))).payments for name in FROM_LAKE)
        # The first run parses the dbt project; the others find it parsed, as after any build.
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            found = _measure("marts", folder)
            whole = time.perf_counter() - begun, found["processor"]
            runs.append({**found["result"], "whole": whole, **_measure("straight", folder)["result"]})
    middle = {
        stage: [statistics.median(run[stage][kind] for run in runs[1:]) for kind in (0, 1)]
        for stage in runs[0]
    }
    middle["start"] = [dbt - nodes for dbt, nodes in zip(middle["dbt"], middle["nodes"], strict=True)]
    table = Table(
        title=f"From the lake to the ledger marts: Devon and Sheffield, {payments:,} payments",
        title_justify="left",
    )
    for heading in ("stage", "seconds", "processor seconds"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage, what in (
        ("tables", "tables counted from the lake"),
        ("start", "dbt's own start and end"),
        ("nodes", "seeds, models and data tests, by dbt"),
        ("whole", "in all, with Python's start"),
        ("straight", "the models' SQL straight in DuckDB"),
        ("own", "of these, the ledgers' own"),
    ):
        table.add_row(what, *(f"{seconds:.2f}" for seconds in middle[stage]))
    console.print(table)


# Running


def _run(way: str, folder: Path) -> dict:
    for leftover in ("lake", "pandas", "duckdb"):
        shutil.rmtree(folder / leftover, ignore_errors=True)
    return _measure(way, folder)


def _measure(way: str, folder: Path) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "commissioning.bench.ledgers", way, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def run_ledger_bench(console: Console, rounds: int, *, memory: bool) -> None:
    """Print how long each way takes; with `memory`, ours over ten times the files as well."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "once"
        files = unpack_files(folder)
        size = sum(file.stat().st_size for file in files) / 1e6
        found = {way: [] for way in WAYS}
        # Round by round, so that a busy minute slows every way alike.
        for _ in range(rounds):
            for way in WAYS:
                found[way].append(_run(way, folder))
        table = Table(title=f"Ledgers: {len(files)} files, {size:,.0f} MB", title_justify="left")
        for heading in ("way", "seconds", "processor seconds", "times the floor", "peak MB", "payments"):
            table.add_column(heading, justify="left" if heading == "way" else "right")
        middle = {way: statistics.median(r["seconds"] for r in runs) for way, runs in found.items()}
        for way, runs in found.items():
            table.add_row(
                way,
                f"{middle[way]:.2f}",
                f"{statistics.median(r['processor'] for r in runs):.2f}",
                f"{middle[way] / middle['floor']:.1f}",
                f"{max(r['peak_mb'] for r in runs):,.0f}",
                f"{runs[-1]['result']:,}",
            )
        if memory:
            ten = Path(temporary) / "ten"
            repeat_files(folder, ten)
            result = _run("ours", ten)
            table.add_row(
                "ours, ten times the files",
                f"{result['seconds']:.2f}",
                f"{result['processor']:.2f}",
                f"{result['seconds'] / middle['ours']:.1f} times ours",
                f"{result['peak_mb']:,.0f}",
                f"{result['result']:,}",
            )
        console.print(table)


def main() -> None:
    """Run one way and print what it took (seconds, processor, peak memory) and its result as JSON."""
    import resource

    way, folder = sys.argv[1], Path(sys.argv[2])
    start = time.perf_counter()
    result = {**WAYS, "marts": marts, "straight": straight}[way](folder)
    took = {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps({**took, "result": result}))


if __name__ == "__main__":
    main()
