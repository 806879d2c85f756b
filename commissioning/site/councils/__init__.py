"""A page for each council, past and present: `reports/councils/<council_id>.qmd`, plain pages without cells.

`write` generates them, and the files beside them, from the published marts; the renderer makes pages of them
as of any other `.qmd`. They are built, never committed.
"""

from __future__ import annotations

from pathlib import Path

from commissioning import __version__
from commissioning.base import csvs
from commissioning.base.files import replace_changed
from commissioning.base.paths import Project
from commissioning.marts import publish
from commissioning.numbers import headlines
from commissioning.site.councils import data, index, page

FOLDER = "councils"

TITLES = {
    "direct-payments": (
        "shares",
        "Direct payments and their share of spending, against peers, region and England",
    ),
    "spending": ("spend", "Gross current expenditure by setting, basis C"),
    "outcomes": ("outcomes", "Adult Social Care Outcomes Framework"),
    "people": ("people", "People with long-term support by how it is delivered"),
    "ledger": (
        "ledger",
        "Payments for adult social care by route, as far as the council's ledger shows them",
    ),
    "gaps": ("gaps", "What is missing and why"),
}
SOURCES = {
    "shares": "PSS EX1 and ASC-FR; GDP deflator, HM Treasury; population, ONS (mart_direct_payment_share, "
    "mart_direct_payment_comparison)",
    "spend": "ASC-FR (mart_social_care_spend)",
    "outcomes": "ASCOF (mart_council_outcomes)",
    "people": "ASC-FR and SALT, table 38 (mart_people_by_mechanism)",
    "ledger": "The council's published payments (mart_ledger_spend_by_route)",
    "gaps": "mart_gaps",
}


def write(project: Project) -> int:
    """Write every council's page and its rows as CSV, the index and what its scripts read; how many councils.

    A file is touched only where its text changed. Pages of councils that are no more in `dim_council` go.
    """
    everything = data.load(project)
    folder, beside = project.reports / FOLDER, project.site / FOLDER / "data"
    build_id = (publish.published_build(project) or {}).get("build_id")
    texts: dict[Path, str] = {}
    for council in everything.councils.values():
        numbers = headlines.read(project, council.id)
        texts[folder / f"{council.id}.qmd"] = page.text(council, everything, numbers)
        for name, (rows, title) in TITLES.items():
            records = getattr(council, rows)
            if records:
                file, address = f"{council.id}-{name}.csv", f"{FOLDER}/{council.id}.html"
                made_by = f"commissioning-evidence {__version__}, data build {build_id}"
                about = {
                    "Title": f"{title}: {council.name}",
                    "Source": SOURCES[rows],
                    "Address": address,
                    "Made by": made_by,
                    "Licence": "that of the publishers named; see sources.html and LICENSE-DATA.md",
                }
                columns = list(records[0])
                cited = f"{SOURCES[rows].partition(' (mart_')[0]}. In: {made_by}, {address}"
                texts[beside / file] = csvs.csv_text(records, columns, cited)
                texts[beside / f"{file}{csvs.ABOUT}"] = csvs.about_text(file, columns, about)
    texts[folder / "index.qmd"] = index.text(everything, project)
    texts[project.site / FOLDER / "councils.js"] = index.script_data(everything)
    for file, text in texts.items():
        replace_changed(file, text, durable=False)
    for file in {*folder.glob("*.qmd"), *beside.glob("*.csv*")} - set(texts):
        file.unlink()
        (project.site / FOLDER / f"{file.stem}.html").unlink(missing_ok=True)
    return len(everything.councils)
