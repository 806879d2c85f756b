"""`commissioning contracts …`: read contract notices and registers, fetch notices from the portals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from commissioning.commands.ledger_report import ALLOWED, Allow, Quiet

if TYPE_CHECKING:
    from commissioning.ingest.contracts.portals import Portal
    from commissioning.ingest.contracts.reader import Account, Contracts

app = typer.Typer(
    name="contracts",
    help="Contracts that public bodies advertise and award.\n\n"
    "`read` makes tables of the portals' notices (OCDS releases and records) and of councils' own registers; "
    "`fetch` asks the portals for notices.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
console = Console(soft_wrap=True)

Cpv = Annotated[
    str | None,
    typer.Option(
        metavar="DIGITS", help="Only processes whose CPV code begins so: 85 is health and social work."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Where the tables go; data/contracts/ if not given.")]


@app.command()
def read(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="OCDS packages, releases or records as JSON or JSON lines, or registers as CSV; may be .gz.",
        ),
    ],
    cpv: Cpv = None,
    out: Out = None,
    allow_rejected: Allow = ALLOWED,
    quiet: Quiet = False,
) -> None:
    """Read contract notices and registers, and write them as Parquet.

    Releases of one process are merged by the standard's rules. Three tables are written, each replaced
    whole: `processes`, `awards` (a row for each supplier) and `rejects` (each with its place and the reason).
    Contact points, addresses and descriptions are not read; suppliers who are people are masked
    where the name's form tells.
    """
    from commissioning.base.paths import home
    from commissioning.base.progress import Progress
    from commissioning.ingest.contracts import reader

    progress = Progress(console, quiet=quiet)
    with progress.step("contracts") as say:
        found = reader.read(files, cpv=cpv, progress=say)
        folder = out or home().contracts
        refused = _refused(found, allow_rejected)
        if not refused:
            found.write(folder)
        say(
            f"{found.processes.height:,} processes, {found.awards.height:,} awards, "
            f"{found.rejects.height:,} rejects: {'nothing written' if refused else folder}"
        )
    if not quiet:
        console.print(_accounts(found))
    for account in found.accounts:
        if not quiet:
            for said in [*_set_aside(account), *account.notes]:
                console.print(f"{account.source_file}: {said}", highlight=False, markup=False)
        for reason, count in account.reasons.most_common(5):
            progress.warn(
                f"{account.source_file}: {count} rejected: {reason} ({_first(found, account, reason)})"
            )
    if refused:
        progress.warn(f"{refused}; the tables stay as they were. `--allow-rejected` allows more.")
        raise typer.Exit(1)


def _refused(found: Contracts, allowed: float) -> str | None:
    """Why the tables are not written: nothing was loaded, or too much was rejected."""
    read = sum(account.read for account in found.accounts)
    rejected = sum(account.count["rejected"] for account in found.accounts)
    if rejected and rejected > allowed * read:
        return f"{rejected:,} of {read:,} releases or lines are rejected"
    return None if read and found.processes.height else "Nothing was loaded"


def _set_aside(account: Account) -> list[str]:
    """The lines that are no contracts, by kind."""
    kinds = ", ".join(f"{why} {count:,}" for why, count in account.furniture.items())
    return [f"lines set aside: {kinds}"] if kinds else []


def _accounts(found: Contracts) -> Table:
    from commissioning.ingest.contracts.reader import FATES

    table = Table(title="What became of each file, and the money it states", title_justify="left")
    for heading in ("file", "read", *FATES):
        table.add_column(heading, justify="left" if heading == "file" else "right", overflow="fold")
    for account in found.accounts:
        cells = [_cell(account.read, account.money_read)]
        cells += [_cell(account.count[fate], account.money.get(fate, {})) for fate in FATES]
        table.add_row(account.source_file, *cells)
    return table


def _cell(count: int, money: dict[str, float]) -> str:
    said = [f"{'£' if c == 'GBP' else c + ' '}{amount:,.2f}" for c, amount in sorted(money.items())]
    return "\n".join([f"{count:,}", *said]) if count else ""


def _first(found: Contracts, account: Account, reason: str) -> str:
    here = (found.rejects["source_file"] == account.source_file) & (found.rejects["reason"] == reason)
    return found.rejects.filter(here)["source_position"][0]


@app.command()
def fetch(
    portal: Annotated[
        str,
        typer.Option(
            help="contracts-finder, find-a-tender, public-contracts-scotland or sell2wales.",
        ),
    ],
    first: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    last: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; today if not given."),
    ] = None,
    cpv: Cpv = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Ask a portal for what it published, keep the pages as they came, and read them.

    Pages go to data/cache/contracts/ with their sha256. Stopped or throttled, the same command goes on where
    it was; days that were over when they were fetched are not asked for again. The portals take no CPV code:
    everything of those days is fetched, and `--cpv` chooses what is read.
    """
    from commissioning.base.paths import home
    from commissioning.base.progress import Progress
    from commissioning.ingest.contracts.fetch import fetch as ask

    chosen, until = _portal(portal), (last or dt.datetime.now()).date()
    if first.date() > until:
        raise typer.BadParameter(f"{first.date()} is after {until}", param_hint="--from")
    progress = Progress(console, quiet=quiet)
    folder = home().cache / "contracts" / chosen.name
    with progress.step(chosen.name) as say:
        done = ask(chosen, first.date(), until, folder, progress=say, warn=progress.warn)
        say(f"{done.pages:,} pages fetched, {done.releases:,} releases; {done.unchanged:,} pages held before")
    if done.files:
        read(done.files, cpv=cpv, out=out, quiet=quiet)


def _portal(name: str) -> Portal:
    from commissioning.ingest.contracts.portals import PORTALS

    if name not in PORTALS:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(PORTALS)}", param_hint="--portal")
    return PORTALS[name]
