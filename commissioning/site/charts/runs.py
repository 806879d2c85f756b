"""Where a line over years may be drawn solid, for briefs' charts and councils' alike.

Points are joined solidly only where the years follow one another. Over years without a figure a line is drawn
in the manner of `GAP`, or not at all, and the key says so. Across a break there is no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

Point = TypeVar("Point", bound=Sequence)

GAP = (2, 6)
"""Lengths of dash and space over years without a figure: nothing else that is drawn has them."""
GAP_WORDS = "years without a figure"


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Points, each beginning with its year, in runs of years that follow one another."""
    found: list[list[Point]] = []
    for point in sorted(points, key=lambda p: p[0]):
        if found and point[0] == found[-1][-1][0] + 1:
            found[-1].append(point)
        else:
            found.append([point])
    return found


def gaps(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """The last point before and the first after each stretch of years without a figure."""
    held = runs(points)
    return [(a[-1], b[0]) for a, b in pairwise(held)]
