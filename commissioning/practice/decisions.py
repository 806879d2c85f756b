"""A team's log of decisions: one YAML file for each, in the folder `decisions/` of the workspace.

`new` freezes the numbers that a decision rested on, and the outcome measure as it stood. `read` refuses what
is malformed and an id that was retired. `overdue` lists decisions past their date, and `past_its_date` names
one with file and line. `holding` sets what is frozen against what is published, `reviews` then against now.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commissioning.base.dates import today
from commissioning.base.errors import PracticeError
from commissioning.base.paths import Project
from commissioning.practice import documents, series
from commissioning.practice.documents import Document, Faults
from commissioning.practice.figures import plain
from commissioning.practice.thresholds import threshold
from commissioning.site.formats import day

if TYPE_CHECKING:
    import duckdb

OPTIONS = (
    "spot", "block", "framework", "grant", "individual_service_funds", "direct_payments", "in_house", "stop",
)  # fmt: skip
STAGES = {
    "assess": "Assess", "plan": "Plan", "design": "Design", "shape": "Shape the market", "procure": "Procure",
    "deliver": "Deliver", "review": "Review", "decommission": "Decommission",
}  # fmt: skip
"""Stages of the commissioning cycle, elements of the framework `commissioning_cycle`."""
NEEDS = (
    "decision", "title", "decided_on", "body", "stage", "options", "chosen", "numbers", "outcome",
    "look_again",
)  # fmt: skip
SUFFIX = ".yml"
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
    """Write a decision with its numbers frozen. Returns its file."""
    from commissioning.marts import seals

    build = seals.check(here, every_file=False)["build_id"]
    # Headlines lock the database's settings, so the marts are opened after them.
    held = [{"id": name, **frozen(here, name), "build": build} for name in numbers]
    with seals.open_database(here) as db:
        then = _frozen_outcome(db, area, measure, year, decided_on)
    content = {
        "decision": name,
        "title": title,
        **({"example": True} if example else {}),
        "decided_on": decided_on,
        "written_on": today(),
        "body": body,
        "stage": stage,
        "options": list(options),
        "chosen": chosen,
        "assumptions": list(assumptions),
        "numbers": held,
        "outcome": {**then, "build": build},
        "look_again": look_again,
    }
    file = folder / f"{name}{SUFFIX}"
    # Held against the rules before there is a file: an error then points to no file that is not there.
    sound(Document(None, content, {}), here)
    documents.write(file, content, ABOUT)
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


def _frozen_outcome(
    db: duckdb.DuckDBPyConnection, area: str, measure: str, year: str | None, decided_on: dt.date
) -> dict[str, Any]:
    """The outcome of the year named, or of the last one that had ended when the decision was taken."""
    area = series.area_id(db, area)
    if gone := series.ended(db, area, decided_on):
        raise PracticeError(
            "The council had ended when the decision was taken.",
            where="--area",
            expected=" or ".join(gone) or "a council that there was",
            found=area,
            todo="name a council that took its place, or another day with --decided-on",
        )
    if year:
        series.financial_year(year)
    rows = figures_of(db, area, measure)
    held = sorted(year for year, figure in rows.items() if figure.value is not None)
    ended = [one for one in held if _ended(one, decided_on)]
    if not (ended or year) or (year and year not in held):
        raise PracticeError(
            "The outcome measure has no such figure for this area.",
            where=f"{measure}, {area}",
            expected=", ".join(held if year else ended)
            or f"a year that ended before {decided_on}, or a measure that is published for it",
            found=year or f"no year that had ended by {decided_on}",
            todo=f"`{series.LISTED}` lists every measure with its years",
        )
    year = year or ended[-1]
    figure = rows[year]
    found = {
        "measure": measure,
        "area": area,
        "year": year,
        "value": plain(figure.value),
        "group": figure.group,
        "edition": figure.edition,
    }
    return found | ({"low": figure.low, "high": figure.high} if figure.low is not None else {})


def _ended(year: str, on: dt.date) -> bool:
    """Whether a financial year was over on a day."""
    return dt.date(int(year[:4]) + 1, 3, 31) < on


# Reading


def read_all(
    folder: Path, here: Project, names: Collection[str] = (), faults: Faults | None = None
) -> list[Decision]:
    """Every decision of a log or those named, the oldest first. Raises `PracticeError` for what is malformed,
    every fault of every file at once, or adds it to `faults`."""
    found, all_faults = [], Faults() if faults is None else faults
    for file in files(folder):
        if not names or file.stem in names:
            with all_faults.kept():
                found.append(read(file, here))
    if faults is None:
        all_faults.tell()
    return sorted(found, key=lambda one: (one.content["decided_on"], one.name))


def files(folder: Path) -> list[Path]:
    """The files of a log, those among them that end in another way: they are named, not passed over."""
    if folder.exists() and not folder.is_dir():
        raise PracticeError(
            "The folder of decisions is a file.",
            file=folder,
            expected="a folder with a file for each decision",
            todo="move the file away: `commissioning decide new` makes the folder",
        )
    return sorted(
        file
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.suffix.lower() in (SUFFIX, ".yaml")
    )


def read(file: Path, here: Project) -> Decision:
    """A decision. Raises `PracticeError` with file and line for what is not as it should be."""
    if file.suffix != SUFFIX:
        raise PracticeError(
            "A decision's file has another ending.",
            file=file,
            where="its name",
            expected=f"{file.stem}{SUFFIX}",
            found=file.name,
            todo="rename it, or move it out of the folder",
        )
    return sound(documents.read(file, "A decision"), here)


def sound(document: Document, here: Project) -> Decision:
    """The decision of a document. Raises `PracticeError` for all that is not as it should be."""
    faults = Faults()
    with faults.kept():
        document.keys((), NEEDS, ("example", "written_on", "assumptions", "reviews"))
    checks: list[tuple[Callable, tuple[str, ...]]] = [
        (_check_head, ()),
        (_check_options, ("options",)),
        (_check_dates, ("decided_on", "look_again")),
        (_check_written, ("written_on",)),
        (_check_reviews, ("reviews",)),
        (lambda document: _check_numbers(document, here), ("numbers",)),
        (_check_outcome, ("outcome",)),
    ]
    for check_one, needs in checks:
        if document.has(*needs):
            with faults.kept():
                check_one(document)
    faults.tell()
    return Decision(document)


def _check_head(document: Document) -> None:
    content, faults = document.content, Faults()
    with faults.kept():
        if document.file and document.has("decision") and content["decision"] != document.file.stem:
            raise document.fail(
                "A decision's id is not the name of its file.",
                ("decision",),
                expected=document.file.stem,
                found=content["decision"],
            )
    with faults.kept():
        document.are_texts((), ("title", "body"))
    with faults.kept():
        if not isinstance(content.get("example", False), bool):
            raise document.fail(
                "example is true or left out.", ("example",), expected="true", found=content["example"]
            )
    with faults.kept():
        if document.has("stage"):
            document.one_of(("stage",), STAGES, "The stage of the cycle")
    with faults.kept():
        document.texts(("assumptions",))
    faults.tell()


def _check_options(document: Document) -> None:
    faults = Faults()
    options, listed = document.texts(("options",)), isinstance(document.get(("options",)), list)
    for n, _ in enumerate(options):
        with faults.kept():
            way = ("options", n) if listed else ("options",)
            option = document.one_of(way, OPTIONS, "An option")
            if option in options[:n]:
                raise document.fail("An option is there twice.", way, expected="each once", found=option)
    with faults.kept():
        if document.has("chosen"):
            document.one_of(("chosen",), options, "The option chosen")
    faults.tell()


def _check_dates(document: Document) -> None:
    faults = Faults()
    with faults.kept():
        document.past(("decided_on",))
    with faults.kept():
        decided, again = _day(document, ("decided_on",)), document.date(("look_again",))
        if decided and again <= decided:
            raise document.fail(
                "The date to look again comes before the decision.",
                ("look_again",),
                expected=f"a day after {decided}",
                found=again,
            )
        _check_near(document, ("look_again",))
    faults.tell()


def _check_written(document: Document) -> None:
    written, decided = document.past(("written_on",)), _day(document, ("decided_on",))
    if decided and written < decided:
        raise document.fail(
            "A decision was written down before it was taken.",
            ("written_on",),
            expected=f"{day(decided)} or later",
            found=day(written),
        )


def _day(document: Document, way: documents.Way) -> dt.date | None:
    """The date at `way`, if one is there: what is none is told where it is checked."""
    found = document.get(way)
    return found if isinstance(found, dt.date) and not isinstance(found, dt.datetime) else None


def _check_near(document: Document, way: documents.Way) -> None:
    """Refuse a date to look again on which nobody will look."""
    again, most = document.date(way), int(threshold("look_again_within"))
    if again.year > today().year + most:
        raise document.fail(
            "The date to look again is too far away for anybody to look.",
            way,
            expected=f"a day within {most} years",
            found=again,
        )


def _check_reviews(document: Document) -> None:
    reviews, faults = document.get(("reviews",)), Faults()
    if not isinstance(reviews, list):
        raise document.fail("reviews is not a list.", ("reviews",), expected="[{on: …, found: …, next: …}]")
    for n, _ in enumerate(reviews):
        with faults.kept():
            _check_one_review(document, ("reviews", n))
    faults.tell()


def _check_one_review(document: Document, way: documents.Way) -> None:
    entry = document.keys(way, ("on", "found"), ("next",))
    document.are_texts(way, ("found",))
    on, decided = document.past((*way, "on")), _day(document, ("decided_on",))
    if decided and on < decided:
        raise document.fail(
            "A review comes before the decision.", (*way, "on"), expected=f"after {decided}", found=on
        )
    # The last review says when to look again: were it an older one, a decision would seem to be in time.
    before = _day(document, (*way[:-1], way[-1] - 1, "on")) if way[-1] else None
    if before and on < before:
        raise document.fail(
            "Reviews are out of order.",
            (*way, "on"),
            expected=f"the oldest first: {day(before)} or later",
            found=day(on),
        )
    if "next" in entry:
        if document.date((*way, "next")) <= on:
            raise document.fail(
                "The next look comes before the review.",
                (*way, "next"),
                expected=f"after {on}",
                found=entry["next"],
            )
        _check_near(document, (*way, "next"))


def _check_numbers(document: Document, here: Project) -> None:
    from commissioning.numbers import headlines, trace

    known, retired, faults = headlines.register(here), headlines.retired(here), Faults()
    numbers = document.get(("numbers",))
    if not isinstance(numbers, list):
        raise document.fail(
            "numbers is not a list.", ("numbers",), expected="a list of numbers", found=numbers
        )
    named: list[str] = []
    for n, _ in enumerate(numbers):
        way = ("numbers", n)
        with faults.kept():
            document.keys(way, ("id", *FROZEN))
            document.are_texts(way, ("text", "build", "edition"))
        whole = str(document.get((*way, "id")))
        name = whole.partition("@")[0]
        with faults.kept():
            if whole in named:
                raise document.fail(
                    "A number is there twice.", (*way, "id"), expected="each number once", found=whole
                )
            named.append(whole)
            if name in retired:
                about = trace.retirement(retired[name], name, known)
                raise document.fail("A number's id was retired.", (*way, "id"), **about)
            if name not in known:
                document.one_of((*way, "id"), known, "A number's id", "commissioning trace --list")
            _check_year(document, (*way, "id"), known[name]["label"])
    faults.tell()


def _check_year(document: Document, way: documents.Way, label: str) -> None:
    """Refuse a number of a year that had not ended: nobody can have rested a decision on it."""
    decided = _day(document, ("decided_on",))
    # The year of its prices is none that it is of.
    years = re.findall(r"\b\d{4}-\d\d\b(?! prices)", label)
    if decided and years and not _ended(max(years), decided):
        raise document.fail(
            "The year of a number had not ended when the decision was taken.",
            way,
            expected=f"a number of a year that ended before {day(decided)}",
            found=label,
        )


def _check_outcome(document: Document) -> None:
    way, faults = ("outcome",), Faults()
    entry = document.keys(
        way, ("measure", "area", "year", "value", "group", "edition", "build"), ("low", "high", "broken")
    )
    with faults.kept():
        document.are_texts(way, ("measure", "area", "year", "group", "edition", "build", "broken"))
    for key in ("value", "low", "high"):
        number = entry.get(key, 0)
        if isinstance(number, bool) or not isinstance(number, int | float):
            faults.found.append(
                document.fail(
                    "The outcome's frozen figure is not a number.",
                    (*way, key),
                    expected="a number",
                    found=documents.no_number(number),
                )
            )
    if ("low" in entry) != ("high" in entry):
        faults.found.append(
            document.fail("An interval has two ends.", way, expected="both low and high, or neither")
        )
    with faults.kept():
        with document.at((*way, "year")):
            series.financial_year(str(entry["year"]))
        # Of a year to come nothing can have been known, and a later figure leaves nothing to look at again.
        if (decided := _day(document, ("decided_on",))) and not _ended(str(entry["year"]), decided):
            raise document.fail(
                "The year of the outcome had not ended when the decision was taken.",
                (*way, "year"),
                expected=f"a year that ended before {day(decided)}",
                found=entry["year"],
            )
    faults.tell()


def overdue(decisions: Iterable[Decision], on: dt.date) -> list[Decision]:
    """Decisions that should have been looked at again before `on`. An example is never due."""
    return [one for one in decisions if one.due and one.due < on and not one.is_example]


def past_its_date(decision: Decision, on: dt.date) -> PracticeError:
    """The error that names a decision which is overdue `on` a day, at the line of its date."""
    reviews = decision.content.get("reviews") or []
    return decision.document.fail(
        "A decision is past the date to look at it again.",
        ("reviews", len(reviews) - 1, "next") if reviews else ("look_again",),
        expected=f"looked at again before {day(on)}",
        found=day(decision.due),
        todo="run `commissioning decide review`, then add what was found under `reviews` in the file",
    )


def figures_of(db: duckdb.DuckDBPyConnection, area: str, measure: str) -> dict[str, series.Figure]:
    """What is published of a measure for an area, by year."""
    held = series.load(db, measure, "england" if area == "england" else "council")
    return {year: one for year, one in sorted(held.figures.get(area, {}).items()) if one.value is not None}
