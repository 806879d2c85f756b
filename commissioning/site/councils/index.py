"""The index of councils: a map, a table of all that scripts make searchable and sortable, the comparison."""

from __future__ import annotations

import json
from typing import Any

from commissioning.base.paths import Project
from commissioning.site.councils import html, lead, map
from commissioning.site.councils.data import BEFORE, OUTCOMES, Council, Everything
from commissioning.site.councils.data import LATEST as YEAR


def text(everything: Everything, project: Project) -> str:
    """The page `councils/index.qmd`."""
    current = [c for c in everything.councils.values() if c.facts["is_current"]]
    past = [c for c in everything.councils.values() if not c.facts["is_current"]]
    return f"""---
title: Councils
subtitle: Councils responsible for adult social services in England since 2000-01
description: Find a council, sort all of them, and hold up to four side by side
format:
  html: default
---

{html.raw(_finder())}
## Map

{html.raw(map.figure(everything, project))}
## Councils in force

{html.raw(_table(current, "councils-now", f"Councils in force, with the direct payment share of long-term support (basis C) in {YEAR}", past=False))}
A dash means that the council has no figure: it made no return, or began later. The [page on what is missing](../missing.qmd) says which. {lead.DAGGER} {lead.PANDEMIC} Peers are the fifteen nearest statistical neighbours (ONS, 2025).

## Councils that have ended

{html.raw(_table(past, "councils-past", "Councils that have ended, with the last direct payment share that is held", past=True))}
## Compare

{html.raw(_comparison())}
"""


def _finder() -> str:
    return (
        '<div class="finder" hidden><label for="find-council">Find a council</label>'
        '<input type="search" id="find-council" autocomplete="off" placeholder="Name, or part of it" '
        'aria-describedby="find-status"><p id="find-status" role="status"></p></div>'
    )


def _table(councils: list[Council], identity: str, caption: str, *, past: bool) -> str:
    heads = (
        ["Council", "Region", "Ended", "Last year", "Share"]
        if past
        else ["Council", "Region", "Share", "Peers’ median", "£ per adult", "Place"]
    )
    rows = []
    for council in councils:
        name = html.link(f"{council.id}.html", council.name)
        region = council.facts["region"]
        if past:
            shares = [r for r in council.totals if r["share"] is not None]
            last = shares[-1] if shares else None
            rows.append(
                [
                    name, region, str(council.facts["end_date"]),
                    f"{last['financial_year']}, basis {last['basis']}" if last else html.NONE,
                    lead.marked(last),
                ]
            )  # fmt: skip
        else:
            row = council.share(YEAR, "C") or {}
            rows.append(
                [
                    name, region, lead.marked(row or None), html.percent(row.get("peer_median_share")),
                    html.pounds(row.get("direct_payments_per_adult_real_gbp")), str(row.get("share_rank") or html.NONE),
                ]
            )  # fmt: skip
    numbers = [4] if past else [2, 3, 4, 5]
    return html.table(caption, heads, rows, numbers, links=[0], identity=identity)


def _comparison() -> str:
    return (
        '<div id="comparison" class="compare"><noscript><p>To hold councils side by side a browser must run scripts. '
        "Every figure of the comparison is on the councils’ own pages.</p></noscript></div>\n"
        '<script src="councils.js" defer></script><script src="../_theme/councils.js" defer></script>'
    )


COMPARED = [
    ("share-c", f"Direct payment share, {YEAR}", "percent"),
    ("share-c-before", f"Direct payment share, {BEFORE}", "percent"),
    ("share-young", f"Direct payment share, aged 18 to 64, {YEAR}", "percent"),
    ("share-old", f"Direct payment share, aged 65 and over, {YEAR}", "percent"),
    ("peers", f"Median of its peers, {YEAR}", "percent"),
    ("per-adult", f"Direct payments per adult, {YEAR}, 2024-25 prices", "pounds"),
    ("cash", f"Direct payments, {YEAR}, cash", "millions"),
    ("rank", f"Place among councils, {YEAR}", "number"),
    ("control", f"Control over daily life, {OUTCOMES}, per cent", "decimal"),
    ("satisfaction", f"Satisfaction with care and support, {OUTCOMES}, per cent", "decimal"),
    ("quality", f"Quality of life, {OUTCOMES}, score of 0 to 24", "decimal"),
]
"""What the comparison shows: key, words and format."""


def script_data(everything: Everything) -> str:
    """What the scripts of the index and of the comparison read. A script and not JSON: a page opened from disk
    may not fetch a file, but may run it."""
    councils = [_for_script(council) for council in everything.councils.values()]
    england = {"share-c": None, "share-c-before": None}
    for council in everything.councils.values():
        for key, year in (("share-c", YEAR), ("share-c-before", BEFORE)):
            row = council.share(year, "C")
            if row and row["england_share"] is not None:
                england[key] = round(row["england_share"], 6)
    content = {"measures": COMPARED, "councils": councils, "england": england}
    return "window.COUNCILS = " + json.dumps(content, ensure_ascii=False, separators=(",", ":")) + ";\n"


def _for_script(council: Council) -> dict[str, Any]:
    def share(year: str, age: str = "all", column: str = "share") -> float | None:
        row = council.share(year, "C", "all", age)
        return None if row is None or row[column] is None else round(row[column], 6)

    def outcome(measure: str) -> float | None:
        for row in council.outcomes:
            if (row["measure_id"], row["financial_year"]) == (measure, OUTCOMES) and row["value"] is not None:
                return round(row["value"], 4)
        return None

    return {
        "id": council.id,
        "name": council.name,
        "aliases": [alias for alias in council.aliases if alias != council.name.lower()],
        "ended": str(council.facts["end_date"]) if council.facts["end_date"] else None,
        "figures": {
            "share-c": share(YEAR),
            "share-c-before": share(BEFORE),
            "share-young": share(YEAR, "18-64"),
            "share-old": share(YEAR, "65+"),
            "peers": share(YEAR, column="peer_median_share"),
            "per-adult": share(YEAR, column="direct_payments_per_adult_real_gbp"),
            "cash": share(YEAR, column="direct_payments_cash_gbp"),
            "rank": share(YEAR, column="share_rank"),
            "control": outcome("control_over_daily_life"),
            "satisfaction": outcome("satisfaction_with_care"),
            "quality": outcome("quality_of_life"),
        },
        "notes": _notes(council),
    }


def _notes(council: Council) -> list[str]:
    """What to bear in mind of the figures compared: flags, and boundaries that changed between the two years."""
    found = {year: lead.flag_of(council.share(year, "C")) for year in (BEFORE, YEAR)}
    notes = [f"its share of {year} is {flag}" for year, flag in found.items() if flag]
    return notes + [
        f"its figures before {change['first_financial_year']} are of older boundaries"
        for change in council.changed_between(BEFORE, YEAR)
    ]
