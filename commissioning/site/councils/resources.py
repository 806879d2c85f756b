"""A place's resources from every source: what a council's page sets side by side and never adds up."""

from __future__ import annotations

import re
from typing import Any

from commissioning.site.councils import flags
from commissioning.site.councils.data import Council, Rows
from commissioning.site.formats import and_, millions, number, thousands

COVERS = {
    "this_council": "",
    "same_name": ", of the NHS area of the same name",
    "wider_area": ", of an NHS area that holds other councils too",
    "part_of_council": ", of an NHS area that leaves a part of the council out",
}
"""What a figure covers that is not the council alone."""

SERVICES = {
    "services_gross": "before income",
    "services_net": "after income",
    "services_net_derived": "after income, from a third party’s table",
}


OF_THE_RETURN = ("care_by_setting", "direct_payments")
"""Resources that are read from the council's finance return."""

CARE = ("care_by_setting", "direct_payments", "ledger_care")
"""Resources of adult social care alone: public health is another line of the return, and another label."""


def resources(council: Council) -> list[dict[str, Any]]:
    """The latest figure of each resource, in words."""
    care = [row for row in council.resources if _is_care(row)]
    has_public_health = any(row["part"] == "Public health" for row in council.resources)
    return [
        {
            "name": _name(row),
            "year": _year(row["financial_year"]),
            "figure": _figure(row) + (" †" if _is_odd(row, council) else ""),
            "reported_by": row["reported_by"],
            "overlaps": _overlaps(row, care, has_public_health),
        }
        for row in council.resources
    ]


def _name(row: dict[str, Any]) -> str:
    if row["resource"] in SERVICES:
        return f"{row['part']}, {SERVICES[row['resource']]}"
    of_year = f", in {row['months_held']} months of the year" if row["months_held"] else ""
    return row["resource_name"] + COVERS[row["covers"]] + of_year


def _year(year: str) -> str:
    return year if "-" in year else f"{year} (calendar)"


def _is_care(row: dict[str, Any]) -> bool:
    return row["part"] == "Adult social care" or row["resource"] in CARE


def _is_odd(row: dict[str, Any], council: Council) -> bool:
    """Whether the page says elsewhere that something is odd about the figure: about the council's return, or
    its list of payments of the year."""
    year = row["financial_year"]
    if row["resource"] in OF_THE_RETURN:
        return bool(flags.words(council.share(year, "C")))
    return row["resource"] == "ledger_care" and any(
        held["financial_year"] == year and held["note"] for held in council.coverage
    )


def _overlaps(row: dict[str, Any], care: Rows, has_public_health: bool) -> str:
    """With what it counts, or may count, the same pounds: what one row leaves out leaves the row out too."""
    if not row["overlaps"]:
        return ""
    apart = [_in_a_sentence(row["apart_from"])] if row["apart_from"] else []
    if row["part"] == "Public health":
        apart += dict.fromkeys(_in_a_sentence(other["part"] or other["resource_name"]) for other in care)
    elif has_public_health and _is_care(row):
        apart.append("public health")
    return "all other money here" + (f" but {and_(apart)}" if apart else "")


def _in_a_sentence(name: str) -> str:
    return name.lower().replace("nhs", "NHS")


def _figure(row: dict[str, Any]) -> str:
    if row["amount_cash_gbp"] is not None:
        amount = row["amount_cash_gbp"]
        # A small council spends less than a tenth of a million on much.
        return f"£{millions(amount)} million" if abs(amount) >= 1e5 else f"£{thousands(amount)} thousand"
    digits = 0 if row["quantity"].is_integer() else 1
    unit = row["quantity_unit"]
    if row["quantity"] == 1:
        unit = re.sub(r"s\b", "", unit)
    return f"{number(row['quantity'], digits)} {unit}"
