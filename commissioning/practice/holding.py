"""What a decision has frozen, held against the register and the published marts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from commissioning.base.errors import PracticeError
from commissioning.base.paths import Project
from commissioning.practice import decisions, series
from commissioning.practice.decisions import Decision
from commissioning.practice.documents import Document, Faults, Way

if TYPE_CHECKING:
    import duckdb


def check(log: Iterable[Decision], here: Project) -> None:
    """Raise `PracticeError` for every number or outcome that cannot have been as it is frozen, and for a
    measure that is gone or has broken, unless its decision says so."""
    from commissioning.marts import seals

    log, faults = list(log), Faults()
    build = seals.check(here, every_file=False)["build_id"]
    # Headlines lock the database's settings, so the marts are opened after them.
    for decision in log:
        for n, _ in enumerate(decision.content["numbers"]):
            with faults.kept():
                _check_number(decision.document, ("numbers", n), here, build)
    with seals.open_database(here) as db:
        for decision in log:
            with faults.kept():
                check_outcome(decision.document, db, build)
    faults.tell()


def _check_number(document: Document, way: Way, here: Project, build: str) -> None:
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
    # Of an older build nobody can say what it gave. A review tells what has changed since.
    if entry["build"] == build:
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
    elif entry["build"] == build and not entry.get("broken"):
        figure = rows[entry["year"]]
        now = {key: getattr(figure, key) for key in ("value", "group", "edition", "low", "high")}
        with faults.kept():
            _compare(document, way, entry, now)
    if (since := breaks(rows, entry)) and not entry.get("broken"):
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
