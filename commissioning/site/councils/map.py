"""The maps of councils: inline SVG, coloured by people with a direct payment or by the share of the money,
each council a link to its page.

Outlines (`ingest/boundaries.py`) are read from the snapshot: they are drawn, not counted. London is drawn a
second time, larger. The drawing itself is the template `councils/map.html.j2`.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from commissioning.base.paths import Project
from commissioning.site.councils import flags, gaps
from commissioning.site.councils.data import Council, Everything

STEPS = {"people": [0.15, 0.2, 0.25, 0.3, 0.35], "money": [0.05, 0.075, 0.1, 0.125, 0.15]}
"""Where a colour ends, for each of what the maps show."""
# One hue from light to dark, which prints and is told apart with every form of colour blindness.
COLORS = ["#e3eef6", "#bcd7ea", "#8bbadb", "#5597c6", "#2a70a6", "#0b4a7a"]
NONE = "#ffffff"
# Text so large that it can be read where the map is 360 px wide, on a phone.
WIDTH, TEXT = 620, 20
# West, east, south, north, in degrees.
ENGLAND = (-6.45, 1.85, 49.85, 55.85)
LONDON = (-0.53, 0.35, 51.27, 51.71)
SMALL = 14
"""Units: a council smaller than this each way gets a ring around it, so that it can be found. In London every
borough would: only the larger map of it has rings, for one that is small on that too."""

Ring = list[tuple[float, float]]


def outline_file(project: Project) -> Path:
    """The latest outlines that are held; its name is their year and month."""
    return max((project.raw / "boundaries").glob("*.parquet"))


def outlines(file: Path) -> dict[str, list[Ring]]:
    """The rings of each area by its GSS code, in degrees."""
    import polars as pl

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


def drawing(everything: Everything, project: Project, shown: str) -> dict[str, Any]:
    """What the template draws: every council in force that has an outline, and London once more. `shown` is a
    key of `STEPS`."""
    file = outline_file(project)
    areas, england, london = outlines(file), Frame(*ENGLAND, WIDTH), Frame(*LONDON, 200, 12, 296)
    shapes, inset = [], []
    for council in everything.councils.values():
        rings = next(
            (areas[code] for code in (council.facts["gss_codes_all"] or "").split() if code in areas), None
        )
        if rings is None or not council.facts["is_current"]:
            continue
        share, flag, why = SHOWN[shown](council, everything)
        of = {
            "id": council.id,
            "name": council.name,
            "share": share,
            "flag": flag,
            "why": why,
            "color": NONE if share is None else COLORS[sum(share >= step for step in STEPS[shown])],
        }
        in_london = council.facts["region"] == "London"
        shapes.append(of | _shape(england, rings, ring=not in_london))
        if in_london:
            inset.append(of | _shape(london, rings))
    return {
        # An outline of today has no figure of the council that was there in the year.
        "divided": [
            council.name
            for council in everything.councils.values()
            if council.facts["end_date"] and council.id in everything.shares(everything.years.latest, "C")
        ],
        "width": WIDTH,
        "height": england.height,
        "text_size": TEXT,
        "colors": COLORS,
        "no_figure": NONE,
        "steps": [f"{step * 100:g}" for step in STEPS[shown]],
        "areas": shapes,
        "london": london,
        "inset": inset,
        "outlined": datetime.date.fromisoformat(f"{file.stem}-01"),
    }


def _people(council: Council, everything: Everything) -> tuple[float | None, str, str]:
    """A share, how it is flagged, and where there is none, why."""
    measure, year = "users_with_direct_payment", everything.years.outcomes
    row = council.outcome(measure, year)
    if row is None or row["value"] is None:
        return None, "", gaps.of_measure(council, year, measure, everything.measure_names)[0]
    return row["value"] / 100, "", ""


def _money(council: Council, everything: Everything) -> tuple[float | None, str, str]:
    row = council.share(everything.years.latest, "C")
    if row is None or row["share"] is None:
        return None, flags.words(row), gaps.of_share(council, everything.years.latest)[0]
    return row["share"], flags.words(row), ""


SHOWN = {"people": _people, "money": _money}


def _shape(frame: Frame, rings: list[Ring], *, ring: bool = True) -> dict[str, Any]:
    """An area's path, and the middle of its ring where it is too small to be found without."""
    path, places = frame.path(rings)
    xs, ys = [x for x, _ in places], [y for _, y in places]
    small = max(max(xs) - min(xs), max(ys) - min(ys)) < SMALL
    middle = [f"{(max(xs) + min(xs)) / 2:g}", f"{(max(ys) + min(ys)) / 2:g}"]
    return {"path": path, "ring": middle if ring and small else None}
