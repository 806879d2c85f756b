"""The command `commissioning ingest --refresh`: what is asked, progress on the way, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import polars as pl
import rich.progress
from rich.console import Console

from commissioning.base.errors import OriginalError
from commissioning.ingest import originals
from commissioning.ingest.catalogue import Edition, OriginalFile, catalogue, chosen
from commissioning.ingest.download import Patience, Progress, Say
from commissioning.ingest.refresh import Outcome, raise_failures, refresh
from commissioning.ingest.revisions import Comparison, file_entry


def run_refresh(
    names: list[str], *, console: Console | None = None, patience: Patience | None = None
) -> None:
    """Refresh the named datasets or editions; print what came of it.

    Where none is named, all but the ledgers: a ledger is hundreds of files, so it is asked for by name.

    Raises `OriginalError` listing every failure after all addresses were asked, `CatalogueError` for an
    unknown name, `BusyError` where another refresh is running.
    """
    editions = chosen(names, (edition for dataset in catalogue().values() for edition in dataset.editions))
    left_out = [] if names else [edition for edition in editions if edition.tables]
    editions = [edition for edition in editions if edition not in left_out]
    outcomes: list[Outcome] = []
    with display(console or Console()) as (progress, say):
        for outcome in refresh(editions, patience=patience, progress=progress, say=say):
            say(one_line(outcome))
            outcomes.append(outcome)
        for line in report(outcomes):
            say(line)
        without = sum(not file.url for edition in editions for file in edition.files)
        if without:
            say(f"{without:,} files have no direct address in the catalogue and were not asked for")
        for edition in left_out:
            if count := sum(bool(file.url) for file in edition.files):
                command = f"commissioning ingest --refresh {edition.dataset}"
                say(f"{count} files of a ledger were left out: {command}")
        states = [outcome.state for outcome in outcomes]
        counts = (f"{states.count(state)} {state}" for state in ("unchanged", "changed", "new", "failed"))
        say(f"{len(outcomes)} addresses asked: {', '.join(counts)}")
    raise_failures(outcomes)


def one_line(outcome: Outcome) -> str:
    size = f", {outcome.fetched.bytes:,} bytes" if outcome.fetched else ""
    detail = {
        "unchanged": "unchanged",
        "changed": f"CHANGED by the publisher{size}, kept as {outcome.stored}",
        "new": f"new, not yet catalogued{size}, kept as {outcome.stored}",
        "failed": f"failed: {outcome.error.what}" if outcome.error else "failed",
    }
    return f"{outcome.edition.id}: {outcome.path}: {detail[outcome.state]}"


def report(outcomes: Iterable[Outcome]) -> list[str]:
    """What follows from the outcomes: comparisons, and the YAML of new and revised editions."""
    lines: list[str] = []
    for outcome in {id(o.comparison): o for o in outcomes if o.comparison}.values():
        lines += summary(outcome.edition, outcome.comparison)
    for outcome in outcomes:
        edition = outcome.edition
        if outcome.entry:
            where = f"ingest/catalogue/{edition.dataset}.yml"
            lines += [f"{edition.id}: in {where}, its entry becomes:", outcome.entry]
        if outcome.state == "changed" and edition.tables:
            lines += changed_payments(outcome)
    return lines


def summary(edition: Edition, comparison: Comparison, *, largest: int = 5) -> list[str]:
    """What a publisher's change did, in lines: counts, the largest absolute changes, the entry to add."""
    count = comparison.count
    lines = [
        f"{edition.id}: {count('changed'):,} figures changed, {count('appeared'):,} appeared, "
        f"{count('vanished'):,} vanished, {count('retyped'):,} only retyped",
    ]
    top = comparison.changes.filter(pl.col("kind") == "changed", pl.col("difference").is_not_null())
    top = top.sort(pl.col("difference").abs(), descending=True, maintain_order=True).head(largest)
    after_key = comparison.changes.columns.index("difference")
    key = comparison.changes.columns[1:after_key]
    for row in top.iter_rows(named=True):
        labels = ", ".join(str(row[name]) for name in key if row[name] not in (None, ""))
        lines.append(
            f"  {row['difference']:+,.15g} {row['unit_new']}: {labels} (from {row['value_text_old']} at "
            f"{row['source_locator_old']} to {row['value_text_new']} at {row['source_locator_new']})"
        )
    lines.append(f"  every change: {comparison.file}")
    kept = {file.path for file in comparison.revision.files}
    lines += [f"  {_old_copy(file)}" for file in edition.files if file.path not in kept]
    lines.append(
        f"  to keep both, add to ingest/catalogue/{edition.dataset}.yml, below edition {edition.edition}:"
    )
    return [*lines, comparison.entry]


def _old_copy(file: OriginalFile) -> str:
    place = originals.find(file.path)
    if place is None:
        return f"{file.path}: the old file is not on this machine; its figures are in the snapshot"
    try:
        originals.load(file)
    except OriginalError as error:
        return f"{file.path}: the old copy is not right. {error}"
    return f"{file.path}: the old copy is kept, its sha256 checked: {place}"


def changed_payments(outcome: Outcome) -> list[str]:
    """How to look at a ledger's changed file and how to take it up, in lines."""
    dataset = outcome.edition.dataset
    body = dataset.removeprefix("ledger_")
    return [
        f"{outcome.edition.id}: the publisher changed {outcome.path}",
        f"  look at it: commissioning ledger inspect {outcome.stored} --body {body}",
        f"  to take it up, its line in ingest/catalogue/{dataset}.yml becomes:",
        f"      - {file_entry(outcome.file)}",
        f"  then: commissioning ledger snapshot {body}",
    ]


@contextmanager
def display(console: Console) -> Iterator[tuple[Progress, Say]]:
    """Progress bars where the console is a terminal, plain lines elsewhere."""

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    if not console.is_terminal:
        yield plain_progress(say), say
        return
    columns = (
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
    )
    with rich.progress.Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, rich.progress.TaskID] = {}

        def progress(path: str, held: int, expected: int | None) -> None:
            if path not in tasks:
                for earlier in tasks.values():  # files come one after the other: show the one under way
                    bars.update(earlier, visible=False)
                tasks[path] = bars.add_task(path, total=expected)
            bars.update(tasks[path], completed=held, total=expected)

        yield progress, say


def plain_progress(say: Say, step: int = 10 * 2**20) -> Progress:
    """A line each 10 MiB: logs of large downloads should show life, those of small ones stay short."""
    told: dict[str, int] = {}

    def progress(path: str, held: int, expected: int | None) -> None:
        if held // step > told.get(path, 0):
            told[path] = held // step
            say(f"{path}: {held:,} of {f'{expected:,}' if expected else '?'} bytes")

    return progress
