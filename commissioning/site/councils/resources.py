"""A place's resources from every source: what a council's page sets side by side and never adds up."""

from __future__ import annotations

from typing import Any

from commissioning.site.councils.data import Council
from commissioning.site.formats import millions, number, thousands

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


CARE = ("care_by_setting", "direct_payments")
"""Resources of adult social care alone: public health is another line of the return."""


def resources(council: Council) -> list[dict[str, Any]]:
    """The latest figure of each resource, in words."""
    has_public_health = any(row["part"] == "Public health" for row in council.resources)
    return [
        {
            "name": _name(row),
            "year": row["financial_year"],
            "figure": _figure(row),
            "reported_by": row["reported_by"],
            "overlaps": _overlaps(row, has_public_health),
        }
        for row in council.resources
    ]


def _name(row: dict[str, Any]) -> str:
    if row["resource"] in SERVICES:
        return f"{row['part']}, {SERVICES[row['resource']]}"
    of_year = f", in {row['months_held']} months of the year" if row["months_held"] else ""
    return row["resource_name"] + COVERS[row["covers"]] + of_year


def _overlaps(row: dict[str, Any], has_public_health: bool) -> str:
    """With what it counts, or may count, the same pounds."""
    if not row["overlaps"]:
        return ""
    if row["part"] == "Public health":
        return "all services, after income"
    apart = [row["apart_from"].lower().replace("nhs", "NHS")] if row["apart_from"] else []
    if has_public_health and (row["part"] == "Adult social care" or row["resource"] in CARE):
        apart.append("public health")
    return "all other money here" + (f" but {' and '.join(apart)}" if apart else "")


def _figure(row: dict[str, Any]) -> str:
    if row["amount_cash_gbp"] is not None:
        amount = row["amount_cash_gbp"]
        # A small council spends less than a tenth of a million on much.
        return f"£{millions(amount)} million" if abs(amount) >= 1e5 else f"£{thousands(amount)} thousand"
    digits = 0 if row["quantity"].is_integer() else 1
    return f"{number(row['quantity'], digits)} {row['quantity_unit']}"
