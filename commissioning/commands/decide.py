"""`commissioning decide …`: write down a decision with its numbers, and look at it again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from commissioning.practice.decisions import OPTIONS, STAGES

if TYPE_CHECKING:
    from commissioning.practice.decisions import Decision
    from commissioning.practice.documents import Faults
    from commissioning.practice.reviews import Review

app = typer.Typer(
    name="decide",
    help="A log of decisions in your workspace: what was decided, on which numbers, and when to look again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
console = Console(soft_wrap=True)
TO_DO_ON_A_BREAK = (
    "`commissioning decide check` refuses it as it stands: take another --outcome-year or measure, or add "
    "`broken:` with a word on the break below outcome"
)


def log() -> Path:
    """The folder of decisions in the user's workspace."""
    from commissioning.ingest.ledgers.workspaces import required

    return required().root / "decisions"


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False)


def day(text: str, option: str) -> dt.date:
    from commissioning.base.errors import PracticeError

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PracticeError(
            "This is not a date.", where=option, expected="a day such as 2027-06-01", found=text or "nothing"
        ) from None


def check_name(name: str) -> None:
    from commissioning.base.errors import PracticeError

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise PracticeError(
            "A decision's id is not a plain word: its file has that name.",
            where="its name",
            expected="small letters, digits and hyphens: day-support-2026",
            found=name,
            todo="give it another name",
        )


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its id and file: day-support-2026.")],
    title: Annotated[str, typer.Option(help="What was decided.")],
    body: Annotated[str, typer.Option(help="Which body decided.")],
    stage: Annotated[str, typer.Option(help=f"Stage of the cycle: {', '.join(STAGES)}.")],
    option: Annotated[list[str], typer.Option(help=f"Considered: {', '.join(OPTIONS)}. Repeat it.")],
    chosen: Annotated[str, typer.Option(help="The option chosen.")],
    number: Annotated[
        list[str],
        typer.Option(help="A number that it rests on, from `commissioning trace --list`; repeat it."),
    ],
    outcome: Annotated[
        str,
        typer.Option(help="The outcome measure, from `commissioning compare-path --measures`."),
    ],
    area: Annotated[
        str,
        typer.Option(help="Whose outcome: england, or a council of `commissioning trace --councils`."),
    ],
    look_again: Annotated[str, typer.Option(help="The day to look again: 2027-06-01.")],
    outcome_year: Annotated[
        str | None, typer.Option(help="The year of the outcome as it stood; the latest if not given.")
    ] = None,
    decided_on: Annotated[
        str | None, typer.Option(help="The day of the decision; today if not given.")
    ] = None,
    assumption: Annotated[list[str] | None, typer.Option(help="What was assumed; repeat it.")] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Mark it as made up; it never falls due.")
    ] = False,
) -> None:
    """Write a decision down. Its numbers are frozen with value, build and edition."""
    from commissioning.base.dates import today
    from commissioning.base.paths import project
    from commissioning.practice import decisions, holding

    check_name(name)
    file = decisions.new(
        project(),
        log(),
        name=name,
        title=title,
        body=body,
        stage=stage,
        options=option,
        chosen=chosen,
        numbers=number,
        assumptions=assumption or [],
        area=area,
        measure=outcome,
        year=outcome_year,
        look_again=day(look_again, "--look-again"),
        decided_on=day(decided_on, "--decided-on") if decided_on else today(),
        example=example,
    )
    _say(f"made {file}")
    if since := holding.broken_since(file, project()):
        _say(f"warning: the outcome measure has broken since: {'; '.join(since)}. {TO_DO_ON_A_BREAK}")


@app.command()
def check() -> None:
    """Read every decision of the workspace: malformed ones, retired ids and broken measures are named."""
    from commissioning.base.dates import today
    from commissioning.practice import decisions
    from commissioning.practice.documents import Faults

    faults = Faults()
    found, sound = checked(faults)
    late = decisions.overdue(found, today())
    _say(f"decisions as they should be: {len(sound)}")
    for one in late:
        _say(f"past its date: {one.name} ({one.due})")
    faults.tell()
    if late:
        raise typer.Exit(1)


def checked(faults: Faults, names: Collection[str] = ()) -> tuple[list[Decision], list[Decision]]:
    """Decisions of the workspace, all or those named: those that could be read, and those of them that are as
    they should be beside the register and the published marts. What is wrong is added to `faults`."""
    from commissioning.base.paths import project
    from commissioning.practice import decisions, holding

    found = decisions.read_all(log(), project(), names, faults)
    sound = holding.check(found, project(), faults)
    known = holding.known_builds(project())
    for one in found:
        for line in [*one.document.warnings(), *holding.unknown_builds(one.document, known)]:
            _say(f"warning: {line}")
    return found, sound


@app.command()
def review(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Decisions; all if none.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write decisions.html, .pdf and .csv there as well.")
    ] = None,
) -> None:
    """Show each decision's numbers then and now, and whether its outcome changed by more than noise."""
    from commissioning.base.dates import today
    from commissioning.base.errors import PracticeError
    from commissioning.base.outputs import check_folder
    from commissioning.base.paths import project
    from commissioning.practice import decisions, reviews
    from commissioning.practice.documents import Faults

    if out:
        check_folder(out, "--out")
    held = {file.stem for file in decisions.files(log())}
    if unknown := set(names or []) - held:
        raise PracticeError(
            "There is no such decision.",
            file=log(),
            expected=", ".join(sorted(held)) or "a decision: `commissioning decide new` makes one",
            found=", ".join(sorted(unknown)),
        )
    faults = Faults()
    _, sound = checked(faults, names or [])
    left_out = sorted((set(names or []) or held) - {one.name for one in sound})
    made = [reviews.review(one, project()) for one in sound]
    for one in made:
        show(one, today())
    if not held:
        _say("there is no decision yet: `commissioning decide new` makes one")
    elif made and out:
        for file in write(made, out, today(), left_out):
            _say(f"written: {file}")
    if left_out:
        _say(f"left out, as something in the file is wrong: {', '.join(left_out)}")
    faults.tell()


def show(one: Review, on: dt.date) -> None:
    from commissioning.practice import reviews

    _say(f"\n{one.decision.content['title']}")
    for what, said in reviews.facts(one.decision, on):
        _say(f"  {what}: {said}")
    for number in one.numbers:
        _say(f"  {number.label}: then {number.then}, now {number.now}. {number.said}")
    outcome = one.outcome
    _say(f"  Outcome: {outcome.measure}, {outcome.area}")
    _say(f"    then {outcome.then}; now {outcome.now}; change {outcome.change}")
    _say(f"    breaks since: {'; '.join(outcome.breaks) or 'none'}")
    for line in outcome.said:
        _say(f"    {line}")
    if outcome.command:
        _say(f"    {reviews.BESIDE}: {outcome.command}")


def write(found: list[Review], folder: Path, on: dt.date, left_out: Collection[str]) -> list[Path]:
    from commissioning.practice import pages, reviews
    from commissioning.site.formats import day

    title = "Decisions, looked at again"
    body = reviews.report(found, on, left_out)
    made = pages.write(folder, "decisions", title, f"As of {day(on)}", body)
    return [*made, pages.write_csv(folder / "decisions.csv", reviews.CSV, reviews.rows(found))]
