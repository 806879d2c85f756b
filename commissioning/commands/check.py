"""`commissioning check`, `status` and `open`: looking at what is there without changing it."""

from __future__ import annotations

import csv
import datetime as dt
import webbrowser
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from commissioning.base import choices
from commissioning.base.counting import counted
from commissioning.base.dates import today
from commissioning.base.errors import (
    CatalogueError,
    CommissioningError,
    MissingMarts,
    SnapshotError,
)
from commissioning.base.paths import Project, own_workspace, published
from commissioning.base.progress import Progress
from commissioning.ingest import originals, snapshot
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.ledgers import routes
from commissioning.marts import engines, inputs, seals
from commissioning.numbers import headlines

if TYPE_CHECKING:
    from commissioning.build import Build


def check_reviews(here: Project, on: dt.date) -> int:
    """Raise `CatalogueError` listing every catalogue edition, measure and headline past its `review_by` date.

    Returns how many were looked at.
    """
    due = {edition.id: edition.review_by for dataset in catalogue().values() for edition in dataset.editions}
    for seed, measure in (("measures", "measure"), ("ascof_measures", "measure_id")):
        with (here.dbt / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
            due |= {
                f"measure {row[measure]}": dt.date.fromisoformat(row["review_by"])
                for row in csv.DictReader(stream)
            }
    due |= {f"headline {name}": entry["review_by"] for name, entry in headlines.register(here).items()}
    late = {name: date for name, date in due.items() if date < on}
    if late:
        raise CatalogueError(
            f"{len(late)} catalogue editions, measures or headlines are past their review date.",
            where="; ".join(f"{name} ({date})" for name, date in sorted(late.items())),
            expected=f"reviewed by a person before {on}",
            todo="look at the publisher's page for revisions, corrections and new definitions, mend the "
            "entry, then set review_by a year ahead (ingest/catalogue/*.yml, dbt/seeds/measures.csv and "
            "ascof_measures.csv, reports/families.yml)",
        )
    return len(due)


def check_ledger_rules(here: Project) -> None:
    """Raise `SnapshotError` where suppliers in the snapshot were counted with other route rules than today's.

    A build only warns of it: whoever tries a rule may have no lake to count them again.
    """
    if stale := inputs.stale_ledgers(here):
        raise SnapshotError(
            "Suppliers in the snapshot were counted with other route rules than today's.",
            file=", ".join(f"data/raw/ledger_{body}/suppliers.parquet" for body in stale),
            where="column route_rules_sha256",
            expected=f"{routes.rules_sha256(here, stale[0])} in {stale[0]}'s, the hash of its rules in "
            "dbt/seeds/route_rules.csv and of dbt/macros/ledger_routes.sql",
            todo="run `commissioning ledger snapshot` where the ledgers' files are",
        )


def run_checks(here: Project, progress: Progress) -> None:
    """Every check on what is here: snapshot, rules it was counted with, reviews, raw gate, marts gate.

    Raises the first that fails.
    """
    with progress.step("snapshot") as say:
        say(f"{len(snapshot.verify())} editions match the lock")
        check_ledger_rules(here)
    with progress.step("reviews") as say:
        say(f"{check_reviews(here, today())} editions, measures and headlines within their review dates")
    check_data(here, progress)
    check_decisions(here, progress)


def check_data(here: Project, progress: Progress, whose: str = "") -> None:
    """Raw tables before their gate, the published marts against their seal and before theirs; `whose` begins
    the name of each step. Raises the first that fails."""
    from commissioning.expectations import gate

    with progress.step(f"{whose}gate, raw") as say:
        results = gate.check_raw()
        warnings = gate.enforce(results)
        say(f"{sum(len(r.rules) for r in results)} rules")
    try:
        with progress.step(f"{whose}seal") as say:
            say(f"{len(seals.check(here)['files'])} published files are what was published")
    except MissingMarts:
        progress.warn(f"{whose}there are no published marts to check; run `commissioning build`")
    else:
        with progress.step(f"{whose}gate, marts") as say:
            results = gate.check_marts(here.database)
            warnings += gate.enforce(results)
            say(f"{sum(len(r.rules) for r in results)} rules")
    for suite, rule in warnings:
        progress.warn(gate.describe(suite, rule))


def check_decisions(here: Project, progress: Progress) -> None:
    """Read the log of decisions of the user's workspace, if there is one. Raises for each that is wrong or
    past its date: one that is wrong hides no other."""
    from commissioning.practice import decisions, holding
    from commissioning.practice.documents import Faults

    own = own_workspace()
    if own is None or not (own.root / "decisions").is_dir():
        return
    with progress.step("decisions") as say:
        faults, warnings = Faults(), []
        found = decisions.read_all(own.root / "decisions", here, faults=faults)
        if here.database.exists():
            holding.check(found, here, faults)
            known = holding.known_builds(here)
            warnings = [line for one in found for line in holding.unknown_builds(one.document, known)]
        faults.found += [decisions.past_its_date(one, today()) for one in decisions.overdue(found, today())]
        faults.tell()
        say(f"{counted(len(found), 'decision')} of the workspace within the date to look again")
    for line in warnings:
        progress.warn(line)


def print_status(here: Project, console: Console) -> None:
    """Datasets with their editions, the published marts, and what the next build would do."""
    lock = snapshot.read_lock()
    table = Table(title="Snapshot (data/raw)", title_justify="left")
    for heading, justify in (
        ("dataset", "left"),
        ("held", "right"),
        ("figures", "right"),
        ("originals here", "right"),
        ("declared, not held", "left"),
    ):
        table.add_column(heading, justify=justify)
    for name, dataset in catalogue().items():
        declared = [e.edition for e in dataset.editions if e.status == "declared"]
        table.add_row(
            name,
            str(len(dataset.held)),
            f"{sum(lock.get(e.id, {}).get('rows', 0) for e in dataset.held):,}",
            f"{sum(originals.on_this_machine(e) for e in dataset.held)} of {len(dataset.held)}",
            ", ".join(declared) or "none",
        )
    console.print(table)
    lake = f"the lake in {here.lake}" if inputs.from_lake() else "the snapshot"
    console.print(f"Ledger models run on {engines.chosen().told()} and read {lake}.", highlight=False)
    try:
        build = seals.check(here)
    except MissingMarts:
        console.print("No marts are published yet: run `commissioning build`.")
        print_plan(_quiet_build(here, console), console)
        return
    table = Table(title=f"Published marts (data/marts), build {build['build_id']}", title_justify="left")
    table.add_column("mart")
    table.add_column("rows", justify="right")
    for name, facts in build["tables"].items():
        table.add_row(name, f"{facts['rows']:,}")
    console.print(table)
    stale = {i for i, sha in build["inputs"].items() if lock.get(i, {}).get("sha256") != sha} | (
        set(lock) - set(build["inputs"])
    )
    console.print(f"Raw editions changed since: {', '.join(sorted(stale)) or 'none'}.")
    print_plan(_quiet_build(here, console), console)


def _quiet_build(here: Project, console: Console) -> Build:
    from commissioning.build import Build

    return Build(here, Progress(console))


def print_plan(build: Build, console: Console) -> None:
    """What the next build would do, from the marks that the build itself goes by."""
    try:
        snapshot.verify()
        planned = build.plan()
    except CommissioningError as error:
        console.print(f"The next build would stop: {error}", highlight=False, markup=False)
        return

    def listed(names: list[str]) -> str:
        return "; ".join(names) or "nothing"

    sure = [p.step + (f" ({p.due} of {p.parts})" if p.parts > 1 else "") for p in planned if p.due]
    maybe = [p.step + (f" (up to {p.parts})" if p.parts > 1 else "") for p in planned if p.may_grow]
    console.print(f"The next build will do: {listed(sure)}.", highlight=False)
    if maybe:
        console.print(f"Where that changes what they read, also: {listed(maybe)}.", highlight=False)


def open_page(what: str, console: Console) -> None:
    """Open a page of the site in the default browser, or print how to query the marts."""
    here = published()
    if what == "marts":
        if not here.database.exists():
            raise MissingMarts(here.database)
        console.print(f"The marts are in {here.database}", highlight=False)
        own = own_workspace()
        which = f'"{own.root}"' if own and here.root == own.build.root else ""
        console.print(
            f'  python: from commissioning import open_marts; open_marts({which}).sql("show tables").show()',
            highlight=False,
            markup=False,
        )
        console.print(f"  duckdb: duckdb -readonly {here.database}", highlight=False)
        return
    pages = {p.relative_to(here.site).with_suffix("").as_posix(): p for p in here.site.rglob("*.html")}
    name = "index" if what == "site" else what.removesuffix(".html")
    if not pages:
        raise CommissioningError(
            "There is no site yet.",
            file=here.site,
            found=what,
            todo="run `commissioning build` (or `make build`) first",
        )
    if name not in pages:
        raise CommissioningError(
            "There is no such page.",
            file=here.site,
            expected=choices.expected(name, sorted(pages)),
            found=what,
            todo="name `site`, `marts` or a page as its file is named there, without .html",
        )
    console.print(str(pages[name]), highlight=False)
    webbrowser.open(pages[name].as_uri())
