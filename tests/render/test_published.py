"""Charts and tables open the marts once, and again where others were published."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import pytest

from commissioning.site.charts import published


@pytest.fixture
def database(tmp_path, monkeypatch):
    file = tmp_path / "marts.duckdb"
    opened = []

    def open_marts():
        opened.append(file)
        return duckdb.connect(str(file), read_only=True)

    monkeypatch.setattr(published, "project", lambda: SimpleNamespace(database=file))
    monkeypatch.setattr(published, "open_marts", open_marts)
    monkeypatch.setattr(published, "_held", {})
    return SimpleNamespace(file=file, opened=opened)


def publish(file, value: int) -> None:
    new = file.with_suffix(".new")
    with duckdb.connect(str(new)) as made:
        made.execute(f"create table mart as select {value} as x")
    new.replace(file)


def test_one_opening_serves_many_queries_until_others_are_published(database):
    publish(database.file, 1)
    assert [published.marts().sql("select x from mart").fetchall() for _ in range(3)] == [[(1,)]] * 3
    assert len(database.opened) == 1
    publish(database.file, 2)
    assert published.marts().sql("select x from mart").fetchall() == [(2,)]
    assert len(database.opened) == 2
