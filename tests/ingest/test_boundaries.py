"""Outlines of councils: which vertices are kept, and what a file of another shape is told."""

from __future__ import annotations

import json

import pytest

from commissioning.base.errors import LayoutError
from commissioning.ingest import boundaries, raw
from commissioning.ingest.catalogue import catalogue

EDITION = catalogue()["boundaries"].held[0]
DEGREE_X, DEGREE_Y = boundaries.CELL


def geojson(*features: dict) -> dict[str, bytes]:
    return {"a.geojson": json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()}


def area(name: str, *polygons: list, kind: str = "MultiPolygon") -> dict:
    places = list(polygons) if kind == "MultiPolygon" else polygons[0]
    return {
        "properties": {"areacd": f"E{name}", "areanm": name},
        "geometry": {"type": kind, "coordinates": places},
    }


def square(cells: float, x: float = 0.0, y: float = 50.0) -> list:
    """A closed ring that many cells of the grid wide, with a vertex in the middle of its south side."""
    side_x, side_y = cells * DEGREE_X, cells * DEGREE_Y
    corners = [(0, 0), (0.5, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return [[round(x + a * side_x, 6), round(y + b * side_y, 6)] for a, b in corners]


def test_vertices_of_one_cell_are_kept_once_and_islets_are_left_out():
    reading = boundaries.read(EDITION, geojson(area("A", [square(10)], [square(0.2, x=3.0)])))
    raw.check(reading, what="fixture")
    table = reading.table
    assert set(table["polygon"]) == {0}
    assert table.filter(table["measure"] == "longitude")["vertex"].to_list() == [0, 1, 2, 3, 4]
    first = table.row(0, named=True)
    assert (first["value_text"], first["unit"]) == ("0.0", "degrees")
    assert first["source_locator"] == "features[0].geometry.coordinates[0][0][0][0]"
    (account,) = reading.accounting
    assert (account.read, account.loaded, sum(account.furniture.values())) == (24, 10, 14)


def test_a_council_that_is_all_islets_keeps_its_largest_whole():
    reading = boundaries.read(EDITION, geojson(area("A", [square(0.2)], kind="Polygon")))
    assert reading.table.height == 2 * 5
    assert reading.table["source_locator"][0] == "features[0].geometry.coordinates[0][0][0]"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "not a GeoJSON"),
        (b'{"type": "Feature"}', "not a GeoJSON"),
        (json.dumps({"features": [{"properties": {}}]}).encode(), "features\\[0\\]"),
        (
            json.dumps(
                {
                    "features": [
                        {
                            "properties": {"areacd": "E", "areanm": "A"},
                            "geometry": {"type": "Point", "coordinates": [0, 50]},
                        }
                    ]
                }
            ).encode(),
            "no area",
        ),
    ],
)
def test_another_file_is_refused_by_name(content, said):
    with pytest.raises(LayoutError, match=f"(?s){said}.*a.geojson|a.geojson.*{said}"):
        boundaries.read(EDITION, {"a.geojson": content})
