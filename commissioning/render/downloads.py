"""What a reader can take away from a figure: its data as CSV, its drawing as SVG and PNG.

A file leaves the page that it came from, so each says what it shows, whose figures it holds and which build
made it: a CSV in its last column and, at length, in a file beside it. Equal inputs give equal bytes.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from itertools import repeat
from numbers import Number
from typing import Any

# Liberation Sans travels inside vl-convert, which measures and draws with it whatever the machine has; a
# browser takes whichever it has of these, all as wide.
FONT = "Liberation Sans, Arial, Arimo, Helvetica, sans-serif"
INK, MUTED = "#1b1f24", "#535d68"

CITED = "cite_as"
"""The last column of every CSV: whose figures the row holds, and where it is from."""

ABOUT = "-metadata.json"
"""What the name of the file about a CSV has after the name of the CSV."""

_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """`text`; with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def csv_text(records: Iterable[Mapping[str, Any]], columns: Sequence[str], cited: str | Iterable[str]) -> str:
    """Records as CSV: the names of the columns, the rows, and nothing else.

    The last column, `cite_as`, says whose figures they are: `cited`, one text for all rows or one for each.
    Numbers are written in full and text is quoted. None and NaN are empty cells. It begins with a byte order
    mark, without which spreadsheets misread the pound sign.
    """
    if CITED in columns:
        raise ValueError(f"a column of a download may not be called {CITED}: it is added to every file")
    texts = repeat(cited) if isinstance(cited, str) else cited
    lines = [",".join([*columns, CITED])]
    # There may be more texts than rows: one text is repeated for ever.
    for record, text in zip(records, texts, strict=False):
        lines.append(",".join([*(_cell(record[name]) for name in columns), _on_one_line(text)]))
    return "\ufeff" + "\n".join(lines) + "\n"


def about_text(
    csv: str, columns: Sequence[str], provenance: Mapping[str, Any], heads: Mapping[str, str] | None = None
) -> str:
    """What lies beside the file `csv` and tells all of where it is from: JSON of the W3C's "CSV on the Web",
    which tools find by its name. `heads` are the names of columns as the page has them."""
    named = [
        {"name": column, "titles": column, **({"dc:title": heads[column]} if column in (heads or {}) else {})}
        for column in [*columns, CITED]
    ]
    content = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": csv,
        "tableSchema": {"columns": named},
        "notes": [provenance],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


@lru_cache(maxsize=4096, typed=True)
def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, Number)) else _quoted(str(value))


@cache
def _on_one_line(text: str) -> str:
    return _quoted(" ".join(text.split()))


@cache
def _quoted(text: str) -> str:
    return '"' + harmless(text).replace('"', '""') + '"'


def standalone_svg(svg: str, title: str, subtitle: str, source: str) -> str:
    """A drawing that travels alone: the chart with its title and subtitle above and its source below."""
    width, height = (
        float(re.search(rf'<svg[^>]*? {side}="([\d.]+)', svg)[1]) for side in ("width", "height")
    )
    margin, drawing = 16, re.sub(r"^.*?(?=<svg)", "", svg, flags=re.S)
    texts, y = [], margin
    for text, size, weight, color, after in [
        (title, 17, "bold", INK, 4),
        (subtitle, 13, "normal", MUTED, 10),
    ]:
        lines, y = _text(text, size, weight, color, margin, y, width)
        texts.append(lines)
        y += after
    chart = drawing.replace("<svg", f'<svg x="{margin}" y="{y:g}"', 1)
    foot, bottom = _text(source, 12, "normal", MUTED, margin, y + height + 6, width)
    wide, high = f"{width + 2 * margin:g}", f"{bottom + margin:g}"
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(texts)}{chart}{foot}</svg>\n'
    )


def _text(
    text: str, size: int, weight: str, color: str, x: float, y: float, width: float
) -> tuple[str, float]:
    """Lines of `text` from `y` downwards as SVG, and where they end."""
    # An average letter is half as wide as it is high, a bold one a little more.
    letters = int(width / (size * (0.56 if weight == "bold" else 0.5)))
    spans = []
    for line in textwrap.wrap(text, letters):
        y += size * 1.3
        spans.append(f'<tspan x="{x:g}" y="{y:g}">{escape(line, quote=False)}</tspan>')
    style = f'font-family="{FONT}" font-size="{size}" font-weight="{weight}" fill="{color}"'
    return f"<text {style}>{''.join(spans)}</text>", y


def own_ids(svg: str, label: str) -> str:
    """Ids in a chart, made its own: charts share a page."""
    for name in set(re.findall(r'\bid="([^"]+)"', svg)):
        for form in ('id="{}"', "url(#{})", 'href="#{}"', "url('#{}')"):
            svg = svg.replace(form.format(name), form.format(f"{label}-{name}"))
    return svg


def png(svg: str) -> bytes:
    """A drawing as a PNG, twice its size in pixels."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=2)
