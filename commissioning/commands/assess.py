"""`commissioning assess …`: a team's own assessment against a published framework, from round to round."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    name="assess",
    help="Your own assessment, by degree and by role: an empty form, a check of it, a report of its rounds.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
console = Console(soft_wrap=True)
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Rounds that were filled in.")]


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False)


@app.command()
def frameworks(
    framework: Annotated[str | None, typer.Argument(help="List the elements of this one.")] = None,
) -> None:
    """List the frameworks, or the elements of one with the levels to rate them by."""
    from commissioning import open_marts
    from commissioning.practice import forms

    with open_marts() as marts:
        if framework is None:
            for line in forms.listed(marts):
                _say(line)
            return
        what = forms.framework(marts, framework)
    _say(f"levels: {', '.join(what.levels)}. They are {what.whose_levels}")
    for one in what.elements.values():
        if one.is_current:
            _say(f"{one.id}: {one.name} ({one.theme}). {one.description}")


@app.command()
def new(
    framework: Annotated[str, typer.Argument(help="A framework: pies_2. `assess frameworks` lists them.")],
    round_: Annotated[int, typer.Option("--round", min=1, help="The number of the round.")] = 1,
    date: Annotated[str | None, typer.Option(help="Its day; today if not given.")] = None,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A spreadsheet instead of YAML.")] = False,
    responses: Annotated[
        int, typer.Option(min=1, max=500, help="Responses a spreadsheet has room for.")
    ] = 15,
    out: Annotated[
        Path | None, typer.Option(help="The file; in assessments/ of the workspace if not given.")
    ] = None,
) -> None:
    """Write an empty form. Who answers is a role, and no name."""
    from commissioning import open_marts
    from commissioning.base.dates import today
    from commissioning.base.errors import PracticeError
    from commissioning.base.outputs import check_file
    from commissioning.commands.decide import day
    from commissioning.practice import forms

    with open_marts() as marts:
        what = forms.framework(marts, framework)
    name = f"{framework}-round-{round_}{'.xlsx' if xlsx else '.yml'}"
    if out:
        check_file(out, "--out", ".xlsx" if xlsx else ".yml")
    file = out or _folder() / name
    on = day(date, "--date") if date else today()
    if on > today():
        raise PracticeError(
            "This date lies in the future.", where="--date", expected=f"{today()} or before", found=on
        )
    if xlsx:
        forms.write_xlsx(file, what, round_, on, responses)
    else:
        forms.write_yaml(file, what, round_, on)
    _say(f"made {file}")


def _folder() -> Path:
    from commissioning.ingest.ledgers.workspaces import required

    return required().root / "assessments"


def _rounds(files: list[Path]):
    from commissioning import open_marts
    from commissioning.practice import forms

    with open_marts() as marts:
        rounds = forms.read_all(files, marts)
    for line in (line for one in rounds for line in one.warnings):
        _say(f"warning: {line}")
    return rounds


@app.command()
def check(files: Files) -> None:
    """Read rounds, and name what is wrong in them with file and line."""
    from commissioning.base.counting import counted

    for one in _rounds(files):
        _say(f"{one.file}: round {one.number}, {one.date}, {counted(len(one.responses), 'response')}")


@app.command()
def report(
    files: Files,
    out: Annotated[Path, typer.Option(help="The folder for assessment.html, .pdf and .csv.")] = Path(),
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Also show free text, without roles, in HTML and PDF.")
    ] = False,
) -> None:
    """Write the report of rounds: distance travelled by theme, spread, and where roles differ."""
    from commissioning.base.outputs import check_folder
    from commissioning.practice import assessment, pages
    from commissioning.site.formats import and_, day

    check_folder(out, "--out")
    rounds = _rounds(files)
    title = f"Own assessment: {rounds[0].framework.name}"
    dates = f"{'Rounds' if len(rounds) > 1 else 'Round'} of {and_([day(one.date) for one in rounds])}"
    made = pages.write(out, "assessment", title, dates, assessment.report(rounds, with_text=with_text))
    table = pages.write_csv(out / "assessment.csv", assessment.CSV, assessment.rows(rounds))
    for file in (*made, table):
        _say(f"written: {file}")
