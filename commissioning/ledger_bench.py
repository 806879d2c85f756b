"""How fast ledgers are read: the largest ledger at hand (Devon's), each way in a process of its own.

The floor is Polars reading every file as text and nothing else. Beside it stand the full ingest into the
lake (every line parsed, checked, classed, accounted for and written as Parquet), the same job in pandas as
an analyst would write it, and DuckDB's `read_csv` with `union_by_name`. The last two do less: neither
accounts for lines, masks people or looks for duplicates. Files are plain text on disk, not gzipped.
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
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from commissioning.errors import CommissioningError
from ingest import originals
from ingest.catalogue import catalogue

LEDGER = "ledger_devon"
SHIFTS = (-20, -16, -12, -8, -4, 0, 4, 8, 12, 16)
"""Years by which the copies of the memory test are shifted: whole leap cycles, so that every date exists."""


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
            name = f"DCCSpendingOver500_{int(year) + shift}{month}_{shift + 20:02}.csv"
            (folder / name).write_bytes(moved)


# The ways. Each is run as `python -m commissioning.ledger_bench <way> <folder>` and prints what it took.


def floor(folder: Path) -> int:
    import polars as pl

    files = sorted((folder / "ledger_bench").iterdir())
    return sum(pl.read_csv(f, infer_schema=False, encoding="utf8-lossy").height for f in files)


def ours(folder: Path) -> int:
    os.environ["COMMISSIONING_MIRROR"] = str(folder)
    os.environ["COMMISSIONING_LAKE"] = str(folder / "lake")
    from ingest.ledgers import lake
    from ingest.ledgers.bodies import body_named

    body = replace(body_named("devon"), body="bench")
    return lake.ingest(body).payments


def pandas(folder: Path) -> int:
    import pandas as pd

    frames = []
    for file in sorted((folder / "ledger_bench").iterdir()):
        try:
            frame = pd.read_csv(file, dtype=str, encoding="utf-8-sig")
        except UnicodeDecodeError:
            frame = pd.read_csv(file, dtype=str, encoding="cp1252")
        frame.columns = [" ".join(name.lower().split()) for name in frame.columns]
        frame = frame.dropna(subset=["date", "amount"])
        frame["amount"] = pd.to_numeric(frame["amount"].str.replace(",", "").str.strip())
        frame["date"] = pd.to_datetime(frame["date"], format="mixed", dayfirst=True)
        frame["source_file"] = file.name
        frames.append(frame)
    payments = pd.concat(frames)
    start = payments["date"].dt.year - (payments["date"].dt.month < 4)
    payments["financial_year"] = start.astype(str)
    payments.to_parquet(folder / "pandas", partition_cols=["financial_year"])
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


def _run(way: str, folder: Path) -> dict:
    for leftover in ("lake", "pandas", "duckdb"):
        shutil.rmtree(folder / leftover, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "commissioning.ledger_bench", way, str(folder)],
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
                f"{runs[-1]['payments']:,}",
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
                f"{result['payments']:,}",
            )
        console.print(table)


def main() -> None:
    """Run one way and print seconds (wall and processor), peak memory and payments as JSON."""
    import resource

    way, folder = sys.argv[1], Path(sys.argv[2])
    start, used = time.perf_counter(), time.process_time()
    payments = WAYS[way](folder)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "peak_mb": peak, "payments": payments}))


if __name__ == "__main__":
    main()
