"""A page for each council, past and present: `reports/councils/<council_id>.qmd`, plain pages without cells.

`write` generates them, and the files beside them, from the published marts; the renderer makes pages of them
as of any other `.qmd`. They are built, never committed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from commissioning import __version__
from commissioning.base.files import write_all
from commissioning.base.paths import Project
from commissioning.base.workers import share_out
from commissioning.marts import publish, seals
from commissioning.numbers import headlines
from commissioning.site.councils import data, downloads, index, page, profile
from commissioning.site.councils.data import Everything

FOLDER = "councils"
_load = cache(data.load)


def write(project: Project) -> int:
    """Write every council's page and its rows as CSV, the profiles to print, the index and what its scripts
    read; how many councils.

    A file is touched only where its text changed. Pages of councils that are no more in `dim_council` go.
    """
    with seals.open_database(project) as db:
        councils = [i for (i,) in db.execute("select council_id from dim_council order by 1").fetchall()]
    build = (publish.published_build(project) or {}).get("build_id")
    made_by = f"commissioning-evidence {__version__}, data build {build}"
    # The profiles take longest. Of four shares of the councils each process takes what it has time for.
    jobs = [(project, _write_profiles, made_by), (project, _write_lists, made_by)]
    jobs += [(project, _write_some, made_by, councils[n::4]) for n in range(4)]
    written = set(share_out(_in_a_process, jobs, imports=["commissioning.site.councils"]))
    folder, site = project.reports / FOLDER, project.site / FOLDER
    for leftover in {*folder.glob("*.qmd"), *(site / "data").glob("*.csv*")} - written:
        leftover.unlink()
    return len(councils)


def _in_a_process(project: Project, write: Callable[..., list[Path]], *asked: object) -> list[Path]:
    """What `write` wrote. A process reads the marts once, however many parts it takes."""
    return write(project, _load(project), *asked)


def _write_some(project: Project, everything: Everything, made_by: str, councils: list[str]) -> list[Path]:
    folder, site = project.reports / FOLDER, project.site / FOLDER
    texts: dict[Path, str] = {}
    for name in councils:
        council = everything.councils[name]
        texts[folder / f"{name}.qmd"] = page.text(council, everything, headlines.read(project, name))
        beside = downloads.texts(council, f"{FOLDER}/{name}.html", made_by)
        texts |= {site / "data" / name: text for name, text in beside.items()}
    write_all(texts, [])
    return list(texts)


def _write_lists(project: Project, everything: Everything, made_by: str) -> list[Path]:
    texts = {
        project.reports / FOLDER / "index.qmd": index.text(everything, project),
        project.site / FOLDER / "councils.js": index.script_data(everything),
    }
    write_all(texts, [])
    return list(texts)


def _write_profiles(project: Project, everything: Everything, made_by: str) -> list[Path]:
    profile.write(everything, project, made_by)
    return []
