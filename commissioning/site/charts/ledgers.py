"""Charts of a ledger: money by route, as bars by year and as lines by month."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from commissioning.site.charts.palette import AXIS, BLUE, GREEN, GRID, VERMILION
from commissioning.site.charts.svg import WIDTH, Drawing, Entry, Format, draw_key, key_height, ticks

KINDS = {
    "direct_payment": ("Direct payments", BLUE),
    "block": ("Block contracts", VERMILION),
    "spot": ("Spot purchases", GREEN),
    "rest": ("The rest", AXIS),
}
"""What charts and tables tell apart; the rest is every other route."""

_LEFT, _RIGHT, _BOTTOM = 56, 20, 30
_PALER = 0.45
_SLIVER = 0.2
"""The part of a step below the axis that is drawn without a tick of its own."""
_UNSEEN = 0.012
"""Of the chart's height, the part that is no higher than the axis's line is wide."""
_YEAR_WIDE, _MONTH_WIDE = 58, 78
"""How much room a label of the axis takes."""


@dataclass
class Bar:
    """A year, or the part of one that lies on one side of a break: an amount for each of `KINDS`."""

    label: str
    parts: dict[str, float]
    whole: bool
    """Whether all twelve months show care; a bar of fewer is paler."""
    anew: bool = False
    """Whether a series begins here that is not to be compared with the one before."""


def bars(found: Sequence[Bar], shown: Format, high: float | None = None) -> Drawing:
    """Bars side by side, each stacked; money that came back lies below the axis."""
    entries = [Entry(name, 13, _square(color)) for name, color in KINDS.values()]
    if not all(bar.whole for bar in found):
        entries.append(Entry("part of a year is paler", 13, _square(AXIS, _PALER)))
    top = 14 + key_height(entries)
    drawing = Drawing(226 + top)
    ups = [sum(v for v in bar.parts.values() if v > 0) for bar in found]
    downs = [sum(v for v in bar.parts.values() if v < 0) for bar in found]
    scale = _scale(downs, high or max(*ups, 0) or 1)
    floor, slot = drawing.height - _BOTTOM, (WIDTH - _LEFT - _RIGHT) / len(found)

    def y(value: float) -> float:
        return floor - (value - scale[0]) / (scale[-1] - scale[0]) * (floor - top)

    for tick in scale:
        drawing.line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), AXIS if tick == 0 else GRID)
        drawing.text(_LEFT - 8, y(tick) + 5, shown(tick), anchor="end")
    every = math.ceil(_YEAR_WIDE / slot)
    for place, bar in enumerate(found):
        left = _LEFT + slot * place
        for kind, start, end in _stacked(bar.parts):
            name, color = KINDS[kind]
            said = f"{name}, {bar.label}: {shown(bar.parts[kind])}"
            box = (left + slot * 0.12, y(max(start, end)), slot * 0.76, abs(y(start) - y(end)))
            drawing.box_of(*box, color, said, 1 if bar.whole else _PALER)
        if bar.anew:
            drawing.line(left, top - 6, left, floor, AXIS, dash="4 4")
        if place % every == 0:
            drawing.text(left + slot / 2, drawing.height - 8, bar.label[:7], anchor="middle")
    draw_key(drawing, entries)
    return drawing


def _scale(values: Sequence[float], high: float) -> list[float]:
    """Ticks from nought, or from below it where more than a sliver is there."""
    low = min(0, *values)
    scale = ticks(low, high)
    return scale[1:] if scale[0] < 0 and low > -_SLIVER * (scale[1] - scale[0]) else scale


def too_small(found: Iterable[dict[str, float]]) -> list[str]:
    """Names of the kinds that are there and lie on the axis in a chart of `found`: nobody can see them."""
    parts = list(found)
    tops = {kind: max((of[kind] for of in parts), default=0) for kind in KINDS if kind != "rest"}
    high = max(tops.values(), default=0)
    return [KINDS[kind][0] for kind, top in tops.items() if 0 < top < _UNSEEN * high]


def _stacked(parts: dict[str, float]) -> list[tuple[str, float, float]]:
    up = down = 0.0
    found = []
    for kind, value in parts.items():
        start = up if value > 0 else down
        found.append((kind, start, start + value))
        up, down = up + max(value, 0), down + min(value, 0)
    return found


def _square(color: str, opacity: float = 1):
    return lambda drawing, x, y: drawing.box_of(x, y - 6, 13, 13, color, opacity=opacity)


@dataclass
class Month:
    """A month's amounts, in the series to which it belongs."""

    month: datetime.date
    series: str
    parts: dict[str, float]


def months(found: Sequence[Month], shown: Format) -> Drawing:
    """A line for each kind but the rest, month by month; broken where months are missing or a series ends."""
    kinds = [kind for kind in KINDS if kind != "rest" and any(m.parts[kind] for m in found)]
    entries = [Entry(KINDS[kind][0], 26, _stroke(KINDS[kind][1])) for kind in kinds]
    top = 14 + key_height(entries)
    drawing = Drawing(226 + top)
    values = [m.parts[kind] for m in found for kind in kinds] or [0.0]
    scale = _scale(values, max(*values, 0) or 1)
    floor, first = drawing.height - _BOTTOM, _place(found[0].month)
    long = max(1, _place(found[-1].month) - first)

    def x(place: float) -> float:
        return _LEFT + (place - first) / long * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return floor - (value - scale[0]) / (scale[-1] - scale[0]) * (floor - top)

    for tick in scale:
        drawing.line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), AXIS if tick == 0 else GRID)
        drawing.text(_LEFT - 8, y(tick) + 5, shown(tick), anchor="end")
    every = 12 * math.ceil(_MONTH_WIDE / (12 * (WIDTH - _LEFT - _RIGHT) / long))
    april = first + (3 - first) % 12
    for place in range(april, first + long + 1, every):
        drawing.line(x(place), floor, x(place), floor + 4, AXIS)
        side = "end" if x(place) > WIDTH - _MONTH_WIDE / 2 else "middle"
        drawing.text(x(place), drawing.height - 8, f"April {place // 12}", anchor=side)
    for before, after in pairwise(found):
        if before.series != after.series:
            at = (x(_place(before.month)) + x(_place(after.month))) / 2
            drawing.line(at, top - 6, at, floor, AXIS, dash="4 4")
    for kind in kinds:
        for run in _runs(found):
            points = [(x(_place(m.month)), y(m.parts[kind])) for m in run]
            if len(points) == 1:
                drawing.dot(*points[0], KINDS[kind][1], 2)
            else:
                path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
                drawing.path(path, KINDS[kind][1], 1.6)
    draw_key(drawing, entries)
    return drawing


def _place(month: datetime.date) -> int:
    return month.year * 12 + month.month - 1


def _runs(found: Sequence[Month]) -> list[list[Month]]:
    """Months that follow one another in one series."""
    runs: list[list[Month]] = []
    for month in found:
        last = runs[-1][-1] if runs else None
        if last and last.series == month.series and _place(last.month) + 1 == _place(month.month):
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _stroke(color: str):
    return lambda drawing, x, y: drawing.line(x, y, x + 26, y, color, 2.5)
