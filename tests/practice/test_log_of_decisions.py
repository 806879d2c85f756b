"""In a log no value is changed unnoticed, no decision silenced or hidden by another, and rounding counts."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import yaml
from conftest import ROOT
from made_up import YEARS, marts, panel
from rich.console import Console
from typer.testing import CliRunner

from commissioning.base.errors import PracticeError, PracticeFaults
from commissioning.base.paths import Project
from commissioning.base.progress import Progress
from commissioning.commands import check as checking
from commissioning.commands import decide
from commissioning.practice import decisions, documents, holding, pages, reviews

HERE = Project(ROOT)
EXAMPLE = ROOT / "docs" / "examples" / "home-support-2023.yml"
OUTCOME = {
    "measure": "control", "area": "town-05", "year": YEARS[4], "value": 50.0, "low": 48.0, "high": 52.0,
    "group": "survey", "edition": "2018-19", "build": "abc",
}  # fmt: skip
BROKEN = ["survey"] * 6 + ["new"] * 3


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-11-30")


def write(folder, name="home-support-2023", **changes):
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    del content["example"]
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(content | {"decision": name} | changes, sort_keys=False), encoding="utf-8")
    return file


def decision(folder, **changes):
    return decisions.read(write(folder, **changes), HERE)


def town(value=50.0, groups=None, *, later=None, interval=2.0):
    made = panel().round(1)
    made[5] = value
    if later is not None:
        made[5, 5:] = later
    db = marts(made, groups)
    db.execute(
        "update mart_council_outcomes set interval_low = value - $1, interval_high = value + $1", [interval]
    )
    return db


# Frozen values


def test_a_word_on_a_break_is_refused_where_nothing_has_broken(tmp_path):
    held = decision(tmp_path, outcome={**OUTCOME, "broken": "x"}).document
    with pytest.raises(PracticeError, match="has not broken") as error:
        holding.check_outcome(held, town(), "b1")
    assert error.value.where == f"line {held.lines['outcome', 'broken']}"


def test_a_word_on_a_break_does_not_hide_a_changed_value(tmp_path):
    held = decision(tmp_path, outcome={**OUTCOME, "value": 49.0, "broken": "New questions."}).document
    with pytest.raises(PracticeError, match="not what the build") as error:
        holding.check_outcome(held, town(50.0, BROKEN), "abc")
    assert error.value.found == "49.0"


def test_a_frozen_number_is_held_against_what_its_build_said(tmp_path):
    number = {"id": "dp_share_c_2021_22", "value": 0.2, "text": "20.0%", "build": "old", "edition": "x"}
    held = decision(tmp_path, numbers=[number]).document
    known = {"old": {"dp_share_c_2021_22": "11.3%"}}
    with pytest.raises(PracticeError, match="not what the build") as error:
        holding._check_number(held, ("numbers", 0), HERE, "now", known)
    assert "11.3%" in error.value.expected
    holding._check_number(held, ("numbers", 0), HERE, "now", {"old": {"dp_share_c_2021_22": "20.0%"}})


def test_a_build_that_nobody_here_remembers_is_named_with_its_line(tmp_path):
    number = {
        "id": "dp_share_c_2021_22",
        "value": 0.2,
        "text": "20.0%",
        "build": "000000000000",
        "edition": "x",
    }
    held = decision(tmp_path, numbers=[number], outcome=OUTCOME).document
    (line,) = holding.unknown_builds(held, {"abc"})
    assert "000000000000" in line and f"line {held.lines['numbers', 0, 'build']}" in line
    assert len(holding.unknown_builds(held, set())) == 2


def test_builds_are_remembered_by_releases_and_this_machine(tmp_path, monkeypatch):
    from commissioning.numbers import history

    (release,) = history.releases(HERE)[:1]
    assert release["build"] in history.builds(HERE)
    said = history.builds(HERE)[release["build"]]
    assert said["dp_share_c_2021_22"] == "11.3%"
    made = {"build": "b1", "numbers": {"n": {"text": "1"}, "c": {"councils": {"devon": "2%"}}}}
    monkeypatch.setattr(history, "releases", lambda project: [made])
    here = Project(tmp_path)
    history.local(here).parent.mkdir(parents=True)
    history.local(here).write_text('[{"build": "b2", "package": "1", "numbers": {"n": "3"}}]')
    assert history.builds(here) == {"b1": {"n": "1", "c@devon": "2%"}, "b2": {"n": "3"}}


def test_of_an_unknown_build_nothing_is_said_about_the_publisher():
    frozen = {"value": 0.2, "text": "20.0%", "edition": "ASC-FR", "build": "000000000000"}
    now = {"value": 0.1, "text": "10.0%", "edition": "ASC-FR"}
    said = reviews._revised(frozen, now, None)
    assert "cannot be told" in said and "corrected" not in said and "revised" not in said
    assert "corrected" in reviews._revised(frozen, now, "20.0%")
    assert "revised" in reviews._revised(frozen, {**now, "edition": "ASC-FR 2"}, "20.0%")


def test_an_outcome_that_cannot_have_been_so_gives_no_change():
    altered = reviews._outcome({**OUTCOME, "value": 43.0, "low": 42.9, "high": 43.1}, town(), known=True)
    assert altered.larger is None and "revised" not in " ".join(altered.said)
    assert any("cannot be told" in line for line in altered.said)
    other = {**OUTCOME, "value": 43.0, "edition": "2014-15"}
    assert reviews._outcome(other, town(), known=False).larger is None
    assert "was revised to 50.0%" in reviews._outcome(other, town(), known=True).said[0]


# A log with something wrong in it


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A workspace with one decision past its date, one with a fault, and one that is as it should be."""
    for folder in ("bodies", "decisions"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "decisions", "late")
    write(tmp_path / "decisions", "wrong", stage="buy")
    write(tmp_path / "decisions", "sound", look_again=dt.date(2030, 1, 1))
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(holding, "check", lambda found, here, faults: list(found))
    return tmp_path / "decisions"


def faults(arguments) -> tuple[str, list[PracticeError]]:
    ended = CliRunner().invoke(decide.app, arguments)
    assert ended.exit_code != 0
    error = ended.exception
    return ended.output, list(getattr(error, "faults", [error]))


def test_check_names_what_is_wrong_and_what_is_overdue(log):
    with pytest.raises(PracticeFaults) as error:
        checking.check_decisions(HERE, Progress(Console(), quiet=True))
    wrong, late = error.value.faults
    assert "stage" in wrong.what and wrong.file == str(log / "wrong.yml")
    assert late.what == "A decision is past the date to look at it again."
    assert late.file == str(log / "late.yml")
    text = (log / "late.yml").read_text(encoding="utf-8").splitlines()
    assert text[int(late.where.removeprefix("line ")) - 1].startswith("look_again")


def test_the_line_of_an_overdue_decision_is_its_last_review(tmp_path):
    looked = [{"on": dt.date(2024, 6, 3), "found": "No change.", "next": dt.date(2025, 6, 1)}]
    found = decision(tmp_path, reviews=looked)
    (late,) = decisions.overdue([found], dt.date(2026, 1, 1))
    error = decisions.past_its_date(late, dt.date(2026, 1, 1))
    assert error.where == f"line {found.document.lines['reviews', 0, 'next']}"
    assert "1 June 2025" in error.found


def test_decide_check_names_an_overdue_decision_beside_a_wrong_one(log):
    output, (wrong,) = faults(["check"])
    assert "past its date: late (2026-06-01)" in output and "as they should be: 2" in output
    assert "stage" in wrong.what


def test_a_review_is_made_of_what_is_sound_and_says_what_is_left_out(log, tmp_path, monkeypatch):
    looked_at, said = [], {}
    monkeypatch.setattr(reviews, "review", lambda one, here: looked_at.append(one.name) or one)
    monkeypatch.setattr(decide, "show", lambda one, on: None)
    monkeypatch.setattr(
        decide, "write", lambda made, folder, on, left_out: said.update(left_out=left_out) or [folder / "x"]
    )
    output, (wrong,) = faults(["review", "--out", str(tmp_path / "out")])
    assert sorted(looked_at) == ["late", "sound"] and said["left_out"] == ["wrong"]
    assert "written: " in output and "stage" in wrong.what


def test_a_report_names_the_decisions_that_it_leaves_out():
    assert "Left out" in reviews.report([], dt.date(2026, 1, 1), left_out=["wrong"])
    assert "wrong" in reviews.report([], dt.date(2026, 1, 1), left_out=["wrong"])


def test_a_file_with_another_ending_is_named(log):
    (log / "sound.yml").rename(log / "sound.yaml")
    _, found = faults(["check"])
    assert [one.file for one in found if "ending" in one.what] == [str(log / "sound.yaml")]


def test_a_log_that_is_a_file_is_named_and_not_taken_as_empty(log):
    log.rename(log.with_name("kept"))
    log.write_text("a decision", encoding="utf-8")
    for command in (["check"], ["review"]):
        _, (error,) = faults(command)
        assert error.what == "The folder of decisions is a file." and error.file == str(log)


def test_aliases_in_one_decision_are_named_and_hide_no_other(log):
    text = (log / "sound.yml").read_text(encoding="utf-8")
    lines = ["- &x0 [" + ",".join(["lol"] * 9) + "]"]
    lines += [f"- &x{n} [" + ",".join([f"*x{n - 1}"] * 9) + "]" for n in range(1, 5)]
    bomb = "\n".join(["assumptions:", *lines, "title:"])
    (log / "bomb.yml").write_text(text.replace("title:", bomb, 1), encoding="utf-8")
    output, found = faults(["check"])
    (bad,) = [one for one in found if one.file == str(log / "bomb.yml")]
    assert bad.found == "the anchor &x0" and len(str(bad)) < 1000
    assert "as they should be: 2" in output


def test_what_is_written_twice_is_written_out(tmp_path):
    """The library writes the second of two equal dates as an alias, which is refused when it is read."""
    day = dt.date(2026, 11, 30)
    documents.write(tmp_path / "one.yml", {"first": day, "then": [day, day]}, "")
    assert documents.read(tmp_path / "one.yml", "It").content == {"first": day, "then": [day, day]}


# Reviews


def refused(folder, looked) -> PracticeError:
    with pytest.raises(PracticeError) as error:
        decision(folder, reviews=looked)
    return error.value


def test_a_next_look_too_far_away_is_refused(tmp_path):
    looked = [{"on": dt.date(2026, 6, 3), "found": "x", "next": dt.date(2099, 1, 1)}]
    error = refused(tmp_path, looked)
    assert "too far away" in error.what and error.where.startswith("line ")


def test_reviews_out_of_order_are_refused(tmp_path):
    looked = [
        {"on": dt.date(2026, 6, 3), "found": "x", "next": dt.date(2026, 7, 1)},
        {"on": dt.date(2025, 6, 3), "found": "x", "next": dt.date(2030, 7, 1)},
    ]
    error = refused(tmp_path, looked)
    assert "out of order" in error.what and "3 June 2026" in error.expected
    assert decision(tmp_path, reviews=looked[::-1]).due == dt.date(2026, 7, 1)


# New


def test_a_new_decision_on_a_measure_that_has_broken_is_warned_of(tmp_path, monkeypatch):
    from commissioning.marts import seals

    monkeypatch.setattr(seals, "check", lambda here, every_file: {"build_id": "b1"})
    monkeypatch.setattr(seals, "open_database", lambda here: marts(panel(), BROKEN))
    (tmp_path / "bodies").mkdir()
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path))
    monkeypatch.setattr(
        decisions, "frozen", lambda here, id: {"value": 0.1, "text": "10%", "edition": "ASC-FR"}
    )
    asked = [
        "new", "day-care", "--title", "Close it", "--body", "Board", "--stage", "decommission", "--option",
        "stop", "--chosen", "stop", "--number", "dp_share_c_2021_22", "--outcome", "control", "--area",
        "town-01", "--look-again", "2027-01-01",
    ]  # fmt: skip
    early = CliRunner().invoke(decide.app, [*asked, "--outcome-year", YEARS[4]])
    assert early.exit_code == 0 and "warning" in early.output and f"from {YEARS[6]} new" in early.output
    (tmp_path / "decisions" / "day-care.yml").unlink()
    late = CliRunner().invoke(decide.app, asked)
    assert late.exit_code == 0 and "warning" not in late.output
    db = marts(panel(), BROKEN)
    db.execute("update dim_council set end_date = date '2023-03-31' where council_id = 'town-01'")
    db.execute("insert into dim_council_successor values ('town-01', 'town-02', date '2023-04-01')")
    monkeypatch.setattr(seals, "open_database", lambda here: db)
    (tmp_path / "decisions" / "day-care.yml").unlink()
    gone = CliRunner().invoke(decide.app, asked)
    assert "had ended" in gone.exception.what and gone.exception.expected == "town-02"
    assert not (tmp_path / "decisions" / "day-care.yml").exists()


# Rounding


def test_an_interval_of_no_width_still_has_the_rounding_of_its_figures():
    flat = {**OUTCOME, "low": 50.0, "high": 50.0}
    small = reviews._outcome(flat, town(later=50.1, interval=0.0), known=True)
    assert small.larger is False
    large = reviews._outcome(flat, town(later=49.6, interval=0.0), known=True)
    assert large.larger is True
    # Half-widths of 0.05 as squares, and half a unit of the last place for each of the two values.
    assert large.change == "−0.4 percentage points (interval −0.6 to −0.2)"
    assert any("Rounding is counted" in line and "0.05" in line for line in large.said)
    assert any("0.0 is below 0.05" in line for line in large.said)
    wide = reviews._outcome(OUTCOME, town(later=56.0), known=True)
    assert not any("printed as" in line for line in wide.said)


# Commands in reports


def test_a_report_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "decisions.html").mkdir()
    with pytest.raises(PracticeError) as error:
        pages.write(tmp_path, "decisions", "Title", "", "Text")
    assert error.value.where == "--out" and error.value.file == str(tmp_path / "decisions.html")
    assert not list((tmp_path / "decisions.html").iterdir())


def test_a_command_in_a_report_is_code(tmp_path):
    outcome = reviews._outcome(OUTCOME, town(later=56.0), known=True)
    body = reviews.report([reviews.Review(decision(tmp_path), (), outcome)], dt.date(2026, 1, 1))
    assert "`commissioning compare-path town-05 control --from YEAR`" in body
    assert not re.search(r"^\|.*compare-path", body, re.M)
    (row,) = reviews.rows([reviews.Review(decision(tmp_path), (), outcome)])
    assert "--from YEAR" in row[-2]
