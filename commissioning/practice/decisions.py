"""A team's log of decisions: one YAML file for each, in the folder `decisions/` of the workspace.

`new` freezes the numbers that a decision rested on, and the outcome measure as it stood. `review` shows then
and now, and says whether the change is larger than noise or cannot be told. `check` refuses an outcome
measure that has broken, and `read` what is malformed and an id that was retired. `overdue` lists decisions
past their date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commissioning.base.errors import PracticeError
from commissioning.base.paths import Project
from commissioning.practice import documents, series
from commissioning.practice.documents import Document

if TYPE_CHECKING:
    import duckdb

OPTIONS = (
    "spot", "block", "framework", "grant", "individual_service_funds", "direct_payments", "in_house", "stop",
)  # fmt: skip
STAGES = ("assess", "plan", "design", "shape", "procure", "deliver", "review", "decommission")
"""Stages of the commissioning cycle, elements of the framework `commissioning_cycle`."""
NEEDS = (
    "decision", "title", "decided_on", "body", "stage", "options", "chosen", "numbers", "outcome",
    "look_again",
)  # fmt: skip
FROZEN = ("value", "text", "build", "edition")
ABOUT = """A decision, with the numbers that it rested on as they stood then. Do not change those.
After looking again, add: reviews: [{on: 2027-06-01, found: What was found., next: 2028-06-01}]
`next` is left out when nobody needs to look again."""


@dataclass(frozen=True)
class Decision:
    """A decision that was read and found to be as it should be."""

    document: Document

    @property
    def content(self) -> dict[str, Any]:
        return self.document.content

    @property
    def name(self) -> str:
        return self.content["decision"]

    @property
    def is_example(self) -> bool:
        return self.content.get("example", False)

    @property
    def due(self) -> dt.date | None:
        """The day to look again, as the last review has put it; None where no further look is planned."""
        reviews = self.content.get("reviews") or []
        return reviews[-1].get("next") if reviews else self.content["look_again"]


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

    measure: str
    area: str
    unit: str
    then: str
    now: str
    change: str
    larger: bool | None
    breaks: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    decision: Decision
    numbers: tuple[Then, ...]
    outcome: Outcome


# Writing


def new(
    here: Project,
    folder: Path,
    *,
    name: str,
    title: str,
    body: str,
    stage: str,
    options: Sequence[str],
    chosen: str,
    numbers: Sequence[str],
    assumptions: Sequence[str],
    area: str,
    measure: str,
    year: str | None,
    look_again: dt.date,
    decided_on: dt.date,
    example: bool = False,
) -> Path:
    """Write a decision with its numbers frozen, and read it back. Returns its file."""
    from commissioning.marts import seals

    build = seals.check(here, every_file=False)["build_id"]
    # Headlines lock the database's settings, so the marts are opened after them.
    held = [{"id": id, **frozen(here, id), "build": build} for id in numbers]
    with seals.open_database(here) as db:
        then = _frozen_outcome(db, area, measure, year, decided_on)
    content = {
        "decision": name,
        "title": title,
        **({"example": True} if example else {}),
        "decided_on": decided_on,
        "body": body,
        "stage": stage,
        "options": list(options),
        "chosen": chosen,
        "assumptions": list(assumptions),
        "numbers": held,
        "outcome": {**then, "build": build},
        "look_again": look_again,
    }
    file = folder / f"{name}.yml"
    documents.write(file, content, ABOUT)
    try:
        read(file, here)
    except PracticeError:
        file.unlink()
        raise
    return file


def frozen(here: Project, reference: str) -> dict[str, Any]:
    """What a headline says now: value, text and the editions of its cells."""
    from commissioning.numbers import cells, headlines, trace

    name, council, entry = trace.look_up(here, reference)
    figure = headlines.compute(here, only=name)[name]
    edition = "no source cells"
    if "untraced" not in entry:
        with cells.sources(here, [entry]) as db:
            found = cells.trace(db, name, entry).cells
        edition = trace.sources(trace.files(trace.of_council(entry, found, council) if council else found))
    if council:
        figure = figure["councils"][council]
    if figure["value"] is None:
        raise PracticeError(
            "A decision cannot rest on a number that is not there.",
            where=reference,
            found=figure["missing"],
            todo="name another number; `commissioning trace --list` names them all",
        )
    return {"value": figure["value"], "text": figure["text"], "edition": edition}


def _figures(db: duckdb.DuckDBPyConnection, area: str, measure: str) -> series.Series:
    return series.load(db, measure, "england" if area == "england" else "council")


def _frozen_outcome(
    db: duckdb.DuckDBPyConnection, area: str, measure: str, year: str | None, decided_on: dt.date
) -> dict[str, Any]:
    """The outcome of the year named, or of the last one that had ended when the decision was taken."""
    area = area if area == "england" else series.council_id(db, area)
    rows = _figures(db, area, measure).figures.get(area, {})
    held = sorted(year for year, figure in rows.items() if figure.value is not None)
    ended = [one for one in held if dt.date(int(one[:4]) + 1, 3, 31) < decided_on]
    if not (ended or year) or (year and year not in held):
        raise PracticeError(
            "The outcome measure has no such figure for this area.",
            where=f"{measure}, {area}",
            expected=", ".join(held if year else ended)
            or f"a year that ended before {decided_on}, or a measure that is published for it",
            found=year,
        )
    year = year or ended[-1]
    figure = rows[year]
    found = {
        "measure": measure,
        "area": area,
        "year": year,
        "value": figure.value,
        "group": figure.group,
        "edition": figure.edition,
    }
    return found | ({"low": figure.low, "high": figure.high} if figure.low is not None else {})


# Reading


def read_all(folder: Path, here: Project) -> list[Decision]:
    """Every decision of a log, the oldest first. Raises `PracticeError` at the first that is malformed."""
    found = [read(file, here) for file in sorted(folder.glob("*.yml"))]
    return sorted(found, key=lambda one: (one.content["decided_on"], one.name))


def read(file: Path, here: Project) -> Decision:
    """A decision. Raises `PracticeError` with file and line for what is not as it should be."""
    document = documents.read(file, "A decision")
    content = document.keys((), NEEDS, ("example", "assumptions", "reviews"))
    if content["decision"] != file.stem:
        raise document.fail(
            "A decision's id is not the name of its file.",
            ("decision",),
            expected=file.stem,
            found=content["decision"],
        )
    for key in ("title", "body"):
        if not isinstance(content[key], str):
            raise document.fail("This is not a text.", (key,), expected="a text", found=content[key])
    if not isinstance(content.get("example", False), bool):
        raise document.fail("example is true or left out.", ("example",), expected="true")
    document.one_of(("stage",), STAGES, "The stage of the cycle")
    for n, _ in enumerate(document.texts(("options",))):
        document.one_of(("options", n), OPTIONS, "An option")
    document.one_of(("chosen",), content["options"], "The option chosen")
    document.texts(("assumptions",))
    decided, again = document.date(("decided_on",)), document.date(("look_again",))
    if again <= decided:
        raise document.fail(
            "The date to look again comes before the decision.",
            ("look_again",),
            expected=f"a day after {decided}",
            found=again,
        )
    _check_reviews(document, decided)
    _check_numbers(document, here)
    _check_outcome(document)
    return Decision(document)


def _check_reviews(document: Document, decided: dt.date) -> None:
    reviews = document.get(("reviews",)) or []
    if not isinstance(reviews, list):
        raise document.fail("reviews is not a list.", ("reviews",), expected="[{on: …, found: …, next: …}]")
    for n, _ in enumerate(reviews):
        way = ("reviews", n)
        entry = document.keys(way, ("on", "found"), ("next",))
        if (on := document.date((*way, "on"))) < decided:
            raise document.fail(
                "A review comes before the decision.", (*way, "on"), expected=f"after {decided}", found=on
            )
        if "next" in entry and document.date((*way, "next")) <= on:
            raise document.fail(
                "The next look comes before the review.",
                (*way, "next"),
                expected=f"after {on}",
                found=entry["next"],
            )


def _check_numbers(document: Document, here: Project) -> None:
    from commissioning.numbers import headlines

    known, retired = headlines.register(here), headlines.retired(here)
    numbers = document.get(("numbers",))
    if not isinstance(numbers, list):
        raise document.fail("numbers is not a list.", ("numbers",), expected="a list of numbers")
    for n, _ in enumerate(numbers):
        way = ("numbers", n)
        entry = document.keys(way, ("id", *FROZEN))
        if (name := str(entry["id"]).partition("@")[0]) in retired:
            raise document.fail(
                "A number's id was retired.",
                (*way, "id"),
                found=f"{entry['id']}: {retired[name]['retired']}",
                todo="name the number that took its place, with its value then, or strike it from the list",
            )
        if name not in known:
            document.one_of((*way, "id"), known, "A number's id")


def _check_outcome(document: Document) -> None:
    way = ("outcome",)
    entry = document.keys(
        way, ("measure", "area", "year", "value", "group", "edition", "build"), ("low", "high", "broken")
    )
    for key in ("value", "low", "high"):
        number = entry.get(key, 0)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise document.fail(
                "The outcome's frozen figure is not a number.",
                (*way, key),
                expected="a number",
                found=number,
            )
    if ("low" in entry) != ("high" in entry):
        raise document.fail("An interval has two ends.", way, expected="both low and high, or neither")
    series.financial_year(str(entry["year"]))


def overdue(decisions: Iterable[Decision], on: dt.date) -> list[Decision]:
    """Decisions that should have been looked at again before `on`. An example is never due."""
    return [one for one in decisions if one.due and one.due < on and not one.is_example]


def check(decisions: Iterable[Decision], db: duckdb.DuckDBPyConnection) -> None:
    """Raise `PracticeError` for a decision whose outcome measure is gone or has broken, unless it says so."""
    for decision in decisions:
        outcome = decision.content["outcome"]
        if outcome["measure"] not in series.measures(db):
            raise decision.document.fail(
                "The outcome measure is no longer published.",
                ("outcome", "measure"),
                found=outcome["measure"],
                todo="name another measure with its value then",
            )
        if (breaks := _breaks(_rows(db, outcome), outcome)) and not outcome.get("broken"):
            raise decision.document.fail(
                "The outcome measure of a decision has broken.",
                ("outcome", "measure"),
                found="; ".join(breaks),
                todo="name another measure with its value then, or add `broken:` with a word on it below "
                "outcome: the review then says what can no longer be told",
            )


# Looking again


def review(decision: Decision, here: Project) -> Review:
    """Each number of a decision then and now, and its outcome measure."""
    from commissioning.marts import seals
    from commissioning.numbers import trace

    numbers = []
    for entry in decision.content["numbers"]:
        _, council, about = trace.look_up(here, entry["id"])
        label = f"{about['label']}, {council}" if council else about["label"]
        try:
            now = frozen(here, entry["id"])
        except PracticeError as missing:
            now = {"text": "not available", "value": None, "edition": str(missing.found)}
        source = f"{entry['edition']}, build {entry['build']}"
        numbers.append(Then(entry["id"], label, source, entry["text"], now["text"], _revised(entry, now)))
    with seals.open_database(here) as db:
        return Review(decision, tuple(numbers), _outcome(decision.content["outcome"], db))


def _revised(entry: dict, now: dict) -> str:
    if now["value"] is None:
        return "It is no longer published."
    if now["value"] == entry["value"]:
        return "It stands as it was."
    if now["edition"] == entry["edition"]:
        return "It was corrected: the same edition is read differently now."
    return f"It was revised: {now['edition']}."


def _rows(db: duckdb.DuckDBPyConnection, outcome: dict) -> dict[str, series.Figure]:
    rows = _figures(db, outcome["area"], outcome["measure"]).figures.get(outcome["area"], {})
    return {year: figure for year, figure in sorted(rows.items()) if figure.value is not None}


def _breaks(rows: dict[str, series.Figure], outcome: dict) -> tuple[str, ...]:
    """Breaks in comparability since the frozen year: years whose figures are of another stretch."""
    first: dict[str, str] = {}
    for year, figure in rows.items():
        if year >= outcome["year"] and figure.group != outcome["group"]:
            first.setdefault(figure.group, year)
    found = tuple(f"from {year} {group} and not {outcome['group']}" for group, year in first.items())
    # A stretch of its own in between, such as a voluntary year, breaks nothing once the old one goes on.
    last = max(rows, default="")
    return found if last and rows[last].group != outcome["group"] else ()


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


def _outcome(outcome: dict, db: duckdb.DuckDBPyConnection) -> Outcome:
    held = _figures(db, outcome["area"], outcome["measure"])
    rows = _rows(db, outcome)
    like = {year: figure for year, figure in rows.items() if figure.group == outcome["group"]}
    breaks = list(_breaks(rows, outcome))
    said: list[str] = []
    before = like.get(outcome["year"])
    if before and before.value != outcome["value"]:
        said.append(f"The figure of {outcome['year']} was revised to {before.value:g} ({before.edition}).")
    then = _with_interval(outcome["value"], outcome.get("low"), outcome.get("high"), outcome["year"])
    later = max((year for year in like if year > outcome["year"]), default=None)
    if later is None:
        reason = (
            "later years are not comparable with it" if breaks else "no figure of a later year is published"
        )
        said.append(f"It cannot be told: {reason}.")
        return Outcome(
            outcome["measure"], outcome["area"], held.unit, then, "not available",
            "cannot be told", None, tuple(breaks), tuple(said),
        )  # fmt: skip
    moved = _transfers(db, outcome, later)
    now = like[later]
    change, larger = now.value - outcome["value"], None
    sizes = (outcome.get("low"), outcome.get("high"), now.low, now.high)
    told = _signed(change)
    if moved:
        said.append("It cannot be told: a responsibility moved in between.")
    elif None in sizes:
        said.append("It cannot be told: the publisher gives no interval for one of the two years.")
    else:
        # Two surveys of different people: the half-widths of their intervals add up as squares.
        half = (((sizes[1] - sizes[0]) / 2) ** 2 + ((sizes[3] - sizes[2]) / 2) ** 2) ** 0.5
        larger = abs(change) > half
        told = f"{_signed(change)} (interval {_signed(change - half)} to {_signed(change + half)})"
        said.append(
            "The change is larger than noise. That is not yet what the decision did."
            if larger
            else "The change is not larger than noise: the two figures could differ by chance alone."
        )
    if outcome["area"] != "england":
        said.append(
            "Beside other councils: commissioning compare-path "
            f"{outcome['area']} {outcome['measure']} --from YEAR."
        )
    return Outcome(
        outcome["measure"], outcome["area"], held.unit, then,
        _with_interval(now.value, now.low, now.high, later), told, larger, (*breaks, *moved), tuple(said),
    )  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−")


def _with_interval(value: float, low: float | None, high: float | None, year: str) -> str:
    interval = "no interval" if low is None or high is None else f"{low:.3g} to {high:.3g}"
    return f"{value:.3g} ({interval}), {year}"


# Report


def report(reviews: Sequence[Review], on: dt.date) -> str:
    """The review of a log in Markdown."""
    from commissioning.practice.pages import table

    parts = []
    for one in reviews:
        content, outcome = one.decision.content, one.outcome
        parts.append(f"## {one.decision.name}\n")
        parts.append(table([{"what": key, "said": text} for key, text in facts(one.decision, on)], HEADS))
        if one.numbers:
            numbers = [vars(number) for number in one.numbers]
            heads = {
                "label": "Number",
                "then": "Then",
                "now": "Now",
                "said": "Since",
                "frozen_from": "Frozen from",
            }
            parts += ["### Numbers it rested on\n", table(numbers, heads)]
        rows = [("Measure", f"{outcome.measure}, {outcome.area}, {outcome.unit}")]
        rows += [("Then", outcome.then), ("Now", outcome.now), ("Change", outcome.change)]
        rows += [("Breaks since", "; ".join(outcome.breaks) or "none")]
        rows += [("What can be said", " ".join(outcome.said))]
        if content["outcome"].get("broken"):
            rows.append(("Noted on the break", content["outcome"]["broken"]))
        parts += ["### Its outcome measure\n", table([{"what": k, "said": v} for k, v in rows], HEADS)]
    return "\n".join(parts)


HEADS = {"what": "", "said": " "}


def facts(decision: Decision, on: dt.date) -> list[tuple[str, str]]:
    content = decision.content
    rows = [("Example", "Made up: nobody took this decision")] if decision.is_example else []
    late = decision.due and decision.due < on and not decision.is_example
    again = f"{decision.due}{' (past its date)' if late else ''}" if decision.due else "no further look"
    rows += [
        ("Decision", content["title"]),
        ("Decided", f"{content['decided_on']}, {content['body']}"),
        ("Stage of the cycle", content["stage"]),
        ("Options", ", ".join(content["options"])),
        ("Chosen", content["chosen"]),
        ("Assumed", " ".join(content.get("assumptions") or []) or "nothing noted"),
        ("Look again", again),
    ]
    return rows + [(f"Looked on {one['on']}", one["found"]) for one in content.get("reviews") or []]


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
        said = " ".join((*outcome.breaks, *outcome.said))
        then = one.decision.content["outcome"]
        source = f"{then['edition']}, build {then['build']}"
        found.append(
            (one.decision.name, "outcome", outcome.measure, outcome.then, outcome.now, larger, said, source)
        )
    return found
