"""The index of councils: a map, a table of all that scripts make searchable and sortable, the comparison."""

from __future__ import annotations

import datetime
import json
from typing import Any

from markupsafe import Markup

from commissioning.base.paths import Project
from commissioning.site import templates
from commissioning.site.charts import palette
from commissioning.site.councils import flags, gaps, map
from commissioning.site.councils.data import Council, Everything, Years
from commissioning.site.formats import day, percent, pounds

NOT_OF_ENGLAND = "does not apply"
"""What the comparison says in England's column where a measure is of councils alone."""

NO_PEERS = ("no peers", "the publisher's set of neighbours does not have the council")


def text(everything: Everything, project: Project) -> str:
    """The page `councils/index.qmd`."""
    councils = everything.councils.values()
    return templates.qmd(
        "councils.qmd.j2",
        years=everything.years,
        latest=everything.years.latest,
        pandemic=everything.pandemic,
        dagger=flags.DAGGER,
        current=[_now(council, everything) for council in councils if council.facts["is_current"]],
        regions=sorted({(c.facts["region"], c.facts["region_id"]) for c in councils}),
        past=[_then(council) for council in councils if not council.facts["is_current"]],
        maps={shown: map.drawing(everything, project, shown) for shown in map.SHOWN},
        palette=palette,
    )


def _now(council: Council, everything: Everything) -> dict[str, Any]:
    years = everything.years
    row = council.share(years.latest, "C")
    people = council.outcome("users_with_direct_payment", years.outcomes)
    why = gaps.link(gaps.of_share(council, years.latest), council.id)
    peers = why if council.peers else gaps.link(NO_PEERS, council.id)
    why_people = gaps.of_measure(
        council, years.outcomes, "users_with_direct_payment", everything.measure_names
    )
    return {
        "id": council.id,
        "name": council.name,
        "people": flags.people_or_why(people, gaps.link(why_people, council.id)),
        "region": _region(council),
        "marked": flags.marked_or_why(row, why),
        "peers": peers if not row or row["peer_median_share"] is None else percent(row["peer_median_share"]),
        "per_adult": why
        if not row or row["direct_payments_per_adult_real_gbp"] is None
        else pounds(row["direct_payments_per_adult_real_gbp"]) + flags.dagger(row),
        "place": why if not row or row["share_rank"] is None else f"{row['share_rank']}{flags.dagger(row)}",
    }


def _region(council: Council) -> Markup:
    """The council's region as a link to its page."""
    facts = council.facts
    return Markup('<a href="../regions/{}.html">{}</a>').format(facts["region_id"], facts["region"])


def _then(council: Council) -> dict[str, Any]:
    last = next((row for row in reversed(council.totals) if row["share"] is not None), None)
    return {
        "id": council.id,
        "name": council.name,
        "region": _region(council),
        "ended": _day(council.facts["end_date"]),
        "last": last,
        "marked": flags.marked_or_why(last, gaps.link(gaps.UNKNOWN, council.id)),
    }


def _day(date: datetime.date) -> Markup:
    """A day in words, which a table sorts by its date."""
    return Markup('<time datetime="{}">{}</time>').format(date, day(date))


def _compared(years: Years) -> list[tuple[str, str, str]]:
    """What the comparison shows: key, words and format."""
    latest, surveyed = years.latest, years.outcomes
    return [
        ("people", f"People with a direct payment, {surveyed} (client level data)", "percent"),
        ("carers", f"Carers with a direct payment, {years.carers_paid} (older return)", "percent"),
        ("share-c", f"Direct payment share, {latest}", "percent"),
        ("share-c-before", f"Direct payment share, {years.before}", "percent"),
        ("share-young", f"Direct payment share, aged 18 to 64, {latest}", "percent"),
        ("share-old", f"Direct payment share, aged 65 and over, {latest}", "percent"),
        ("peers", f"Median of its peers, {latest}", "percent"),
        ("per-adult", f"Direct payments per adult, {latest}, {years.prices} prices", "pounds"),
        ("cash", f"Direct payments, {latest}, cash", "millions"),
        ("rank", f"Place among councils, {latest}", "number"),
        ("control", f"Control over daily life, {surveyed}, per cent", "decimal"),
        ("satisfaction", f"Satisfaction with care and support, {surveyed}, per cent", "decimal"),
        ("quality", f"Quality of life, {surveyed}, score of 0 to 24", "decimal"),
    ]


def script_data(everything: Everything) -> str:
    """What the scripts of the index and of the comparison read. A script and not JSON: a page opened from
    disk may not fetch a file, but may run it."""
    years = everything.years
    # The script knows a peer by its place in the list.
    places = {council: place for place, council in enumerate(everything.councils)}
    councils = [_for_script(council, years, places) for council in everything.councils.values()]
    england = _england_of_money(everything) | _england_of_outcomes(everything)
    reasons: dict[tuple[str, str], int] = {}
    for council, told in zip(everything.councils.values(), councils, strict=True):
        told["why"] = _reasons(council, told["figures"], everything, reasons)
    content = {
        "measures": _compared(years),
        "councils": councils,
        "england": england,
        "reasons": list(reasons),
    }
    return "window.COUNCILS = " + json.dumps(content, ensure_ascii=False, separators=(",", ":")) + ";\n"


def _england_of_money(everything: Everything) -> dict[str, float | str]:
    years = everything.years
    of = {
        "share-c": ("share", years.latest, "all"),
        "share-c-before": ("share", years.before, "all"),
        "share-young": ("share", years.latest, "18-64"),
        "share-old": ("share", years.latest, "65+"),
        "per-adult": ("direct_payments_per_adult_real_gbp", years.latest, "all"),
        "cash": ("direct_payments_cash_gbp", years.latest, "all"),
    }
    found = {
        key: round(everything.england_shares[year, age][column], 6) for key, (column, year, age) in of.items()
    }
    # England has no peers, and no place among councils.
    return {**found, "peers": NOT_OF_ENGLAND, "rank": NOT_OF_ENGLAND}


def _england_of_outcomes(everything: Everything) -> dict[str, float]:
    """England's figure of each outcome compared, which stands beside every council's."""
    years = everything.years
    of = {
        "people": ("users_with_direct_payment", years.outcomes, 100),
        "carers": ("carers_with_direct_payment", years.carers_paid, 100),
        "control": ("control_over_daily_life", years.outcomes, 1),
        "satisfaction": ("satisfaction_with_care", years.outcomes, 1),
        "quality": ("quality_of_life", years.outcomes, 1),
    }
    found = {}
    for council in everything.councils.values():
        for key, (measure, year, over) in of.items():
            row = council.outcome(measure, year)
            if row and row["england_value"] is not None:
                found[key] = round(row["england_value"] / over, 6)
    return found


def _for_script(council: Council, years: Years, places: dict[str, int]) -> dict[str, Any]:
    answers = {
        row["measure_id"]: row["value"] for row in council.outcomes if row["financial_year"] == years.outcomes
    }

    def share(year: str, age: str = "all", column: str = "share") -> float | None:
        row = council.share(year, "C", "all", age)
        return None if row is None or row[column] is None else round(row[column], 6)

    def outcome(measure: str) -> float | None:
        value = answers.get(measure)
        return None if value is None else round(value, 4)

    return {
        "id": council.id,
        "name": council.name,
        "aliases": [alias for alias in council.aliases if alias != council.name.lower()],
        "region": council.facts["region_id"],
        "class": council.facts["class_id"],
        "peers": [places[peer["peer_id"]] for peer in council.peers],
        "ended": str(council.facts["end_date"]) if council.facts["end_date"] else None,
        "figures": {
            "people": _share_of_people(council, "users_with_direct_payment", years.outcomes),
            "carers": _share_of_people(council, "carers_with_direct_payment", years.carers_paid),
            "share-c": share(years.latest),
            "share-c-before": share(years.before),
            "share-young": share(years.latest, "18-64"),
            "share-old": share(years.latest, "65+"),
            "peers": share(years.latest, column="peer_median_share"),
            "per-adult": share(years.latest, column="direct_payments_per_adult_real_gbp"),
            "cash": share(years.latest, column="direct_payments_cash_gbp"),
            "rank": share(years.latest, column="share_rank"),
            "control": outcome("control_over_daily_life"),
            "satisfaction": outcome("satisfaction_with_care"),
            "quality": outcome("quality_of_life"),
        },
        "notes": _notes(council, years),
    }


MEASURES = {
    "people": ("users_with_direct_payment", "outcomes"),
    "carers": ("carers_with_direct_payment", "carers_paid"),
    "control": ("control_over_daily_life", "outcomes"),
    "satisfaction": ("satisfaction_with_care", "outcomes"),
    "quality": ("quality_of_life", "outcomes"),
}
"""Of what the comparison shows, the measures of the outcomes framework and the years they are of."""


def _reasons(
    council: Council, figures: dict[str, Any], everything: Everything, reasons: dict[tuple[str, str], int]
) -> dict[str, int]:
    """Why each figure that the council lacks is missing: the reason's place among all `reasons`."""
    years, found = everything.years, {}
    for key in (key for key, value in figures.items() if value is None):
        if key == "peers" and not council.peers:
            why = NO_PEERS
        elif key in MEASURES:
            measure, of = MEASURES[key]
            why = gaps.of_measure(council, getattr(years, of), measure, everything.measure_names)
        else:
            why = gaps.of_share(council, years.before if key == "share-c-before" else years.latest)
        found[key] = reasons.setdefault(why, len(reasons))
    return found


def _share_of_people(council: Council, measure: str, year: str) -> float | None:
    row = council.outcome(measure, year)
    return None if row is None or row["value"] is None else round(row["value"] / 100, 6)


def _notes(council: Council, years: Years) -> list[str]:
    """What to bear in mind of the figures compared: flags, and boundaries that changed between the years."""
    compared = [(years.before, "all"), (years.latest, "all"), (years.latest, "18-64"), (years.latest, "65+")]
    notes = [
        f"its share of {year}{'' if age == 'all' else f' for {flags.AGES[age]}'} is {flag}"
        for year, age in compared
        if (flag := council.flag(year, "C", age))
    ]
    return notes + [
        f"its figures before {change['first_financial_year']} are of older boundaries"
        for change in council.changed_between(years.before, years.latest)
    ]
