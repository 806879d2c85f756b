"""Nearest neighbours: made-up tables, errors, and figures typed from the publisher's workbook."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import nearest_neighbours as nearest
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet

CODES = ["E06000991", "E06000992", "E08000993"]


def ranks(**changed: object) -> Sheet:
    rows = [
        [nearest.TITLES["Table 3"], "", "", ""],
        [nearest.CODE_HEADING, nearest.NAME_HEADING, "Neighbour 1", "Neighbour 2"],
        [CODES[0], "Northshire", CODES[2], CODES[1]],
        [CODES[1], "Southshire", CODES[0], CODES[2]],
        [CODES[2], "Eastborough", CODES[0], CODES[1]],
    ]
    return Sheet("x.xlsx", "Table 3", put(rows, changed))


def distances(**changed: object) -> Sheet:
    rows = [
        [nearest.TITLES["Table 4"], "", "", "", ""],
        [nearest.CODE_HEADING, nearest.NAME_HEADING, *CODES],
        [CODES[0], "Northshire", 0.0, 3.5, 2.25],
        [CODES[1], "Southshire", 3.5, 0.0, 4.0],
        [CODES[2], "Eastborough", 2.25, 4.0, 0.0],
    ]
    return Sheet("x.xlsx", "Table 4", put(rows, changed))


def put(rows: list[list[object]], changed: dict[str, object]) -> list[list[object]]:
    for cell, value in changed.items():
        rows[int(cell[1:]) - 1][ord(cell[0]) - 65] = value
    return rows


def read(first: Sheet, second: Sheet) -> list[dict]:
    account = Accounting(first.file, "cells", read=first.size + second.size)
    rows = nearest.read_tables(first, second, account)
    account.check()
    assert account.loaded == len(rows)
    return rows


def test_ranks_and_distances():
    rows = read(ranks(), distances())
    assert len(rows) == 12
    found = [(r["area"], r["neighbour"], r["measure"], r["value"], r["source_locator"]) for r in rows[:4]]
    assert found == [
        ("Northshire", "Eastborough", "rank", 1.0, "Table 3!C3"),
        ("Northshire", "Eastborough", "distance", 2.25, "Table 4!E3"),
        ("Northshire", "Southshire", "rank", 2.0, "Table 3!D3"),
        ("Northshire", "Southshire", "distance", 3.5, "Table 4!D3"),
    ]
    assert rows[0]["value_text"] == "Neighbour 1"


def test_the_nearest_only_are_kept(monkeypatch):
    monkeypatch.setattr(nearest, "NEAREST", 1)
    rows = read(ranks(), distances())
    assert {row["value"] for row in rows if row["measure"] == "rank"} == {1.0} and len(rows) == 6


@pytest.mark.parametrize(
    ("first", "second", "error", "says"),
    [
        ({"A1": "Table 3: Lower tier"}, {}, LayoutError, "Table 3!A1"),
        ({"A2": "Code"}, {}, LayoutError, "Upper tier local authority code"),
        ({"B2": "Name"}, {}, LayoutError, "Table 3!B2"),
        ({"D2": "Neighbour 3"}, {}, LayoutError, "Neighbour 2"),
        ({"C3": "E06000999"}, {}, LayoutError, "Table 3!C3"),
        ({"C3": CODES[0]}, {}, LayoutError, "another council"),
        ({"A5": CODES[0]}, {}, LayoutError, "same councils"),
        ({}, {"C2": CODES[1], "D2": CODES[0]}, LayoutError, "same councils"),
        ({}, {"E3": "[x]"}, SymbolError, "Table 4!E3"),
        ({}, {"E3": ""}, SymbolError, "Table 4!E3"),
    ],
)
def test_changed_tables_are_named(first, second, error, says):
    with pytest.raises(error, match=says):
        read(ranks(**first), distances(**second))


def test_a_table_cut_short_a_renamed_sheet_and_a_broken_file_are_named(made_up_workbook):
    short = distances()
    del short.rows[-1]
    with pytest.raises(LayoutError, match="truncated"):
        read(ranks(), short)
    with pytest.raises(OriginalError, match=r"x\.xlsx"):
        nearest.read(None, {"x.xlsx": b"PK\x03\x04 cut short"})

    made_up_workbook({"Contents": [["a"]], "Table 1": [["b"]]})
    with pytest.raises(LayoutError, match="Table 3"):
        nearest.read(None, {"x.xlsx": b""})


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nearest_neighbours" / "2025.parquet")


@pytest.mark.parametrize(
    ("area", "neighbour_code", "measure", "where", "value"),
    [
        ("Hartlepool", "E08000018", "rank", "Table 3!C5", 1),
        ("Hartlepool", "E06000003", "distance", "Table 4!E5", 3.833138863187656),
        ("Middlesbrough", "E06000018", "rank", "Table 3!C6", 1),
        ("Redcar and Cleveland", "E06000005", "rank", "Table 3!F7", 4),
        ("Redcar and Cleveland", "E06000005", "distance", "Table 4!G7", 4.049362685200165),
        ("Halton", "E06000004", "distance", "Table 4!F10", 4.002009924427376),
        ("Blackpool", "E06000010", "rank", "Table 3!D13", 2),
        ("Blackpool", "E06000010", "distance", "Table 4!L13", 4.372568696720733),
        ("Kingston upon Hull, City of", "E06000021", "rank", "Table 3!C14", 1),
        ("Warrington", "E10000015", "rank", "Table 3!G11", 5),
    ],
)
def test_golden_figures(held, area, neighbour_code, measure, where, value):
    found = held.filter(area=area, neighbour_code=neighbour_code, measure=measure)
    assert found.select("value", "source_locator").rows() == [(value, where)]


def test_every_council_has_twenty_neighbours(held):
    counts = held.filter(measure="rank").group_by("area_code").agg(pl.len(), pl.sum("value"))
    assert counts.height == 153 and counts.select("len", "value").unique().rows() == [(20, 210.0)]
