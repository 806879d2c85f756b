"""`commissioning ledger …`: read spend files into the lake, look at one, add a body, write the snapshot."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from commissioning.base.counting import counted
from commissioning.commands.ledger_add import add
from commissioning.commands.ledger_compare import compare
from commissioning.commands.ledger_labels import labels
from commissioning.commands.ledger_report import (
    ALLOWED,
    Allow,
    AsJson,
    Quiet,
    check_there,
    close,
    console,
    listing,
    plain,
)

if TYPE_CHECKING:
    from polars import DataFrame

    from commissioning.ingest.ledgers.bodies import Body
    from commissioning.ingest.ledgers.reader import LedgerAccount, LedgerReading

app = typer.Typer(
    name="ledger",
    help="Payments that councils and health bodies publish (spend over 500 pounds and the like).\n\n"
    "`init` makes a workspace, a folder of your own (COMMISSIONING_WORKSPACE); "
    "`ingest` reads a body's files into the lake on this machine (data/lake/, or COMMISSIONING_LAKE); "
    "`inspect` shows what was understood of one file; `add` describes a new body; `remove` takes one out of "
    "the lake; `compare` holds ledgers of "
    "the published marts side by side; `snapshot` writes the committed aggregate, which names no supplier.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Bodies = Annotated[
    list[str] | None, typer.Argument(metavar="BODY", help="Bodies (devon sheffield); all if none.")
]


def _bodies(names: list[str] | None) -> list[Body]:
    """The bodies named; if none, all that there are, or all of the user's workspace."""
    from commissioning.base.paths import own_workspace
    from commissioning.ingest.ledgers.bodies import bodies, body_named
    from commissioning.ingest.ledgers.workspaces import own_bodies

    own = own_workspace()
    return [body_named(name) for name in names or (own_bodies(own) if own else bodies())]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that is there, or a new one.")],
) -> None:
    """Make a workspace: a folder of your own for bodies, rules, files and the lake.

    What is there already stays as it is. Every file in it says what it holds. Go into the folder, or set
    COMMISSIONING_WORKSPACE to it, and `add`, `inspect` and `ingest` read and write there; the package's own
    bodies and rules stay untouched.
    """
    from commissioning.ingest.ledgers import workspaces

    made = workspaces.init(folder)
    for path in made:
        console.print(f"made {path}", highlight=False, markup=False)
    if not made:
        console.print(f"{folder} is a workspace already, and was left as it is", markup=False)
    for line in (
        f"then: cd {shlex.quote(str(folder.resolve()))}",
        f"or, from elsewhere: export {workspaces.named(folder)}",
    ):
        console.print(line, highlight=False, markup=False)


@app.command()
def ingest(
    names: Bodies = None,
    quiet: Quiet = False,
    allow_rejected: Allow = ALLOWED,
    as_json: AsJson = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many bodies to read at once.")] = 1,
) -> None:
    """Read spend files into the lake: new and changed ones only.

    A file that leaves a question is left out and counted. Ends with the account of every body, and with an
    error code where more is rejected than --allow-rejected says.

    Files come from data/cache/ or from a mirror folder (COMMISSIONING_MIRROR, or ../shared/mirror), gzipped
    or not; those that the catalogue lists must have its sha256. Names of people are masked where the
    name's form tells; free text and payee numbers are not read. Stopped at any moment, the lake stays as
    it was.
    """
    from commissioning.base.paths import own_workspace
    from commissioning.base.progress import Progress
    from commissioning.ingest.ledgers import lake, removing, workspaces
    from commissioning.ingest.ledgers.report import report_of

    progress = Progress(console, quiet=quiet or as_json)
    reports = []
    if own := own_workspace():
        for clash in workspaces.check(own):
            progress.warn(clash)
    bodies = _bodies(names)
    gone = [] if names else removing.without_files(bodies)
    for body in gone:
        progress.warn(f"{body.body}: no file of it is here. {_still_held(body)}")
    if own:
        for name in sorted(set(removing.held()) - set(workspaces.own_bodies(own))):
            progress.warn(
                f"{name}: in the lake, without a YAML; `commissioning ledger remove {name}` takes it out"
            )
    bodies = [body for body in bodies if body not in gone]
    if not bodies and not gone:
        progress.warn("no body is here: describe one with `commissioning ledger add FILE… --body NAME`")
    for body, done in lake.ingest_all(bodies, progress, jobs):
        duplicates = lake.duplicates(body) if done.payments else (0, 0)
        report = report_of(lake.accounting(body), duplicates=duplicates, not_read=_not_read(body))
        reports.append((body.body, f"{body.body}: {counted(report.files, 'file')}", report))
    if quiet and not as_json:
        reports = [entry for entry in reports if entry[2].left_out or entry[2].complaint(allow_rejected)]
    close(reports, allow_rejected, as_json)
    if gone:
        raise typer.Exit(1)


def _still_held(body: Body) -> str:
    from commissioning.ingest.ledgers import removing

    if not (payments := removing.payments_of(body)):
        return f"Name them: `commissioning ledger add FILE… --body {body.body}`"
    return (
        f"The lake keeps {counted(payments, 'payment')} of files that are gone: "
        f"`commissioning ledger remove {body.body}` takes them out"
    )


def _not_read(body: Body) -> dict[str, str]:
    """The spend files of a body's folder that an ingest does not read, and why."""
    from commissioning.ingest.ledgers import lake
    from commissioning.ingest.ledgers.bodies import dataset_of

    why = (
        f"not in ingest/catalogue/{body.folder}.yml"
        if dataset_of(body)
        else f"`files` in the YAML of {body.body} does not fit its name"
    )
    return {
        name: "`leave_out` in the YAML names it" if name in body.leave_out else f"not read, as {why}"
        for name in lake.left_out(body)
    }


@app.command()
def inspect(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV, TSV, XLSX, XLS or ODS file, gzipped or not.")
    ],
    body: Annotated[
        str | None, typer.Option(help="Read it as this body's file; else nothing is taken for granted.")
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many payments to show.")] = 5,
    allow_rejected: Allow = ALLOWED,
    as_json: AsJson = False,
) -> None:
    """Say what is understood of one file: header, encoding, dates, amounts, accounting, first payments.

    Ends with a question, and an error code, where the file does not tell what a column, date or number means,
    and with an error code where more is rejected than --allow-rejected says.
    """
    from commissioning.ingest.ledgers.bodies import body_named
    from commissioning.ingest.ledgers.report import report_of

    known = body_named(body) if body else None
    reading = _read(file, known)
    if not as_json:
        for account in reading.accounting:
            _show_account(account, reading.rejects)
        if reading.payments.height:
            _show_payments(reading, known, rows)
    close([(file.name, f"{file.name}:", report_of(reading.accounting))], allow_rejected, as_json)


def _read(file: Path, body: Body | None) -> LedgerReading:
    from commissioning.ingest.ledgers import reader

    check_there(file)
    return reader.read_path(file, body)


def _show_account(account: LedgerAccount, rejects: DataFrame) -> None:
    def lines(why: str) -> str:
        here = (rejects["source_file"] == account.source_file) & (rejects["reason"] == why)
        found = rejects.filter(here)["source_line"].sort()
        return f"{len(found):,} (line {', '.join(map(str, found[:5]))}{', …' if len(found) > 5 else ''})"

    def pounds(pence: int) -> str:
        return f"£{pence / 100:,.2f}"

    table = Table(title=plain(account.source_file), title_justify="left", show_header=False)
    table.add_column("what", overflow="fold")
    table.add_column("found", overflow="fold")
    header = "none" if account.header_line is None else f"line {account.header_line}"
    for name, value in (
        ("encoding", account.encoding),
        ("delimiter", account.delimiter or "none, a workbook"),
        ("line ends", account.line_ends),
        ("header", header),
        *((f"  {field}", heading) for field, heading in account.header_map.items()),
        ("  not read", ", ".join(account.unread) or None),
        (
            "dates",
            account.date_style
            + (f"; {account.first_date} to {account.last_date}" if account.first_date else ""),
        ),
        ("amounts", f"{account.number_style}; {account.amount_kind}"),
        ("lines read", f"{account.lines_read:,}"),
        ("  loaded", f"{account.lines_loaded:,}, {pounds(account.loaded_pence)}"),
        *((f"  rejected: {why}", lines(why)) for why in sorted(account.rejected)),
        *((f"  set aside: {kind}", f"{count:,}") for kind, count in sorted(account.furniture.items())),
        ("money rejected", pounds(account.rejected_pence) if account.rejected else None),
        ("money in totals", pounds(account.totals_pence) if account.totals_pence else None),
        *(("look at", oddity) for oddity in account.oddities),
        *(("guessed", guess) for guess in account.guesses if guess not in account.oddities),
    ):
        if value is not None:
            table.add_row(plain(name), plain(value))
    console.print(table)


def _show_payments(reading: LedgerReading, body: Body | None, rows: int) -> None:
    """The first payments, people masked where the name's form tells, and what the payees are."""
    from commissioning.ingest.ledgers import payees

    payments = payees.mark(reading.payments, body)
    headings = {
        "source_line": "line",
        "payment_date": "paid",
        "amount_gbp": "£",
        "supplier": "supplier",
        "department": "department",
        "expense_label": "expense",
    }
    first = payments.head(rows)
    shown = [name for name in headings if first[name].null_count() < first.height]
    table = listing(
        "First payments (people masked where the name's form tells)",
        {headings[name]: name in ("source_line", "payment_date", "amount_gbp") for name in shown},
    )
    for row in first.iter_rows(named=True):
        told = row | {"amount_gbp": f"{row['amount_gbp']:,.2f}"}
        table.add_row(*(plain(told[name]) for name in shown))
    console.print(table)
    counts = Counter(payments["payee_class"])
    console.print("payees: " + ", ".join(f"{kind} {count:,}" for kind, count in counts.most_common()))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="BODY", help="A body that the lake holds.")],
) -> None:
    """Take a body's payments out of the lake. Its files, YAML and rules stay, and `ingest` reads it again."""
    from commissioning.ingest.ledgers import removing

    payments = removing.remove(name)
    console.print(f"{name}: {counted(payments, 'payment')} taken out of the lake", highlight=False)


app.command()(add)
app.command()(labels)
app.command()(compare)


@app.command()
def snapshot(names: Bodies = None) -> None:
    """Write the committed snapshot of ledgers (data/raw/ledger_*/) from the lake and seal it.

    Brings the lake up to date first. Needed after a change of the files, the readers, who counts as a
    person, or the route rules (the table of suppliers is counted by route). Bodies are those that the
    catalogue lists; docs/adding.md says how to list another.
    """
    from commissioning.base.errors import LedgerError
    from commissioning.base.lock import only_build
    from commissioning.base.paths import own_workspace, project
    from commissioning.base.progress import Progress
    from commissioning.ingest import snapshot as raw_snapshot
    from commissioning.ingest.catalogue import catalogue

    held = [name for name, dataset in catalogue().items() if dataset.source == "ledgers"]
    chosen = [body.folder for body in _bodies(names)] if names else held
    for missing in (folder for folder in chosen if folder not in held):
        raise LedgerError(
            "The snapshot holds ledgers that the catalogue lists, and this is none of them.",
            file=project().catalogue / f"{missing}.yml",
            expected=", ".join(name.removeprefix("ledger_") for name in held),
            found=missing.removeprefix("ledger_"),
            todo='write its catalogue file first: docs/adding.md, "A ledger"',
        )
    if own := own_workspace():
        raise LedgerError(
            "The snapshot is the package's, and a workspace is in use.",
            where="environment variable COMMISSIONING_WORKSPACE, or the current folder",
            found=own.root,
            todo="unset the variable, and run it in the checkout",
        )
    progress = Progress(console)
    with only_build(project()):
        for edition in raw_snapshot.held_editions(chosen):
            with progress.step(edition.dataset.removeprefix("ledger_")) as say:
                raw_snapshot.ingest([edition], progress=say)
