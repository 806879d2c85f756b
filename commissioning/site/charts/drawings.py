"""A chart's drawing as a file that travels alone, and among others on a page.

A file leaves the page that it came from, so it carries its title and its source.
Equal inputs give equal bytes.
"""

from __future__ import annotations

import re
import textwrap
from html import escape

from commissioning.site.charts.palette import FONT, INK, MUTED


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
    """Ids in a chart, made its own and numbered anew: charts share a page, and Vega numbers on from one chart
    to the next."""
    for place, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)), 1):
        for form in ('id="{}"', "url(#{})", 'href="#{}"', "url('#{}')"):
            svg = svg.replace(form.format(name), form.format(f"{label}-{place}"))
    return svg


def light(svg: str) -> str:
    """A drawing of Vega's for a page, half as heavy: its marks have no roles and names of their own, since
    the chart has one alternative text, and their places no more than hundredths of a pixel."""
    tag, marks = re.match(r"(.*?<svg[^>]*)(.*)", svg, re.S).groups()
    marks = re.sub(r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"', "", marks)
    marks = marks.replace(f' font-family="{FONT}"', "")
    marks = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), marks)
    return f'{tag} font-family="{FONT}"{marks}'


def png(svg: str) -> bytes:
    """A drawing as a PNG, twice its size in pixels."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=2)
