"""Lines over years for a brief's chart, joined as `runs` says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import altair as alt

from commissioning.site.charts.runs import GAP, gaps, runs

if TYPE_CHECKING:
    import polars


def lines(
    rows: polars.DataFrame, x: alt.X, y: alt.Y, color: alt.Color, *, apart: Iterable[str] = ()
) -> alt.Chart | alt.LayerChart:
    """A line for each colour, parted by the columns `apart` too, with a point for each year.

    `x` is the year as a whole number. Years that follow one another are joined; over years without a figure
    the line is dotted, which the figure's subtitle must say (`runs.GAP_WORDS`).
    """
    import polars as pl

    year, by = _field(x), [_field(color), *apart]
    drawn = []
    for number, line in enumerate(rows.partition_by(by, maintain_order=True)):
        points = [(row[year], row) for row in line.to_dicts()]
        stretches = [("held", run) for run in runs(points)] + [("gap", pair) for pair in gaps(points)]
        drawn += [
            {**row, "joined": kind, "stretch": f"{number}, {kind}, {stretch[0][0]}"}
            for kind, stretch in stretches
            for _, row in stretch
        ]
    base = alt.Chart(pl.DataFrame(drawn, schema_overrides=dict(rows.schema)))
    held = _of(base, "held").mark_line(point=True).encode(x, y, color, detail="stretch:N")
    if not any(row["joined"] == "gap" for row in drawn):
        return held
    dotted = _of(base, "gap").mark_line(strokeDash=list(GAP), strokeWidth=1.6)
    return dotted.encode(x, y, color, detail="stretch:N") + held


def _of(base: alt.Chart, kind: str) -> alt.Chart:
    return base.transform_filter(f"datum.joined === '{kind}'")


def _field(channel: Any) -> str:
    return channel.shorthand.partition(":")[0]
