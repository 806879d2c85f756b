"""`commissioning contracts …`: read contract notices and registers, fetch notices from the portals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
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


@app.command()
def read(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="OCDS packages, releases or records as JSON or JSON lines, or registers as CSV; may be .gz.",
        ),
    ],
    cpv: Annotated[
        str | None,
        typer.Option(
            metavar="DIGITS", help="Only processes whose CPV code begins so: 85 is health and social work."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the tables go; data/contracts/ if not given.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")
    ] = False,
) -> None:
    """Read contract notices and registers, and write them as Parquet.

    Releases of one process are merged by the standard's rules. Three tables are written, each replaced
    whole: `processes`, `awards` (a row for each supplier) and `rejects` (each with its place and the reason).
    Contact points, addresses and descriptions are not read; suppliers who are people are masked.
    """
    from commissioning.base.paths import workspace
    from commissioning.base.progress import Progress
    from commissioning.ingest.contracts import reader

    progress = Progress(console, quiet=quiet)
    with progress.step("contracts") as say:
        found = reader.read(files, cpv=cpv, progress=say)
        folder = out or workspace().contracts
        found.write(folder)
        say(
            f"{found.processes.height:,} processes, {found.awards.height:,} awards, "
            f"{found.rejects.height:,} rejects: {folder}"
        )
    if not quiet:
        console.print(_accounts(found))
    for account in found.accounts:
        for reason, count in account.reasons.most_common(5):
            progress.warn(
                f"{account.source_file}: {count} rejected: {reason} ({_first(found, account, reason)})"
            )


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
