"""A body's rows as CSV beside its page, each with a file about it."""

from __future__ import annotations

from commissioning.base import csvs
from commissioning.site.bodies.data import Body
from commissioning.site.councils.downloads import File

FILES = {
    "routes": File(
        "routes", "Payments for adults' care by month, route and setting", "", "mart_ledger_spend_by_route"
    ),
    "coverage": File(
        "coverage", "Direct payments in the ledger against the official return", "", "mart_ledger_coverage"
    ),
    "supplier-types": File("types", "Payments by type of supplier", "", "mart_ledger_supplier_types"),
    "suppliers": File(
        "suppliers",
        "How many suppliers each route has, how money gathers on them, who comes and goes",
        "",
        "mart_ledger_supplier_concentration",
    ),
    "labels": File("labels", "Labels with the rules that place them", "", "mart_ledger_labels"),
    "files": File(
        "files", "Files read, with what became of every line and pound", "", "mart_ledger_accounting"
    ),
}


def texts(body: Body, address: str, made_by: str) -> dict[str, str]:
    """The files beside the body's page, which is at `address`, by name."""
    found = {}
    for name, file in FILES.items():
        rows = getattr(body, file.rows)
        if not rows:
            continue
        csv, columns = f"{body.id}-{name}.csv", list(rows[0])
        source = f"Published payments of {body.name}"
        about = {
            "Title": f"{file.title}: {body.name}",
            "Source": f"{source} ({file.marts})",
            "Address": address,
            "Made by": made_by,
            "Licence": "; ".join(licences(body)) or "not stated",
        }
        found[csv] = csvs.csv_text(rows, columns, f"{source}. In: {made_by}, {address}")
        found[f"{csv}{csvs.ABOUT}"] = csvs.about_text(csv, columns, about)
    return found


def licences(body: Body) -> list[str]:
    """The licences of its files."""
    return sorted({row["licence"] for row in body.files if row["licence"]})
