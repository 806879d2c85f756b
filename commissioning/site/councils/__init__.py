"""A page for each council, past and present: `reports/councils/<council_id>.qmd`, plain pages without cells.

`write` generates them, and the files beside them, from the published marts; the renderer makes pages of them
as of any other `.qmd`. They are built, never committed.
"""

from __future__ import annotations

from pathlib import Path

from commissioning import __version__
from commissioning.base.files import write_all
from commissioning.base.paths import Project
from commissioning.marts import publish
from commissioning.numbers import headlines
from commissioning.site.councils import data, downloads, index, page, profile

FOLDER = "councils"


def write(project: Project) -> int:
    """Write every council's page and its rows as CSV, the index and what its scripts read; how many councils.

    A file is touched only where its text changed. Pages of councils that are no more in `dim_council` go.
    """
    everything = data.load(project)
    folder, site = project.reports / FOLDER, project.site / FOLDER
    build = (publish.published_build(project) or {}).get("build_id")
    made_by = f"commissioning-evidence {__version__}, data build {build}"
    texts: dict[Path, str] = {}
    for council in everything.councils.values():
        numbers = headlines.read(project, council.id)
        texts[folder / f"{council.id}.qmd"] = page.text(council, everything, numbers)
        beside = downloads.texts(council, f"{FOLDER}/{council.id}.html", made_by)
        texts |= {site / "data" / name: text for name, text in beside.items()}
    texts[folder / "index.qmd"] = index.text(everything, project)
    texts[site / "councils.js"] = index.script_data(everything)
    profile.write(everything, project, made_by)
    write_all(texts, [*folder.glob("*.qmd"), *(site / "data").glob("*.csv*")])
    return len(everything.councils)
