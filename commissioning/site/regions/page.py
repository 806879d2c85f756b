"""One region's page: what the template `region.qmd.j2` and its parts are given.

A number in a sentence is a link to the cell of a table on the page that holds it, or a headline of England.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from commissioning.base.csvs import ABOUT
from commissioning.site import templates
from commissioning.site.charts import svg
from commissioning.site.charts.palette import BLUE, GREEN, INK, MUTED, VERMILION
from commissioning.site.councils import flags, gaps
from commissioning.site.councils.data import Council, Rows, axis, breaks
from commissioning.site.formats import percent, pounds, start
from commissioning.site.regions.data import CARERS, PEOPLE, Everything, Region
from commissioning.site.regions.downloads import FILES

COLORS = {"A": BLUE, "B": VERMILION, "C": INK, "D": GREEN}

AGES = ("18-64", "65+")

COLLECTIONS = {"salt": "council returns", "client_level_data": "client level data"}
"""What each share of people is counted from."""


def text(region: Region, everything: Everything) -> str:
    """The whole page as a plain `.qmd`."""
    years = everything.years
    current = [row for row in region.councils if row["is_current"]]
    councils = [_areas_row(area, everything) for area in (region, everything.england)]
    councils += [_councils_row(row, everything) for row in current]
    return templates.qmd(
        "region.qmd.j2",
        region=region,
        name=region.name,
        called=region.in_a_sentence,
        years=years,
        latest=years.latest,
        pandemic=everything.pandemic,
        released=everything.released,
        edition=everything.edition,
        about_suffix=ABOUT,
        figure_of=_in_a_sentence(region),
        national=lambda stem, year: Markup(f"[{stem}_{year.replace('-', '_')}]{{.n}}"),
        doubt=region.flag(years.latest, "C"),
        england_doubt=_of_england(everything),
        people=_share_of(region.outcome(PEOPLE, years.outcomes)),
        money=region.share(years.latest, "C"),
        ages={age: region.share(years.latest, "C", "all", age) for age in AGES},
        ends=_ends(current),
        all_have_people=all(row["people_share"] is not None for row in current),
        councils=councils,
        marked=any("†" in row["money"] for row in councils),
        too_small=next((row["why_too_small"] for row in current if row["why_too_small"]), ""),
        ended=[row for row in region.councils if not row["is_current"]],
        by_council=_by_council(current, years.outcomes, everything),
        over_the_years=_over_the_years(region, everything),
        paid=[_paid(row) for row in region.outcomes],
        others=[_other(other, everything) for other in (*everything.regions.values(), everything.england)],
        flagged=_flagged(region),
        files={name: len(getattr(region, file.rows)) for name, file in FILES.items()},
        titles={name: file.title for name, file in FILES.items()},
    )


def _in_a_sentence(region: Region) -> Callable[..., Markup]:
    def link(words: object, *parts: str) -> Markup:
        id = "-".join(parts)
        return Markup(f'[{templates.markdown(words)}](#{id}){{.n data-id="{id}@{region.id}"}}')

    return link


def _cell(id: str, words: object) -> Markup:
    """What a table shows, with the id by which sentences name it."""
    return Markup('<span id="{}">{}</span>').format(id, words)


def _share_of(row: dict[str, Any] | None) -> float | None:
    return None if row is None or row["value"] is None else row["value"] / 100


def _of_england(everything: Everything) -> str:
    row = everything.england.share(everything.years.latest, "C")
    return flags.of_england(row["flag"], row["flag_reason"]) if row and row["flag"] else ""


def _ends(current: Rows) -> list[Rows]:
    """The councils with the highest share of people and those with the lowest: more than one may print it."""
    shares = [row["people_share"] for row in current if row["people_share"] is not None]
    if len(shares) < 2:
        return []
    return [
        [row for row in current if percent(row["people_share"]) == percent(end)]
        for end in (max(shares), min(shares))
    ]


# Tables -----------------------------------------------------------------------------------------------------


def _why(council: str, why: tuple[str, str]) -> Markup:
    """A cell without a figure, which leads to the reason on the council's page."""
    return gaps.link(why, f"../councils/{council}")


def _areas_row(area: Region, everything: Everything) -> dict[str, Any]:
    """The region's or England's row above its councils."""
    years, people = everything.years, _share_of(area.outcome(PEOPLE, everything.years.outcomes))
    row = area.share(years.latest, "C")
    own = f"{area.id}-" if area.id == "england" else ""
    return {
        "council": area.name,
        "kind": "Country" if own else "Region",
        "people": _cell(f"{own}people", percent(people)),
        "money": _cell(f"{own}money", flags.marked(row)),
        "per_adult": pounds(row["direct_payments_per_adult_real_gbp"]) + flags.dagger(row),
    }


def _councils_row(row: dict[str, Any], everything: Everything) -> dict[str, Any]:
    council, years = Council(row, gaps=everything.gaps.get(row["council_id"], [])), everything.years
    why = _why(row["council_id"], gaps.of_share(council, years.latest))
    names = {PEOPLE: everything.england.outcome(PEOPLE, years.outcomes)["measure_name"]}
    why_people = _why(row["council_id"], gaps.of_measure(council, years.outcomes, PEOPLE, names))
    people, money = row["people_share"], row["share"]
    per_adult = row["direct_payments_per_adult_real_gbp"]
    return {
        "council": Markup('<a href="../councils/{}.html">{}</a>').format(
            row["council_id"], row["council_name"]
        )
        + (" ‡" if row["why_too_small"] else ""),
        "kind": row["class"],
        "people": why_people if people is None else _cell(f"people-{row['council_id']}", percent(people)),
        "money": why if money is None else flags.marked(row),
        "per_adult": why if per_adult is None else pounds(per_adult) + flags.dagger(row),
    }


def _other(area: Region, everything: Everything) -> dict[str, Any]:
    """A region's row, or England's, among all."""
    years = everything.years
    is_region = area is not everything.england
    return {
        "name": Markup('<a href="{}.html">{}</a>').format(area.id, area.name) if is_region else area.name,
        "people": percent(_share_of(area.outcome(PEOPLE, years.outcomes))),
        "carers": percent(_share_of(area.outcome(CARERS, years.carers_paid))),
        "money": flags.marked(area.share(years.latest, "C")),
        "before": flags.marked(area.share(years.before, "C")),
    }


def _paid(row: dict[str, Any]) -> dict[str, Any]:
    """The share of people or of carers with a direct payment in a year."""
    return {
        "who": row["measure_name"],
        "year": row["financial_year"],
        "counted": COLLECTIONS[row["comparability_group"]],
        "share": percent(_share_of(row)),
        "england": percent(row["england_value"] / 100),
    }


def _flagged(region: Region) -> Rows:
    """The region's flagged figures, and England's in the same years and on the same bases."""
    found = []
    for row in region.totals:
        for whose, reason in (
            (region.name, row["flag_reason"]),
            ("England", row["england_flag_reason"]),
        ):
            if reason:
                found.append(
                    {"year": row["financial_year"], "whose": whose, "basis": row["basis"], "why": reason}
                )
    return found


# Charts -----------------------------------------------------------------------------------------------------


def _by_council(current: Rows, year: str, everything: Everything) -> dict[str, Any]:
    """Each council's share of people beside England's, highest first."""
    england = _share_of(everything.england.outcome(PEOPLE, year))
    held = sorted(
        (row for row in current if row["people_share"] is not None),
        key=lambda row: (-row["people_share"], row["council_name"]),
    )
    marks = [svg.Row(row["council_name"], row["people_share"], None, england, year=year) for row in held]
    return {
        "drawing": svg.dots(marks, lambda v: percent(v, 0), name="council", peers=False),
        "rows": held,
    }


def _over_the_years(region: Region, everything: Everything) -> dict[str, Any]:
    """The share of the money: a line for each basis, England behind the region."""
    lines, shown = [], [row for row in region.totals if row["share"] is not None]
    for basis in sorted({row["basis"] for row in shown}):
        rows = [row for row in shown if row["basis"] == basis]
        of = {
            column: [(start(row["financial_year"]), row[column]) for row in rows]
            for column in ("england_share", "share")
        }
        doubted = {start(row["financial_year"]) for row in rows if flags.words(row)}
        lines += [
            svg.Line(of["england_share"], MUTED, width=1.2, dot=2),
            svg.Line(of["share"], COLORS[basis], f"{region.name}, basis {basis},", doubted=doubted),
        ]
    duties = region.crossed(everything.duties, "share")
    return {
        "drawing": svg.lines(
            lines,
            lambda v: percent(v, 0),
            key=[svg.Line([], INK, region.name), svg.Line([], MUTED, "England", 1.2, dot=2)],
            years=axis(everything.bases),
            breaks=breaks(everything.bases),
            duties=[year for year, _ in duties],
        ),
        "duties": duties,
        "changed": [],
        "rows": region.totals,
        "lines": [
            [row for row in shown if row["basis"] == basis] for basis in sorted({r["basis"] for r in shown})
        ],
        "years": [row["financial_year"] for row in shown],
    }
