"""Charts drawn straight as SVG, for pages made by the hundred: a chart takes a tenth of a millisecond.

They look as the briefs' do (`figures`), are drawn into the page and use nothing that needs a script. The
words for a screen reader are the template's: the macro `chart` puts them before the drawing.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from markupsafe import Markup

from commissioning.site.charts.palette import AXIS, BLUE, FONT, GRID, INK, MUTED, PURPLE, VERMILION
from commissioning.site.charts.runs import GAP, GAP_WORDS, gaps, runs

# On a phone 390 px wide a chart this narrow has letters 12 px high.
WIDTH, TEXT = 440, 14
LETTER = 7.4
"""Width of an ordinary letter: nothing measures text here."""
_NARROW, _BROAD = frozenset("fijlrt .,’'-()"), frozenset("mwMW")

_GAP, GAP_WIDTH = f"{GAP[0]} {GAP[1]}", 1.4
Format = Callable[[float], str]


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
    flagged: bool = False


@dataclass
class Drawing:
    """An SVG being drawn."""

    height: float
    parts: list[str] = field(default_factory=list)
    text_size, font = TEXT, FONT

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {self.height:g}"

    @property
    def body(self) -> Markup:
        return Markup("".join(self.parts))

    @property
    def max_width(self) -> int:
        """Pixels: beyond this its text would outgrow the page's."""
        return round(WIDTH * 1.15)

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

    def box_of(
        self, x: float, y: float, wide: float, high: float, color: str, said: str = "", opacity: float = 1
    ):
        named = f"<title>{escape(said, quote=False)}</title>" if said else ""
        paler = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{color}"{paler}>'
            f"{named}</rect>"
        )

    def text(
        self, x: float, y: float, text: str, color: str = MUTED, anchor: str = "start", bold: bool = False
    ):
        weight = ' font-weight="600"' if bold else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}"{place}{weight}>{escape(text, quote=False)}</text>'
        )


@dataclass
class Entry:
    """An entry of a key: its words, how wide its mark is, and what draws the mark at x, y."""

    words: str
    width: float
    mark: Callable[[Drawing, float, float], None]


def draw_key(drawing: Drawing, entries: Sequence[Entry]) -> None:
    """Name the kinds of mark above a chart."""
    for x, y, entry in _places(entries):
        entry.mark(drawing, x, y)
        drawing.text(x + entry.width + 6, y + 5, entry.words, INK)


def _places(entries: Sequence[Entry]) -> Iterable[tuple[float, float, Entry]]:
    """Where each entry of a key begins: a new line where the last one is full."""
    x, y = 6.0, 14.0
    for entry in entries:
        wide = entry.width + 6 + LETTER * len(entry.words)
        if x > 6 and x + wide > WIDTH:
            x, y = 6.0, y + 20
        yield x, y, entry
        x += wide + 16


def key_height(entries: Sequence[Entry]) -> float:
    return max((y for _, y, _ in _places(entries)), default=-12) + 12


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to at least `high`."""
    span = high - low or 1
    power = 10 ** math.floor(math.log10(span / about))
    step = next(power * n for n in (1, 2, 5, 10) if span / (power * n) <= about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * n for n in range(first, max(last, first + 1) + 1)]


# Lines over years ------------------------------------------------------------------------------------------


@dataclass
class Plot:
    """Where years and values lie in a drawing of lines."""

    drawing: Drawing
    years: tuple[int, int]
    scale: list[float]
    top: float
    left, right, bottom = 56, 12, 30

    @property
    def floor(self) -> float:
        return self.drawing.height - self.bottom

    def x(self, year: float) -> float:
        first, last = self.years
        return self.left + (year - first) / (last - first) * (WIDTH - self.left - self.right - 14)

    def y(self, value: float) -> float:
        low, high = self.scale[0], self.scale[-1]
        return self.floor - (value - low) / (high - low) * (self.floor - self.top)

    def path(self, points: Sequence[tuple[int, float]]) -> str:
        return "M" + "L".join(f"{self.x(year):.1f} {self.y(value):.1f}" for year, value in points)


def lines(
    series: Sequence[Line],
    shown: Format,
    *,
    years: tuple[int, int],
    breaks: Iterable[float] = (),
    boundaries: Sequence[float] = (),
    duties: Sequence[int] = (),
    key: Sequence[Line] = (),
) -> Drawing:
    """Lines over financial years. `key` names kinds of line above. Dashed rules mark `breaks` of definition,
    solid ones that the key names changes of `boundaries`; a `Line` is of one side of them only. Numbers above
    short marks stand before the years in which `duties` moved: the caption has their names."""
    entries = _key_of_lines(series, key, boundaries)
    values = [v for s in series for _, v in s.points if v is not None]
    scale = ticks(min(0, *values), max(values) or 1) if values else [0, 1]
    top = 14 + key_height(entries)
    plot = Plot(Drawing(256 + top), years, scale, top)
    _axes(plot, shown)
    for place in breaks:
        plot.drawing.line(plot.x(place), top - 6, plot.x(place), plot.floor, AXIS, dash="4 4")
    for place in boundaries:
        plot.drawing.line(plot.x(place), top - 6, plot.x(place), plot.floor, PURPLE, 2)
    _duties(plot, duties)
    for s in series:
        _line(plot, s, shown)
    draw_key(plot.drawing, entries)
    return plot.drawing


def _key_of_lines(series: Sequence[Line], key: Sequence[Line], boundaries: Sequence[float]) -> list[Entry]:
    entries = [Entry(s.name, 26, _sample(s)) for s in key]
    if any(gaps(s.held) for s in series):
        entries.append(Entry(GAP_WORDS, 26, lambda d, x, y: d.line(x, y, x + 26, y, INK, GAP_WIDTH, _GAP)))
    if any(year in s.doubted for s in series for year, _ in s.held):
        entries.append(Entry("flagged", 11, lambda d, x, y: d.ring(x + 5.5, y, INK)))
    if boundaries:
        entries.append(
            Entry("new boundaries", 4, lambda d, x, y: d.line(x + 2, y - 9, x + 2, y + 9, PURPLE, 2))
        )
    return entries


def _sample(s: Line) -> Callable[[Drawing, float, float], None]:
    def mark(drawing: Drawing, x: float, y: float) -> None:
        drawing.line(x, y, x + 26, y, s.color, s.width, s.dash)
        drawing.dot(x + 13, y, s.color, s.dot)

    return mark


def _axes(plot: Plot, shown: Format) -> None:
    drawing, floor = plot.drawing, plot.floor
    for tick in plot.scale:
        y = plot.y(tick)
        drawing.line(plot.left, y, WIDTH - plot.right, y, AXIS if tick == 0 else GRID)
        drawing.text(plot.left - 8, y + 5, shown(tick), anchor="end")
    for year in range(plot.years[0], plot.years[1] + 1, 5):
        drawing.text(plot.x(year), drawing.height - 8, financial(year), anchor="middle")
        drawing.line(plot.x(year), floor, plot.x(year), floor + 4, AXIS)


def financial(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def _duties(plot: Plot, duties: Sequence[int]) -> None:
    at: dict[int, list[str]] = {}
    for number, year in enumerate(duties, 1):
        at.setdefault(year, []).append(str(number))
    before = -math.inf
    for year, numbers in sorted(at.items()):
        # Above its mark; below it where the one before is so near that the numbers would run together.
        x, below = plot.x(year - 0.5), year - before < 2
        plot.drawing.line(x, plot.top + 6, x, plot.top + 20, INK, 1.5)
        plot.drawing.text(x, plot.top + (34 if below else 2), ", ".join(numbers), INK, "middle")
        before = -math.inf if below else year


def _line(plot: Plot, s: Line, shown: Format) -> None:
    for run in runs(s.held):
        if len(run) > 1:
            plot.drawing.path(plot.path(run), s.color, s.width, s.dash)
    for pair in gaps(s.held):
        plot.drawing.path(plot.path(pair), s.color, GAP_WIDTH, _GAP)
    for year, value in s.held:
        said = f"{s.name} {financial(year)}: {shown(value)}" if s.name else ""
        if year in s.doubted:
            plot.drawing.ring(plot.x(year), plot.y(value), s.color, f"{said}, flagged")
        else:
            plot.drawing.dot(plot.x(year), plot.y(value), s.color, s.dot, said)


# A row for each thing measured -----------------------------------------------------------------------------


def dots(
    rows: Sequence[Row], shown: Format, *, name: str, peers: bool = True, high: float | None = None
) -> Drawing:
    """A row for each thing measured: the council's dot (with its interval), its peers' median, England.

    All rows are of one year: marks of two years in one chart look like a comparison, and are none."""
    if len({row.year for row in rows}) > 1:
        raise ValueError(f"one chart shows one year, not {sorted({row.year for row in rows})}")
    entries = _key_of_dots(name, peers)
    labels = [_wrapped(row.label, 22) for row in rows]
    longest = max((_wide(line) for lines in labels for line in lines), default=0)
    left, right, top, bottom = max(166, round(longest) + 16), 24, 22 + key_height(entries), 30
    step = max(32, 16 * max(map(len, labels), default=1) + 6)
    drawing = Drawing(top + step * len(rows) + bottom)
    found = [v for r in rows for v in (r.value, r.peers, r.england, *(r.interval or ())) if v is not None]
    scale = ticks(min(0, *found), high or max(found) or 1, 4) if found else [0, 1]

    def x(value: float) -> float:
        return left + (value - scale[0]) / (scale[-1] - scale[0]) * (WIDTH - left - right)

    for tick in scale:
        drawing.line(x(tick), top - 8, x(tick), drawing.height - bottom, AXIS if tick == 0 else GRID)
        drawing.text(x(tick), drawing.height - 8, shown(tick), anchor="middle")
    for index, (row, words) in enumerate(zip(rows, labels, strict=True)):
        y = top + step * (index + 0.5)
        for n, line in enumerate(words):
            drawing.text(left - 12, y + 5 + (n - (len(words) - 1) / 2) * 15, line, INK, "end")
        _dots_of_row(drawing, row if peers else replace(row, peers=None), x, y, left, shown)
    draw_key(drawing, entries)
    return drawing


def _key_of_dots(name: str, peers: bool) -> list[Entry]:
    entries = [
        Entry(name, 11, lambda d, x, y: d.dot(x + 5.5, y, BLUE, 5.5)),
        Entry("peers' median", 10, lambda d, x, y: d.diamond(x + 5, y, VERMILION)),
        Entry("England", 4, lambda d, x, y: d.line(x + 2, y - 9, x + 2, y + 9, MUTED, 2.5)),
    ]
    return entries if peers else [entries[0], entries[2]]


def _dots_of_row(
    drawing: Drawing, row: Row, x: Callable[[float], float], y: float, left: float, shown: Format
) -> None:
    if row.england is not None:
        drawing.line(x(row.england), y - 9, x(row.england), y + 9, MUTED, 2.5)
    if row.interval:
        drawing.line(x(row.interval[0]), y, x(row.interval[1]), y, BLUE, 2)
    if row.peers is not None:
        drawing.diamond(x(row.peers), y, VERMILION)
    if row.value is not None:
        flagged = ", flagged" if row.flagged else ""
        drawing.dot(x(row.value), y, BLUE, 5.5, f"{row.label}: {shown(row.value)}{flagged}")
    elif row.note:
        # Clear of the peers' and England's marks: between the axis and them where there is room.
        marks = [x(v) for v in (row.peers, row.england) if v is not None]
        room = min(marks, default=WIDTH) - left > LETTER * len(row.note) + 16
        drawing.text(left + 6 if room else max([left - 4, *marks]) + 10, y + 5, row.note)


# One among all ---------------------------------------------------------------------------------------------


def strip(
    values: Sequence[float], peers: Sequence[float], value: float, shown: Format, words: str
) -> Drawing:
    """Where one council stands among all: a tick for each, taller and coloured for its
    peers, a dot with `words` for it."""
    left, right, height, floor = 12, 12, 128, 94
    scale = ticks(min(0, value, *values), max(value, *values), 6)
    drawing = Drawing(height)

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
    return drawing


def _wide(text: str) -> float:
    """How wide words are at most, by kinds of letters."""
    letters = (0.35 if c in _NARROW else 0.9 if c in _BROAD else 0.74 if c.isupper() else 0.58 for c in text)
    return TEXT * sum(letters)


def _wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters) or [""]
