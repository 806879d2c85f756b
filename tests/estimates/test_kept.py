"""Estimates are read again only where nothing changed that they are made of."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from commissioning.base.paths import Project
from commissioning.marts.estimates import kept


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Call it with a table: how often the estimate was made, all told, and what came back."""
    monkeypatch.setattr(kept, "project", lambda: Project(tmp_path))
    made = []

    def doubled(rows: pd.DataFrame) -> pa.Table:
        made.append(rows)
        draws = pa.array([[x, x] for x in rows.x], type=pa.list_(pa.float32()))
        return pa.table({"x": pa.array(rows.x * 2), "draws": draws})

    def ask(table: pd.DataFrame) -> tuple[int, pa.Table]:
        answer = kept.kept(doubled, rows=table)
        return len(made), answer

    ask.held = Project(tmp_path).work / "estimates" / "doubled.parquet"
    return ask


ROWS = pd.DataFrame({"x": [1.0, 2.5], "name": ["a", None]})


def test_the_same_question_is_answered_from_what_is_held(asked):
    (_, first), (times, again) = asked(ROWS), asked(ROWS.iloc[::-1])
    assert times == 1
    assert again.equals(first) and again.schema == first.schema


@pytest.mark.parametrize(
    "other",
    [
        ROWS.assign(x=[1.0, 2.6]),
        ROWS.assign(name=["a", "b"]),
        ROWS.rename(columns={"name": "n"}),
    ],
    ids=["value", "null", "column"],
)
def test_another_table_is_estimated(asked, other):
    asked(ROWS)
    times, _ = asked(other)
    assert times == 2


def test_another_version_of_what_it_runs_on_is_estimated(asked, monkeypatch):
    asked(ROWS)
    monkeypatch.setattr(kept, "versions", lambda *names: dict.fromkeys(names, "0"))
    assert asked(ROWS)[0] == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda held: held.unlink(),
        lambda held: held.write_bytes(held.read_bytes()[:-9]),
        lambda held: held.with_suffix(".json").write_text("{"),
        lambda held: held.with_suffix(".json").unlink(),
    ],
    ids=["gone", "cut", "mark is half", "mark is gone"],
)
def test_what_was_damaged_is_estimated_again(asked, spoil):
    _, first = asked(ROWS)
    spoil(asked.held)
    times, again = asked(ROWS)
    assert times == 2
    assert again.equals(first)
