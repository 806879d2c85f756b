"""The small map of the home page: people with a direct payment by council, each a link to its page."""

from __future__ import annotations

from typing import Any

from commissioning.base.paths import Project, project
from commissioning.marts import seals
from commissioning.site import templates
from commissioning.site.charts import palette
from commissioning.site.charts.figures import Output
from commissioning.site.councils import gaps, map

WIDTH = 320
"""Units across: half of the large map, with half of its detail."""

SQL = """
    select council_id, council_name, gss_codes_all, outcomes.financial_year, value / 100 as share,
        gaps.reason
    from dim_council
    left join mart_council_outcomes as outcomes
        on area_id = council_id and measure_id = 'users_with_direct_payment' and financial_year = (
            select max(financial_year) from mart_council_outcomes
            where area_level = 'council' and measure_id = 'users_with_direct_payment' and value is not null
        )
    left join mart_gaps as gaps
        on gaps.area_id = council_id and gaps.financial_year = outcomes.financial_year
        and gaps.what = measure_name
    where is_current order by council_name
"""


def show() -> Output:
    """The map, for a cell of the page to end with."""
    here = project()
    return Output(templates.fenced("{=html}", templates.html("councils/home_map.html.j2", **drawing(here))))


def drawing(here: Project) -> dict[str, Any]:
    """What the template draws: every council in force that has an outline, and London once more."""
    with seals.open_database(here) as db:
        rows = db.execute(SQL).fetchall()
    outlines = map.outlines(map.outline_file(here))
    england, london = map.Frame(*map.ENGLAND, WIDTH), map.Frame(*map.LONDON, 104, 6, 162)
    steps, areas, inset = map.STEPS["people"], [], []
    for id, name, codes, _, share, reason in rows:
        rings = next((outlines[code] for code in (codes or "").split() if code in outlines), None)
        if rings is None:
            continue
        color = map.NONE if share is None else map.COLORS[sum(share >= step for step in steps)]
        areas.append({"id": id, "name": name, "share": share, "color": color})
        areas[-1]["why"] = gaps.shortly(reason or "") or gaps.UNKNOWN[0]
        areas[-1]["path"] = england.path(rings)[0]
        if "E09" in codes:  # a borough
            inset.append(areas[-1] | {"path": london.path(rings)[0]})
    return {
        "areas": areas,
        "inset": inset,
        "width": WIDTH,
        "height": england.height,
        "year": next(year for _, _, _, year, *_ in rows if year),
        "colors": map.COLORS,
        "no_figure": map.NONE,
        "steps": [f"{step:.0%}" for step in steps],
        "palette": palette,
    }
