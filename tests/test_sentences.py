"""The register of sentences: its entries, and what the build asks of the marts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.numbers import queries, sentences


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A project with one small made-up mart."""
    project = Project(tmp_path.resolve())
    project.reports.mkdir()
    database = tmp_path / "small.duckdb"
    with duckdb.connect(str(database)) as db:
        db.execute("create table mart_a as select -1 as low, 2 as high")
    monkeypatch.setattr(
        sentences.seals, "open_database", lambda _: duckdb.connect(str(database), read_only=True)
    )
    return project


def write(project: Project, *entries: dict) -> None:
    text = yaml.safe_dump({"absolutes": [], "sentences": list(entries)})
    sentences.file(project).write_text(text, encoding="utf-8")


def test_a_sentence_that_holds_passes_and_one_with_its_search_is_not_asked(small):
    write(
        small,
        {"page": "a", "words": "holds zero", "holds": "select low < 0 and high > 0 from mart_a"},
        {"page": "a", "words": "nobody says", "searched": "everything", "when": dt.date(2026, 11, 26)},
    )  # fmt: skip
    assert sentences.check(small) == 1


def test_a_project_without_the_register_has_no_sentence_to_ask(small):
    assert sentences.check(small) == 0


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select low > 0 from mart_a", "no longer so.*clear of zero.*False"),
        ("select low > 0 from mart_a where false", r"no longer so.*\[\]"),
        ("select null", "no longer so.*None"),
        ("select 1 from mart_a", "no longer so"),
        ("select nothing from mart_a", "condition of a sentence fails.*nothing"),
        ("select content = '' from read_text('/etc/hostname')", "condition of a sentence fails.*disabled"),
        ("select true; drop table mart_a", "condition of a sentence fails.*one query"),
    ],
)
def test_a_sentence_that_the_marts_do_not_bear_out_is_named(small, sql, found):
    write(small, {"page": "a", "words": "clear of zero", "holds": sql})
    with pytest.raises(RenderError, match=f"(?s){found}"):
        sentences.check(small)


@pytest.mark.parametrize(
    "entry",
    [
        {"page": "a", "words": "so"},
        {"page": "a", "words": "so", "holds": "select true", "searched": "there"},
        {"page": "a", "words": "so", "searched": "there"},
        {"page": "a", "words": "so", "searched": "there", "when": "lately"},
    ],
)
def test_an_entry_says_what_bears_it_out_and_nothing_else(small, entry):
    write(small, entry)
    with pytest.raises(RenderError, match=r"(?s)not as it should be.*so"):
        sentences.register(small)


@pytest.mark.parametrize("text", ["sentences: [", "- a", "sentences: []"])
def test_a_register_of_another_shape_is_named(small, text):
    sentences.file(small).write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match=r"(?s)register of sentences.*sentences\.yml"):
        sentences.register(small)


# Every condition of the register can fail ------------------------------------------------------------------

REGISTER = sentences.register(Project(Path(__file__).resolve().parent.parent))["sentences"]
ASKED = [entry for entry in REGISTER if "holds" in entry]
NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"}


def wrong_marts(columns: dict[str, str], texts: set[str]) -> Iterator[str]:
    """What a mart's columns are replaced by, so that it holds other figures than it does, or other words."""
    numbers = [name for name, kind in columns.items() if kind in NUMBERS or kind.startswith("DECIMAL")]
    for wrong in ("-{0}", "2 * {0}", "coalesce({0}, 1)", "1"):
        yield ", ".join(f"{wrong.format(name)} as {name}" for name in numbers)
    yield ", ".join(f"not {name} as {name}" for name, kind in columns.items() if kind == "BOOLEAN")
    dates = [name for name, kind in columns.items() if kind == "DATE"]
    yield ", ".join(f"{name} + interval 20 years as {name}" for name in dates)
    for name, kind in columns.items():
        if kind == "VARCHAR":
            yield f"{name} || 'x' as {name}"
            yield from (f"'{text}' as {name}" for text in sorted(texts))


def first_failure(
    db: duckdb.DuckDBPyConnection, condition: str, marts: dict[str, dict[str, str]]
) -> str | None:
    """The first wrong mart with which the condition no longer holds."""
    read = [name for name in queries.tables(condition) if name in marts]
    texts = set(re.findall(r"'%?([^'%]+)%?'", condition))
    for name in read:
        for other in read:
            db.execute(f"create or replace temp view {other} as from published.{other}")
        whole = f"from published.{name}"
        replaced = filter(None, wrong_marts(marts[name], texts))
        for changed in (*(f"select * replace ({wrong}) {whole}" for wrong in replaced), f"{whole} limit 1"):
            db.execute(f"create or replace temp view {name} as {changed}")
            try:
                if db.execute(condition).fetchall() != [(True,)]:
                    return changed
            except duckdb.Error:  # other types than the condition takes
                continue
    return None


def test_every_condition_fails_on_some_wrong_mart(built_marts):
    """One that holds whatever the marts say would let its sentence stand for ever."""
    with duckdb.connect() as db:
        db.execute(f"attach '{built_marts}' as published (read_only)")
        marts: dict[str, dict[str, str]] = {}
        db.execute("from duckdb_columns() select table_name, column_name, data_type where not internal")
        for table, column, kind in db.fetchall():
            marts.setdefault(table, {})[column] = kind
        # Which columns there are is no figure.
        figures = [entry for entry in ASKED if "information_schema" not in entry["holds"]]
        never = [entry["words"] for entry in figures if not first_failure(db, entry["holds"], marts)]
    assert never == []
