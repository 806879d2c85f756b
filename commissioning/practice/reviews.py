"""Decisions looked at again: numbers and outcome then and now, and whether a change is larger than noise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commissioning.base.counting import counted
from commissioning.base.errors import PracticeError
from commissioning.base.paths import Project
from commissioning.practice import decisions, figures, series
from commissioning.practice.decisions import Decision, figures_of
from commissioning.practice.holding import breaks, known_builds, same
from commissioning.site.formats import day, number

if TYPE_CHECKING:
    import duckdb


BESIDE = "Beside other councils"


@dataclass(frozen=True)
class Then:
    """A number of a decision: what it was and what it is."""

    id: str
    label: str
    frozen_from: str
    then: str
    now: str
    said: str


@dataclass(frozen=True)
class Outcome:
    """The outcome measure of a decision, then and now. `larger` is None where it cannot be told."""

    id: str
    measure: str
    area: str
    then: str
    now: str
    change: str
    larger: bool | None
    breaks: tuple[str, ...]
    said: tuple[str, ...]
    command: str | None = None
    """How to set it beside other councils, for a council that has a later year."""


@dataclass(frozen=True)
class Review:
    decision: Decision
    numbers: tuple[Then, ...]
    outcome: Outcome


def review(decision: Decision, here: Project) -> Review:
    """Each number of a decision then and now, and its outcome measure."""
    from commissioning.marts import seals
    from commissioning.numbers import history, trace

    builds, numbers = history.builds(here), []
    for entry in decision.content["numbers"]:
        _, council, about = trace.look_up(here, entry["id"])
        label = f"{about['label']}, {trace.councils(here)[council]}" if council else about["label"]
        try:
            now = decisions.frozen(here, entry["id"])
        except PracticeError as missing:
            now = {"text": "not available", "value": None, "edition": missing.found}
        remembered = builds.get(entry["build"], {}).get(entry["id"])
        said = _revised(entry, now, remembered)
        numbers.append(Then(entry["id"], label, source(entry), entry["text"], now["text"], said))
    outcome = decision.content["outcome"]
    known = outcome["build"] in known_builds(here)
    with seals.open_database(here) as db:
        return Review(decision, tuple(numbers), _outcome(outcome, db, known=known))


def source(entry: dict) -> str:
    """From which edition and build a figure was frozen."""
    return f"{entry['edition']}, build {entry['build']}"


def _revised(entry: dict, now: dict, remembered: str | None) -> str:
    """What became of a frozen number. `remembered` is what its build said, where that is known."""
    if now["value"] is None:
        return "It is no longer published."
    if same(entry["value"], now["value"]):
        return "It stands as it was."
    if remembered is None:
        return (
            f"It is not what is published now ({now['edition']}). Why cannot be told: nothing here remembers "
            f"what build {entry['build']} said."
        )
    if now["edition"] == entry["edition"]:
        return "It was corrected: the same edition is read differently now."
    return f"It was revised: {now['edition']}."


def _transfers(db: duckdb.DuckDBPyConnection, outcome: dict, last: str) -> list[str]:
    """Responsibilities that moved since, for a share of spending."""
    if outcome["measure"] not in series.SHARES:
        return []
    rows = db.execute(
        "select break_name, from_year from dim_responsibility_break "
        "where to_year > ? and from_year <= ? and list_contains(string_split(bases, ' '), ?) "
        "order by from_year",
        [outcome["year"], last, outcome["group"]],
    ).fetchall()
    return [f"{name}, from {year}" for name, year in rows]


def _outcome(outcome: dict, db: duckdb.DuckDBPyConnection, *, known: bool) -> Outcome:
    """An outcome then and now. `known` is whether the build that it was frozen from is remembered."""
    name, unit = series.measures(db)[outcome["measure"]]
    rows = figures_of(db, outcome["area"], outcome["measure"])
    like = {year: figure for year, figure in rows.items() if figure.group == outcome["group"]}
    since = list(breaks(rows, outcome))
    said: list[str] = []
    before, doubtful, command = like.get(outcome["year"]), False, None
    if before and not same(outcome["value"], before.value):
        revised = f"{figures.value(before.value, unit)} ({before.edition})"
        doubtful = not known or before.edition == outcome["edition"]
        said.append(
            f"The figure of {outcome['year']} is {revised} now. Why it is not what is frozen cannot be told."
            if doubtful
            else f"The figure of {outcome['year']} was revised to {revised}."
        )
    then = _with_interval(unit, outcome["value"], outcome.get("low"), outcome.get("high"), outcome["year"])
    later = max((year for year in like if year > outcome["year"]), default=None)
    if later is None:
        now, told, larger = "not available", "cannot be told", None
        reason = (
            "later years are not comparable with it" if since else "no figure of a later year is published"
        )
        said.append(f"It cannot be told: {reason}.")
    else:
        figure, moved = like[later], _transfers(db, outcome, later)
        since += moved
        now = _with_interval(unit, figure.value, figure.low, figure.high, later)
        if doubtful:
            told, larger = "cannot be told", None
            said.append("It cannot be told: nobody can vouch for the figure that is frozen.")
        else:
            digits = series.decimals(db, outcome["measure"])
            told, larger, verdicts = _change(outcome, figure, unit, bool(moved), digits)
            said += verdicts
        if outcome["area"] != "england":
            command = f"commissioning compare-path {outcome['area']} {outcome['measure']} --from YEAR"
    area = series.area_name(db, outcome["area"])
    return Outcome(
        outcome["measure"],
        f"{name}, {unit}",
        area,
        then,
        now,
        told,
        larger,
        tuple(since),
        tuple(said),
        command,
    )


def _change(
    outcome: dict, now: series.Figure, unit: str, moved: bool, digits: int
) -> tuple[str, bool | None, list[str]]:
    """The change in words, whether it is larger than noise, and what can be said of that. `digits` are the
    decimals that the figures are published with."""
    change = now.value - outcome["value"]
    sizes = (outcome.get("low"), outcome.get("high"), now.low, now.high)
    told = figures.change(change, unit)
    if moved:
        return told, None, ["It cannot be told: a responsibility moved in between."]
    if None in sizes:
        return told, None, ["It cannot be told: the publisher gives no interval for one of the two years."]
    # A value and a margin that were rounded may each be half a unit of the last place off. Two surveys of
    # different people: their half-widths add up as squares. What rounding did to the values just adds up.
    off, widths = 0.5 / 10**digits, [(sizes[1] - sizes[0]) / 2, (sizes[3] - sizes[2]) / 2]
    half = sum((width + off) ** 2 for width in widths) ** 0.5 + 2 * off
    low, high = (figures.change(end, unit, bare=True) for end in (change - half, change + half))
    larger = abs(change) > half
    verdict = (
        "The change is larger than noise. That is not yet what the decision did."
        if larger
        else "The change is not larger than noise: the two figures could differ by chance alone."
    )
    rounding = [
        f"Rounding is counted in the interval: values and margins have {counted(digits, 'decimal')}, and "
        f"each may be {number(off, digits + 1)} off."
    ]
    if same(min(widths), 0.0):
        rounding.append(
            f"A margin printed as {number(0.0, digits)} is below {number(off, digits + 1)}, and not none."
        )
    return f"{told} (interval {low} to {high})", larger, [verdict, *rounding]


def _with_interval(unit: str, value: float, low: float | None, high: float | None, year: str) -> str:
    ends = (
        "no interval"
        if low is None or high is None
        else " to ".join(figures.value(e, unit) for e in (low, high))
    )
    return f"{figures.value(value, unit)} ({ends}), {year}"


# Report


def report(reviews: Sequence[Review], on: dt.date, left_out: Collection[str] = ()) -> str:
    """The review of a log in Markdown. `left_out` names decisions whose file is wrong."""
    from commissioning.practice.pages import facts_table, literal, table

    parts = []
    if left_out:
        names = ", ".join(map(literal, left_out))
        parts.append(f"Left out, as something in the file is wrong: {names}.\n")
    for one in reviews:
        content, outcome = one.decision.content, one.outcome
        parts.append(f"## {literal(content['title'])}\n")
        parts.append(facts_table(facts(one.decision, on)))
        if one.numbers:
            numbers = [vars(number) for number in one.numbers]
            heads = {
                "label": "Number",
                "then": "Then",
                "now": "Now",
                "said": "Since then",
                "frozen_from": "Frozen from",
            }
            parts += ["### Numbers it rested on\n", table(numbers, heads)]
        rows = [("Measure", outcome.measure), ("Of", outcome.area)]
        rows += [("Then", outcome.then), ("Frozen from", source(content["outcome"]))]
        rows += [("Now", outcome.now), ("Change", outcome.change)]
        rows += [("Breaks since", "; ".join(outcome.breaks) or "none")]
        rows += [("What can be said", " ".join(outcome.said))]
        if content["outcome"].get("broken"):
            rows.append(("Noted on the break", content["outcome"]["broken"]))
        parts += ["### Its outcome measure\n", facts_table(rows)]
        if outcome.command:
            # In a table it would be set as prose, and its two hyphens as a dash.
            parts.append(f"{BESIDE}: `{outcome.command}`\n")
    return "\n".join(parts)


def facts(decision: Decision, on: dt.date) -> list[tuple[str, str]]:
    content = decision.content
    rows = [("Example", "Made up: nobody took this decision")] if decision.is_example else []
    late = decision.due and decision.due < on and not decision.is_example
    again = f"{day(decision.due)}{' (past its date)' if late else ''}" if decision.due else "no further look"
    written = content.get("written_on")
    rows += [
        ("Id", decision.name),
        ("Decided", f"{day(content['decided_on'])}, {content['body']}"),
    ]
    if written and written > content["decided_on"]:
        rows.append(("Written down", f"{day(written)}, later than decided: then is as published on that day"))
    rows += [
        ("Stage of the cycle", decisions.STAGES[content["stage"]]),
        ("Options", ", ".join(map(in_words, decision.document.texts(("options",))))),
        ("Chosen", in_words(content["chosen"])),
        *(("Assumed", one) for one in decision.document.texts(("assumptions",)) or ["nothing noted"]),
        ("Look again", again),
    ]
    return rows + [(f"Looked on {day(one['on'])}", one["found"]) for one in content.get("reviews") or []]


def in_words(option: str) -> str:
    return option.replace("_", " ")


CSV = ("decision", "what", "id", "then", "now", "larger_than_noise", "said", "frozen_from")


def rows(reviews: Sequence[Review]) -> list[tuple]:
    """The review as rows of `CSV`."""
    found: list[tuple] = []
    for one in reviews:
        found += [
            (one.decision.name, "number", n.id, n.then, n.now, "", n.said, n.frozen_from) for n in one.numbers
        ]
        outcome = one.outcome
        larger = {True: "yes", False: "no", None: "cannot be told"}[outcome.larger]
        command = (f"{BESIDE}: {outcome.command}",) if outcome.command else ()
        said = " ".join((*outcome.breaks, *outcome.said, *command))
        found.append(
            (
                one.decision.name,
                "outcome",
                outcome.id,
                outcome.then,
                outcome.now,
                larger,
                said,
                source(one.decision.content["outcome"]),
            )
        )
    return found
