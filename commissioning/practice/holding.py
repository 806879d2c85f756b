"""What a decision has frozen, held against the register and the published marts."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning.base.errors import PracticeError
from commissioning.base.paths import Project
from commissioning.practice import decisions, series
from commissioning.practice.decisions import Decision
from commissioning.practice.documents import Document, Faults, Way

if TYPE_CHECKING:
    import duckdb


Builds = Mapping[str, Mapping[str, str]]
"""What builds said, by their id."""


def check(log: Iterable[Decision], here: Project, faults: Faults) -> list[Decision]:
    """Add to `faults` every number or outcome that cannot have been as it is frozen, and a measure that is
    gone or has broken, unless its decision says so. Returns the decisions without such a fault."""
    from commissioning.marts import seals
    from commissioning.numbers import history

    log, build, builds = list(log), current(here), history.builds(here)
    of = {decision.name: Faults() for decision in log}
    # Headlines lock the database's settings, so the marts are opened after them.
    for decision in log:
        for n, _ in enumerate(decision.content["numbers"]):
            with of[decision.name].kept():
                _check_number(decision.document, ("numbers", n), here, build, builds)
    with seals.open_database(here) as db:
        for decision in log:
            with of[decision.name].kept():
                check_outcome(decision.document, db, build)
    for found in of.values():
        faults.found += found.found
    return [decision for decision in log if not of[decision.name].found]


def current(here: Project) -> str:
    """The id of the build that is published."""
    from commissioning.marts import seals

    return seals.check(here, every_file=False)["build_id"]


def known_builds(here: Project) -> set[str]:
    """Builds that a release or this machine remembers, and that which is published."""
    from commissioning.numbers import history

    return {*history.builds(here), current(here)}


def unknown_builds(document: Document, known: Collection[str]) -> list[str]:
    """A line for each frozen figure whose build nobody here knows: it can be held against nothing."""
    entries = [("numbers", n) for n, _ in enumerate(document.get(("numbers",)))] + [("outcome",)]
    builds = {(*way, "build"): document.get((*way, "build")) for way in entries}
    return [
        f"{document.file}, line {document.lines[way]}: neither a release nor this machine remembers build "
        f"{build}, so nobody can check what is frozen from it"
        for way, build in builds.items()
        if build not in known
    ]


def _check_number(document: Document, way: Way, here: Project, build: str, builds: Builds) -> None:
    from commissioning.numbers import headlines, trace

    entry = document.get(way)
    with document.at((*way, "id")):
        _, _, about = trace.look_up(here, str(entry["id"]))
    try:
        text = headlines.shown(entry["value"], about["format"])
    except (TypeError, ValueError, ArithmeticError):
        raise document.fail(
            "The frozen value is none that this number can have.",
            (*way, "value"),
            expected="a value such as `commissioning trace` shows",
            found=entry["value"],
        ) from None
    if text != entry["text"]:
        raise document.fail(
            "The frozen text is not how the frozen value is written.",
            (*way, "text"),
            expected=text,
            found=entry["text"],
        )
    # An older build is held against what is remembered of it, if anything is.
    if entry["build"] != build:
        remembered = builds.get(entry["build"], {}).get(entry["id"], entry["text"])
        _compare(document, way, entry, {"text": remembered})
    else:
        with document.at((*way, "id")):
            now = decisions.frozen(here, entry["id"])
        _compare(document, way, entry, {key: now[key] for key in ("value", "edition")})


def _compare(document: Document, way: Way, entry: dict, now: dict) -> None:
    faults = Faults()
    for key, value in now.items():
        if not same(entry.get(key), value):
            faults.found.append(
                document.fail(
                    "What is frozen is not what the build that it names gives.",
                    (*way, key),
                    expected=f"{key}: {value}",
                    found=entry.get(key),
                    todo="put back what stood there: only what was true on the day is evidence",
                )
            )
    faults.tell()


def same(frozen: object, value: object) -> bool:
    if isinstance(frozen, int | float) and isinstance(value, int | float):
        return math.isclose(frozen, value, rel_tol=1e-9, abs_tol=1e-12)
    return frozen == value


def check_outcome(document: Document, db: duckdb.DuckDBPyConnection, build: str) -> None:
    """Hold the frozen outcome against the marts."""
    way, entry = ("outcome",), document.get(("outcome",))
    if entry["measure"] not in series.measures(db):
        raise document.fail(
            "The outcome measure is no longer published.",
            (*way, "measure"),
            found=entry["measure"],
            todo=f"name another measure with its value then; `{series.LISTED}` lists them all",
        )
    with document.at((*way, "area")):
        if (known := series.area_id(db, str(entry["area"]))) != entry["area"]:
            raise PracticeError("An area has its id here and not its name.", expected=known)
    rows = decisions.figures_of(db, entry["area"], entry["measure"])
    faults = Faults()
    if not entry.get("low", entry["value"]) <= entry["value"] <= entry.get("high", entry["value"]):
        faults.found.append(
            document.fail(
                "The frozen value lies outside its own interval.",
                (*way, "value"),
                expected=f"{entry['low']} to {entry['high']}",
                found=entry["value"],
            )
        )
    if entry["year"] not in rows:
        faults.found.append(
            document.fail(
                "The outcome measure has no such figure for this area.",
                (*way, "year"),
                expected=", ".join(rows) or "a measure that is published for this area",
                found=entry["year"],
            )
        )
    elif entry["build"] == build:
        figure = rows[entry["year"]]
        now = {key: getattr(figure, key) for key in ("value", "group", "edition", "low", "high")}
        with faults.kept():
            _compare(document, way, entry, now)
    since = breaks(rows, entry)
    if entry.get("broken") and not since:
        faults.found.append(
            document.fail(
                "The outcome measure of a decision has not broken.",
                (*way, "broken"),
                expected="no key `broken`: every figure since is comparable",
                found=entry["broken"],
                todo="take the line out",
            )
        )
    if since and not entry.get("broken"):
        faults.found.append(
            document.fail(
                "The outcome measure of a decision has broken.",
                (*way, "measure"),
                found="; ".join(since),
                todo="name another measure with its value then, or add `broken:` with a word on it below "
                "outcome: the review then says what can no longer be told",
            )
        )
    faults.tell()


def broken_since(file: Path, here: Project) -> tuple[str, ...]:
    """Breaks of a decision's outcome measure since its frozen year, where no word on them stands there."""
    from commissioning.marts import seals

    outcome = decisions.read(file, here).content["outcome"]
    with seals.open_database(here) as db:
        rows = decisions.figures_of(db, outcome["area"], outcome["measure"])
    return () if outcome.get("broken") else breaks(rows, outcome)


def breaks(rows: dict[str, series.Figure], outcome: dict) -> tuple[str, ...]:
    """Breaks in comparability since the frozen year: years whose figures are of another stretch."""
    first: dict[str, str] = {}
    for year, figure in rows.items():
        if year >= outcome["year"] and figure.group != outcome["group"]:
            first.setdefault(figure.group, year)
    found = tuple(f"from {year} {group} and not {outcome['group']}" for group, year in first.items())
    # A stretch of its own in between, such as a voluntary year, breaks nothing once the old one goes on.
    last = max(rows, default="")
    return found if last and rows[last].group != outcome["group"] else ()
