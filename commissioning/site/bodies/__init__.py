"""A page for each body with a ledger in the marts: `reports/bodies/<body>.qmd`, plain pages without cells.

`write` generates them, and the files beside them, from the published marts; the renderer makes pages of them
as of any other `.qmd`. They are built, never committed.
"""

from __future__ import annotations

from pathlib import Path

from commissioning import __version__
from commissioning.base.files import write_all
from commissioning.base.paths import Project
from commissioning.marts import publish
from commissioning.site.bodies import data, downloads, page

FOLDER = "bodies"


def write(project: Project) -> int:
    """Write every body's page and its rows as CSV, and the index; how many bodies.

    A file is touched only where its text changed. Pages of bodies that are no more in `dim_body` go.
    """
    everything = data.load(project)
    folder, site = project.reports / FOLDER, project.site / FOLDER
    build = (publish.published_build(project) or {}).get("build_id")
    made_by = f"commissioning-evidence {__version__}, data build {build}"
    texts: dict[Path, str] = {folder / "index.qmd": page.index(everything)}
    for body in everything.bodies.values():
        texts[folder / f"{body.id}.qmd"] = page.text(body, everything)
        beside = downloads.texts(body, f"{FOLDER}/{body.id}.html", made_by)
        texts |= {site / "data" / name: text for name, text in beside.items()}
    write_all(texts, [*folder.glob("*.qmd"), *(site / "data").glob("*.csv*")])
    return len(everything.bodies)
