"""A page for every number: `reports/numbers/<id>.qmd`, an index of them, and one of alternatives by kind.

They are made from the register, the published marts and the source cells before the site is rendered, and
rewritten only where their text changed. Each has its cells beside it as `<id>.csv`, and what they are in a
file about that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from commissioning.base.csvs import ABOUT
from commissioning.base.files import read_json, replace_changed
from commissioning.base.paths import Project
from commissioning.base.sql import closed
from commissioning.base.workers import share_out
from commissioning.marts import seals
from commissioning.numbers import headlines, history
from commissioning.site import templates
from commissioning.site.numbers import listings
from commissioning.site.numbers.page import Number


def write(project: Project, build: dict, traced: dict[str, dict], stated: dict[str, list]) -> list[Path]:
    """Write the page of every number, the lists of them, and the downloads beside them; the pages, changed or
    not. `traced` is what `cell_store.trace_all` gives, `stated` what `stated.briefs` does."""
    pages = _pages(project, build, traced, stated)
    folder, site = project.reports / "numbers", project.site / "numbers"
    for name, text in pages.items():
        replace_changed(folder / f"{name}.qmd", text, durable=False)
    for name in traced:
        content = (project.work / "numbers" / f"{name}.csv").read_text(encoding="utf-8")
        replace_changed(site / f"{name}.csv", content, durable=False)
        replace_changed(site / f"{name}.csv{ABOUT}", traced[name]["about"], durable=False)
    made = {folder / f"{name}.qmd" for name in pages}
    made |= {site / f"{name}.csv{end}" for name in traced for end in ("", ABOUT)}
    for leftover in {*folder.glob("*.qmd"), *site.glob("*.csv*")} - made:
        leftover.unlink()
    return [folder / f"{name}.qmd" for name in pages]


def _pages(project: Project, build: dict, traced: dict[str, dict], stated: dict[str, list]) -> dict[str, str]:
    """The text of every page by its name."""
    asked, names = (project, build, traced, stated), list(headlines.register(project))
    # Neighbours in the register are alike, so each process takes every other one.
    jobs = [(_lists, *asked, names), (_texts, *asked, names[0::2]), (_texts, *asked, names[1::2])]
    pages = dict(share_out(_of_numbers, jobs, imports=["commissioning.site.numbers"]))
    past = history.versions(project)
    for name, old in headlines.retired(project).items():
        pages[name] = templates.qmd(
            "retired_number.qmd.j2", old=old, past=[(m.what, m.text) for m in past.get(name, [])]
        )
    return pages


def _of_numbers(
    written: Callable[[list[Number]], dict[str, str]],
    project: Project,
    build: dict,
    traced: dict[str, dict],
    stated: dict[str, list],
    names: list[str],
) -> list[tuple[str, str]]:
    """What is `written` of these numbers: texts with the names of their pages."""
    register, figures, past = headlines.register(project), _figures(project), history.versions(project)
    kinds = headlines.kinds(project)
    with seals.open_database(project) as db:
        db.execute("set threads = 1")
        closed(db)
        councils = dict(db.execute("select council_id, council_name from dim_council").fetchall())
        numbers = [
            Number(
                project=project, build=build["build_id"], kinds=kinds, councils=councils, db=db,
                name=name, entry=register[name], figure=figures[name],
                traced=traced.get(name), stated=stated.get(name, []), past=past.get(name, []),
            )
            for name in names
        ]  # fmt: skip
        return list(written(numbers).items())


def _texts(numbers: list[Number]) -> dict[str, str]:
    return {number.name: templates.qmd("number.qmd.j2", **number.view()) for number in numbers}


def _lists(numbers: list[Number]) -> dict[str, str]:
    return {
        "index": templates.qmd("numbers.qmd.j2", **listings.by_theme(numbers)),
        "alternatives": templates.qmd("alternatives.qmd.j2", **listings.by_kind(numbers, numbers[0].kinds)),
    }


def _figures(project: Project) -> dict[str, dict]:
    """What every headline gives: a value and its text or, with a council parameter, such by council."""
    found = dict(headlines.read(project))
    for file in sorted((project.reports / headlines.GENERATED_COUNCILS).glob("*.json")):
        for name, figure in read_json(file).items():
            found.setdefault(name, {})[file.stem] = figure
    return found
