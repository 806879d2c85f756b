"""Breaks of responsibility on charts of the direct payment share: marks, and a check that none is missing.

A duty or a fund that moved between bodies (`dim_responsibility_break`) changes a figure though nobody chose
differently, so no line may cross one unmarked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from commissioning import open_marts
from commissioning.base.errors import RenderError

SERIES = "mart_direct_payment_share"


def known() -> list[dict[str, Any]]:
    """The breaks with their bases and the starting years of the first figures that differ, oldest first."""
    with open_marts() as marts:
        rows = marts.sql(
            "select break_id, short_name, part, bases, years_of_change from dim_responsibility_break "
            "order by years_of_change, break_id"
        ).pl()
    return [
        row
        | {
            "bases": row["bases"].split(),
            "years": [int(year[:4]) for year in row["years_of_change"].split()],
        }
        for row in rows.to_dicts()
    ]


def crossed(rows: Sequence[Mapping[str, Any]], *, share: bool) -> list[dict[str, Any]]:
    """Breaks between the first and last year that `rows` have on a basis, `year` being where to mark each:
    half a year before the first figure that differs. What only changes what the share is of does not change
    an amount.
    """
    years: dict[str, list[int]] = {}
    for row in rows:
        years.setdefault(row["basis"], []).append(int(row["financial_year"][:4]))
    found = []
    for one in known():
        if one["part"] == "denominator" and not share:
            continue
        changes = [
            year
            for year in one["years"]
            if any(min(years[b]) < year <= max(years[b]) for b in one["bases"] if b in years)
        ]
        if changes:
            found.append({"break_id": one["break_id"], "name": one["short_name"], "year": min(changes) - 0.5})
    return found


def marks(rows: Sequence[Mapping[str, Any]], x: alt.X, *, share: bool = True) -> tuple[alt.LayerChart, str]:
    """Rules, numbered at the top, for the breaks that `rows` cross; and the key to the numbers."""
    found = crossed(rows, share=share)
    names = dict.fromkeys(row["name"] for row in found)
    numbers = {name: str(place) for place, name in enumerate(names, 1)}
    labels: dict[float, list[str]] = {}
    for row in found:
        labels.setdefault(row["year"], []).append(numbers[row["name"]])
    rule = alt.Chart({"values": found}).mark_rule(strokeDash=[8, 2, 1, 2]).encode(x)
    text = [
        alt.Chart({"values": [{"year": year, "number": ", ".join(at)}]})
        .mark_text(dy=-6, align=_side(year, labels))
        .encode(x, y=alt.value(0), text="number:N")
        for year, at in labels.items()
    ]
    key = "; ".join(f"{number}. {name}" for name, number in numbers.items())
    return alt.layer(rule, *text), key


def _side(year: float, marked: Iterable[float]) -> str:
    """To which side of its rule a number stands: clear of the one at a rule beside it."""
    if any(year < other < year + 2 for other in marked):
        return "right"
    return "left" if any(year - 2 < other < year for other in marked) else "center"


def check(label: str, spec: Mapping[str, Any], sql: str) -> None:
    """Raise `RenderError` where a line of the share's series crosses a break that the chart does not mark."""
    if SERIES not in sql:
        return
    units = list(_units(spec, None, spec.get("datasets", {})))
    marked = {row["break_id"] for _, rows in units for row in rows if "break_id" in row}
    for unit, rows in units:
        mark = unit["mark"] if isinstance(unit["mark"], str) else unit["mark"]["type"]
        if mark not in ("line", "trail", "area") or not rows:
            continue
        if not {"basis", "financial_year"} <= rows[0].keys():
            raise RenderError(
                "A line of the direct payment share does not say its basis and year.",
                where=label,
                expected="the columns basis and financial_year in the chart's data",
                found=", ".join(rows[0]),
                todo="add them to the query: breaks of responsibility are looked up by them",
            )
        share = "share" in str(unit.get("encoding", {}).get("y", {}).get("field", "share"))
        missing = [row["name"] for row in crossed(rows, share=share) if row["break_id"] not in marked]
        if missing:
            raise RenderError(
                "A line crosses a break of responsibility that the chart does not mark.",
                where=label,
                expected="a mark for each break between its first and last year",
                found="unmarked: " + "; ".join(missing),
                todo="add the layer of commissioning.site.charts.breaks.marks, and its key to the subtitle",
            )


def _units(
    spec: Mapping[str, Any], rows: list | None, named: Mapping[str, list]
) -> Iterator[tuple[Mapping[str, Any], list]]:
    """Every mark of a Vega-Lite chart with the rows that it draws."""
    data = spec.get("data") or {}
    rows = data.get("values", named.get(data.get("name"), rows))
    if "mark" in spec:
        yield spec, rows or []
    several = [one for key in ("layer", "concat", "hconcat", "vconcat") for one in spec.get(key, [])]
    for part in several + ([spec["spec"]] if "spec" in spec else []):
        yield from _units(part, rows, named)
