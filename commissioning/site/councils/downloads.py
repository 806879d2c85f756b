"""A council's rows as CSV beside its page, each with a file about it."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.base import csvs
from commissioning.site.councils.data import Council

LICENCE = "that of the publishers named; see sources.html and LICENSE-DATA.md"


@dataclass(frozen=True)
class File:
    """A download: which of the council's rows, what they are, whose, and of which marts."""

    rows: str
    title: str
    source: str
    marts: str = ""


FILES = {
    "direct-payments": File(
        "shares",
        "Direct payments and their share of spending, against peers, region and England",
        "PSS EX1 and ASC-FR; GDP deflator, HM Treasury; population, ONS",
        "mart_direct_payment_share, mart_direct_payment_comparison",
    ),
    "spending": File(
        "spend", "Gross current expenditure by setting, basis C", "ASC-FR", "mart_social_care_spend"
    ),
    "unit-costs": File(
        "unit_costs",
        "What an hour, a week or a person's care cost, with region and England",
        "PSS EX1 and ASC-FR; GDP deflator, HM Treasury",
        "mart_unit_costs",
    ),
    "outcomes": File("outcomes", "Adult Social Care Outcomes Framework", "ASCOF", "mart_council_outcomes"),
    "people": File(
        "people",
        "People with long-term support by how it is delivered",
        "ASC-FR and SALT, table 38",
        "mart_people_by_mechanism",
    ),
    "ledger": File(
        "ledger",
        "Payments for adult social care by route, as far as the council's ledger shows them",
        "The council's published payments",
        "mart_ledger_spend_by_route",
    ),
    "resources": File(
        "resources",
        "Resources for adults' lives, the latest year of each source (of a ledger, the latest whole year); "
        "most count some of the same money",
        "As the column reported_by says",
        "mart_place_resources",
    ),
    "gaps": File("gaps", "What is missing and why", "mart_gaps"),
}


def texts(council: Council, address: str, made_by: str) -> dict[str, str]:
    """The files beside the council's page, which is at `address`, by name."""
    found = {}
    for name, file in FILES.items():
        rows = getattr(council, file.rows)
        if not rows:
            continue
        csv, columns = f"{council.id}-{name}.csv", list(rows[0])
        about = {
            "Title": f"{file.title}: {council.name}",
            "Source": f"{file.source} ({file.marts})" if file.marts else file.source,
            "Address": address,
            "Made by": made_by,
            "Licence": LICENCE,
        }
        found[csv] = csvs.csv_text(rows, columns, f"{file.source}. In: {made_by}, {address}")
        found[f"{csv}{csvs.ABOUT}"] = csvs.about_text(csv, columns, about)
    return found
