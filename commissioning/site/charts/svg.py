"""Charts drawn straight as SVG, for pages made by the hundred: a chart takes a tenth of a millisecond.

They look as the briefs' do (`figures`), are drawn into the page, name themselves to a screen reader with a
title and a description, and use nothing that needs a script.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from commissioning.site.charts.palette import AXIS, BLUE, FONT, GRID, INK, MUTED, PURPLE, VERMILION
from commissioning.site.charts.runs import GAP, GAP_WORDS, gaps, runs

# On a phone 390 px wide a chart this narrow keeps its text at 11 px and more.
WIDTH, TEXT = 440, 14
LETTER = 7.4
"""Width of an ordinary letter: nothing measures text here."""

_GAP, GAP_WIDTH = f"{GAP[0]} {GAP[1]}", 1.4
Format = Callable[[float], str]
Entry = tuple[str, float, Callable[[float, float], None]]
"""An entry of a key: its words, how wide its mark is, and what draws the mark at x, y."""


@dataclass
class Line:
    """A series over years, all of one definition and one area."""

    points: Sequence[tuple[int, float | None]]
    color: str
    name: str = ""
    width: float = 2.5
    dash: str = ""
    dot: float = 3.5
    """Radius of its points. None may be without: a year between two gaps would not be seen."""
    doubted: Collection[int] = ()
    """Years whose value is flagged: their points are hollow."""

    @property
    def held(self) -> list[tuple[int, float]]:
        return [(year, value) for year, value in self.points if value is not None]


@dataclass
class Row:
    """One row of a dot chart: a council's value with its interval, its peers' median and England's value."""

    label: str
    value: float | None
    peers: float | None = None
    england: float | None = None
    interval: tuple[float, float] | None = None
    note: str = ""
    year: str = ""
    """The financial year of all its values."""


@dataclass
class Drawing:
    """An SVG being drawn. `label` is unique on the page."""

    label: str
    title: str
    description: str
    height: float
    width: float = WIDTH
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, width: float = 1, dash: str = ""):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
            f'stroke-width="{width:g}"{dashed}/>'
        )

    def path(self, d: str, color: str, width: float, dash: str = "", fill: str = "none"):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="{d}" fill="{fill}" stroke="{color}" stroke-width="{width:g}" stroke-linejoin="round" '
            f'stroke-linecap="round"{dashed}/>'
        )

    def dot(self, x: float, y: float, color: str, radius: float = 4, said: str = ""):
        named = f"<title>{escape(said, quote=False)}</title>" if said else ""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{color}">{named}</circle>')

    def ring(self, x: float, y: float, color: str, said: str = ""):
        named = f"<title>{escape(said, quote=False)}</title>" if said else ""
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="#fff" stroke="{color}" stroke-width="2">'
            f"{named}</circle>"
        )

    def diamond(self, x: float, y: float, color: str, size: float = 5):
        d = f"M{x:.1f} {y - size:.1f}l{size} {size}l{-size} {size}l{-size} {-size}z"
        self.parts.append(f'<path d="{d}" fill="#fff" stroke="{color}" stroke-width="2"/>')

    def text(
        self, x: float, y: float, text: str, color: str = MUTED, anchor: str = "start", bold: bool = False
    ):
        weight = ' font-weight="600"' if bold else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}"{place}{weight}>{escape(text, quote=False)}</text>'
        )

    def svg(self) -> str:
        """The drawing, its words for a screen reader first."""
        body = "".join(self.parts)
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'style="max-width:{self.width * 1.15:.0f}px" '
            f'aria-labelledby="{self.label}-title {self.label}-desc" font-size="{TEXT}" font-family="{FONT}">'
            f'<title id="{self.label}-title">{escape(self.title, quote=False)}</title>'
            f'<desc id="{self.label}-desc">{escape(self.description, quote=False)}</desc>{body}</svg>'
        )


def _key(drawing: Drawing, names: Sequence[Entry]) -> None:
    """Name the kinds of mark above a chart."""
    for x, y, (words, width, mark) in _places(names):
        mark(x, y)
        drawing.text(x + width + 6, y + 5, words, INK)


def _places(names: Sequence[Entry]) -> Iterable[tuple[float, float, Entry]]:
    """Where each entry of a key begins: a new line where the last one is full."""
    x, y = 6.0, 14.0
    for entry in names:
        wide = entry[1] + 6 + LETTER * len(entry[0])
        if x > 6 and x + wide > WIDTH:
            x, y = 6.0, y + 20
        yield x, y, entry
        x += wide + 16


def _key_height(names: Sequence[Entry]) -> float:
    return max((y for _, y, _ in _places(names)), default=-12) + 12


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to at least `high`."""
    span = high - low or 1
    power = 10 ** math.floor(math.log10(span / about))
    step = next(power * n for n in (1, 2, 5, 10) if span / (power * n) <= about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * n for n in range(first, max(last, first + 1) + 1)]


def lines(
    label: str,
    title: str,
    description: str,
    series: Sequence[Line],
    shown: Format,
    *,
    years: tuple[int, int],
    breaks: Iterable[float] = (),
    boundaries: Iterable[float] = (),
    duties: Sequence[int] = (),
    key: Sequence[Line] = (),
) -> str:
    """Lines over financial years. `key` names kinds of line above. Dashed rules mark `breaks` of definition,
    solid ones that the key names changes of `boundaries`; a `Line` is of one side of them only. Numbers above
    short marks stand before the years in which `duties` moved: the caption has their names."""

    def sample(s: Line) -> Callable[[float, float], None]:
        def mark(at: float, level: float) -> None:
            drawing.line(at, level, at + 26, level, s.color, s.width, s.dash)
            drawing.dot(at + 13, level, s.color, s.dot)

        return mark

    def gap(at: float, level: float) -> None:
        drawing.line(at, level, at + 26, level, INK, GAP_WIDTH, _GAP)

    def boundary(at: float, level: float) -> None:
        drawing.line(at + 2, level - 9, at + 2, level + 9, PURPLE, 2)

    names: list[Entry] = [(s.name, 26, sample(s)) for s in key]
    if any(gaps(s.held) for s in series):
        names.append((GAP_WORDS, 26, gap))
    if any(year in s.doubted for s in series for year, _ in s.held):
        names.append(("flagged", 11, lambda at, level: drawing.ring(at + 5.5, level, INK)))
    if boundaries := list(boundaries):
        names.append(("new boundaries", 4, boundary))
    left, right, top, bottom = 56, 12, 14 + _key_height(names), 30
    height = 256 + top
    values = [v for s in series for _, v in s.points if v is not None]
    scale = ticks(min(0, *values), max(values) or 1) if values else [0, 1]
    drawing = Drawing(label, title, description, height)

    def x(year: float) -> float:
        return left + (year - years[0]) / (years[1] - years[0]) * (WIDTH - left - right - 14)

    def y(value: float) -> float:
        return height - bottom - (value - scale[0]) / (scale[-1] - scale[0]) * (height - top - bottom)

    for tick in scale:
        drawing.line(left, y(tick), WIDTH - right, y(tick), AXIS if tick == 0 else GRID)
        drawing.text(left - 8, y(tick) + 5, shown(tick), anchor="end")
    for year in range(years[0], years[1] + 1, 5):
        drawing.text(x(year), height - 8, f"{year}-{(year + 1) % 100:02d}", anchor="middle")
        drawing.line(x(year), height - bottom, x(year), height - bottom + 4, AXIS)
    for place in breaks:
        drawing.line(x(place), top - 6, x(place), height - bottom, AXIS, dash="4 4")
    for place in boundaries:
        drawing.line(x(place), top - 6, x(place), height - bottom, PURPLE, 2)

    at: dict[int, list[str]] = {}
    for number, year in enumerate(duties, 1):
        at.setdefault(year, []).append(str(number))
    before = -math.inf
    for year, numbers in sorted(at.items()):
        # Above its mark; below it where the one before is so near that the numbers would run together.
        below = year - before < 2
        drawing.line(x(year - 0.5), top + 6, x(year - 0.5), top + 20, INK, 1.5)
        drawing.text(x(year - 0.5), top + (34 if below else 2), ", ".join(numbers), INK, "middle")
        before = -math.inf if below else year

    def track(points: Sequence[tuple[int, float]]) -> str:
        return "M" + "L".join(f"{x(year):.1f} {y(value):.1f}" for year, value in points)

    for s in series:
        for run in runs(s.held):
            if len(run) > 1:
                drawing.path(track(run), s.color, s.width, s.dash)
        for pair in gaps(s.held):
            drawing.path(track(pair), s.color, GAP_WIDTH, _GAP)
        for year, value in s.held:
            said = f"{s.name} {year}-{(year + 1) % 100:02d}: {shown(value)}" if s.name else ""
            if year in s.doubted:
                drawing.ring(x(year), y(value), s.color, f"{said}, flagged")
            else:
                drawing.dot(x(year), y(value), s.color, s.dot, said)
    _key(drawing, names)
    return drawing.svg()


def dots(
    label: str,
    title: str,
    description: str,
    rows: Sequence[Row],
    shown: Format,
    *,
    name: str,
    peers: bool = True,
    high: float | None = None,
) -> str:
    """A row for each thing measured: the council's dot (with its interval), its peers' median, England.

    All rows are of one year: marks of two years in one chart look like a comparison, and are none."""
    if len({row.year for row in rows}) > 1:
        raise ValueError(f"{label}: one chart shows one year, not {sorted({row.year for row in rows})}")
    names: list[Entry] = [
        (name, 11, lambda at, level: drawing.dot(at + 5.5, level, BLUE, 5.5)),
        ("peers' median", 10, lambda at, level: drawing.diamond(at + 5, level, VERMILION)),
        ("England", 4, lambda at, level: drawing.line(at + 2, level - 9, at + 2, level + 9, MUTED, 2.5)),
    ]
    if not peers:
        del names[1]
    labels = [_wrapped(row.label, 22) for row in rows]
    left, right, top, bottom = 166, 24, 22 + _key_height(names), 30
    step = max(32, 16 * max(map(len, labels), default=1) + 6)
    height = top + step * len(rows) + bottom
    found = [v for r in rows for v in (r.value, r.peers, r.england, *(r.interval or ())) if v is not None]
    scale = ticks(min(0, *found), high or max(found) or 1, 4) if found else [0, 1]
    drawing = Drawing(label, title, description, height)

    def x(value: float) -> float:
        return left + (value - scale[0]) / (scale[-1] - scale[0]) * (WIDTH - left - right)

    for tick in scale:
        drawing.line(x(tick), top - 8, x(tick), height - bottom, AXIS if tick == 0 else GRID)
        drawing.text(x(tick), height - 8, shown(tick), anchor="middle")
    for index, row in enumerate(rows):
        y = top + step * (index + 0.5)
        words = labels[index]
        for n, line in enumerate(words):
            drawing.text(left - 12, y + 5 + (n - (len(words) - 1) / 2) * 15, line, INK, "end")
        if row.england is not None:
            drawing.line(x(row.england), y - 9, x(row.england), y + 9, MUTED, 2.5)
        if row.interval:
            drawing.line(x(row.interval[0]), y, x(row.interval[1]), y, BLUE, 2)
        if peers and row.peers is not None:
            drawing.diamond(x(row.peers), y, VERMILION)
        if row.value is not None:
            drawing.dot(x(row.value), y, BLUE, 5.5, f"{row.label}: {shown(row.value)}")
        elif row.note:
            # Clear of the peers' and England's marks: between the axis and them where there is room.
            marks = [x(v) for v in (row.peers if peers else None, row.england) if v is not None]
            room = min(marks, default=WIDTH) - left > LETTER * len(row.note) + 16
            drawing.text(left + 6 if room else max([left - 4, *marks]) + 10, y + 5, row.note)
    _key(drawing, names)
    return drawing.svg()


def strip(
    label: str,
    title: str,
    description: str,
    values: Sequence[float],
    peers: Sequence[float],
    value: float,
    shown: Format,
    words: str,
) -> str:
    """Where one council stands among all: a tick for each, taller and coloured for its
    peers, a dot with `words` for it."""
    left, right, height, floor = 12, 12, 128, 94
    scale = ticks(min(0, value, *values), max(value, *values), 6)
    drawing = Drawing(label, title, description, height)

    def x(v: float) -> float:
        return left + (v - scale[0]) / (scale[-1] - scale[0]) * (WIDTH - left - right)

    drawing.line(left, floor, WIDTH - right, floor, AXIS)
    for n, tick in enumerate(scale):
        anchor = "start" if n == 0 else "end" if n == len(scale) - 1 else "middle"
        drawing.text(x(tick), height - 14, shown(tick), anchor=anchor)
    drawing.path("".join(f"M{x(v):.1f} {floor}v-16" for v in values), AXIS, 1.2)
    drawing.path("".join(f"M{x(v):.1f} {floor}v-26" for v in peers), VERMILION, 2)
    drawing.line(x(value), floor, x(value), floor - 38, BLUE, 2.5)
    drawing.dot(x(value), floor - 38, BLUE, 6)
    # Beside the dot where there is room, else above it and within the chart.
    wide = LETTER * len(words) * 1.08
    if x(value) + 11 + wide <= WIDTH:
        drawing.text(x(value) + 11, floor - 38 + 5, words, INK, "start", True)
    elif x(value) - 11 - wide >= 0:
        drawing.text(x(value) - 11, floor - 38 + 5, words, INK, "end", True)
    else:
        drawing.text(WIDTH, floor - 38 - 11, words, INK, "end", True)
    drawing.path(f"M{left + 2} 20v-14", VERMILION, 2)
    drawing.text(left + 10, 18, "its peers", INK)
    drawing.path(f"M{left + 90} 20v-12", AXIS, 1.2)
    drawing.text(left + 98, 18, "other councils", INK)
    return drawing.svg()


def _wrapped(text: str, letters: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, letters) or [""]
