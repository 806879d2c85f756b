"""No line of the direct payment share crosses a break of responsibility unmarked."""

from __future__ import annotations

import altair as alt
import duckdb
import polars as pl
import pytest

from commissioning.base.errors import RenderError
from commissioning.site.charts import breaks

SQL = "select financial_year, basis, share from mart_direct_payment_share order by financial_year"
X, Y = alt.X("year:Q"), alt.Y("share:Q")


@pytest.fixture(autouse=True)
def published(built_marts, monkeypatch):
    monkeypatch.setattr(
        "commissioning.site.charts.breaks.open_marts",
        lambda: duckdb.connect(str(built_marts), read_only=True),
    )


def rows(*years: int, basis: str = "C") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "financial_year": [f"{year}-{(year + 1) % 100:02}" for year in years],
            "year": years,
            "basis": [basis] * len(years),
            "share": [0.1] * len(years),
            "pounds": [1.0] * len(years),
        }
    )


def line(frame: pl.DataFrame, y: alt.Y = Y) -> alt.Chart:
    return alt.Chart(frame).mark_line().encode(X, y)


def test_a_line_across_a_break_is_refused_until_it_is_marked():
    frame = rows(2014, 2016, 2017)
    with pytest.raises(RenderError, match="Independent Living Fund closes"):
        breaks.check("fig-x", line(frame).to_dict(), SQL)
    marks, key = breaks.marks(frame.to_dicts(), X)
    assert key == "1. Independent Living Fund closes"
    breaks.check("fig-x", (line(frame) + marks).to_dict(), SQL)
    faceted = alt.layer(alt.Chart().mark_line().encode(X, Y), marks).facet("basis:N", data=frame)
    breaks.check("fig-x", faceted.to_dict(), SQL)
    with pytest.raises(RenderError, match="Independent Living Fund closes"):
        breaks.check("fig-x", line(frame).facet("basis:N").to_dict(), SQL)


@pytest.mark.parametrize(
    ("years", "basis", "crossed"),
    [
        ((2016, 2017, 2021), "C", []),
        ((2014, 2016), "C", [("independent_living_fund", 2014.5)]),
        ((2013, 2014), "D", []),
        ((2013, 2015), "D", [("independent_living_fund", 2014.5)]),
        ((2000, 2001), "A", []),
        ((2002, 2007), "A", [("free_nursing_care", 2002.5), ("supporting_people", 2002.5)]),
        ((2008, 2010), "B", [("learning_disability_transfer", 2008.5)]),
        ((2010, 2013), "B", [("learning_disability_transfer", 2010.5)]),
        ((2011, 2013), "B", []),
    ],
)
def test_which_breaks_a_line_crosses(years, basis, crossed):
    frame = rows(*years, basis=basis)
    found = breaks.crossed(frame.to_dicts(), share=True)
    assert [(row["break_id"], row["year"]) for row in found] == crossed
    if not crossed:
        breaks.check("fig-x", line(frame).to_dict(), SQL)


def test_what_only_changes_the_denominator_does_not_part_amounts():
    frame = rows(2000, 2007, basis="A")
    pounds = line(frame, alt.Y("pounds:Q")).to_dict()
    breaks.check("fig-x", pounds, SQL)
    with pytest.raises(RenderError, match="Preserved rights end; Free nursing care; Supporting People"):
        breaks.check("fig-x", line(frame).to_dict(), SQL)


def test_points_other_marts_and_lines_without_a_basis():
    frame = rows(2014, 2017)
    breaks.check("fig-x", alt.Chart(frame).mark_point().encode(X, Y).to_dict(), SQL)
    breaks.check("fig-x", line(frame).to_dict(), "select 1 from mart_gaps")
    with pytest.raises(RenderError, match="does not say its basis"):
        breaks.check("fig-x", line(frame.drop("basis")).to_dict(), SQL)
