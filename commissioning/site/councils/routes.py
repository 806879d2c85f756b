"""How support is delivered on a council's page: people by mechanism, and its own payments by route."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from commissioning.site.councils import gaps
from commissioning.site.councils.data import Council, Rows
from commissioning.site.formats import NONE, millions, percent
from commissioning.site.tables import or_why

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
    "choice_led": "Choice-led",
    "managed": "Managed",
    "commissioned": "Commissioned",
    "mixed": "Mixed",
    "unknown": "Not labelled",
}
COLUMNS = {
    "choice_led": FAMILIES["choice_led"],
    "direct_payment": "of which direct payments",
    "managed": FAMILIES["managed"],
    "commissioned": FAMILIES["commissioned"],
    "block": "of which block",
    "spot": "of which spot",
    "mixed": FAMILIES["mixed"],
    "unknown": FAMILIES["unknown"],
}
"""Families of routes, and within them the routes that a label names."""
VERDICTS = {
    "carries": "shows enough of the direct payments",
    "doubtful": "a comparison is doubtful",
    "over": "more than the return",
    "exceeds": "far more than the return, and why is not known",
    "cannot": "too little to compare",
    "part_year": "part of a year",
    "no_official_figure": "the return of the year is not held",
}
NOT_HELD = "not held"
"""What stands for the return of a year that has none here, and for a ratio to it."""
BY_INFERENCE = "shows enough of the direct payments only with payments whose kind we inferred"
"""What carries means where the labels alone show less than enough."""
AND_MORE = "shows enough of the direct payments, and more than the return"
"""What it means where the ledger shows more than the return, to the per cent that is printed."""


def people(council: Council) -> dict[str, Any] | None:
    """People with long-term support, by how it is delivered."""
    found = {(row["mechanism"], row["age_band"]): row for row in council.people}
    if not found:
        return None
    return {
        "year": council.people[-1]["financial_year"],
        "rows": [
            {
                "how": words,
                "younger": _people(found.get((mechanism, "18-64")), council),
                "older": _people(found.get((mechanism, "65+")), council),
            }
            for mechanism, words in MECHANISMS.items()
        ],
    }


def _people(row: dict[str, Any] | None, council: Council) -> str:
    if row is None:
        return NONE
    if row["people"] is None:
        return gaps.link(gaps.of_people(council, row["financial_year"], row["value_symbol"]))
    return f"{row['people']:,}"


def ledger(council: Council, enough: float) -> dict[str, Any] | None:
    """What the council's own list of payments shows, by who chose, where such a list is held. `enough` is the
    least part of the return's direct payments that shows enough of them."""
    if not council.ledger:
        return None
    years: dict[str, dict[str, Any]] = {}
    for row in council.ledger:
        year = years.setdefault(row["financial_year"], defaultdict(float))
        year["months"] = row["months_in_series"]
        year[row["family"]] += row["amount_cash_gbp"]
        year[row["route"]] += row["amount_cash_gbp"]
    odd = {row["financial_year"] for row in council.coverage if row["note"]}
    return {
        "odd": bool(odd & set(years)),
        "routes": [
            (words, kind, or_why(millions, "", "none seen"))
            for kind, words in COLUMNS.items()
            if any(kind in found for found in years.values())
        ],
        "rows": [
            {
                "year": f"{year} †" if year in odd else year,
                "financial_year": year,
                **dict.fromkeys(COLUMNS),
                **found,
            }
            for year, found in years.items()
        ],
        "held": against_the_return(council.coverage, enough),
    }


def against_the_return(coverage: Rows, enough: float) -> Rows:
    """Direct payments that a ledger shows, year by year, beside those of the official return."""
    # A year in which the ledger cannot show care has no nought to state: it is listed as missing.
    return [
        {
            "year": row["financial_year"],
            "basis": NOT_HELD if row["official_basis"] == "none" else row["official_basis"],
            "ledger": _seen(row["visible_direct_payments_cash_gbp"], millions, 2),
            "return": row["official_direct_payments_cash_gbp"],
            "ratio": _seen(row["ratio"], percent, 0),
            "strict": _seen(row["strict_ratio"], percent, 0),
            "means": ". ".join(filter(None, (meaning(row, enough), row["note"]))),
        }
        for row in coverage
        if row["months_in_series"]
    ]


def meaning(row: dict[str, Any], enough: float) -> str:
    inferred = row["verdict"] == "carries" and row["strict_ratio"] < enough
    if inferred:
        return BY_INFERENCE
    more = row["verdict"] == "carries" and round(row["ratio"], 2) > 1
    return AND_MORE if more else VERDICTS[row["verdict"]]


def _seen(value: float | None, shown: Callable[[float | None, int], str], digits: int) -> str:
    """A ledger without a single direct payment shows that it leaves them out, not that nothing was spent."""
    return "none seen" if value == 0 else NOT_HELD if value is None else shown(value, digits)
