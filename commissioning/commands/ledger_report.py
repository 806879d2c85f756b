"""How ledger commands end: a short account of what became of the files, and an error code where too much is
rejected."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from commissioning.ingest.ledgers.report import Report

console = Console(soft_wrap=True)
NARROW = 80
"""Columns of a terminal below which tables do without room between their columns."""
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Letters of a publisher's cell that would move the cursor or colour the terminal, not be read."""

ALLOWED = 0.02
"""The share of lines, or of money, that may be rejected before a command ends with an error code."""
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
Allow = Annotated[
    float,
    typer.Option(
        "--allow-rejected",
        min=0,
        max=1,
        help="The share of lines or money that may be rejected; 1 allows all.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the account as JSON, and nothing else.")]


def close(reports: list[tuple[str, str, Report]], allowed: float, as_json: bool) -> None:
    """Print the account of each body under its heading. Too much rejected ends in an error code."""
    complaints = {name: said for name, _, report in reports if (said := report.complaint(allowed))}
    if as_json:
        made = {name: report.as_dict() | {"complaint": complaints.get(name)} for name, _, report in reports}
        typer.echo(json.dumps(made, indent=1, ensure_ascii=False))
    for name, heading, report in [] if as_json else reports:
        console.print(plain(heading))
        for what, said in report.in_words():
            console.print(plain(f"  {what:<10} {said}"))
        if name in complaints:
            console.print(plain(f"  too much   {complaints[name]} `--allow-rejected` allows more."))
    if complaints:
        raise typer.Exit(1)


def listing(title: str | Text, columns: dict[str, bool]) -> Table:
    """An empty table without a frame, which leaves what width there is to the words. `columns` are headings,
    and whether the column is of numbers and days, which are never broken; words are broken, never cut."""
    wide = console.width >= NARROW
    table = Table(
        title=plain(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1 if wide else 0),
    )
    for heading, whole in columns.items():
        right = whole and heading != "paid"
        table.add_column(heading, overflow="fold", no_wrap=whole, justify="right" if right else "left")
    return table


def plain(said: object) -> Text:
    """A cell as it can be shown: none of it is taken for markup or for a command to the terminal."""
    return Text("" if said is None else UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(said)))


def check_there(file: Path) -> None:
    from commissioning.base.errors import LedgerError

    if file.is_dir():
        raise LedgerError("This is a folder.", file=file, todo=f"name its files: {file}/*.csv")
    if not file.is_file():
        raise LedgerError(
            "There is no such file.", file=file, found=f"in {Path.cwd()}", todo="name a file that is there"
        )
