"""Direct payments and their share of spending on a council's page: over the years, among all, by group."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from commissioning.site.charts import svg
from commissioning.site.charts.palette import BLUE, GREEN, INK, MUTED, VERMILION
from commissioning.site.councils import flags, gaps
from commissioning.site.councils.data import Council, Everything, Rows
from commissioning.site.formats import percent, span, start, unit_of

COLORS = {"A": BLUE, "B": VERMILION, "C": INK, "D": GREEN}
REASONS = [
    "physical_support",
    "sensory_support",
    "memory_and_cognition",
    "learning_disability",
    "mental_health",
]


def _over_years(council: Council, everything: Everything, rows: Rows, column: str) -> dict[str, Any]:
    """What a chart of `rows` marks and its caption names: duties that moved, new boundaries."""
    changes = council.changed_between(rows[0]["financial_year"], rows[-1]["financial_year"])
    return {
        "duties": council.crossed(everything.duties, column),
        "changed": [change["first_financial_year"] for change in changes],
    }


def _drawn(everything: Everything, marks: dict[str, Any]) -> dict[str, Any]:
    """The same for the drawing: a council's area changes before the first year of the new one."""
    return {
        "years": everything.axis,
        "breaks": everything.breaks,
        "boundaries": [start(year) - 0.5 for year in marks["changed"]],
        "duties": [year for year, _ in marks["duties"]],
    }


def bases(council: Council, everything: Everything) -> Rows:
    """What each basis counts, and the years that the council has on it or why it has none."""
    return [basis | _held(council, basis) for basis in everything.bases]


def _held(council: Council, basis: dict[str, Any]) -> dict[str, Any]:
    mine = [row for row in council.totals if row["basis"] == basis["basis"]]
    years = [row["financial_year"] for row in mine if row["share"] is not None]
    facts = council.facts
    reasons = [row["flag_reason"] for row in mine if row["flag_reason"]]
    reasons += [gap["reason"] for gap in council.gaps if gap["what"].endswith(f"basis {basis['basis']}")]
    return {
        "held": span(years),
        "began": facts["start_date"] and facts["start_date"].year > start(basis["last_year"]),
        "ended": facts["end_date"] and facts["end_date"].year <= start(basis["first_year"]),
        "reasons": list(dict.fromkeys(reasons)),
    }


def over_the_years(council: Council, everything: Everything) -> dict[str, Any] | None:
    shown = [row for row in council.totals if row["share"] is not None]
    if not shown:
        return None
    marks = _over_years(council, everything, shown, "share")
    key = [svg.Line([], INK, council.name), svg.Line([], MUTED, "England", 1.2, dot=2)]
    if any(row["peer_median_share"] is not None for row in shown):
        key.insert(1, svg.Line([], MUTED, "peers' median", 1.6, "7 4", 2))
    return marks | {
        "drawing": svg.lines(
            [line for rows in council.series for line in _lines(council.name, rows)],
            lambda v: percent(v, 0),
            key=key,
            **_drawn(everything, marks),
        ),
        "rows": [
            row
            | {"shared": _is_shared(everything, row), "leap": _leap(council, row), "why": _why(council, row)}
            for row in council.totals
        ],
        "lines": [held for rows in council.series if (held := [r for r in rows if r["share"] is not None])],
        "years": [row["financial_year"] for row in shown],
        "unit": unit_of(row[f"direct_payments_{kind}_gbp"] for row in shown for kind in ("cash", "real")),
    }


def _lines(name: str, rows: Rows) -> list[svg.Line]:
    """One basis: England and the peers' median behind, the council in front."""
    color = COLORS[rows[0]["basis"]]
    points = {
        column: [(start(row["financial_year"]), row[column]) for row in rows]
        for column in ("england_share", "peer_median_share", "share")
    }
    return [
        svg.Line(points["england_share"], MUTED, width=1.2, dot=2),
        svg.Line(points["peer_median_share"], color, width=1.6, dash="7 4", dot=2),
        svg.Line(points["share"], color, f"{name}, basis {rows[0]['basis']},", doubted=_doubted(rows)),
    ]


def _doubted(rows: Rows) -> set[int]:
    return {start(row["financial_year"]) for row in rows if flags.words(row)}


def _leap(council: Council, row: dict[str, Any]) -> str:
    """Whether the share is more than twice, or less than half, that of the year before on its basis, of the
    same area and where no flag of either year says why."""
    for earlier in council.totals:
        years = earlier["financial_year"], row["financial_year"]
        if earlier["basis"] != row["basis"] or start(years[1]) - start(years[0]) != 1:
            continue
        before, now = earlier["share"] or 0, row["share"] or 0
        if min(before, now) <= 0 or earlier["flag"] or row["flag"] or council.changed_between(*years):
            return ""
        return "twice" if now > 2 * before else "half" if 2 * now < before else ""
    return ""


def _is_shared(everything: Everything, row: dict[str, Any]) -> bool:
    """Whether another council has the same share, and so the same place."""
    shares = everything.shares(row["financial_year"], row["basis"])
    return list(shares.values()).count(row["share"]) > 1


def years_without_payments(council: Council) -> set[str]:
    """The years on basis C in which the council's return prints nought for direct payments."""
    return {
        row["financial_year"]
        for row in council.totals
        if row["basis"] == "C" and row["direct_payments_cash_gbp"] == 0
    }


def peers_lack(council: Council, everything: Everything) -> dict[str, bool]:
    """Whether some of the peers have no figure in the two medians of a page's first sentences."""
    years = everything.years
    people = council.outcome("users_with_direct_payment", years.outcomes) or {}
    money = council.share(years.latest, "C") or {}
    counts = {"people": people.get("peers_with_value"), "money": money.get("peers_with_share")}
    return {of: (count or 0) < len(council.peers) for of, count in counts.items()}


def level(council: Council, everything: Everything) -> dict[str, Any] | None:
    """Direct payments in pounds of one year."""
    column = "direct_payments_real_gbp"
    rows = [row for row in council.totals if row[column] is not None]
    if not any(row[column] for row in rows):
        return None
    series = [
        svg.Line(
            [(start(row["financial_year"]), row[column] / 1e6) for row in line if row in rows],
            COLORS[line[0]["basis"]],
            f"Basis {line[0]['basis']},",
            doubted=_doubted(line),
        )
        for line in council.series
    ]
    high = max(row[column] for row in rows) / 1e6
    # A small council's axis is in thousands.
    key = [svg.Line([], line.color, line.name[:-1]) for line in series if line.held]
    digits, scale, unit = (0, 1, "m") if high >= 10 else (1, 1, "m") if high >= 1 else (0, 1000, "k")
    marks = _over_years(council, everything, rows, column)
    return marks | {
        "drawing": svg.lines(
            series,
            # A full million in thousands is wider than the margin.
            lambda v: f"£{v * scale:,.{digits}f}{unit}" if scale == 1 or v < 1 else f"£{v:,.0f}m",
            key=key if len(key) > 1 else [],
            **_drawn(everything, marks),
        ),
        "rows": rows,
        "per_adult": [r for r in council.totals if r["direct_payments_per_adult_real_gbp"] is not None],
        "flagged": any(flags.words(row) for row in rows),
        "unit": unit_of(row[column] for row in rows),
    }


def place(council: Council, everything: Everything) -> dict[str, Any] | None:
    """Where the council stands among all in the latest year."""
    year = everything.years.latest
    mine = council.share(year, "C")
    if not mine or mine["share"] is None:
        return None
    shares = everything.shares(year, "C")
    peers = [shares[peer["peer_id"]] for peer in council.peers if peer["peer_id"] in shares]
    others = [share for i, share in shares.items() if i != council.id]
    named = f"{council.name}, {percent(mine['share'])}"
    rows = [
        {"id": i, "name": name, "share": _share_or_why(everything.councils[i], everything)}
        for i, name in [(council.id, council.name), *((p["peer_id"], p["peer_name"]) for p in council.peers)]
    ]
    return {
        "drawing": svg.strip(others, peers, mine["share"], lambda v: percent(v, 0), named),
        "mine": mine,
        "flag": flags.words(mine),
        "rows": rows,
        "marked": any("†" in row["share"] for row in rows),
    }


def _share_or_why(council: Council, everything: Everything) -> str | Markup:
    year = everything.years.latest
    return flags.marked_or_why(council.share(year, "C"), gaps.link(gaps.of_share(council, year), council.id))


def groups(council: Council, everything: Everything) -> dict[str, Any] | None:
    """By client group and age, in the last year that has the groups; the table has the latest ages too."""
    years = everything.years
    found = [
        row
        | {
            "label": f"{everything.groups[group]}, {age}",
            "doubt": _doubt(council, row),
            "why": _why(council, row),
        }
        for year, groups in ((years.latest, ["all"]), (years.before, ["all", *REASONS]))
        for group in groups
        for age in ("18-64", "65+")
        if (row := council.share(year, "C", group, age))
    ]
    held = [row["financial_year"] for row in found if row["share"] is not None]
    if not held:
        return None
    # One chart is of one year: the last held with client groups, or the only one that the council has.
    year = min(held)
    rows = [row for row in found if row["financial_year"] == year]
    marks = [
        svg.Row(
            row["label"], row["share"], row["peer_median_share"], row["england_share"], year=year,
            # Nothing was spent on the group, or nobody knows: a council that made no return.
            note="no spending" if row["denominator_cash_gbp"] == 0 else "no figure",
            flagged=bool(row["doubt"]),
        )
        for row in rows
    ]  # fmt: skip
    return {
        "drawing": svg.dots(marks, lambda v: percent(v, 0), name=council.name, peers=bool(council.peers)),
        "year": year,
        "rows": rows,
        "found": found,
        "changed": bool(council.changed_between(year, years.latest)),
        "doubted": any(row["doubt"] for row in found),
    }


def _why(council: Council, row: dict[str, Any]) -> Markup:
    """What a cell says that has no figure: nobody of the kind was supported, or what the marts know."""
    if row["denominator_cash_gbp"] == 0 and not row["flag"]:
        return Markup('<span title="nothing was spent on such support">no spending</span>')
    return gaps.link(gaps.of_share(council, row["financial_year"], row["basis"]))


def _doubt(council: Council, row: dict[str, Any]) -> str:
    """A dagger for a group's or age's share that is flagged, or for the year's that it is a part of."""
    return flags.dagger(row) or flags.dagger(council.share(row["financial_year"], row["basis"]))


def old_groups(council: Council, everything: Everything) -> Rows:
    """For councils that ended before the later return: the client groups of the last year they have."""
    rows = [row for row in council.shares if row["client_group"] != "all" and row["share"] is not None]
    last = rows and (rows[-1]["financial_year"], rows[-1]["basis"])
    return [
        row | {"group": everything.groups[row["client_group"]], "why": _why(council, row)}
        for row in rows
        if (row["financial_year"], row["basis"]) == last
    ]
