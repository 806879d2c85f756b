"""What people and carers say on a council's page, and the other measures of the outcomes framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commissioning.site.charts import svg
from commissioning.site.councils import html
from commissioning.site.councils.data import CARERS_YEAR, OUTCOMES, Rows

if TYPE_CHECKING:
    from commissioning.site.councils.page import Page

SURVEYS = [
    "control_over_daily_life", "satisfaction_with_care", "users_find_information_easily",
    "users_social_contact", "feeling_safe",
]  # fmt: skip
CARERS = [
    "carers_satisfaction", "carers_included_in_discussion", "carers_find_information_easily",
    "carers_social_contact",
]  # fmt: skip


def outcomes(page: Page) -> str:
    if not page.council.outcomes:
        return (
            "## Outcomes\n\nThe outcomes framework that is held begins after the council ended.\n"
            if page.council.facts["end_date"]
            else ""
        )
    parts = ["## Outcomes\n"]
    # A chart each: the two surveys are of different people in different years.
    for label, who, year, measures in (
        ("fig-outcomes", "people who use services", OUTCOMES, SURVEYS),
        ("fig-carers", "carers", CARERS_YEAR, CARERS),
    ):
        answers = {r["measure_id"]: r for r in page.council.outcomes if r["financial_year"] == year}
        parts.append(_survey(page, label, who, year, [answers[m] for m in measures if m in answers]))
    year = max(r["financial_year"] for r in page.council.outcomes)
    others = [
        r
        for r in page.council.outcomes
        if r["financial_year"] == year
        and r["measure_id"] not in SURVEYS
        and not r["measure_id"].startswith("carers_")
    ]
    parts.append(html.raw(_table(page, others, f"Other measures of the outcomes framework, {year}")))
    return "\n".join(part for part in parts if part)


def _survey(page: Page, label: str, who: str, year: str, rows: Rows) -> str:
    """The answers of one survey in one year."""
    if not any(r["value"] is not None for r in rows):
        return ""
    marks = [
        svg.Row(
            r["measure_name"], r["value"], r["peer_median"], r["england_value"],
            None if r["interval_low"] is None else (max(r["interval_low"], 0), min(r["interval_high"], 100)),
            "" if r["value"] is not None else html.SYMBOLS[r["value_symbol"]],
            year,
        )
        for r in rows
    ]  # fmt: skip
    chart = svg.dots(
        label,
        f"What {who} say, {page.name}, {year}",
        "; ".join(
            f"{m.label}: {html.number(m.value)} per cent" if m.value is not None else f"{m.label}: {m.note}"
            for m in marks
        )
        + ".",
        marks, lambda v: f"{v:.0f}%", name=page.name, peers=bool(page.council.peers), high=100,
    )  # fmt: skip
    caption = (
        f"Answers to the survey of {who}, {year}, per cent, with 95% intervals. Where an interval covers England’s figure "
        "or the peers’ median, the survey cannot tell the council from them. Source: ASCOF."
    )
    table = _table(page, rows, f"What {who} say")
    return html.raw(html.figure(f"{label}-figure", chart, caption, table, page.csv("outcomes")))


def _table(page: Page, rows: Rows, what: str) -> str:
    def value(row: dict[str, Any], column: str) -> str:
        digits = 3 if row["unit"] == "score (up to 1)" else 1
        return html.number(row[column], digits)

    def interval(row: dict[str, Any]) -> str:
        if row["interval_low"] is None:
            return html.NONE
        # The margin of a small survey may pass what a share can be: as on the chart, the ends stop there.
        low, high = row["interval_low"], row["interval_high"]
        if row["unit"] == "per cent":
            low, high = max(low, 0), min(high, 100)
        ends = {"unit": row["unit"], "low": low, "high": high}
        return f"{value(ends, 'low')} to {value(ends, 'high')}"

    return html.table(
        f"{what}, {page.name}",
        ["Measure, unit and year", page.name, "95% interval", "Peers’ median", "England"],
        [
            [
                f"{r['measure_name']}, {r['unit']}, {r['financial_year']}",
                value(r, "value") if r["value"] is not None else html.SYMBOLS[r["value_symbol"]],
                interval(r),
                value(r, "peer_median"), value(r, "england_value"),
            ]
            for r in rows
        ],
        numbers=[1, 2, 3, 4],
    )  # fmt: skip
