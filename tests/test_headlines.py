"""Headlines: the register of the numbers that prose may state."""

from __future__ import annotations

import datetime as dt
import json
import re

import duckdb
import pytest
import yaml
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.numbers import families, headlines, history
from commissioning.numbers.headlines import shown
from commissioning.render import render_site

REVIEWED = {
    "theme": "Tests", "unit": "share", "definition": "A made-up number.", "why_it_matters": "It does not.",
    "direction_of_good": "Neither.", "method": "Made up.", "author": "tests", "checked_by": "nobody",
    "review_by": dt.date(2099, 1, 1), "alternatives": {"none": "made up"}, "untraced": "made up",
}  # fmt: skip


@pytest.fixture
def small(tmp_path):
    """A project with one small made-up mart and no headline yet."""
    project = Project(tmp_path.resolve())
    project.marts.mkdir(parents=True)
    project.reports.mkdir()
    (project.reports / "families.yml").write_text(yaml.safe_dump({"defaults": REVIEWED}), encoding="utf-8")
    with duckdb.connect(str(project.database)) as db:
        db.execute("create table mart_a as from (values ('x', 0.1131), ('y', 1234.5), ('z', null)) t(id, v)")
        db.execute(
            "create table dim_council as from (values ('x', null, null), ('y', null, null), "
            "('z', null, null), ('old', null, date '2009-03-31'), ('new', date '2023-04-01', null)) "
            "t(council_id, start_date, end_date)"
        )
    seals.seal(project.marts, {"build_id": "made up", "tables": {}})
    return project


def register(project: Project, sql: str = "select v from mart_a where id = 'x'", format: str = "percent.1"):
    entry = {"share_of_x": {"label": "A share", "sql": sql, "format": format}}
    (project.reports / "headlines.yml").write_text(json.dumps(entry), encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        (0.1131, "percent.1", "11.3%"),
        (0.00564, "percent.2", "0.56%"),
        (0.5, "percent", "50%"),
        (0.725, "percent.0", "73%"),
        (0.815, "percent.0", "82%"),
        (-0.005, "points.0", "−1 percentage point"),
        (0.01, "points.1", "1.0 percentage points"),
        (2_500_000, "gbp_million.0", "£3 million"),
        (-0.0321, "percent.1", "−3.2%"),
        (12.34, "percent.0", "1,234%"),
        (0.0123, "points.1", "1.2 percentage points"),
        (-0.0123, "points.1", "−1.2 percentage points"),
        (1234567, "gbp", "£1,234,567"),
        (-1234.567, "gbp.2", "−£1,234.57"),
        (30_500_000, "gbp_million.1", "£30.5 million"),
        (5_432_100_000, "gbp_million.0", "£5,432 million"),
        (-2_150_000_000, "gbp_billion.2", "−£2.15 billion"),
        (441559, "number", "441,559"),
        (-1234.5, "number.1", "−1,234.5"),
        (-0.0004, "number.1", "0.0"),
        (-0.0004, "percent.1", "0.0%"),
        (0, "number", "0"),
        (3.26, "times.1", "3.3 times"),
        (-3.26, "times.1", "−3.3 times"),
        ("Thurrock", "text", "Thurrock"),
    ],
)
def test_a_value_is_shown_as_prose_has_it(value, format, text):
    assert shown(value, format) == text


def test_headlines_are_computed_from_the_marts(small):
    register(small)
    expected = {"share_of_x": {"label": "A share", "text": "11.3%", "value": 0.1131}}
    assert headlines.write(small) == expected
    assert json.loads((small.reports / headlines.GENERATED).read_text(encoding="utf-8")) == expected


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select v from mart_a where id = 'none'", "0 rows"),
        ("select v from mart_a where id != 'z'", "2 rows"),
        ("select v from mart_a where id = 'z'", "1 rows"),
        ("select id, v from mart_a where id = 'x'", "1 rows"),
        ("select no_such from mart_a", "no_such"),
        ("select v from mart_none", "mart_none"),
        ("selec v", "syntax error"),
        ("delete from mart_a", "found DELETE"),
        ("select 'words'", "'words'"),
    ],
)
def test_sql_that_does_not_give_one_value_is_named(small, sql, found):
    register(small, sql)
    with pytest.raises(RenderError, match="share_of_x") as error:
        headlines.write(small)
    assert "headlines.yml" in str(error.value)
    assert found in str(error.value)
    assert not (small.reports / headlines.GENERATED).exists()


@pytest.mark.parametrize("format", ["per_cent.1", "percent.x", "", "percent.-1"])
def test_an_unknown_format_is_named(small, format):
    register(small, format=format)
    with pytest.raises(RenderError, match=r"(?s)unknown format.*share_of_x.*percent"):
        headlines.compute(small)


def council_register(project: Project, sql: str) -> None:
    entry = {"of_council": {"label": "A number", "parameter": "council", "sql": sql, "format": "number.1"}}
    (project.reports / "headlines.yml").write_text(json.dumps(entry), encoding="utf-8")


def test_a_headline_with_a_council_parameter_gives_every_council_a_value_or_a_reason(small):
    council_register(small, "select id, v, 'asked and not told' from mart_a where id in ('y', 'z')")
    councils = headlines.write(small)["of_council"]["councils"]
    missing = {"text": "not available", "value": None}
    assert councils == {
        "x": {**missing, "missing": headlines.NO_ROW},
        "y": {"text": "1,234.5", "value": 1234.5},
        "z": {**missing, "missing": "asked and not told"},
        # A council that was not there in the year has none, and no publisher left it out.
        "old": {**missing, "missing": "the council ended on 31 March 2009"},
        "new": {**missing, "missing": "the council began on 1 April 2023"},
    }
    assert headlines.read(small, "y") == {"of_council": {"label": "A number", **councils["y"]}}
    assert headlines.read(small) == {}
    assert headlines.read(small, "nowhere") == {}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 'nowhere', 1", "nowhere"),
        ("select 'x', 1 union all select 'x', 2", "2 rows"),
        ("select 'x'", "1 rows"),
        ("select 'x', 'words'", "'words'"),
    ],
)
def test_sql_that_does_not_give_a_row_a_council_is_named(small, sql, found):
    council_register(small, sql)
    with pytest.raises(RenderError, match=r"(?s)headlines\.yml.*of_council") as error:
        headlines.write(small)
    assert found in str(error.value)


def test_the_register_may_be_several_files_and_an_id_is_in_one_of_them(small):
    register(small)
    (small.reports / "headlines").mkdir()
    (small.reports / "headlines" / "more.yml").write_text(
        "more: {label: B, sql: select 1, format: number}\n", encoding="utf-8"
    )
    assert list(headlines.register(small)) == ["share_of_x", "more"]
    (small.reports / "headlines" / "twice.yml").write_text(
        "more: {label: B, sql: select 1, format: number}\n", encoding="utf-8"
    )
    with pytest.raises(RenderError, match=r"(?s)twice.*twice\.yml.*more"):
        headlines.register(small)


@pytest.mark.parametrize("entry", ["", "{label: A}", "{label: A, sql: select 1}"])
def test_an_incomplete_entry_is_named(small, entry):
    (small.reports / "headlines.yml").write_text(f"share_of_x: {entry}\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"(?s)incomplete.*share_of_x.*format"):
        headlines.register(small)


OTHER_YEARS = {"label": "Other years", "unit": "years", "format": "number.0"}
FAMILIES = {
    "words": {"area": {"x": "Exeter", "y": "York"}},
    "defaults": {key: REVIEWED[key] for key in REVIEWED if key not in ("untraced", "unit", "alternatives")},
    "families": {
        "shares": {
            "label": "Share of {area in words}, {year}", "sql": "select v from mart_a where id = '{area}'",
            "format": "percent.1", "unit": "share", "given": {"area": "x"},
            "cells": "select * from cells where id = '{area}' and year = '{year}'", "formula": "select 1",
            "alternatives": {"none": "made up"},
            "related": [OTHER_YEARS | {"sql": "select {year}"}],
        },
        "other_shares": {"like": "shares", "unit": "part", "given": {"area": "y"}},
        "sums": {"like": "shares", "unit": "pounds", "formula": "select 2"},
        "round": {"like": "about"},
        "about": {"like": "round"},
    },
}  # fmt: skip


def family_register(small, shared=FAMILIES, **entry):
    (small.reports / "families.yml").write_text(yaml.safe_dump(shared), encoding="utf-8")
    (small.reports / "headlines.yml").write_text(yaml.safe_dump({"share_of_x": entry}), encoding="utf-8")
    return headlines.register(small)["share_of_x"]


def test_a_headline_takes_from_its_family_what_it_does_not_say_itself(small):
    entry = family_register(small, family="other_shares", given={"year": 2020}, method="Counted.")
    assert entry["label"] == "Share of York, 2020"
    assert entry["sql"] == "select v from mart_a where id = 'y'"
    assert entry["cells"] == "select * from cells where id = 'y' and year = '2020'"
    assert entry["related"] == [OTHER_YEARS | {"sql": "select 2020"}]
    assert (entry["unit"], entry["method"], entry["author"]) == ("part", "Counted.", "tests")


def test_a_pattern_in_sql_is_no_placeholder(small):
    sql = r"select v from mart_a where regexp_matches(id, '^\d{4}x{1,2}$')"
    entry = family_register(small, family="shares", given={"year": 2020}, sql=sql)
    assert entry["sql"] == sql


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"family": "no_family"}, "not there.*no_family"),
        ({"family": "about"}, "like itself.*about like round like about"),
        ({"family": "shares"}, "does not give.*cells.*given: {year: .*{year}"),
        ({"family": "shares", "given": {"year": None}}, "incomplete.*given: year"),
        ({"family": "shares", "given": {"year": 1}, "label": None}, "incomplete.*label"),
        ({"family": "shares", "given": {"year": 1}, "parameter": None}, "incomplete.*parameter"),
        ({"family": "shares", "given": {"year": 1}, "label": "In {Year}"}, "does not give.*label.*{Year}"),
        ({"family": "shares", "given": {"year": 1}, "label": "In {year }"}, "does not give.*label.*{year }"),
        ({"family": "shares", "given": {"year": 1, "month": 2}}, "not ask for.*area, year.*given: month"),
        ({"family": "shares", "given": {"year": 1, "area": "z"}}, "no words.*label.*words: {area: {z: "),
        ({"family": "shares", "given": {"year": 1}, "labell": "A"}, "key that nothing reads.*labell"),
        ({"family": "sums", "given": {"year": 1}}, r"incomplete.*\['format', 'label', 'sql'\]"),
        ({"unit": "share", "alternatives": {"none": "why"}}, "incomplete.*cells.*formula"),
        ({"family": "shares", "given": {"year": 1}, "alternatives": {"none": ""}}, "alternatives"),
        ({"family": "shares", "given": {"year": 1}, "review_by": "soon"}, "review date"),
        ({"family": "shares", "given": {"year": 1}, "parameter": "region"}, "parameter.*council.*region"),
        ({"family": "shares", "given": {"year": 1}, "sources": ["rsx"]}, "sources.*line of words"),
    ],
)
def test_an_entry_that_does_not_fit_its_family_is_named(small, entry, found):
    with pytest.raises(RenderError, match=f"(?s){found}") as error:
        family_register(small, **entry)
    assert ("share_of_x" in str(error.value)) != ("like itself" in found)
    assert ("families.yml" if "like itself" in found else "headlines.yml") in str(error.value)


@pytest.mark.parametrize(
    ("shared", "found"),
    [
        ({"familys": {}}, "nothing reads.*the file itself.*familys"),
        ({"kinds": {"sample": {"mean": "x"}}}, "nothing reads.*sample.*mean"),
        ({"defaults": {"review": 1}}, "nothing reads.*defaults.*review"),
        ({"families": {"shares": {"units": "share"}}}, "nothing reads.*shares.*units"),
        ({"families": {"shares": {"family": "others"}}}, "nothing reads.*shares.*family"),
    ],
)
def test_a_key_of_a_family_that_nothing_reads_is_named(small, shared, found):
    with pytest.raises(RenderError, match=f"(?s){found}") as error:
        family_register(small, shared)
    assert "families.yml" in str(error.value)


@pytest.mark.parametrize("file", ["headlines.yml", "families.yml"])
def test_a_key_that_is_twice_in_a_file_is_named(small, file):
    (small.reports / file).write_text("kinds: {}\nwords: {}\nkinds: {}\n", encoding="utf-8")
    with pytest.raises(RenderError, match=rf"(?s){file}.*line 3.*kinds is there twice"):
        headlines.register(small)


def chain(name: str | None, known: dict[str, dict]) -> list[str]:
    """A family and those that it is like."""
    return [name, *chain(known[name].get("like"), known)] if name else []


def test_every_family_value_and_word_has_a_headline(monkeypatch):
    """What no headline takes is dead: a family, a value that it gives, words for a value."""
    asked: set[tuple[str, str, object]] = set()
    value = families.Texts.value

    def spied(texts, placeholder: str, key: str) -> str:
        asked.add((texts.name, placeholder, texts.given.get(placeholder.removesuffix(" in words"))))
        return value(texts, placeholder, key)

    monkeypatch.setattr(families.Texts, "value", spied)
    here = Project(ROOT)
    headlines.register(here)
    shared = families.Families(here.reports / "families.yml")
    own = {
        name: entry for file in headlines.register_files(here) for name, entry in families.read(file).items()
    }
    lines = {name: chain(entry.get("family"), shared.known) for name, entry in own.items()}
    assert set(shared.known) == {family for line in lines.values() for family in line}
    worded = {(placeholder, given) for _, placeholder, given in asked if placeholder.endswith(" in words")}
    assert worded == {(f"{key} in words", given) for key, words in shared.words.items() for given in words}
    read = {(family, p.removesuffix(" in words")) for name, p, _ in asked for family in lines[name]}
    assert {(name, key) for name, one in shared.known.items() for key in one.get("given", ())} <= read


def test_shares_of_people_say_which_count_they_are_from():
    labels = [entry["label"] for entry in headlines.register(Project(ROOT)).values()]
    shares = [label for label in labels if label.startswith("People with a direct payment,")]
    assert len(shares) > 10
    assert [s for s in shares if not s.endswith(("(older return)", "(client level data)"))] == []


def test_what_has_no_cells_is_not_said_to_be_recomputed_from_them():
    """Three counts of our own lists said so beside "no published figure"."""
    wrong = [
        id
        for id, entry in headlines.register(Project(ROOT)).items()
        if "untraced" in entry and entry["checked_by"].startswith("Recomputed from the publishers' cells")
    ]
    assert not wrong


def test_a_number_takes_no_text_from_its_family_that_is_about_another():
    """82% of variance was called a Pearson correlation, and the cost of an hour a share."""
    register = headlines.register(Project(ROOT))
    words = {("method", "Pearson"): "correlation", ("direction_of_good", "a share says"): "share|percentage"}
    wrong = [
        f"{id}, {key}: {said}"
        for id, entry in register.items()
        for (key, said), unit in words.items()
        if said in entry[key] and not re.search(unit, entry["unit"])
    ]
    # Who provides the care is counted apart from the options, and says nothing about them.
    wrong += [
        f"{id}, why_it_matters"
        for id, entry in register.items()
        if "type" in entry["definition"] and "the four options" in entry["why_it_matters"]
    ]
    assert wrong == []


def test_what_a_published_definition_has_wrong_is_said_beside_it():
    """A published definition is kept to the letter, so only a caution can say that it is not quite so."""
    register = headlines.register(Project(ROOT))
    said = {
        id: one for id, one in register.items() if "two returns of the same councils" in one["definition"]
    }
    published = set().union(*(one["numbers"] for one in history.releases(Project(ROOT))))
    assert said.keys() <= published
    assert [
        id for id, one in said.items() if "kept as it was first published" not in one.get("caution", "")
    ] == []


def test_what_is_counted_in_the_lake_alone_is_not_said_to_be_recomputed():
    """Sums by month and label name no supplier, so nothing of suppliers can be made of them."""
    lake = re.compile(r"\b(?:supplier_cells|ledger_type_cells)\b")
    register = headlines.register(Project(ROOT))
    counted = {
        id: entry["checked_by"] for id, entry in register.items() if lake.search(entry.get("cells", ""))
    }
    assert len(counted) > 15
    assert [id for id, checked in counted.items() if "Recomputed" in checked or "snapshot" in checked] == []


def test_a_register_that_is_not_yaml_is_named(small):
    (small.reports / "headlines.yml").write_text("share_of_x: {label: A\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"(?s)not YAML.*headlines\.yml"):
        headlines.register(small)


def test_prose_states_a_council_s_number_or_why_there_is_none(own_project):
    generated = own_project.reports / headlines.GENERATED_COUNCILS / "isles-of-scilly.json"
    generated.parent.mkdir(parents=True)
    figures = {
        "share": {"label": "A share", "text": "11.3%", "value": 0.113},
        "cash": {"label": "Cash", "text": "not available", "value": None, "missing": "no return made"},
    }
    generated.write_text(json.dumps(figures), encoding="utf-8")
    page = own_project.reports / "page.qmd"
    prose = "The share is [share@isles-of-scilly]{.n} and cash [cash@isles-of-scilly]{.n}."
    page.write_text(f"---\ntitle: A\nformat:\n  html: default\n---\n\n{prose}\n", encoding="utf-8")
    render_site([page])
    html = (own_project.site / "page.html").read_text(encoding="utf-8")
    assert "11.3%" in html
    assert "not available (no return made)" in html
    assert 'href="numbers/share.html#council-isles-of-scilly"' in html
    (own_project.reports / "below").mkdir()
    below = own_project.reports / "below" / "page.qmd"
    below.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    render_site([below])
    html = (own_project.site / "below" / "page.html").read_text(encoding="utf-8")
    assert 'href="../numbers/share.html#council-isles-of-scilly"' in html
    assert html.count('role="tooltip">A share.</span>') == 1
    page.write_text(page.read_text(encoding="utf-8").replace("share@isles", "share@no-isles"), "utf-8")
    with pytest.raises(RenderError, match=r"no-isles-of-scilly"):
        render_site([page])


def test_an_unknown_headline_fails_the_page_that_names_it(own_project):
    (own_project.reports / headlines.GENERATED).parent.mkdir()
    (own_project.reports / headlines.GENERATED).write_text("{}", encoding="utf-8")
    page = own_project.reports / "page.qmd"
    page.write_text("---\ntitle: A\nformat:\n  html: default\n---\n\nA [no_such]{.n}.\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"no_such") as error:
        render_site([page])
    assert "page.qmd" in str(error.value)
    assert not (own_project.site / "page.html").exists()
