"""Boundaries of upper-tier councils, England, April 2023, as a set of our own, simple enough for a map.

The original is GeoJSON: for each council its polygons, each of one or more rings of longitude and latitude.
Kept are the vertices that a map of England a page high can show: walking along a ring, a vertex is left out
where it lies in the same cell of a grid as the one kept before it. Neighbours share their vertices, so a map
that draws to whole units shows hardly a gap between them. A ring that has no three vertices left is left out,
unless it is the largest of its council.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition

DIMENSIONS = {
    "area_code": pl.String, "area": pl.String, "polygon": pl.Int32, "ring": pl.Int32, "vertex": pl.Int32,
    "measure": pl.String,
}  # fmt: skip
KEY = ("area_code", "polygon", "ring", "vertex", "measure")
AXES = ("longitude", "latitude")
CELL = (0.012, 0.0072)
"""Degrees of longitude and latitude of a cell of the grid: about 800 metres each way."""


def cell(longitude: float, latitude: float) -> tuple[int, int]:
    """The cell of the grid in which a place lies."""
    return round(longitude / CELL[0]), round(latitude / CELL[1])


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """The kept vertices, two rows each. Raises `LayoutError` where the file is not such a GeoJSON."""
    (path, content), *_ = originals.items()
    try:
        features = json.loads(content)["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutError(
            "The file is not a GeoJSON collection of features.", file=path, expected="features", found=error
        ) from None
    rows: list[dict[str, object]] = []
    read = loaded = 0
    for number, feature in enumerate(features):
        try:
            code, name = feature["properties"]["areacd"], feature["properties"]["areanm"]
            kind, places = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        except (KeyError, TypeError) as error:
            raise LayoutError(
                "A feature lacks something.", file=path, where=f"features[{number}]",
                expected="areacd, areanm and a geometry", found=error,
            ) from None  # fmt: skip
        if kind not in ("Polygon", "MultiPolygon"):
            raise LayoutError(
                "A feature is no area.", file=path, where=f"features[{number}]",
                expected="Polygon or MultiPolygon", found=kind,
            )  # fmt: skip
        polygons = [places] if kind == "Polygon" else places
        rings = {(p, r): _kept(ring) for p, polygon in enumerate(polygons) for r, ring in enumerate(polygon)}
        largest = max(rings, key=lambda key: len(polygons[key[0]][key[1]]))
        for (p, r), kept in rings.items():
            read += 2 * len(polygons[p][r])
            if len(kept) < 3 and (p, r) != largest:
                continue
            if len(kept) < 3:
                kept = list(range(len(polygons[p][r]) - 1))
            loaded += 2 * len(kept)
            way = f"features[{number}].geometry.coordinates" + (f"[{p}]" if kind == "MultiPolygon" else "")
            for vertex in kept:
                for axis, measure in enumerate(AXES):
                    value = polygons[p][r][vertex][axis]
                    rows.append(
                        {
                            "area_code": code, "area": name, "polygon": p, "ring": r,
                            "vertex": vertex, "measure": measure, "unit": "degrees",
                            "value_text": repr(value),
                            "value": float(value), "value_symbol": None, "source_file": path,
                            "source_locator": f"{way}[{r}][{vertex}][{axis}]",
                        }
                    )  # fmt: skip
    thinned = {"vertices too near to the one before, or of islets": read - loaded}
    account = raw.Accounting(path, "cells", read, loaded, thinned)
    return raw.Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])


def _kept(ring: list[list[float]]) -> list[int]:
    """The vertices of a closed ring that lie in another cell than the one kept before them."""
    kept: list[int] = []
    for vertex, (longitude, latitude) in enumerate(ring[:-1]):
        if not kept or cell(longitude, latitude) != cell(*ring[kept[-1]]):
            kept.append(vertex)
    if len(kept) > 1 and cell(*ring[kept[0]]) == cell(*ring[kept[-1]]):
        kept.pop()
    return kept
