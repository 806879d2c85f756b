"""Boundaries of upper-tier councils, England, April 2023, as a set of our own, simple enough for a map.

The original is GeoJSON: for each council its polygons, each of one or more rings of longitude and latitude.
Kept are the vertices that a map of England a page high can show: walking along a ring, a vertex is left out
where it lies in the same cell of a grid as the one kept before it. Neighbours share their vertices, so a map
that draws to whole units shows hardly a gap between them. A ring that has no three vertices left is left out,
unless it is the largest of its council.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import wrong_layout

DIMENSIONS = dict.fromkeys(("area_code", "area"), pl.String)
DIMENSIONS |= dict.fromkeys(("polygon", "ring", "vertex"), pl.Int32) | {"measure": pl.String}
KEY = ("area_code", "polygon", "ring", "vertex", "measure")
AXES = ("longitude", "latitude")
CELL = (0.012, 0.0072)
"""Degrees of longitude and latitude of a cell of the grid: about 800 metres each way."""


def cell(longitude: float, latitude: float) -> tuple[int, int]:
    """The cell of the grid in which a place lies."""
    return round(longitude / CELL[0]), round(latitude / CELL[1])


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The kept vertices, two rows each. Raises `LayoutError` where the file is not such a GeoJSON."""
    ((path, content),) = originals.items()
    account = Accounting(path, "cells")
    rows = [row for feature in features(path, content) for row in outline(path, account, *feature)]
    account.loaded = len(rows)
    account.leave("vertices too near to the one before, or of islets", account.read - account.loaded)
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def features(path: str, content: bytes) -> Iterator[tuple[str, dict[str, str], list, bool]]:
    """Each council: where in the file it stands, its labels, its polygons, and whether it has several."""
    try:
        found = json.loads(content)["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise wrong_layout(
            "The file is not a GeoJSON collection of features.", file=path, expected="features", found=error
        ) from None
    for number, feature in enumerate(found):
        where = f"features[{number}]"
        try:
            labels = {"area_code": feature["properties"]["areacd"], "area": feature["properties"]["areanm"]}
            kind, places = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        except (KeyError, TypeError) as error:
            expected = "areacd, areanm and a geometry"
            raise wrong_layout(
                "A feature lacks something.", file=path, where=where, expected=expected, found=error
            ) from None
        if kind not in ("Polygon", "MultiPolygon"):
            expected = "Polygon or MultiPolygon"
            raise wrong_layout("A feature is no area.", file=path, where=where, expected=expected, found=kind)
        several = kind == "MultiPolygon"
        yield f"{where}.geometry.coordinates", labels, places if several else [places], several


def outline(
    path: str, account: Accounting, where: str, labels: dict[str, str], polygons: list, several: bool
) -> Iterator[dict[str, object]]:
    """Longitude and latitude of every vertex of a council that is kept."""
    rings = {(p, r): ring for p, polygon in enumerate(polygons) for r, ring in enumerate(polygon)}
    largest = max(rings, key=lambda key: len(rings[key]))
    for (p, r), ring in rings.items():
        account.read += 2 * len(ring)
        kept = _kept(ring)
        if len(kept) < 3:
            kept = range(len(ring) - 1) if (p, r) == largest else ()
        for vertex in kept:
            for axis, measure in enumerate(AXES):
                yield labels | {
                    "polygon": p,
                    "ring": r,
                    "vertex": vertex,
                    "measure": measure,
                    "unit": "degrees",
                    "value_text": repr(ring[vertex][axis]),
                    "value": float(ring[vertex][axis]),
                    "value_symbol": None,
                    "source_file": path,
                    "source_locator": f"{where}{f'[{p}]' if several else ''}[{r}][{vertex}][{axis}]",
                }


def _kept(ring: list[list[float]]) -> list[int]:
    """The vertices of a closed ring that lie in another cell than the one kept before them."""
    kept: list[int] = []
    for vertex, (longitude, latitude) in enumerate(ring[:-1]):
        if not kept or cell(longitude, latitude) != cell(*ring[kept[-1]]):
            kept.append(vertex)
    if len(kept) > 1 and cell(*ring[kept[0]]) == cell(*ring[kept[-1]]):
        kept.pop()
    return kept
