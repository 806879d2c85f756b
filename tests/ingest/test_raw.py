"""The contract of raw tables: values keep their text, symbols have a meaning, nothing is lost or doubled."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.base.errors import CommissioningError, KeyClashError, SymbolError
from commissioning.ingest import raw

SYMBOLS = {"..": "not_available", "[c]": "suppressed"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,234.5", ("1,234.5", 1234.5, None)),
        (" -7 ", (" -7 ", -7.0, None)),
        (14033.232856703724, ("14033.232856703724", 14033.232856703724, None)),
        ("1.5e3", ("1.5e3", 1500.0, None)),
        ("..", ("..", None, "not_available")),
        (" [c] ", (" [c] ", None, "suppressed")),
    ],
)
def test_a_cell_keeps_its_text(cell, expected):
    assert raw.parse_value(cell, SYMBOLS, file="f", where="S!A1") == expected


@pytest.mark.parametrize("cell", ["[q]", "", "12 (11)", "1e9999", float("nan"), "#REF!", True, "--1", "£5"])
def test_a_cell_that_nobody_knows_is_named(cell):
    with pytest.raises(SymbolError) as caught:
        raw.parse_value(cell, SYMBOLS, file="book.xls", where="Sheet!C14")
    assert "book.xls" in str(caught.value) and "Sheet!C14" in str(caught.value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_comes_back(number):
    assert raw.parse_value(number, {}, file="f", where="w")[1] == number
    assert raw.parse_value(repr(number), {}, file="f", where="w")[1] == number


def reading(rows, key=("area",), read=None, furniture=None):
    tail = {"unit": "GBP", "value_symbol": None, "source_file": "f.csv"}
    table = raw.tidy([{**tail, "value_text": str(row["value"]), **row} for row in rows], {"area": pl.String})
    accounting = raw.Accounting("f.csv", "cells", read or len(rows), len(rows), furniture or {})
    return raw.Reading(table, key, [accounting])


def test_a_sound_reading_passes():
    raw.check(
        reading(
            [
                {"area": "a", "value": 1.0, "source_locator": "S!A1"},
                {"area": "b", "value": 2.0, "source_locator": "S!A2"},
            ],
            read=5,
            furniture={"blank": 2, "header": 1},
        ),
        what="made-up",
    )


def test_two_figures_with_one_key_are_named():
    rows = [{"area": "a", "value": v, "source_locator": f"S!A{v}"} for v in (1.0, 2.0)]
    with pytest.raises(KeyClashError, match=r"S!A1\.0, S!A2\.0"):
        raw.check(reading(rows), what="made-up")


def test_lost_cells_are_noticed():
    with pytest.raises(CommissioningError, match="lost cells"):
        raw.check(reading([{"area": "a", "value": 1.0, "source_locator": "S!A1"}], read=3), what="made-up")


def test_neither_number_nor_symbol_is_refused():
    rows = [{"area": "a", "value": None, "value_text": "", "source_locator": "S!A1"}]
    with pytest.raises(CommissioningError, match="or neither"):
        raw.check(reading(rows), what="made-up")


def test_an_unknown_symbol_is_refused():
    rows = [{"area": "a", "value": None, "value_text": "?", "value_symbol": "odd", "source_locator": "S!A1"}]
    with pytest.raises(SymbolError, match="odd"):
        raw.check(reading(rows), what="made-up")
