"""`commissioning trace`: what it says of a council that is not there, and the cells it reads."""

from __future__ import annotations

import pytest

from commissioning.base.errors import CommissioningError, RenderError
from commissioning.base.paths import Project, project
from commissioning.numbers import cells, headlines, queries, trace

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
            by_views.setdefault(frozenset(queries.tables(entry["cells"])), name)
    assert len(by_views) > 10
    with cells.sources(project(), register.values()) as everything:
        for name in by_views.values():
            entry = register[name]
            with cells.sources(project(), [entry]) as needed:
                assert cells.trace(needed, name, entry) == cells.trace(everything, name, entry), name


def test_only_what_a_number_needs_is_made():
    entry = headlines.register(project())["dp_share_c_2021_22"]
    with cells.sources(project(), [entry]) as db:
        made = {row[0] for row in db.execute("select table_name from duckdb_tables()").fetchall()}
    assert "share_cells" in made
    assert not made & {"ledger_cells", "ledger_rules", "ledger_monthly", "provision_cells", "adults"}


@pytest.fixture
def two_views(tmp_path):
    """A project with a view of source cells that reads another, and no table."""
    here = Project(tmp_path.resolve())
    for folder in (here.raw, here.reports / "cells"):
        folder.mkdir(parents=True)
    (here.reports / "cells" / "upper.sql").write_text("-- Reads lower.\nselect * from lower\n", "utf-8")
    (here.reports / "cells" / "lower.sql").write_text("select 1 as n\n", "utf-8")
    return here


ENTRY = {"cells": "select * from upper", "formula": "select max(n) from cells"}


def test_a_view_is_made_after_what_it_reads(two_views):
    with cells.sources(two_views, [ENTRY]) as db:
        assert db.execute("from upper").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("selec 1", "no query.*syntax error"),
        ("select 1; select 2", "no query.*SELECT, SELECT"),
        ("create table t as select 1", "no query.*CREATE"),
        ("select * from nowhere", "view of source cells fails.*nowhere"),
        ("select * from upper", "view of source cells fails.*does not exist"),
    ],
)
def test_a_view_that_fails_is_named(two_views, sql, found):
    (two_views.reports / "cells" / "lower.sql").write_text(sql, "utf-8")
    with pytest.raises(RenderError, match=rf"(?s){found}") as error, cells.sources(two_views, [ENTRY]):
        pass
    assert str(two_views.reports / "cells") in str(error.value)


def test_an_edition_is_named_in_words_and_not_by_its_id():
    """A hover said "2017-18_to_2023-24_derived", and "2026-03_lancashire_derived"."""
    held = [edition for dataset in trace.catalogue().values() for edition in dataset.held]
    names = [trace._file(edition.dataset, edition.edition, "", 1).name for edition in held]
    assert not [name for name in names if "_" in name]
    assert any("service and authority, 2017-18 to 2023-24, derived" in name for name in names)
