"""Figures and tables for use inside a brief's cells.

>>> from commissioning.site.charts.figures import figure, query, table
>>> data = query("select financial_year, share from ... order by financial_year")    # doctest: +SKIP
>>> figure(                                                                          # doctest: +SKIP
...     "fig-share", alt.Chart(data.rows).mark_line().encode(x="financial_year", y="share"), data,
...     title="The share rose to [dp_share_c_2017_18]{.n}", subtitle="Direct payments, share of ..., England",
...     source="ASC-FR 2014-15 to 2021-22", alt="A line that rises ...",
...     columns={"financial_year": "Year", "share": "Share"}, formats={"share": "{:.1%}"},
... )
"""

from __future__ import annotations

import math
import numbers
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from commissioning import __version__, open_marts
from commissioning.base import csvs
from commissioning.base.paths import project
from commissioning.base.rounding import AsRead
from commissioning.numbers import headlines
from commissioning.site import templates
from commissioning.site.charts import breaks, drawings, phone
from commissioning.site.charts.palette import AXIS, FONT, GRID, INK, MUTED, PALETTE
from commissioning.site.config import build_id
from commissioning.site.formats import written

if TYPE_CHECKING:
    import polars

# Pixels. With axes and labels a chart comes to about 520 px: on a desktop its text is as large as the
# page's. For a phone it is drawn anew.
WIDTH, HEIGHT, TEXT = 450, 280, 14

# What a numbered reference is called where its number is not known.
REFERRED_TO = {"sec": "another section", "fig": "another figure", "tbl": "another table"}


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
                "domainColor": AXIS, "tickColor": AXIS, "tickSize": 4, "gridColor": GRID,
            },
            "axisX": {"grid": False, "labelOverlap": "parity", "labelSeparation": 6, "labelFlush": False},
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


class Output:
    """Markdown for a notebook to show. `markdown` is its text."""

    def __init__(self, markdown: str):
        self.markdown = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


@dataclass(frozen=True)
class Result:
    """The rows of a query as a Polars frame, with the SQL that gave them."""

    sql: str
    rows: polars.DataFrame


def query(sql: str) -> Result:
    """Run `sql` on the published marts. It must name an order: readers get the rows as they come."""
    with open_marts() as marts:
        # Threads add up in any order: the last digit of a sum would differ from run to run.
        marts.execute("set threads = 1")
        return Result(textwrap.dedent(sql).strip(), marts.sql(sql).pl())


def figure(
    label: str,
    chart: alt.TopLevelMixin,
    data: Result,
    *,
    title: str,
    subtitle: str,
    source: str,
    alt: str,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
    missing: Mapping[str, str] | None = None,
) -> Output:
    """A figure of a brief: its finding, the chart, its source, and behind that its data.

    `label` begins with `fig-`: it is the figure's address (`#fig-share`) and what `@fig-share` refers to.
    `title` is the finding; `subtitle` says what is drawn, in which units and where; both may name headlines.
    `source` names the publisher and the editions; `alt` says in words what the chart shows. `data` is what
    the chart was drawn from: readers get its rows as a table (`columns` heads and chooses its columns,
    `formats` and `missing` as in `table`), its SQL, and all its columns as CSV. The CSV, and the chart as SVG
    and PNG, are written beside the page. On paper the figure keeps its finding, chart and source. Raises
    `RenderError` where a line of the direct payment share crosses a break of responsibility that the chart
    does not mark.
    """
    if not re.fullmatch(r"fig-[\w-]+", label):
        raise ValueError(f"the label of a figure begins with fig-, not {label!r}")
    spec = chart.to_dict()
    breaks.check(label, spec, data.sql)
    svg = drawings.own_ids(vl_convert.vegalite_to_svg(spec), label)
    drawing = _write("charts", label, ".svg", drawings.light(svg))
    # The page's filter puts both into the page, and the style sheet shows one of them.
    narrow = drawings.own_ids(phone.drawn(spec, svg, WIDTH), f"{label}-phone")
    _write("phones", label, ".svg", drawings.light(narrow))
    alone = drawings.standalone_svg(svg, plain(title), plain(subtitle), f"Source: {plain(source)}")
    files = {
        **_write_csv(label, data, title, columns, {"Shows": subtitle, "Source": source}),
        "SVG": _write("downloads", label, ".svg", alone),
        "PNG": _write("downloads", label, ".png", drawings.png(alone)),
    }
    quoted = " ".join(alt.split()).replace("\\", "\\\\").replace('"', '\\"')
    return Output(f""":::: {{.exhibit .drawn}}
**{title}**

::: {{#{label}}}
![](<{drawing}>){{fig-alt="{quoted}"}}

[Source: {source}]{{.source-line}}

{subtitle}
:::

{_behind(label, plain(title), files, data, columns, formats, missing, show_table=True)}
::::
""")


def table(
    rows: Any,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    align: str | None = None,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
    missing: str | Mapping[str, str] = "–",
    *,
    label: str | None = None,
    caption: str | None = None,
    data: Result | None = None,
    markdown: Sequence[str] = (),
) -> Output:
    """A table in Markdown.

    `rows` is the result of `query`, a Polars or pandas frame, a DuckDB result or an iterable of mappings.
    `columns` chooses and heads the columns ({"share": "Share, %"}); `align` is one letter a column (l, r, c;
    default: numbers to the right); `formats` gives a column's format ("{:.1%}") or a function. None and NaN
    show as `missing`, which may say for a column why it has none. Text is shown as it is, but for the columns
    named in `markdown`. With a `caption` and a `label` that begins with `tbl-` it is numbered and can be
    referred to; the result of `query` then brings its SQL and a CSV of all its columns. Rows that a brief
    made of a result name it as `data`. Raises `KeyError` for a column that is not there, `ValueError`
    where `align` or `label` does not fit.
    """
    records = _records(rows)
    names, heads = _columns(records, columns)
    if not names:
        raise ValueError("a table needs columns")
    if align is not None and (len(align) != len(names) or set(align) - set("lrc")):
        raise ValueError(f"align must be one of l, r, c for each of {len(names)} columns, not {align!r}")
    why = missing if isinstance(missing, Mapping) else dict.fromkeys(names, missing)
    cells = _cells(records, names, formats, why)
    letters = align or _letters(cells, {"–", *why.values()})
    shown = {name: [_line(c) if name in markdown else _literal(c) for c in cells[name]] for name in names}
    lines = [_row(_line(heads[name]) for name in names)]
    widths = _widths([heads[name] for name in names], [cells[name] for name in names])
    lines.append(_row(_rule(letter, width) for letter, width in zip(letters, widths, strict=True)))
    lines += [_row(shown[name][i] for name in names) for i in range(len(records))]
    text = "\n".join(lines) + "\n"
    if label is None:
        return Output(text + (f"\n: {caption}\n" if caption else ""))
    if not re.fullmatch(r"tbl-[\w-]+", label) or not caption:
        raise ValueError(f"a table's label begins with tbl- and needs a caption: {label!r}, {caption!r}")
    text = f"::: {{#{label}}}\n{text}\n{caption}\n:::\n"
    data = rows if isinstance(rows, Result) else data
    if data is None:
        return Output(text)
    files = _write_csv(label, data, caption, columns, {})
    behind = _behind(label, plain(caption), files, data, columns, formats, show_table=False)
    return Output(f":::: {{.exhibit}}\n{text}\n{behind}\n::::\n")


def plain(text: str) -> str:
    """A brief's Markdown as plain text: headlines as their values, no emphasis, no numbered references."""
    here = project()

    def value(match: re.Match[str]) -> str:
        # One that is not known is left to the page's filter, which names it.
        return headlines.read(here, match[2]).get(match[1], {}).get("text", match[0])

    text = re.sub(r"\[(\w+)(?:@([\w-]+))?\]\{\.n\}", value, text)
    # Numbers of sections, figures and tables are the page's; away from it a reference would lead nowhere.
    text = re.sub(r"\s*\(@(?:sec|fig|tbl)-[\w-]+\)", "", text)
    text = re.sub(r"@(sec|fig|tbl)-[\w-]+", lambda found: REFERRED_TO[found[1]], text)
    return " ".join(re.sub(r"[*`]+", "", text).split())


# Files beside the page ------------------------------------------------------------------------------------


def _page() -> str:
    """The page that is being rendered, below `reports/` and without its suffix. Quarto names it in the
    environment of the cells, and so does the built-in renderer."""
    file = Path(os.environ.get("QUARTO_DOCUMENT_PATH", "."), os.environ.get("QUARTO_DOCUMENT_FILE", "page"))
    file = file.resolve().with_suffix("")
    reports = project().reports.resolve()
    return file.relative_to(reports).as_posix() if file.is_relative_to(reports) else file.name


def _write(kind: str, label: str, suffix: str, content: str | bytes) -> str:
    """Write one of the page's files where the renderer finds it: `charts` and `phones` are drawn into the
    page, `downloads` lie beside it. Returns its address, seen from the page."""
    named = os.environ.get("COMMISSIONING_FIGURES")
    root = Path(named) if named else Path(os.path.relpath(project().reports / "_generated" / "figures"))
    file = root / kind / _page() / f"{label}{suffix}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    if kind != "downloads":
        return file.as_posix()
    return f"{'../' * _page().count('/')}downloads/{_page()}/{file.name}"


def _write_csv(
    label: str, data: Result, title: str, columns: Mapping[str, str] | None, about: Mapping[str, str]
) -> dict[str, str]:
    """Write the rows of a figure and the file that says where they are from; their addresses."""
    marts = ", ".join(sorted(set(re.findall(r"\b(?:mart|dim)_\w+", data.sql))))
    address = f"{_page()}.html#{label}"
    made_by = f"commissioning-evidence {__version__}, data build {build_id(project().root)}"
    provenance = {
        "Title": title,
        **about,
        "Address": address,
        "Made by": made_by,
        "Marts": marts,
        "Licence": "that of the publishers named; see sources.html and LICENSE-DATA.md",
    }
    provenance = {key: plain(value) for key, value in provenance.items()}
    cited = f"{provenance.get('Source', marts).rstrip('.')}. In: {made_by}, {address}"
    names, heads = data.rows.columns, dict(columns) if isinstance(columns, Mapping) else None
    beside = csvs.about_text(f"{label}.csv", names, provenance, heads)
    return {
        "CSV": _write("downloads", label, ".csv", csvs.csv_text(data.rows.to_dicts(), names, cited)),
        "About the CSV": _write("downloads", label, f".csv{csvs.ABOUT}", beside),
    }


# What lies behind a figure --------------------------------------------------------------------------------


def _behind(
    label: str,
    title: str,
    files: Mapping[str, str],
    data: Result,
    columns: Mapping[str, str] | Sequence[str] | None,
    formats: Mapping[str, str | Callable[[Any], str]] | None,
    missing: Mapping[str, str] | None = None,
    *,
    show_table: bool,
) -> str:
    """The tabs as HTML, for the web alone. They are `details`, which browsers open without scripts."""
    what = {
        "CSV": f"the data, {len(data.rows):,} rows",
        "About the CSV": "whose figures they are, and what each column holds",
        "SVG": "the chart, to edit",
        "PNG": "the chart, to paste",
    }
    links = [
        f'<li><a href="{escape(address)}" download>{kind}</a>: {what[kind]}</li>'
        for kind, address in files.items()
    ]
    tabs = {"Table": _html_table(title, data, columns, formats, missing or {})} if show_table else {}
    tabs["SQL"] = f"<pre {_scrolls('SQL', label)}><code>{escape(data.sql)}</code></pre>"
    tabs["Download"] = f"<ul>{''.join(links)}</ul>"
    # One open at a time: they share a name.
    parts = [
        f'<details name="{label}"><summary>{name}</summary><div class="tab">{content}</div></details>'
        for name, content in tabs.items()
    ]
    parts.append(
        f'<a class="permalink" href="#{label}">Link to this {"figure" if show_table else "table"}</a>'
    )
    # Pandoc ends a raw block at its fence and leaves blank lines in it alone.
    return "````{=html}\n" + '<div class="behind">' + "\n".join(parts) + "</div>\n````\n"


def _html_table(
    title: str,
    data: Result,
    columns: Mapping[str, str] | Sequence[str] | None,
    formats: Mapping[str, str | Callable[[Any], str]] | None,
    missing: Mapping[str, str],
) -> str:
    records = data.rows.to_dicts()
    names, heads = _columns(records, columns)
    cells = _cells(records, names, formats, missing)
    columns = [
        (heads[name], place, *([written] if letter == "r" else []))
        for place, (name, letter) in enumerate(
            zip(names, _letters(cells, {"–", *missing.values()}), strict=True)
        )
    ]
    rows = zip(*(cells[name] for name in names), strict=True)
    return templates.block("table", f"Data: {title}", rows, columns)


def _scrolls(what: str, label: str) -> str:
    """Attributes of something that scrolls by itself, which a keyboard must be able to reach."""
    return f'role="group" tabindex="0" aria-label="{what} of {escape(label)}"'


def _records(rows: Any) -> list[dict[str, Any]]:
    if isinstance(rows, Result):
        rows = rows.rows
    if hasattr(rows, "to_dicts"):  # Polars
        return rows.to_dicts()
    if hasattr(rows, "to_dict"):  # pandas
        return rows.to_dict("records")
    if hasattr(rows, "fetchall"):  # DuckDB
        names = rows.columns if hasattr(rows, "columns") else [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return [dict(row) for row in rows]


def _columns(
    records: list[dict[str, Any]], columns: Mapping[str, str] | Sequence[str] | None
) -> tuple[list[str], dict[str, str]]:
    """Names of the columns to show, and the heading of each."""
    names = list(columns) if columns is not None else list(records[0]) if records else []
    return names, dict(columns) if isinstance(columns, Mapping) else {name: name for name in names}


def _cells(
    records: list[dict[str, Any]],
    names: list[str],
    formats: Mapping[str, str | Callable[[Any], str]] | None,
    missing: Mapping[str, str],
) -> dict[str, list[str]]:
    return {
        name: [
            _without_sign(_text(record[name], (formats or {}).get(name), missing.get(name, "–")))
            for record in records
        ]
        for name in names
    }


def _without_sign(text: str) -> str:
    """`text` without a sign before what rounding left as noughts alone: −0.00 to 0.31 is 0.00 to 0.31."""
    return re.sub(r"(?<![\w.])[-−+](?=0(?:\.0*)?(?![\d.]))", "", text)


def _text(value: Any, form: str | Callable[[Any], str] | None, missing: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return missing
    if callable(form):
        return form(value)
    if isinstance(value, bool) and not form:
        return "yes" if value else "no"
    if not isinstance(value, numbers.Real):
        return form.format(value) if form else str(value)
    plainly = "{:,}" if isinstance(value, numbers.Integral) else "{:,.1f}"
    read = value if isinstance(value, numbers.Integral) else AsRead(value)
    return (form or plainly).format(read).replace("-", "−")  # a true minus, as in prose


def _letters(cells: Mapping[str, list[str]], missing: Set[str]) -> str:
    """To which side each column goes: r for one that reads as numbers, £1,234, 11.3%, -0.2, +1.5 points."""
    pattern = r"[-−+±]?\s*£?[\d,]+(\.\d+)?\s*(%|m|bn|k|pp|points)?"

    def numeric(column: list[str]) -> bool:
        shown = [cell for cell in column if cell not in missing]
        return bool(shown) and all(re.fullmatch(pattern, cell) for cell in shown)

    return "".join("r" if numeric(column) else "l" for column in cells.values())


def _line(text: str) -> str:
    """Markdown that fits a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _literal(text: str) -> str:
    """Text that Markdown leaves as it is: what comes from data is no markup."""
    return re.sub(r"([\\`*_{}\[\]<>#$^~@|&!])", r"\\\1", " ".join(text.split()))


_PRINTED_LINE, _SMALL_LINE, _MANY = 112, 132, 7
"""Letters of a table's type that a line of a PDF holds, and of the smaller type that more columns have."""


def _widths(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> list[int]:
    """How many letters each column gets, by which Pandoc shares out a printed line.

    No word may break but at a zero-width space, so each column has its longest word, a head's a fifth more
    for its bold type, and three letters for the space between columns. What is left of a line goes to the
    columns with long texts.
    """
    needs, likes = [], []
    for head, cells in zip(heads, columns, strict=True):
        words = [round(1.2 * len(word)) for word in head.split()] + [
            len(w) for cell in cells for w in cell.replace("\u200b", " ").split()
        ]
        needs.append(max(words, default=0) + 3)
        likes.append(max(needs[-1], *(min(len(cell), 40) + 3 for cell in cells), 0))
    wanted = sum(likes) - sum(needs)
    line = _SMALL_LINE if len(heads) > _MANY else _PRINTED_LINE
    spare = min(max(line - sum(needs), 0), wanted)
    return [
        need + round(spare * (like - need) / wanted) if wanted else need
        for need, like in zip(needs, likes, strict=True)
    ]


def _rule(letter: str, width: int) -> str:
    dashes = "-" * width
    return {"l": f":{dashes}", "r": f"{dashes}:", "c": f":{dashes}:"}[letter]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
