"""`commissioning decide …`: write down a decision with its numbers, and look at it again."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from commissioning.practice.decisions import Decision, Review

app = typer.Typer(
    name="decide",
    help="A log of decisions in your workspace: what was decided, on which numbers, and when to look again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
console = Console(soft_wrap=True)


def log() -> Path:
    """The folder of decisions in the user's workspace."""
    from commissioning.ingest.ledgers.workspaces import required

    return required().root / "decisions"


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False)


def day(text: str) -> dt.date:
    from commissioning.base.errors import PracticeError

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PracticeError("This is not a date.", expected="a day such as 2027-06-01", found=text) from None


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its id and file: day-support-2026.")],
    title: Annotated[str, typer.Option(help="What was decided.")],
    body: Annotated[str, typer.Option(help="Which body decided.")],
    stage: Annotated[str, typer.Option(help="Stage of the cycle: assess, plan, design, shape, procure …")],
    option: Annotated[list[str], typer.Option(help="An option considered: spot, block, grant …; repeat it.")],
    chosen: Annotated[str, typer.Option(help="The option chosen.")],
    number: Annotated[list[str], typer.Option(help="The id of a number that it rests on; repeat it.")],
    outcome: Annotated[str, typer.Option(help="The outcome measure: control_over_daily_life.")],
    area: Annotated[str, typer.Option(help="Whose outcome: a council such as devon, or england.")],
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
    import re

    from commissioning.base.errors import PracticeError
    from commissioning.base.paths import project
    from commissioning.commands.check import today
    from commissioning.practice import decisions

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise PracticeError(
            "A decision's id is not a plain word: its file has that name.",
            expected="small letters, digits and hyphens: day-support-2026",
            found=name,
        )
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
        look_again=day(look_again),
        decided_on=day(decided_on) if decided_on else today(),
        example=example,
    )
    _say(f"made {file}")


@app.command()
def check() -> None:
    """Read every decision of the workspace: malformed ones, retired ids and broken measures are named."""
    from commissioning.commands.check import today
    from commissioning.practice import decisions

    found = checked()
    late = decisions.overdue(found, today())
    _say(f"decisions as they should be: {len(found)}")
    for one in late:
        _say(f"past its date: {one.name} ({one.due})")
    if late:
        raise typer.Exit(1)


def checked() -> list[Decision]:
    """Every decision of the workspace, checked against the published marts."""
    from commissioning import open_marts
    from commissioning.base.paths import project
    from commissioning.practice import decisions

    found = decisions.read_all(log(), project())
    with open_marts() as marts:
        decisions.check(found, marts)
    return found


@app.command()
def review(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Decisions; all if none.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write decisions.html, .pdf and .csv there as well.")
    ] = None,
) -> None:
    """Show each decision's numbers then and now, and whether its outcome changed by more than noise."""
    from commissioning import open_marts
    from commissioning.base.errors import PracticeError
    from commissioning.base.paths import project
    from commissioning.commands.check import today
    from commissioning.practice import decisions

    found = decisions.read_all(log(), project())
    if unknown := set(names or []) - {one.name for one in found}:
        raise PracticeError(
            "There is no such decision.",
            file=log(),
            expected=", ".join(one.name for one in found)
            or "a decision: `commissioning decide new` makes one",
            found=", ".join(sorted(unknown)),
        )
    chosen = [one for one in found if not names or one.name in names]
    if out:
        with open_marts() as marts:
            decisions.check(chosen, marts)
    reviews = [decisions.review(one, project()) for one in chosen]
    for one in reviews:
        show(one, today())
    if not reviews:
        _say("there is no decision yet: `commissioning decide new` makes one")
    elif out:
        for file in write(reviews, out, today()):
            _say(f"written: {file}")


def show(one: Review, on: dt.date) -> None:
    from commissioning.practice import decisions

    _say(f"\n{one.decision.name}")
    for what, said in decisions.facts(one.decision, on):
        _say(f"  {what}: {said}")
    for number in one.numbers:
        _say(f"  {number.id}: then {number.then}, now {number.now}. {number.said}")
    outcome = one.outcome
    _say(f"  Outcome: {outcome.measure}, {outcome.area}, {outcome.unit}")
    _say(f"    then {outcome.then}; now {outcome.now}; change {outcome.change}")
    _say(f"    breaks since: {'; '.join(outcome.breaks) or 'none'}")
    for line in outcome.said:
        _say(f"    {line}")


def write(reviews: list[Review], folder: Path, on: dt.date) -> list[Path]:
    from commissioning.practice import decisions, pages

    made = pages.write(
        folder, "decisions", "Decisions, looked at again", f"As of {on}", decisions.report(reviews, on)
    )
    table = folder / "decisions.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(decisions.CSV)
        writer.writerows(decisions.rows(reviews))
    return [*made, table]
