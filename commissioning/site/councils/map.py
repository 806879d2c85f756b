"""The map of councils: inline SVG, coloured by direct payment share, each council a link to its page.

Outlines are those of April 2023 (`ingest/boundaries.py`), read from the snapshot: they are drawn, not counted.
London is drawn a second time, larger.
"""

from __future__ import annotations

import math
from collections import defaultdict
from html import escape
from itertools import pairwise

from commissioning.base.paths import Project
from commissioning.site.charts.palette import AXIS, FONT, INK, MUTED
from commissioning.site.councils import html, lead
from commissioning.site.councils.data import LATEST as YEAR
from commissioning.site.councils.data import Everything

STEPS = [0.05, 0.075, 0.1, 0.125, 0.15]
# One hue from light to dark, which prints and is told apart with every form of colour blindness.
COLORS = ["#e3eef6", "#bcd7ea", "#8bbadb", "#5597c6", "#2a70a6", "#0b4a7a"]
NONE = "#ffffff"
# Text so large that it can be read where the map is 360 px wide, on a phone.
WIDTH, TEXT = 620, 19
WEST, EAST, SOUTH, NORTH = -6.45, 1.85, 49.85, 55.85
LONDON = (-0.53, 0.35, 51.27, 51.71)
SMALL = 14
"""Units: a council smaller than this each way gets a ring around it, so that it can be found. In London every
borough would: only the larger map of it has rings, for one that is small on that too."""

Ring = list[tuple[float, float]]


def outlines(project: Project) -> dict[str, list[Ring]]:
    """The rings of each area by its GSS code, in degrees."""
    import polars as pl

    file = max((project.raw / "boundaries").glob("*.parquet"))
    frame = pl.read_parquet(
        file, glob=False, columns=["area_code", "polygon", "ring", "vertex", "measure", "value"]
    )
    wide = frame.pivot("measure", index=["area_code", "polygon", "ring", "vertex"], values="value")
    rings: dict[tuple[str, int, int], Ring] = defaultdict(list)
    for code, polygon, ring, _, longitude, latitude in wide.sort(
        "area_code", "polygon", "ring", "vertex"
    ).iter_rows():
        rings[code, polygon, ring].append((longitude, latitude))
    areas: dict[str, list[Ring]] = defaultdict(list)
    for (code, _, _), ring in rings.items():
        areas[code].append(ring)
    return dict(areas)


class Frame:
    """A part of England put on paper: degrees become whole units, so that neighbours meet."""

    def __init__(
        self, west: float, east: float, south: float, north: float, width: int, x: int = 0, y: int = 0
    ):
        self.west, self.north, self.x, self.y, self.width = west, north, x, y, width
        self.across = width / (east - west)
        # Degrees of longitude shrink towards the north; England is small enough for one factor.
        self.down = self.across / math.cos(math.radians((south + north) / 2))
        self.height = round((north - south) * self.down)

    def path(self, rings: list[Ring]) -> tuple[str, list[tuple[int, int]]]:
        """Rings as an SVG path in relative steps, and the places it goes through."""
        pieces, places = [], []
        for ring in rings:
            points: list[tuple[int, int]] = []
            for longitude, latitude in ring:
                point = (
                    self.x + round((longitude - self.west) * self.across),
                    self.y + round((self.north - latitude) * self.down),
                )
                if not points or point != points[-1]:
                    points.append(point)
            if len(points) < 3 and places:
                continue
            steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
            pieces.append(f"M{points[0][0]} {points[0][1]}" + _steps(steps) + "z")
            places += points
        return "".join(pieces), places


def _steps(steps: list[tuple[int, int]]) -> str:
    """`l` and its numbers; a minus sign parts two numbers by itself."""
    text = "".join(f"{' ' if x >= 0 else ''}{x}{' ' if y >= 0 else ''}{y}" for x, y in steps)
    return f"l{text.lstrip()}" if text else "h0"


def svg(everything: Everything, areas: dict[str, list[Ring]]) -> str:
    """The map and its key."""
    england = Frame(WEST, EAST, SOUTH, NORTH, WIDTH)
    london = Frame(*LONDON, 200, 12, 296)
    shapes, inset = [], []
    for council in everything.councils.values():
        rings = next(
            (areas[code] for code in (council.facts["gss_codes_all"] or "").split() if code in areas), None
        )
        if rings is None or not council.facts["is_current"]:
            continue
        row = council.share(YEAR, "C")
        share = row["share"] if row else None
        said = f"{council.name}: {html.percent(share) if share is not None else 'no figure'}"
        said += f", {flag}" if (flag := lead.flag_of(row)) else ""
        color = NONE if share is None else COLORS[sum(share >= step for step in STEPS)]
        in_london = council.facts["region"] == "London"
        shapes.append(_area(council.id, said, color, england, rings, ring=not in_london))
        if in_london:
            # One link a council is enough for a keyboard.
            inset.append(_area(council.id, said, color, london, rings, again=True))
    box = f'<rect x="{london.x - 6}" y="{london.y - 30}" width="{london.width + 12}" height="{london.height + 36}" fill="#fff" stroke="#d5dae0"/>'
    words = f'<text x="{london.x}" y="{london.y - 8}" fill="{INK}" font-size="{TEXT}">London, larger</text>'
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {england.height}" role="group" font-family="{FONT}" '
        f'aria-label="Map of councils by direct payment share, {YEAR}; the table below has the same figures">'
        f'<g stroke="#fff" stroke-width=".7" stroke-linejoin="round">{"".join(shapes)}</g>{_key()}{box}{words}'
        f'<g stroke="#fff" stroke-width=".7" stroke-linejoin="round" aria-hidden="true">{"".join(inset)}</g></svg>'
    )


def _area(
    council: str,
    said: str,
    color: str,
    frame: Frame,
    rings: list[Ring],
    *,
    ring: bool = True,
    again: bool = False,
) -> str:
    path, places = frame.path(rings)
    xs, ys = [x for x, _ in places], [y for _, y in places]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    outline = f' stroke="{AXIS}"' if color == NONE else ""
    circle = ""
    if ring and max(wide, high) < SMALL:
        middle = f'cx="{(max(xs) + min(xs)) / 2:g}" cy="{(max(ys) + min(ys)) / 2:g}"'
        circle = (
            f'<circle {middle} r="7" fill="none" stroke="{MUTED}" stroke-width="1.2" pointer-events="all"/>'
        )
    return (
        f'<a href="{council}.html"{" tabindex=-1" if again else ""}><title>{escape(said, quote=False)}</title>'
        f'<path d="{path}" fill="{color}"{outline}/>{circle}</a>'
    )


def _key() -> str:
    labels = [
        "under 5%",
        "5 to 7.5%",
        "7.5 to 10%",
        "10 to 12.5%",
        "12.5 to 15%",
        "15% and over",
        "no figure",
    ]
    parts = [f'<text x="12" y="28" fill="{INK}" font-size="{TEXT}" font-weight="600">Share, {YEAR}</text>']
    for n, (label, color) in enumerate(zip(labels, [*COLORS, NONE], strict=True)):
        y = 42 + n * 27
        parts.append(
            f'<rect x="12" y="{y}" width="24" height="18" fill="{color}" stroke="{AXIS}" stroke-width=".7"/>'
            f'<text x="44" y="{y + 16}" fill="{INK}" font-size="{TEXT}">{label}</text>'
        )
    return "".join(parts)


def figure(everything: Everything, project: Project) -> str:
    """The map with its caption, as HTML."""
    caption = (
        f"Direct payments as a share of long-term support, {YEAR}, basis C. Rings mark the smallest councils. Outlines of April "
        "2023: Office for National Statistics, licensed under the Open Government Licence v3.0; contains OS data © Crown "
        "copyright and database right 2023; simplified. Source of the shares: ASC-FR."
    )
    return (
        f'<figure class="quarto-float quarto-float-fig"><div class="chart">{svg(everything, outlines(project))}</div>'
        f"<figcaption>{escape(caption, quote=False)}</figcaption></figure>"
    )
