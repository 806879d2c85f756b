"""`commissioning bench`: how long each stage takes, all measured in one run on this machine.

Ratios of one run are what to quote; single times depend on the machine and on what else it does.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

from rich.console import Console
from rich.table import Table

from commissioning.base.errors import MissingMarts
from commissioning.base.paths import Project
from commissioning.base.sql import literal
from commissioning.marts import models, seals


def _seconds(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def compiled_models(project: Project) -> list[tuple[str, str, str]]:
    """Every SQL model as `(name, 'view' or 'table', compiled SQL)`, each after what it depends on."""
    from graphlib import TopologicalSorter

    models.invoke(project, ["compile"])
    nodes = {k: n for k, n in models.manifest(project)["nodes"].items() if n["resource_type"] == "model"}
    order = TopologicalSorter({k: set(n["depends_on"]["nodes"]) & set(nodes) for k, n in nodes.items()})
    return [as_compiled(nodes[k]) for k in order.static_order() if nodes[k]["language"] == "sql"]


def as_compiled(node: dict) -> tuple[str, str, str]:
    """A model of dbt's manifest as `(name, 'view' or 'table', compiled SQL)`."""
    return node["name"], node["config"]["materialized"], node["compiled_code"]


def straight_sql(project: Project, compiled: list[tuple[str, str, str]]) -> None:
    """The SQL that dbt runs for these models, in the given order, straight in DuckDB.

    What they read besides (seeds, models in Python) is copied from the built database.
    """
    import duckdb

    # Raw tables are named as seen from dbt's folder.
    with tempfile.TemporaryDirectory() as folder, chdir(project.dbt):
        copy = Path(folder).resolve() / "models.duckdb"
        with duckdb.connect(str(copy)) as db:
            db.execute(f"attach {literal(models.database(project))} as built (read_only)")
            read = {name for _, _, sql in compiled for name in re.findall(r'"models"\."main"\."(\w+)"', sql)}
            for name in sorted(read - {name for name, _, _ in compiled}):
                db.execute(f"create table {name} as from built.{name}")
            db.execute("detach built; set threads = 2")
            for name, kind, sql in compiled:
                plain = sql.replace('"models"."main".', "")
                db.execute(f"create {kind if kind == 'view' else 'table'} {name} as {plain}")


def page_stages(project: Project) -> list[tuple[str, float, str]]:
    """Rendering the pages made by the hundred, by the built-in renderer and, if it is here, by Quarto."""
    from commissioning.render import builtin, quarto
    from commissioning.site import councils

    stages = [("write the councils' pages and data", _seconds(lambda: councils.write(project), 1), "")]
    executable = quarto.find()
    for folder in ("councils", "numbers"):
        pages = sorted((project.reports / folder).glob("*.qmd"))
        seconds = _seconds(lambda pages=pages: builtin.render(project.reports, pages, str), 1)
        sizes = [file.stat().st_size for file in (project.site / folder).glob("*.html")]
        note = (
            f"{len(pages)} pages, {seconds / len(pages):.3f} s a page; "
            f"{statistics.median(sizes) / 1e3:.0f} kB a page, the largest {max(sizes) / 1e3:.0f} kB"
        )
        stages.append((f"render {folder}, built-in renderer", seconds, note))
        if executable:
            few = pages[:3]
            seconds = _seconds(lambda few=few: quarto.render(executable, project.reports, few, str), 1)
            stages.append(
                (f"render {folder}, Quarto", seconds, f"{len(few)} pages, {seconds / len(few):.2f} s a page")
            )
    return stages


def _trace(number: str) -> None:
    """The command as a person starts it: most of its time is Python's start."""
    line = [sys.executable, "-m", "commissioning.cli", "trace", number]
    subprocess.run(line, capture_output=True, check=True)


def run_bench(project: Project, console: Console, rounds: int) -> None:
    """Print the table of stages. Needs a finished build; leaves it as it was."""
    seals.check(project)
    from commissioning.base.progress import Progress
    from commissioning.build import Build
    from commissioning.expectations import gate
    from commissioning.ingest import originals, snapshot

    quiet = Progress(Console(quiet=True), quiet=True)
    compiled = compiled_models(project)
    stages: list[tuple[str, float, str]] = []

    editions = [e for e in snapshot.held_editions() if originals.on_this_machine(e) and not e.tables]
    if editions:
        seconds = _seconds(lambda: [snapshot.read_edition(e) for e in editions], 1)
        stages.append(("read every original held here", seconds, f"{len(editions)} editions"))
    stages.append(("verify the snapshot", _seconds(snapshot.verify, rounds), ""))
    stages.append(("gate, raw tables", _seconds(gate.check_raw, 1), ""))
    plain = _seconds(lambda: straight_sql(project, compiled), rounds)
    in_sql = ["--select", *(name for name, _, _ in compiled)]
    dbt = _seconds(lambda: models.invoke(project, ["run", *in_sql]), rounds)
    stages.append(("the models' SQL straight in DuckDB", plain, f"{len(compiled)} models in SQL"))
    stages.append(("dbt run, same models", dbt, f"{dbt / plain:.1f} times the SQL alone"))
    full = _seconds(lambda: models.invoke(project, ["build", "--exclude-resource-type", "unit_test"]), rounds)
    stages.append(("dbt build, with seeds and data tests", full, f"{full / plain:.1f} times the SQL alone"))
    stages.append(("gate, marts", _seconds(lambda: gate.check_marts(project.database), 1), ""))
    stages += page_stages(project)
    stages.append(("trace a number to its cells", _seconds(lambda: _trace("dp_share_c_2021_22"), rounds), ""))
    stages.append(("build, nothing changed", _seconds(lambda: Build(project, quiet).run(), rounds), ""))

    table = Table(title="Stages", title_justify="left")
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    table.add_column("note")
    for name, seconds, note in stages:
        table.add_row(name, f"{seconds:.2f}", note)
    console.print(table)
    console.print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}; "
        f"median of {rounds} rounds where more than one makes sense",
        highlight=False,
    )


def run_simulation(project: Project, console: Console) -> None:
    """Print how each design of the estimates does on made-up panels. Needs a build's working database."""
    import duckdb

    from commissioning.base.progress import Progress
    from commissioning.marts.estimates import exposures, panel, simulate

    if not models.database(project).exists():
        raise MissingMarts(models.database(project))
    with duckdb.connect(str(models.database(project)), read_only=True) as db:
        rows = db.execute("select * from int_effect_panel").df()
        peers = db.execute("select * from mart_council_peers").df()
    real = panel.read(rows, peers)
    with Progress(console).step("simulation") as say:
        found = simulate.check(real, progress=say)
        shares = exposures.measured(rows, real.councils)
        with_error = simulate.check_with_error(real, shares, progress=say)
    names = ["exposure", "lag", "shuffled", "effect", "design"]
    names += ["covered", "found", "bias", "spread", "stated"]
    print_rows(console, "Estimates on made-up panels", found[names])
    names = ["split", "effect", "form", "covered", "found", "bias", "spread", "weak"]
    print_rows(console, "The same where the share is measured with error", with_error[names])


def print_rows(console: Console, title: str, rows) -> None:
    """A data frame as a table on the console."""
    table = Table(title=title, title_justify="left")
    for name in rows.columns:
        table.add_column(name)
    for row in rows.itertuples(index=False):
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row))
    console.print(table)
