"""A region's rows as CSV beside its page, each with a file about it."""

from __future__ import annotations

from commissioning.base import csvs
from commissioning.site.councils.downloads import LICENCE, File
from commissioning.site.regions.data import Region

FILES = {
    "councils": File(
        "councils",
        "Councils of the region: direct payments, people and money, the latest year of each",
        "ASCOF and ASC-FR; GDP deflator, HM Treasury; population, ONS",
        "dim_council, mart_council_outcomes, mart_direct_payment_share",
    ),
    "direct-payments": File(
        "shares",
        "Direct payments and their share of spending, beside England",
        "PSS EX1 and ASC-FR; GDP deflator, HM Treasury; population, ONS",
        "mart_direct_payment_share",
    ),
    "people": File(
        "outcomes",
        "People and carers with a direct payment, beside England",
        "ASCOF",
        "mart_council_outcomes",
    ),
}


def texts(region: Region, address: str, made_by: str) -> dict[str, str]:
    """The files beside the region's page, which is at `address`, by name."""
    found = {}
    for name, file in FILES.items():
        rows = getattr(region, file.rows)
        csv, columns = f"{region.id}-{name}.csv", list(rows[0])
        about = {
            "Title": f"{file.title}: {region.name}",
            "Source": f"{file.source} ({file.marts})",
            "Address": address,
            "Made by": made_by,
            "Licence": LICENCE,
        }
        found[csv] = csvs.csv_text(rows, columns, f"{file.source}. In: {made_by}, {address}")
        found[f"{csv}{csvs.ABOUT}"] = csvs.about_text(csv, columns, about)
    return found
