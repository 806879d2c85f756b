"""How support is delivered on a council's page: people by mechanism, and its own payments by route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commissioning.site.councils import html
from commissioning.site.councils.data import LATEST

if TYPE_CHECKING:
    from commissioning.site.councils.page import Page

MECHANISMS = {
    "all": "Everyone with long-term support",
    "direct_payment_only": "Direct payment only",
    "part_direct_payment": "Part direct payment",
    "managed_personal_budget": "Budget managed by the council",
    "council_commissioned_only": "Support commissioned by the council only",
    "residential": "Residential care",
    "nursing": "Nursing care",
}
FAMILIES = {
    "choice_led": "Led by choice",
    "managed": "Managed",
    "commissioned": "Commissioned",
    "mixed": "Mixed",
    "unknown": "Not labelled",
}
VERDICTS = {
    "carries": "can be compared with other routes",
    "doubtful": "a comparison is doubtful",
    "over": "more than the return",
    "cannot": "too little to compare",
    "part_year": "part of a year",
    "no_official_figure": "no return to hold it against",
}


def people(page: Page) -> str:
    found = {(r["mechanism"], r["age_band"]): r for r in page.council.people}
    if not found:
        return ""
    rows = []
    for mechanism, words in MECHANISMS.items():
        cells = []
        for age in ("18-64", "65+"):
            row = found.get((mechanism, age))
            if row is None:
                cells.append(html.NONE)
            elif row["people"] is None:
                cells.append(html.SYMBOLS[row["value_symbol"]])
            else:
                cells.append(f"{row['people']:,}")
        rows.append([words, *cells])
    caption = (
        f"People with long-term support at the end of {LATEST}, {page.name}, by how it is delivered. The publisher rounds "
        "to 5 and suppresses counts under 5, which are not 0. Source: ASC-FR and SALT, table 38."
    )
    return "## People, by how support is delivered\n\n" + html.raw(
        html.table(caption, ["How", "18 to 64", "65 and over"], rows, [1, 2])
    )


def ledger(page: Page) -> str:
    """What the council's own list of payments shows, by who chose, where such a list is held."""
    if not page.council.ledger:
        return ""
    amounts: dict[str, dict[str, float]] = {}
    for row in page.council.ledger:
        year = amounts.setdefault(row["financial_year"], {})
        year[row["family"]] = year.get(row["family"], 0) + row["amount_cash_gbp"]
    months = {r["financial_year"]: r["months_held"] for r in page.council.ledger}
    families = [family for family in FAMILIES if any(family in found for found in amounts.values())]
    routes = html.table(
        f"Payments for adult social care in {page.name}'s ledger by kind of route, £ million in cash",
        ["Year", "Months held", *(FAMILIES[family] for family in families)],
        [
            [year, str(months[year]), *(html.millions(found.get(family)) for family in families)]
            for year, found in amounts.items()
        ],
        numbers=range(1, 2 + len(families)),
    )
    held = html.table(
        "Direct payments in the ledger against the official return",
        ["Year", "Basis of the return", "Ledger, £ million", "Return, £ million", "Ratio", "Ratio by labels alone", "What that means"],
        [
            [
                r["financial_year"], r["official_basis"], html.millions(r["visible_direct_payments_cash_gbp"], 2),
                html.millions(r["official_direct_payments_cash_gbp"], 2), html.percent(r["ratio"], 0), html.percent(r["strict_ratio"], 0), VERDICTS[r["verdict"]],
            ]
            # A year in which the ledger cannot show care has no nought to state: it is listed as missing.
            for r in page.council.coverage
            if r["months_in_series"]
        ],
        numbers=[2, 3, 4, 5],
    )  # fmt: skip
    return (
        "## In its own payments {#ledger}\n\nThe council publishes its larger payments. Payments under its threshold are not among "
        "them, payments to people often are not, and a label is no proof of the form of contract: see [Inside the ledger](../inside-the-ledger.qmd). “By labels alone” leaves out payments whose kind we inferred.\n\n"
        + html.raw(routes)
        + "\n"
        + html.raw(held)
    )
