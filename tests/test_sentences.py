"""The register of sentences: its entries, and what the build asks of the marts."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
import yaml

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.numbers import sentences


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
