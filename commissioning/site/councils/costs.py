"""What an hour, a week or a person's care cost a council, with its region and England beside it."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from commissioning.site.councils import flags
from commissioning.site.councils.data import Council, Everything, Rows
from commissioning.site.formats import pounds, shown

UNITS = {
    "GBP per hour": "an hour",
    "GBP per week of care": "a week of care",
    "GBP per person per week": "a person and week",
}
"""How a table names each unit. A client or a meal of an average week is in the download alone."""

SETTINGS = ("direct_payments", "home_care", "day_care", "residential", "nursing")
"""In the order of the table. Both kinds of care home together are in the download alone."""

PROVIDERS = {
    "all": "",
    "own_provision": ", provided by the council",
    "provision_by_others": ", provided by others",
}
"""Not of direct payments: the return does not ask who provides what they buy."""

AGES = {"all": "", "18-64": ", 18 to 64", "65+": ", 65 and over"}

NO_ROW = "the edition gives no cost of this kind for the year"
NOT_OF_AREA = "the edition gives no such cost for the region or England"
"""Reasons for which there is no row, or no figure of an area beside the council's."""

MISSING = {
    "a count of people is suppressed by the publisher": "suppressed",
    "no hours, weeks or people of this kind": "none",
    "there is spending, but no hours, weeks or people are counted for it": "no count",
    "not available from the publisher": "not published",
    "the council began later": "began later",
    "the council had ended": "had ended",
    NO_ROW: "not in the edition",
    NOT_OF_AREA: "not published",
}
"""Reasons for which a cell has a word of its own; for the others it has no figure."""

REASON = "no-cost"
"""How the id of a reason below the tables begins."""

MARKS = ("†", "‡", "§", "¶", "‖", "††", "‡‡", "§§")
"""One for each reason for which a table's figures are flagged."""

RATES = "ASC-FR 2021-22"
"""The series in which an hour of home care is the standard rate that a council returns (T51)."""

YEARS = 3
"""The most years that a table sets side by side, all of one series."""

AREAS = ("region", "england")

EARLIER_RETURNS = "may rest on earlier returns of some councils: “What is missing or odd” says which"
"""Why an average of England or a region is marked: its share of spending is flagged as imputed."""


def tables(council: Council, everything: Everything) -> Rows:
    """The newest series, and the newest that has direct payments by client group if it is an older one."""
    costs = [row for row in council.unit_costs if row["unit_cost_cash_gbp"] is not None]
    by_group = [r for r in costs if r["support_setting"] == "direct_payments" and r["client_group"] != "all"]
    newest = [
        max(rows, key=lambda row: row["financial_year"])["series"] for rows in (costs, by_group) if rows
    ]
    reasons: dict[str, str] = {}
    found = [_table(council, everything, series, reasons) for series in dict.fromkeys(newest)]
    return [table | {"reasons": reasons if table is found[-1] else {}} for table in found]


def years_of_rates(council: Council) -> list[str]:
    """Years in which an hour of home care is a rate that the council states, and not spending over hours."""
    return sorted(
        {
            row["financial_year"]
            for row in council.unit_costs
            if row["series"] == RATES and row["cost_unit"] == "GBP per hour" and row["unit_cost_cash_gbp"]
        }
    )


def _table(council: Council, everything: Everything, series: str, reasons: dict[str, str]) -> dict[str, Any]:
    rows = [
        row
        for row in council.unit_costs
        if row["series"] == series and row["cost_unit"] in UNITS and row["support_setting"] in SETTINGS
    ]
    years = sorted({row["financial_year"] for row in rows})[-YEARS:]
    lines: dict[tuple, dict[str, dict[str, Any]]] = {}
    for row in rows:
        lines.setdefault(_line(row), {})[row["financial_year"]] = row
    marks: dict[str, str] = {}
    shown_lines = [
        of
        for of in (lines[line] for line in sorted(lines))
        if any(year in of and of[year]["unit_cost_cash_gbp"] is not None for year in years)
    ]
    last = [of[years[-1]] for of in shown_lines if years[-1] in of]
    areas = [area for area in AREAS if any(row[f"{area}_unit_cost_cash_gbp"] is not None for row in last)]
    found = []
    for of in shown_lines:
        cells = {year: _cell(_flagged(council, of.get(year)), "", marks, reasons) for year in years}
        for area in areas:
            row = _area_flagged(council, everything, of.get(years[-1]), area)
            cells[area] = _cell(row, f"{area}_", marks, reasons)
        found.append({**_words(next(iter(of.values())), everything), **cells})
    heads = {"region": council.facts["region"], "england": "England"}
    return {
        "years": years,
        "rows": found,
        "columns": [
            ("What, by whom, for what", "what"),
            *((year, year, shown) for year in years),
            *((f"{heads[area]}, {years[-1]}", area, shown) for area in areas),
        ],
        "has_region": "region" in areas,
        "marks": [(mark, reason) for reason, mark in marks.items()],
    }


def _flagged(council: Council, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row with the flag of the return's direct payments, on which a cost of them rests."""
    if row is None or row["flag_reason"] or row["support_setting"] != "direct_payments":
        return row
    year = row["financial_year"]
    # Its parts are of the same return as the whole.
    words = flags.words(council.share(year, "C", row["client_group"], row["age_band"])) or flags.words(
        council.share(year, "C")
    )
    return (
        row | {"flag_reason": f"the direct payments are {words} in “What is missing or odd”"}
        if words
        else row
    )


def _area_flagged(
    council: Council, everything: Everything, row: dict[str, Any] | None, area: str
) -> dict[str, Any] | None:
    """The same for England's or the region's cost beside the council's. An earlier return that stands in for
    a council's stands in for all of it, so any average of the year may rest on it."""
    if row is None or row[f"{area}_flag_reason"]:
        return row
    name = "England" if area == "england" else council.facts["region"]
    found = [
        flag
        for flag in everything.area_flags
        if (flag["area_name"], flag["financial_year"], flag["basis"]) == (name, row["financial_year"], "C")
    ]
    return row | {f"{area}_flag_reason": EARLIER_RETURNS} if found else row


def _line(row: dict[str, Any]) -> tuple:
    """What a line of the table is of, in the table's order: all people before groups of them."""
    return (
        SETTINGS.index(row["support_setting"]),
        list(UNITS).index(row["cost_unit"]),
        row["client_group"] != "all",
        row["client_group"],
        row["age_band"] != "all",
        row["age_band"],
        list(PROVIDERS).index(row["provision"]),
    )


def _words(row: dict[str, Any], everything: Everything) -> dict[str, str]:
    group = row["client_group"]
    people = "" if group == "all" else f", {everything.groups[group].lower()}"
    # Older people are 65 and over by their name.
    age = "" if group == "older_people" else AGES[row["age_band"]]
    what = everything.settings[row["support_setting"]] + people + age
    by = "" if row["support_setting"] == "direct_payments" else PROVIDERS[row["provision"]]
    # One label: on a phone it alone stays in sight.
    return {"what": f"{what}{by}, {UNITS[row['cost_unit']]}"}


def _cell(
    row: dict[str, Any] | None, area: str, marks: dict[str, str], reasons: dict[str, str]
) -> str | Markup:
    """A cost as a table shows it, with the mark of its flag; without one a link to the reason, whose id
    `reasons` keeps. `area` is "region_", "england_" or none."""
    cost = row and row[f"{area}unit_cost_cash_gbp"]
    if row is None or cost is None:
        why = NO_ROW if row is None else NOT_OF_AREA if area else row["missing_reason"]
        id = reasons.setdefault(why, f"{REASON}-{len(reasons) + 1}")
        return Markup('<a href="#{}">{}</a>').format(id, MISSING.get(why, "no figure"))
    text = pounds(cost, 2 if row["cost_unit"] == "GBP per hour" else 0)
    reason = row[f"{area}flag_reason"]
    if not reason:
        return text
    return f"{text} {marks.setdefault(reason, MARKS[len(marks)])}"
