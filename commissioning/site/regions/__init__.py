"""A page for each region of England: `reports/regions/<region_id>.qmd`, plain pages without cells.

`write` generates them, and the files beside them, from the published marts; the renderer makes pages of them
as of any other `.qmd`. They are built, never committed.
"""

from __future__ import annotations

from pathlib import Path

from commissioning import __version__
from commissioning.base.files import write_all
from commissioning.base.paths import Project
from commissioning.marts import publish
from commissioning.site.regions import data, downloads, page

FOLDER = "regions"


def write(project: Project) -> int:
    """Write every region's page and its rows as CSV; how many regions.

    A file is touched only where its text changed. Pages of regions that are no more in `dim_council` go.
    """
    everything = data.load(project)
    folder, site = project.reports / FOLDER, project.site / FOLDER
    build = (publish.published_build(project) or {}).get("build_id")
    made_by = f"commissioning-evidence {__version__}, data build {build}"
    texts: dict[Path, str] = {}
    for region in everything.regions.values():
        texts[folder / f"{region.id}.qmd"] = page.text(region, everything)
        beside = downloads.texts(region, f"{FOLDER}/{region.id}.html", made_by)
        texts |= {site / "data" / name: text for name, text in beside.items()}
    write_all(texts, [*folder.glob("*.qmd"), *(site / "data").glob("*.csv*")])
    return len(everything.regions)
