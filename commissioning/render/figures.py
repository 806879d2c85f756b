"""Charts and tables for use inside a brief's cells.

>>> from commissioning.render.figures import show, table
>>> show(chart)                                                     # doctest: +SKIP
>>> table(rows, columns={"council": "Council", "share": "Share"})   # doctest: +SKIP
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import vl_convert

# Okabe and Ito's colours, told apart with every common form of colour blindness. The first two are dark
# enough for text on white (their vermilion is darkened for it); the yellow, too pale for lines, is last.
PALETTE = ["#0072b2", "#c04f00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#1b1f24", "#f0e442"]
INK, MUTED, LINE = "#1b1f24", "#535d68", "#d5dae0"

# Liberation Sans travels inside vl-convert, which measures and draws with it whatever the machine has; a
# browser takes whichever it has of these, all as wide.
FONT = "Liberation Sans, Arial, Arimo, Helvetica, sans-serif"
# Pixels. With axes and labels a chart comes to about 520 px: on a desktop its text is as large as the
# page's, and on a phone 390 px wide still 10 px high.
WIDTH, HEIGHT, TEXT = 450, 280, 14


@alt.theme.register("commissioning", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """The briefs' Altair theme: one type scale, colours safe for colour-blind readers, no chart junk."""
    return {
        "config": {
            "font": FONT,
            "background": "white",
            "padding": 4,
            "view": {
                "continuousWidth": WIDTH, "continuousHeight": HEIGHT, "discreteWidth": WIDTH, "stroke": None,
            },
            "axis": {
                "labelFontSize": TEXT, "titleFontSize": TEXT, "titleFontWeight": "normal",
                "labelColor": MUTED, "titleColor": MUTED, "titlePadding": 10, "labelPadding": 6,
                "labelLimit": 260,
                "domainColor": "#8a939d", "tickColor": "#8a939d", "tickSize": 4, "gridColor": LINE,
            },
            "axisX": {"grid": False, "labelOverlap": "greedy", "labelFlush": False},
            "axisY": {"domain": False, "ticks": False, "tickCount": 5},
            # A band axis names things: no ticks, and words as dark as text.
            "axisBand": {"ticks": False, "grid": False, "labelColor": INK},
            "legend": {
                "labelFontSize": TEXT, "titleFontSize": TEXT, "titleFontWeight": "normal",
                "labelColor": INK, "titleColor": MUTED, "orient": "top", "direction": "horizontal",
                "symbolStrokeWidth": 3, "labelLimit": 320, "offset": 8,
            },
            "header": {
                "labelFontSize": TEXT, "labelFontWeight": "bold", "labelColor": INK, "labelAnchor": "start",
                "title": None,
            },
            "title": {
                "fontSize": TEXT + 1, "fontWeight": "bold", "color": INK, "anchor": "start", "offset": 12,
                "subtitleFontSize": TEXT - 1, "subtitleColor": MUTED, "subtitlePadding": 4,
            },
            "range": {"category": PALETTE, "ordinal": {"scheme": "blues"}, "ramp": {"scheme": "blues"}},
            "line": {"strokeWidth": 2.5, "strokeCap": "round", "strokeJoin": "round"},
            "point": {"size": 45, "filled": True},
            "bar": {"color": PALETTE[0]},
            "area": {"color": PALETTE[0], "opacity": 0.25},
            "rule": {"color": MUTED},
            "text": {"fontSize": TEXT, "color": INK},
        }
    }  # fmt: skip


class Figure:
    """A chart as SVG, for a notebook to show. `svg` is the drawing."""

    def __init__(self, svg: str):
        self.svg = svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg}


class Table:
    """A Markdown pipe table, for a notebook to show. `markdown` is its text."""

    def __init__(self, markdown: str):
        self.markdown = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


def show(chart: alt.TopLevelMixin) -> Figure:
    """Draw an Altair chart in the briefs' theme. The same chart gives the same SVG on every machine."""
    return Figure(vl_convert.vegalite_to_svg(chart.to_dict()))


def table(
    rows: Any,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    align: str | None = None,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
    missing: str = "–",
) -> Table:
    """A table in Markdown.

    `rows` is a Polars or pandas frame, a DuckDB result or an iterable of mappings. `columns` chooses and
    heads the columns ({"share": "Share, %"}); `align` is one letter a column (l, r, c; default: numbers to
    the right); `formats` gives a column's format ("{:.1%}") or a function. None and NaN show as `missing`.
    Cells are Markdown, apart from `|` and line breaks, which are made harmless. Raises `KeyError` for a
    column that is not there, `ValueError` where `align` does not fit.
    """
    records = _records(rows)
    names = list(columns) if columns is not None else list(records[0]) if records else []
    heads = dict(columns) if isinstance(columns, Mapping) else {name: name for name in names}
    if not names:
        raise ValueError("a table needs columns")
    if align is not None and (len(align) != len(names) or set(align) - set("lrc")):
        raise ValueError(f"align must be one of l, r, c for each of {len(names)} columns, not {align!r}")
    cells = {
        name: [_text(record[name], (formats or {}).get(name), missing) for record in records]
        for name in names
    }
    letters = align or "".join("r" if _numeric(cells[name], missing) else "l" for name in names)
    lines = [_row(_escaped(heads[name]) for name in names)]
    lines.append(_row(_rule(letter, [heads[n], *cells[n]]) for n, letter in zip(names, letters, strict=True)))
    lines += [_row(_escaped(cells[name][i]) for name in names) for i in range(len(records))]
    return Table("\n".join(lines) + "\n")


def _records(rows: Any) -> list[dict[str, Any]]:
    if hasattr(rows, "to_dicts"):  # Polars
        return rows.to_dicts()
    if hasattr(rows, "to_dict"):  # pandas
        return rows.to_dict("records")
    if hasattr(rows, "fetchall"):  # DuckDB
        names = rows.columns if hasattr(rows, "columns") else [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return [dict(row) for row in rows]


def _text(value: Any, form: str | Callable[[Any], str] | None, missing: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return missing
    if callable(form):
        return form(value)
    if form:
        return form.format(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, numbers.Real) else str(value)


def _numeric(cells: Iterable[str], missing: str) -> bool:
    """Whether a column reads as numbers: £1,234, 11.3%, -0.2, +1.5 points."""
    shown = [cell for cell in cells if cell != missing]
    pattern = r"[-−+±]?\s*£?[\d,]+(\.\d+)?\s*(%|m|bn|k|pp|points)?"
    return bool(shown) and all(re.fullmatch(pattern, cell) for cell in shown)


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _rule(letter: str, cells: list[str]) -> str:
    # Where a line is long, Pandoc shares the width out by these dashes.
    longest = max(len(cell) for cell in cells)
    dashes = "-" * max(3, min(longest, 40))
    return {"l": f":{dashes}", "r": f"{dashes}:", "c": f":{dashes}:"}[letter]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
