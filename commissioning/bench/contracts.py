"""How fast contract notices are read: 100,000 OCDS releases of one file, each a process.

The releases are real ones of three portals (`ocds_sample` in the mirror), repeated under new identifiers.
"""

from __future__ import annotations

import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import project
from commissioning.ingest.contracts import packages, reader

RELEASES = 100_000
GOAL = 5_000


def run_contracts_bench(console: Console, rounds: int) -> None:
    """Read the file `rounds` times and print the median of releases a second."""
    mirror = project().mirror
    folder = mirror / "ocds_sample" if mirror else None
    if folder is None or not folder.is_dir():
        raise CommissioningError(
            "The releases to measure with are not on this machine.",
            file="ocds_sample/",
            expected="in a mirror (COMMISSIONING_MIRROR)",
        )
    with tempfile.TemporaryDirectory() as target:
        file = _repeated(folder, Path(target) / "releases.jsonl")
        seconds = sorted(_seconds(file) for _ in range(rounds))
        middle = seconds[len(seconds) // 2]
        console.print(
            f"{RELEASES:,} OCDS releases ({file.stat().st_size / 1e6:,.0f} MB) read, checked and merged in "
            f"{middle:.1f} s: {RELEASES / middle:,.0f} a second (goal {GOAL:,})",
            highlight=False,
        )


def _repeated(folder: Path, file: Path) -> Path:
    lines = [
        line
        for path in sorted(folder.rglob("*.jsonl.gz"))
        for line in packages.content_of(path).splitlines()
        if line.strip()
    ]
    with file.open("wb") as stream:
        for number, line in enumerate(islice(cycle(lines), RELEASES)):
            stream.write(line.replace(b'"ocid": "ocds-', b'"ocid": "ocds-%d-' % number) + b"\n")
    return file


def _seconds(file: Path) -> float:
    start = time.perf_counter()
    found = reader.read([file])
    taken = time.perf_counter() - start
    if found.processes.height != RELEASES:
        raise CommissioningError("The bench lost releases.", expected=RELEASES, found=found.processes.height)
    return taken
