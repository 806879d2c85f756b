"""A brief's chart drawn anew for a phone: shrunk to a phone's width its words could not be read.

Its marks move together while its words keep their size. Panels side by side come one below the other, a
legend takes as many lines as it needs, and where names leave the marks no room they break into lines.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import vl_convert

WIDEST = 436
"""Pixels: on a phone 390 px wide, letters of 14 px are then 12 px high."""

ROOM = 200
"""Pixels that the marks get before names break."""

# Vega does not wrap words: a name breaks at the first space after so many letters.
_BROKEN = r"split(replace(datum.label, /(\S.{13,}?)\s+/g, '$1\n'), '\n')"
_ALL = 99
"""Columns of a legend: more than any has entries."""

_ABOVE = {"labelOrient": "top", "labelAngle": 0, "labelAnchor": "start"}


def drawn(spec: dict[str, Any], svg: str, width: float) -> str:
    """A Vega-Lite chart, drawn as `svg`, as an SVG that is `WIDEST` wide at most. Its views are as wide as
    `width` where the chart does not say otherwise."""
    turned = "column" in spec.get("facet", {})
    for broken, columns in ((False, _ALL), (False, 2), (False, 1), (True, 2), (True, 1)):
        narrow = copy.deepcopy(spec)
        view = _view(narrow)
        view.setdefault("width", width)
        if turned:
            _below_one_another(narrow)
            view["width"] = width
        for encoding in _encodings(narrow):
            _reset(encoding, columns, broken)
        changed = turned or broken or columns < _ALL
        drawing = _narrowed(narrow, view, vl_convert.vegalite_to_svg(narrow) if changed else svg)
        if view["width"] >= ROOM and _width(drawing) <= WIDEST:
            break
    return drawing


def _narrowed(spec: dict[str, Any], view: dict[str, Any], svg: str) -> str:
    """Take from the view's width what the chart is too wide, then twice what it still is: of words beside a
    mark, a part stays as the view narrows."""
    for hurry in (1, 2, 2):
        excess = _width(svg) - WIDEST
        if excess <= 0 or view["width"] < ROOM:
            break
        view["width"] = max(1, view["width"] - hurry * excess)
        svg = vl_convert.vegalite_to_svg(spec)
    return svg


def _below_one_another(spec: dict[str, Any]) -> None:
    column = spec["facet"].pop("column")
    spec["facet"]["row"] = column | {"header": column.get("header", {}) | _ABOVE}


def _view(spec: dict[str, Any]) -> dict[str, Any]:
    """What has the width: the view of a chart of one, a panel of several."""
    return _view(spec["spec"]) if "spec" in spec else spec


def _encodings(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield spec.get("encoding", {})
    for part in [*spec.get("layer", []), *([spec["spec"]] if "spec" in spec else [])]:
        yield from _encodings(part)


def _reset(encoding: dict[str, Any], columns: int, broken: bool) -> None:
    color, y = encoding.get("color", {}), encoding.get("y", {})
    if "field" in color and color.get("legend", {}) is not None:
        legend = color.get("legend", {})
        color["legend"] = legend | {"columns": min(columns, legend.get("columns", columns))}
    if broken and y.get("type") in ("nominal", "ordinal") and y.get("axis", {}) is not None:
        y["axis"] = {"labelExpr": _BROKEN} | y.get("axis", {})


def _width(svg: str) -> float:
    return float(re.search(r'<svg[^>]* width="([\d.]+)', svg)[1])
