"""`commissioning ledger add`: describe a new body by its files, and go on where a question was left."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commissioning.base.counting import counted
from commissioning.commands.ledger_report import ALLOWED, Allow, AsJson, check_there, close, console

if TYPE_CHECKING:
    from commissioning.ingest.ledgers.adding import Described

Files = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help="The body's files, as many as there are.")
]
Name = Annotated[str, typer.Option("--body", help="A short name in small letters: newcastle-upon-tyne.")]
Title = Annotated[str | None, typer.Option(help="What the publisher calls the files.")]
Publisher = Annotated[str | None, typer.Option(help="Who publishes them; the name, if not given.")]
Licence = Annotated[str | None, typer.Option(help="Their licence.")]
DateOrder = Annotated[
    Literal["day first", "month first"] | None,
    typer.Option(help="Which stands first, where the dates do not tell."),
]
Months = Annotated[
    Literal["first day"] | None, typer.Option(help="Book dates that name a month alone on its first day.")
]
Swapped = Annotated[
    Literal["mend", "keep"] | None,
    typer.Option(help="What to do with days and months that a spreadsheet seems to have swapped."),
]
Numbers = Annotated[
    Literal["decimal point", "decimal comma"] | None, typer.Option(help="Where the amounts do not tell.")
]
Factor = Annotated[
    int | None, typer.Option(min=1, help="What amounts are multiplied by: 1000 where they are in £000s.")
]
Amount = Annotated[
    str | None, typer.Option(help="The heading of the amount, where two could be; as `--column amount=…`.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="`field=heading`; as often as needed, and several headings a field."),
]
Sheets = Annotated[
    list[str] | None, typer.Option("--sheet", help="A sheet that is payments, or a pattern; else all.")
]
HeaderLine = Annotated[int | None, typer.Option(min=1, help="The row of the header, where it is not found.")]
Beyond = Annotated[
    Literal["ignore", "reject"] | None,
    typer.Option(help="What to do with lines that have more cells than there are headings."),
]
TransactionNumbers = Annotated[
    Literal["line", "document", "none"] | None, typer.Option(help="What a transaction number stands for.")
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", help="For some files: `PATTERN:key=value`, as `2019*:date_order=month first`."),
]
Council = Annotated[
    str | None, typer.Option(help="The council that the body is, where its name is not the council's id.")
]
Kind = Annotated[str | None, typer.Option(help="What the body is, if no council: nhs_body, department.")]
LeaveOut = Annotated[list[str] | None, typer.Option(help="The name of a file that is not to be read.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the body's YAML, or its draft, after editing it.")
]


def add(
    body: Name,
    files: Files = None,
    title: Title = None,
    publisher: Publisher = None,
    licence: Licence = None,
    date_order: DateOrder = None,
    months: Months = None,
    swapped_dates: Swapped = None,
    numbers: Numbers = None,
    factor: Factor = None,
    amount: Amount = None,
    column: Columns = None,
    sheet: Sheets = None,
    header_line: HeaderLine = None,
    beyond_the_header: Beyond = None,
    transaction_numbers: TransactionNumbers = None,
    option: Options = None,
    leave_out: LeaveOut = None,
    council: Council = None,
    kind: Kind = None,
    resume: Resume = False,
    allow_rejected: Allow = ALLOWED,
    as_json: AsJson = False,
) -> None:
    """Describe a new body: read its files, write its YAML, keep the files.

    With a workspace (COMMISSIONING_WORKSPACE) the YAML is bodies/BODY.yml there, and the files lie in
    files/BODY/. Else it is ingest/ledgers/BODY.yml in a checkout, ledgers/BODY.yml in any other folder, and
    files lie in data/cache/. A file that
    leaves a question is left out, and the question written into the YAML. Where no file can be read, that is
    BODY.draft.yml. Answer with an option, or in the YAML, and go on with --resume: the files are kept. The
    keys are explained in ingest/ledgers/bodies.py.
    """
    from commissioning.ingest.ledgers import adding

    # fmt: off
    answers = {
        "title": title or (None if resume else "Spend over £500"), "publisher": publisher, "licence": licence,
        "date_order": date_order, "months": months, "swapped_dates": swapped_dates, "numbers": numbers,
        "factor": factor, "sheets": sheet, "header_line": header_line, "leave_out": leave_out,
        "beyond_the_header": beyond_the_header, "transaction_numbers": transaction_numbers,
        "columns": adding.columns_of([f"amount={amount}"] * bool(amount) + (column or [])),
        "options": adding.options_of(option or []),
    }
    # fmt: on
    _place(body, publisher, council=council, kind=kind)
    found = _files(files or [], body, resume)
    made = adding.describe(found, body, answers, resume=resume)
    written = adding.write_body(made)
    _keep(found, body)
    if not made.can_be_read:
        raise _open_questions(made, written, body)
    _close(made, written, allow_rejected, as_json)


def _place(body: str, publisher: str | None, **said: str | None) -> None:
    """Note in the workspace what the body is, before its files are read: a slip is told at once."""
    from commissioning.base.errors import LedgerError
    from commissioning.base.paths import own_workspace
    from commissioning.ingest.ledgers import workspaces

    if not any(said.values()):
        return
    if (own := own_workspace()) is None:
        raise LedgerError(
            "What a body is stands in a workspace, and none is in use.",
            found=" ".join(f"--{name} {value}" for name, value in said.items() if value),
            todo="make one with `commissioning ledger init FOLDER` and work in it, or leave the option out",
        )
    workspaces.place(own, body, publisher, **said)


def _files(files: list[Path], body: str, resume: bool) -> list[Path]:
    """The files that are named, and with `--resume` those that were kept before."""
    from commissioning.base.errors import LedgerError
    from commissioning.base.paths import workspace

    for path in files:
        check_there(path)
    kept = workspace().originals_of(body)
    names = {path.name for path in files}
    before = [path for path in sorted(kept.glob("*")) if path.name not in names] if resume else []
    if not files and not before:
        raise LedgerError(
            "No file is named.", expected="the body's files", todo="name them: ledger add FILE… --body NAME"
        )
    return [*files, *before]


def _close(made: Described, written: Path, allowed: float, as_json: bool) -> None:
    from commissioning.base.paths import own_workspace
    from commissioning.ingest.ledgers import workspaces
    from commissioning.ingest.ledgers.adding import unlike_the_package
    from commissioning.ingest.ledgers.report import report_of

    body = made.entry["body"]
    account = report_of(
        made.accounts, not_read=dict.fromkeys(made.entry.get("leave_out", ()), "`leave_out` names it")
    )
    files, payments = counted(len(made.readings), "file"), counted(account.loaded.lines, "payment")
    heading = f"{written}: {files}, {payments} can be read"
    if made.questions and not as_json:
        for path, complaint in made.questions.items():
            console.print(f"left out, as it leaves a question: {path.name}", highlight=False, markup=False)
            console.print(str(complaint), highlight=False, markup=False)
    account.guesses.setdefault(
        f"transaction_numbers: {made.entry['transaction_numbers']}", [f"in {written.name}"]
    )
    if (own := own_workspace()) and (said := workspaces.unplaced(own, body)) and not as_json:
        console.print(f"look at: {said}", highlight=False, markup=False)
    if (other := unlike_the_package(made)) and not as_json:
        columns = " ".join(f'--column "{column}"' for column in other)
        again = f"commissioning ledger add --resume --body {body} {columns}"
        said = f"look at: the package's {body} reads more, and its rules may need it: `{again}`"
        console.print(said, highlight=False, markup=False)
    close([(body, heading, account)], allowed, as_json)
    if not as_json:
        console.print(f"look through it, then: commissioning ledger ingest {body}", highlight=False)


def _open_questions(made: Described, written: Path, body: str) -> Exception:
    """What to raise where no file can be read: the one question, or that there are several."""
    from commissioning.base.errors import LedgerError
    from commissioning.ingest.ledgers.report import report_of

    go_on = (
        f"; the draft is {written}: answer there or by an option, then "
        f"`commissioning ledger add --resume --body {body}`"
    )
    questions = list(made.questions.values())
    if len({complaint.what for complaint in questions}) == 1:
        first = questions[0]
        first.todo = (first.todo or "look at the file") + go_on
        return type(first)(
            first.what,
            file=first.file,
            where=first.where,
            expected=first.expected,
            found=first.found,
            todo=first.todo,
        )
    if questions:
        told = "; ".join(sorted({complaint.what.rstrip(".") for complaint in questions}))
        return LedgerError(
            f"{len(questions)} files leave questions, and none can be read.",
            file=questions[0].file,
            found=told,
            todo="look at each with `commissioning ledger inspect FILE`" + go_on,
        )
    accounts = made.accounts
    report = report_of(accounts)
    told = [said for what, said in report.in_words() if what == "rejected"]
    return LedgerError(
        "No payment can be read from these files.",
        file=accounts[0].source_file,
        found="rejected " + "; ".join(told) if told else "no line of data",
        todo=" ".join([*report.questions(), "Look at one with `commissioning ledger inspect FILE`"]) + go_on,
    )


def _keep(files: list[Path], body: str) -> None:
    from commissioning.base.paths import workspace

    folder = workspace().originals_of(body)
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        if not (folder / path.name).exists() or not path.samefile(folder / path.name):
            shutil.copy2(path, folder / path.name)
