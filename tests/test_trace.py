"""`commissioning trace`: what it says of a council that is not there, and the cells it reads."""

from __future__ import annotations

import re

import pytest

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import project
from commissioning.numbers import cells, headlines, trace

COUNCILS = {
    "barnet": "Barnet",
    "bristol": "Bristol",
    "kingston-upon-hull": "Kingston upon Hull",
    "kingston-upon-thames": "Kingston upon Thames",
}


@pytest.fixture
def four_councils(monkeypatch):
    monkeypatch.setattr(trace, "councils", lambda here: COUNCILS)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("bristl", "bristol"),
        ("Kingston-upon-Hul", "kingston-upon-hull or kingston-upon-thames"),
        ("kingston upon thames", "kingston-upon-thames or kingston-upon-hull"),
    ],
)
def test_a_council_that_is_nearly_right_is_offered(four_councils, asked, near):
    with pytest.raises(CommissioningError) as raised:
        trace.look_up(project(), f"council_dp_share_c_2021_22@{asked}")
    assert raised.value.what == "There is no such council."
    assert raised.value.found == asked
    assert raised.value.todo.startswith(f"did you mean {near}? ")
    assert "`commissioning trace --councils` lists all 4" in raised.value.todo


@pytest.mark.parametrize("asked", ["narnia", "xyz", "Gondor County Council"])
def test_a_council_unlike_any_is_not_answered_with_another(four_councils, asked):
    with pytest.raises(CommissioningError) as raised:
        trace.look_up(project(), f"council_dp_share_c_2021_22@{asked}")
    assert not any(council in str(raised.value) for council in COUNCILS)
    assert "`commissioning trace --councils` lists all 4" in raised.value.todo


def test_one_number_is_traced_from_what_it_needs_as_from_everything():
    """One number of each set of views that numbers read: the same cells and value as with all views made."""
    by_views: dict[frozenset, str] = {}
    register = headlines.register(project())
    for name, entry in register.items():
        if "untraced" not in entry:
            by_views.setdefault(frozenset(re.findall(r"\b(?:from|join) ([\w.]+)", entry["cells"])), name)
    assert len(by_views) > 10
    with cells.sources(project()) as everything:
        for name in by_views.values():
            entry = register[name]
            with cells.sources(project(), f"{entry['cells']} {entry['formula']}") as needed:
                assert cells.trace(needed, name, entry) == cells.trace(everything, name, entry), name


def test_only_what_a_number_needs_is_made():
    entry = headlines.register(project())["dp_share_c_2021_22"]
    with cells.sources(project(), f"{entry['cells']} {entry['formula']}") as db:
        made = {row[0] for row in db.execute("select table_name from duckdb_tables()").fetchall()}
    assert "share_cells" in made
    assert not made & {"ledger_cells", "ledger_rules", "ledger_monthly", "provision_cells", "adults"}
