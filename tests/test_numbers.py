"""Numbers: every headline from its source cells alone, its trace, its page and its citations."""

from __future__ import annotations

import math

import pytest
from conftest import ROOT

from commissioning import cells, headlines
from commissioning.paths import Project

HERE = Project(ROOT)
REGISTER = headlines.register(HERE)
UNTRACED = {name for name, entry in REGISTER.items() if "untraced" in entry}


@pytest.fixture(scope="module")
def computed(built_marts):
    return headlines.compute(HERE, built_marts)


@pytest.fixture(scope="module")
def traced():
    with cells.sources(HERE) as db:
        return {n: cells.trace(db, n, e) for n, e in REGISTER.items() if n not in UNTRACED}


def agrees(value, figure: dict, format: str) -> bool:
    """Whether a value from the cells is the mart's: the same text, and the same number to a billionth."""
    if value is None or figure["value"] is None:
        return value is figure["value"]
    same = isinstance(value, str) or math.isclose(value, figure["value"], rel_tol=1e-9, abs_tol=1e-12)
    return same and headlines.shown(value, format) == figure["text"]


@pytest.mark.parametrize("name", sorted(set(REGISTER) - UNTRACED))
def test_a_headline_is_what_its_source_cells_give_without_dbt(computed, traced, name):
    entry, trace = REGISTER[name], traced[name]
    assert trace.cells
    if "parameter" not in entry:
        assert agrees(trace.value, computed[name], entry["format"]), (trace.value, computed[name])
        return
    councils = computed[name]["councils"]
    wrong = {c: f for c, f in councils.items() if not agrees(trace.value.get(c), f, entry["format"])}
    assert not wrong, {c: (trace.value.get(c), f) for c, f in list(wrong.items())[:3]}
    assert {c for c, value in trace.value.items() if value is not None} <= set(councils)
    assert sum(f["value"] is not None for f in councils.values()) > 100


def test_headlines_that_are_no_sum_of_cells_are_few_and_say_why():
    assert len(UNTRACED) <= 0.06 * len(REGISTER), sorted(UNTRACED)
    assert all(len(REGISTER[name]["untraced"]) > 40 for name in UNTRACED)


def test_every_cell_says_where_it_is(traced):
    for name, trace in traced.items():
        for cell in trace.cells:
            found = dict(zip(cells.COLUMNS, cell, strict=True))
            assert all(found[key] for key in ("dataset", "edition", "source_file", "source_locator")), (
                name,
                found,
            )
            assert found["value_text"] is not None, (name, found)
