"""What a council's long-term support is bought as: the settings of the latest year on basis C."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from commissioning.site.charts import svg
from commissioning.site.councils.data import Council, Everything
from commissioning.site.formats import percent, unit_of


def settings(council: Council, everything: Everything) -> dict[str, Any] | None:
    spend = [
        row for row in council.spend if row["care_type"] == "long_term" and row["amount_cash_gbp"] is not None
    ]
    year = max((row["financial_year"] for row in spend), default=None)
    amounts: dict[str, float] = defaultdict(float)
    ages: dict[tuple[str, str], float] = defaultdict(float)
    for row in spend:
        if row["financial_year"] == year:
            amounts[row["support_setting"]] += row["amount_cash_gbp"]
            ages[row["support_setting"], row["age_band"]] += row["amount_cash_gbp"]
    total = sum(amounts.values())
    if not total:
        return None
    england = everything.england_settings(year)
    england_total = sum(england.values())
    rows = [
        {
            "name": everything.settings[setting],
            "amount": amounts[setting],
            "share": amounts[setting] / total,
            "england": england.get(setting, 0) / england_total if england_total else None,
            "younger": ages.get((setting, "18-64")),
            "older": ages.get((setting, "65+")),
        }
        for setting in sorted(amounts, key=lambda setting: (-amounts[setting], setting))
    ]
    marks = [svg.Row(row["name"], row["share"], None, row["england"], year=year) for row in rows]
    return {
        "drawing": svg.dots(marks, lambda v: percent(v, 0), name=council.name, peers=False),
        "year": year,
        "rows": rows,
        "unit": unit_of(amounts.values()),
        "below_zero": any((row[part] or 0) < 0 for row in rows for part in ("amount", "younger", "older")),
    }
