"""Bodies side by side: what `commissioning ledger compare` tells and draws, from the published marts."""

from __future__ import annotations

import datetime
from collections import defaultdict
from html import escape
from math import fsum
from typing import Any

from commissioning.base.errors import LedgerError
from commissioning.base.paths import Project
from commissioning.site.bodies.data import Body, Rows, by_kind, by_route, read
from commissioning.site.charts import drawings, ledgers
from commissioning.site.charts.palette import FONT, INK
from commissioning.site.charts.svg import TEXT, WIDTH

BY = ("year", "month")


def chosen(project: Project, names: list[str]) -> list[Body]:
    """The bodies of these ids, each once, in the order named. Raises `LedgerError` for an unknown one."""
    bodies, _ = read(project)
    wanted = list(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in bodies]:
        raise LedgerError(
            "The published marts hold no ledger of that body.",
            file=project.database,
            where="table dim_body",
            expected=", ".join(sorted(bodies)) or "no body is there yet",
            found=", ".join(unknown),
            todo="name bodies that are there; one of your own comes in by `ledger ingest` and `build`",
        )
    return [bodies[name] for name in wanted]


def rows(bodies: list[Body], by: str) -> Rows:
    """A row a body and year (or the part of one on one side of a break), or a row a body and month."""
    return [row for body in bodies for row in (_years(body) if by == "year" else _months(body))]


def _years(body: Body) -> Rows:
    returns: dict[str, Rows] = defaultdict(list)
    for row in body.coverage:
        if row["ratio"] is not None:
            found = {"basis": row["official_basis"], "ratio": row["ratio"], "verdict": row["verdict"]}
            returns[row["financial_year"]].append(found)
    return [
        {
            **_named(body, stretch.label, stretch.series, stretch.rows),
            "financial_year": stretch.year,
            "months": stretch.counted,
            "against_return": [] if stretch.split else returns[stretch.year],
        }
        for stretch in body.stretches
    ]


def _months(body: Body) -> Rows:
    by_month: dict[tuple[datetime.date, str], Rows] = defaultdict(list)
    for row in body.care:
        by_month[row["month"], row["comparability_group"]].append(row)
    return [
        _named(body, f"{month:%Y-%m}", series, found) for (month, series), found in sorted(by_month.items())
    ]


def _named(body: Body, period: str, series: str, found: Rows) -> dict[str, Any]:
    amounts = by_route(found)
    total = fsum(amounts.values())
    return {
        "body": body.id,
        "name": body.name,
        "period": period,
        "series": series,
        "total_cash_gbp": round(total, 2),
        "kinds_cash_gbp": {kind: round(amount, 2) for kind, amount in by_kind(amounts).items()},
        # Where more came back than was paid there is nothing to share.
        "shares": {kind: amount / total if total > 0 else None for kind, amount in by_kind(amounts).items()},
        "routes_cash_gbp": {route: round(amount, 2) for route, amount in sorted(amounts.items())},
    }


def drawing(bodies: list[Body]) -> str:
    """A file of SVG: for each body the share of its money by route, year by year."""
    panels, y = [], 0.0
    for body in bodies:
        told = _years(body)
        title = f'<text x="0" y="{y + 18:g}" font-size="{TEXT + 1}" font-weight="600" fill="{INK}">'
        panels.append(f"{title}{escape(body.name, quote=False)}</text>")
        y += 30
        if not told:
            panels.append(f'<text x="0" y="{y + 14:g}" fill="{INK}">shows no care for adults</text>')
            y += 36
            continue
        bars = [
            ledgers.Bar(
                row["period"],
                {kind: share or 0.0 for kind, share in row["shares"].items()},
                row["months"] == 12,
                place > 0 and told[place - 1]["series"] != row["series"],
            )
            for place, row in enumerate(told)
        ]
        panel = ledgers.bars(bars, lambda value: f"{value:.0%}", high=1)
        panels.append(f'<g transform="translate(0 {y:g})">{panel.body}</g>')
        y += panel.height + 22
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y:g}" viewBox="0 0 {WIDTH} {y:g}" '
        f'font-family="{FONT}" font-size="{TEXT}">{"".join(panels)}</svg>'
    )
    return drawings.standalone_svg(
        whole,
        "Payments for adult social care by route, share of the money",
        "What a ledger leaves out, and what its labels do not say, differs from body to body. Dashed rules "
        "mark where accounts or labels changed: years on either side of one should not be compared.",
        f"Source: published payments of {', '.join(body.name for body in bodies)}.",
    )
