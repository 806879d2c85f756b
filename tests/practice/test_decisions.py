"""A decision keeps its numbers; a review says what changed, and what it cannot tell; bad files are named."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from conftest import ROOT
from made_up import YEARS, marts, panel

from commissioning.base import choices
from commissioning.base.errors import PracticeError, PracticeFaults
from commissioning.base.paths import Project
from commissioning.practice import decisions, documents, figures, holding, reviews

HERE = Project(ROOT)
EXAMPLE = ROOT / "docs" / "examples" / "home-support-2023.yml"
OUTCOME = {
    "measure": "control",
    "area": "town-05",
    "year": YEARS[4],
    "value": 50.0,
    "low": 48.0,
    "high": 52.0,
    "group": "survey",
    "edition": "2014-15",
    "build": "abc",
}
NUMBER = {
    "id": "dp_share_c_2021_22", "value": 0.1131, "text": "11.3%", "build": "abc", "edition": "ASC-FR",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """A day after those of the made-up files: what lies in the future is refused."""
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-11-30")


def decision(tmp_path, **changes):
    """The example with changes, read back; outcome's own are given as `outcome`."""
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    del content["example"]
    content |= changes
    file = tmp_path / "home-support-2023.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return decisions.read(file, HERE)


def refused(tmp_path, **changes) -> PracticeError:
    with pytest.raises(PracticeError) as error:
        decision(tmp_path, **changes)
    assert error.value.file and error.value.where.startswith("line ")
    return error.value


def test_the_example_is_read_and_marked_and_never_due():
    found = decisions.read(EXAMPLE, HERE)
    assert found.is_example and not decisions.overdue([found], dt.date(2099, 1, 1))
    assert reviews.facts(found, dt.date(2099, 1, 1))[0] == (
        "Example",
        "Made up: nobody took this decision",
    )


def test_a_decision_is_due_after_its_date_until_it_was_looked_at(tmp_path):
    late = decision(tmp_path)
    assert decisions.overdue([late], dt.date(2026, 6, 2)) == [late]
    assert not decisions.overdue([late], dt.date(2026, 6, 1))
    looked = [{"on": dt.date(2026, 6, 3), "found": "No change.", "next": dt.date(2027, 6, 1)}]
    again = decision(tmp_path, reviews=looked)
    assert again.due == dt.date(2027, 6, 1)
    assert decision(tmp_path, reviews=[{"on": dt.date(2026, 6, 3), "found": "Closed."}]).due is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stage": "buy"}, "stage of the cycle is unknown"),
        ({"options": ["block", "voucher"], "chosen": "block"}, "option is unknown"),
        ({"chosen": "grant"}, "option chosen is unknown"),
        ({"look_again": dt.date(2020, 1, 1)}, "before the decision"),
        ({"look_again": "soon"}, "not a date"),
        ({"decided_on": "2023-01-15"}, "A date is in quotes"),
        ({"decided_on": dt.datetime(2023, 1, 15, 10)}, "not a date"),
        ({"title": ""}, "title is missing"),
        ({"colour": "red"}, "unknown key"),
        ({"decision": "another"}, "not the name of its file"),
        ({"numbers": [{"id": "dp_share_c_2021_22"}]}, "value is missing"),
        (
            {"numbers": [{"id": "dp_shares", "value": 1, "text": "1", "build": "a", "edition": "b"}]},
            "id is unknown",
        ),
        ({"outcome": {**OUTCOME, "value": "much"}}, "not a number"),
        ({"outcome": {**OUTCOME, "measure": ["control"]}}, "not a text"),
        ({"outcome": {**OUTCOME, "build": ["abc"]}}, "not a text"),
        ({"outcome": {**OUTCOME, "broken": {"of": 1}}}, "not a text"),
        ({"outcome": {**OUTCOME, "year": "2022-23"}}, "had not ended"),
        ({"numbers": [{**NUMBER, "build": ["abc"]}]}, "not a text"),
        (
            {"decided_on": dt.date(2022, 3, 31), "written_on": dt.date(2022, 3, 31)},
            "year of a number had not",
        ),
        ({"written_on": dt.date(2023, 1, 14)}, "before it was taken"),
        ({"written_on": dt.date(2099, 1, 14)}, "in the future"),
        ({"numbers": [NUMBER, dict(NUMBER)]}, "there twice"),
        ({"options": ["block", "block"], "chosen": "block"}, "option is there twice"),
        ({"reviews": [{"on": dt.date(2026, 6, 3), "found": ["a", "b"]}]}, "not a text"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, changes, said):
    assert said in refused(tmp_path, **changes).what


def test_a_number_in_later_prices_is_of_its_own_year(tmp_path):
    number = {**NUMBER, "id": "dp_real_c_2017_18"}
    early = {"decided_on": dt.date(2018, 5, 1), "outcome": {**OUTCOME, "year": "2016-17"}}
    assert decision(tmp_path, numbers=[number], **early)


def test_a_decision_written_down_later_says_so(tmp_path):
    day = dt.date(2023, 1, 15)
    assert "29 November 2026" in dict(reviews.facts(decision(tmp_path), day))["Written down"]
    assert "Written down" not in dict(reviews.facts(decision(tmp_path, written_on=day), day))
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    del content["written_on"]
    old = tmp_path / "home-support-2023.yml"
    old.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert "Written down" not in dict(reviews.facts(decisions.read(old, HERE), day))


def test_each_assumption_has_a_line(tmp_path):
    facts = reviews.facts(decision(tmp_path, assumptions=["People come", "Prices hold"]), dt.date(2026, 1, 1))
    assert [said for item, said in facts if item == "Assumed"] == ["People come", "Prices hold"]
    none = reviews.facts(decision(tmp_path, assumptions=[]), dt.date(2026, 1, 1))
    assert ("Assumed", "nothing noted") in none


def test_a_retired_id_is_named(tmp_path, monkeypatch):
    from commissioning.numbers import headlines

    monkeypatch.setattr(headlines, "retired", lambda here: {"dp_old": {"retired": "counted twice"}})
    number = {"id": "dp_old", "value": 1, "text": "1", "build": "a", "edition": "b"}
    error = refused(tmp_path, numbers=[number])
    assert "retired" in error.what and "counted twice" in error.found


def test_a_broken_measure_is_refused_unless_the_decision_says_so(tmp_path):
    db = marts(panel(), ["survey"] * 6 + ["new"] * 3)
    with pytest.raises(PracticeError, match="has broken") as error:
        holding.check_outcome(decision(tmp_path, outcome=OUTCOME).document, db, "b1")
    assert error.value.where.startswith("line ") and f"from {YEARS[6]} new" in error.value.found
    broken = decision(tmp_path, outcome={**OUTCOME, "broken": "New questions."})
    holding.check_outcome(broken.document, db, "b1")


def outcome(values=50.0, *, later=None, groups=None, **changes):
    made = panel()
    made[5] = values
    if later is not None:
        made[5, 5:] = later
    return reviews._outcome({**OUTCOME, **changes}, marts(made, groups), known=True)


def test_a_change_is_set_against_its_noise():
    large = outcome(later=56.0)
    assert large.larger is True and "larger than noise" in large.said[0]
    small = outcome(later=52.0)
    assert small.larger is False and "not larger than noise" in small.said[0]
    assert small.change == "+2.0 percentage points (interval −0.8 to +4.8)"


def test_it_says_when_it_cannot_tell():
    bare = outcome(later=56.0, low=None, high=None)
    assert bare.larger is None and "no interval" in bare.said[0]
    last = outcome(year=YEARS[-1])
    assert last.larger is None and "no figure of a later year" in last.said[0]
    broken = outcome(groups=["survey"] * 5 + ["new"] * 4)
    assert broken.larger is None and "not comparable" in broken.said[0] and broken.breaks


def test_a_revised_figure_is_told():
    assert "revised to 51" in outcome(51.0).said[0]


def test_a_new_decision_freezes_value_build_and_edition(tmp_path, monkeypatch):
    from commissioning.marts import seals

    monkeypatch.setattr(seals, "check", lambda here, every_file: {"build_id": "b1"})
    monkeypatch.setattr(seals, "open_database", lambda here: marts(panel()))
    monkeypatch.setattr(
        decisions, "frozen", lambda here, id: {"value": 0.1, "text": "10%", "edition": "ASC-FR"}
    )
    asked = dict(
        name="day-care", title="Close it", body="Board", stage="decommission", options=["stop", "grant"],
        chosen="stop", numbers=["dp_share_c_2021_22"], assumptions=[], area="town-01", measure="control",
        year=None, look_again=dt.date(2027, 1, 1), decided_on=dt.date(2026, 1, 1),
    )  # fmt: skip
    file = decisions.new(HERE, tmp_path, **asked)
    held = decisions.read(file, HERE).content
    assert held["numbers"] == [
        {"id": "dp_share_c_2021_22", "value": 0.1, "text": "10%", "edition": "ASC-FR", "build": "b1"}
    ]
    assert (held["outcome"]["year"], held["outcome"]["build"]) == (YEARS[-1], "b1")
    assert (held["decided_on"], held["written_on"]) == (dt.date(2026, 1, 1), dt.date(2026, 11, 30))
    with pytest.raises(PracticeError, match="such a file already"):
        decisions.new(HERE, tmp_path, **asked)
    with pytest.raises(PracticeError, match="stage"):
        decisions.new(HERE, tmp_path, **{**asked, "name": "other", "stage": "buy"})
    late = {**asked, "name": "other", "decided_on": dt.date(2016, 1, 1), "year": "2016-17"}
    with pytest.raises(PracticeError, match="had not ended"):
        decisions.new(HERE, tmp_path, **late)
    assert not (tmp_path / "other.yml").exists()


def test_check_names_a_decision_past_its_date(tmp_path, monkeypatch):
    from rich.console import Console

    from commissioning.base.progress import Progress
    from commissioning.commands import check

    (tmp_path / "bodies").mkdir()
    (tmp_path / "decisions").mkdir()
    decision(tmp_path / "decisions", written_on=dt.date(2023, 1, 15))
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-07-01")
    monkeypatch.setattr(holding, "check", lambda found, here, faults: found)
    with pytest.raises(PracticeError, match="A decision is past the date"):
        check.check_decisions(HERE, Progress(Console(), quiet=True))
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-05-01")
    check.check_decisions(HERE, Progress(Console(), quiet=True))


def test_the_reviews_of_the_docs_are_read_as_they_stand_there(tmp_path):
    docs = (ROOT / "docs" / "practice.md").read_text(encoding="utf-8")
    reviews = docs[docs.index("reviews:\n") :].partition("```")[0]
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    content.pop("reviews", None)
    del content["example"]
    file = tmp_path / "home-support-2023.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False) + reviews, encoding="utf-8")
    assert decisions.read(file, HERE).content["reviews"][0]["on"] == dt.date(2026, 6, 3)


def test_every_fault_of_a_file_is_told_at_once(tmp_path):
    number = {"id": "dp_shares", "value": 1, "text": "1", "build": "a", "edition": "b"}
    with pytest.raises(PracticeFaults) as error:
        decision(tmp_path, stage="buy", chosen="grant", look_again="soon", numbers=[number])
    whats = [one.what for one in error.value.faults]
    assert len(whats) == 4
    for said in ("stage", "option chosen", "not a date", "id is unknown"):
        assert any(said in what for what in whats)
    assert all(one.file and one.where.startswith("line ") for one in error.value.faults)
    assert str(error.value).startswith("4 faults were found.\n1. ")


def test_every_file_of_a_log_is_read_before_any_fault_is_told(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text("decision: other\n", encoding="utf-8")
    with pytest.raises(PracticeFaults) as error:
        decisions.read_all(tmp_path, HERE)
    assert {one.file.rpartition("/")[2] for one in error.value.faults} == {"one.yml", "two.yml"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decided_on": dt.date(2099, 1, 1), "look_again": dt.date(2099, 2, 1)}, "in the future"),
        ({"look_again": dt.date(2099, 1, 1)}, "too far away"),
        ({"reviews": [{"on": dt.date(2099, 1, 1), "found": "x"}]}, "in the future"),
    ],
)
def test_a_date_that_nobody_can_have_meant_is_refused(tmp_path, changes, said):
    assert said in refused(tmp_path, **changes).what


@pytest.mark.parametrize("found", [None, [], {}, ["a", None], {"a": 1}, True, ""])
def test_what_was_found_is_said_without_a_word_of_python(found):
    said = documents.said(found)
    assert not any(sign in said for sign in ("None", "[", "{", "'", "True")) and said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Ask jane.smith@council.example for it", "an e-mail address"),
        ("Ring 0115 496 0000 in the morning", "a phone number"),
        ("Ring +44 7700 900123", "a phone number"),
        ("£1,234,567 in 2021-22, 0.11310730713229272", None),
        ("Adult Social Care Finance Return, 2021-22, build 86f05f8a6577", None),
    ],
)
def test_ways_to_reach_a_person_are_seen(text, what):
    assert documents.contact(text) == what


def test_a_warning_has_its_line(tmp_path):
    found = decision(tmp_path, assumptions=["Ask jane@council.example."])
    (line,) = found.document.warnings()
    assert "line " in line and "e-mail" in line


def test_few_choices_are_shown_whole_and_of_many_how_to_list_them():
    assert choices.expected("d", ["a", "b", "c"]) == "a, b, c"
    many = [f"measure_{n}" for n in range(30)]
    assert choices.expected("measure_1", many, "x --list").endswith("(`x --list` lists all 30)")


def test_figures_are_written_by_their_unit():
    assert figures.value(77.30000000000001, "per cent") == "77.3%"
    assert figures.value(1234.56, "per 100,000 people") == "1,234.6"
    assert figures.value(0.113, figures.SHARE) == "11.3%"
    assert figures.change(-0.4, "per cent") == "−0.4 percentage points"
    assert figures.change(0.00001, "per cent", bare=True) == "0.0"
    assert figures.plain(81.60000000000001) == 81.6


def test_a_retired_number_is_refused_with_its_reason_and_what_took_its_place():
    from commissioning.base.errors import CommissioningError

    with pytest.raises(CommissioningError, match="retired") as error:
        decisions.frozen(HERE, "corr_n_2021_22")
    assert "City of London" in error.value.found and "choice_control_n_2021_22" in error.value.todo
