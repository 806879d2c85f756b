"""Rounds of an assessment: forms there and back, small groups hidden, levels in order, bad files named."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from made_up import frameworks

from commissioning.base.errors import PracticeError, PracticeFaults
from commissioning.practice import assessment, cells, forms
from commissioning.practice.forms import Rating, Response, Round

DAY = dt.date(2026, 1, 15)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """A day after those of the made-up files: what lies in the future is refused."""
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-11-30")


@pytest.fixture(scope="module")
def db():
    return frameworks()


@pytest.fixture
def what(db):
    return forms.framework(db, "pies_2")


def form(tmp_path, what, *responses, name="one.yml", **changes):
    """A filled form: `responses` are pairs of role and ratings."""
    content = {"framework": what.id, "round": 1, "date": DAY}
    content["responses"] = [{"role": role, "ratings": ratings} for role, ratings in responses]
    file = tmp_path / name
    file.write_text(yaml.safe_dump(content | changes, sort_keys=False), encoding="utf-8")
    return file


def refused(db, file) -> PracticeError:
    with pytest.raises(PracticeError) as error:
        forms.read(file, db)
    assert str(file) == error.value.file
    return error.value


def made(what, number, **levels_of_roles) -> Round:
    """A round of made-up responses, each rating every element at one level."""
    responses = tuple(
        Response(role.replace("_", " "), tuple(Rating(one, level, {}) for one in what.elements))
        for role, levels in levels_of_roles.items()
        for level in levels
    )
    return Round(None, "line 3", what, number, DAY + dt.timedelta(days=number), responses)


def test_an_empty_form_is_read_as_not_answered(tmp_path, db, what):
    file = tmp_path / "pies.yml"
    forms.write_yaml(file, what, 1, DAY)
    assert "Nobody has answered" in refused(db, file).what
    with pytest.raises(PracticeError, match="such a file already"):
        forms.write_yaml(file, what, 1, DAY)


def test_a_filled_form_is_read(tmp_path, db, what):
    ratings = {"empathy": {"rating": "In part", "helps": "Time"}, "models": "not relevant", "training": ""}
    found = forms.read(form(tmp_path, what, ("carer", ratings)), db)
    assert found.responses[0].ratings == (
        Rating("empathy", what.levels.index("In part"), {"helps": "Time"}),
        Rating("models", None, {}),
    )


def workbook(file, what, rows, number=1, date=DAY):
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        first = book.add_worksheet("round")
        first.write_column(0, 0, ["framework", "round", "date"])
        first.write_column(0, 1, [what.id, number, str(date)])
        sheet = book.add_worksheet("responses")
        for n, row in enumerate([forms.HEADER, *rows]):
            sheet.write_row(n, 0, row)
    return file


def test_a_spreadsheet_goes_there_and_back(tmp_path, db, what):
    empty = tmp_path / "empty.xlsx"
    forms.write_xlsx(empty, what, 1, DAY, 5)
    assert "Nobody has answered" in refused(db, empty).what
    rows = [(1, "carer", "empathy", "Mostly", "", "Time", "", ""), (1, "", "models", "not relevant")]
    found = forms.read(workbook(tmp_path / "full.xlsx", what, rows), db)
    assert (found.number, found.date) == (1, DAY)
    assert found.responses == (
        Response("carer", (Rating("empathy", 2, {"helps": "Time"}), Rating("models", None, {}))),
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, "carer", "empathies", "Mostly")], "no such element"),
        ([(1, "carer", "empathy", "Very")], "off the scale"),
        ([(1, "Jane Smith", "empathy", "Mostly")], "looks like a name"),
        ([(1, "", "empathy", "Mostly")], "has no role"),
        ([(1, "carer", "empathy", "Mostly"), (1, "finance", "models", "Mostly")], "two roles"),
        ([(1, "carer", "empathy", "Mostly"), (1, "", "empathy", "Mostly")], "twice"),
    ],
)
def test_what_is_wrong_in_a_spreadsheet_is_named_with_its_row(tmp_path, db, what, rows, said):
    error = refused(db, workbook(tmp_path / "bad.xlsx", what, rows))
    assert said in error.what and error.where.startswith("sheet responses, row ")


def test_a_file_that_is_no_workbook_is_named(tmp_path, db):
    (tmp_path / "no.xlsx").write_text("hello")
    assert "cannot be opened" in refused(db, tmp_path / "no.xlsx").what


@pytest.mark.parametrize(
    ("role", "ratings", "said"),
    [
        ("carer", {"empathies": "Mostly"}, "no such element"),
        ("carer", {"empathy": "Very"}, "off the scale"),
        ("carer", {"empathy": 3}, "off the scale"),
        ("Jane Smith", {"empathy": "Mostly"}, "looks like a name"),
        ("Dr Jones", {"empathy": "Mostly"}, "looks like a name"),
        ("jane@council.example", {"empathy": "Mostly"}, "looks like a name"),
        ("boss", {"empathy": "Mostly"}, "role is unknown"),
        ("", {"empathy": "Mostly"}, "role is unknown"),
        ("carer", {"empathy": {"rating": "Mostly", "name": "Jane"}}, "unknown key"),
        ("carer", {"empathy": {"rating": "", "helps": "Time"}}, "without a rating"),
        ("carer", [], "no ratings"),
    ],
)
def test_what_is_wrong_in_a_form_is_named_with_its_line(tmp_path, db, what, role, ratings, said):
    error = refused(db, form(tmp_path, what, (role, ratings)))
    assert said in error.what and error.where.startswith("line ")


def test_wrong_heads_of_a_form_are_named(tmp_path, db, what):
    answer = ("carer", {"empathy": "Mostly"})
    assert "no such framework" in refused(db, form(tmp_path, what, answer, framework="pies")).what
    assert "nothing to rate" in refused(db, form(tmp_path, what, answer, framework="four_worlds")).what
    assert "not a date" in refused(db, form(tmp_path, what, answer, date="spring")).what
    assert "A round is a number" in refused(db, form(tmp_path, what, answer, round="one")).what
    named = [{"role": "carer", "name": "Jane", "ratings": {"empathy": "Mostly"}}]
    assert "have no name" in refused(db, form(tmp_path, what, responses=named)).what


def test_a_retired_element_is_named(tmp_path, db):
    supplier = forms.framework(db, "supplier")
    old = next(one.id for one in supplier.elements.values() if not one.is_current)
    error = refused(db, form(tmp_path, supplier, ("provider", {old: "Mostly"})))
    assert "retired" in error.what and error.where.startswith("line ")


def test_two_rounds_of_one_date_are_refused_with_file_and_line(tmp_path, db, what):
    answer = ("carer", {"empathy": "Mostly"})
    one = forms.read(form(tmp_path, what, answer), db)
    two = forms.read(form(tmp_path, what, answer, name="two.yml", round=2), db)
    with pytest.raises(PracticeError, match="one date") as error:
        forms.in_order([one, two])
    assert error.value.file.endswith("two.yml") and error.value.where == "line 3"


def test_a_group_under_five_is_in_no_output(what):
    one = made(what, 1, commissioner=[0] * 6, carer=[3] * 4)
    shown = {group.role for group in cells.groups(one) if group.is_shown}
    assert shown == {cells.ALL, "commissioner"}
    for row in assessment.rows([one]):
        assert row[4] != "carer" or row[5:] == ("", "", "", "no")
        assert row[6] != what.levels[3] or row[7] == 0
    few = made(what, 1, carer=[3] * 4)
    assert not any(group.is_shown for group in cells.groups(few))


def test_levels_are_put_in_order_and_not_averaged(what):
    theme = what.themes[0]
    rated = made(what, 1, carer=[0, 0, 0, 3, 3, 3])
    group = next(g for g in cells.groups(rated) if g.theme == theme and g.role == cells.ALL)
    assert group.middle == (0, 3)
    assert assessment.between(what, group.middle) == f"between {what.levels[0]} and {what.levels[3]}"


def test_distance_and_disagreement_are_told_by_theme(what):
    rounds = [
        made(what, 1, commissioner=[1] * 5, provider=[0] * 5, carer=[0] * 5),
        made(what, 2, commissioner=[3] * 5, provider=[2] * 5, carer=[0] * 5),
    ]
    text = " ".join(assessment.report(rounds).split())
    assert "higher" in text and "no pass mark" in text
    assert assessment.apart(rounds[0], what.themes[0]).startswith("Medians differ: carer Not at all (middle")
    assert "commissioner Throughout" in assessment.apart(rounds[1], what.themes[0])
    assert "average" not in text.replace("never averaged", "")


def test_the_report_says_over_which_elements_its_medians_are(what):
    first, second, *_ = (one.id for one in what.elements.values() if one.theme == what.themes[0])

    def only(number, element):
        given = tuple(Response("carer", (Rating(element, 1, {}),)) for _ in range(5))
        return Round(None, "line 3", what, number, DAY + dt.timedelta(days=number), given)

    rounds = [only(1, first), only(2, second)]
    row = next(one for one in assessment.distance(rounds) if one["theme"] == what.themes[0])
    assert (row["round_1"], row["round_2"]) == ("not shown in both rounds",) * 2
    text = " ".join(assessment.report(rounds).split())
    differ = text.partition("## Where roles differ")[2].partition("## ")[0]
    assert "elements that are shown of every role named" in differ
    assert text.count("The middle half is") == 1


def test_forms_say_what_an_element_means_and_whose_levels_they_are(tmp_path, db, what):
    from commissioning.ingest.sheets import Workbook

    forms.write_yaml(tmp_path / "one.yml", what, 1, DAY)
    text = " ".join((tmp_path / "one.yml").read_text(encoding="utf-8").replace("#", " ").split())
    forms.write_xlsx(tmp_path / "one.xlsx", what, 1, DAY, 1)
    sheet = Workbook.open("one.xlsx", (tmp_path / "one.xlsx").read_bytes()).sheets["elements"]
    cells = {str(cell) for row in sheet.rows for cell in row}
    for one in what.elements.values():
        assert one.description in text and one.description in cells
    assert "The levels are ours" in text and any("The levels are ours" in cell for cell in cells)
    assert "They are ours" in assessment.report([made(what, 1, carer=[1] * 5)])
    assert forms.framework(db, "world_class").whose_levels == "of its makers"


def test_free_text_stays_out_unless_asked_for_and_has_no_role(what):
    one = made(what, 1, commissioner=[1] * 5)
    said = Response("commissioner", (Rating("empathy", 1, {"hinders": "No *money*"}),))
    one = Round(None, "line 3", what, 1, DAY, (*one.responses, said))
    assert "money" not in assessment.report([one])
    assert not any("money" in str(row) for row in assessment.rows([one]))
    assert r"No \*money\*" in assessment.report([one], with_text=True)


def test_every_fault_of_all_rounds_is_told_at_once(tmp_path, db, what):
    rows = [(1, "boss", "empathy", "Mostly"), (1, "", "models", "Very")]
    files = [
        form(tmp_path, what, ("boss", {"empathies": "Mostly", "models": "Very"}), name="one.yml"),
        form(tmp_path, what, ("carer", {"empathy": "Mostly"}), name="two.yml", date=dt.date(2099, 1, 1)),
        workbook(tmp_path / "three.xlsx", what, rows),
    ]
    with pytest.raises(PracticeFaults) as error:
        forms.read_all(files, db)
    assert [(one.what, one.where) for one in error.value.faults] == [
        ("The framework has no such element.", "line 7"),
        ("A rating is off the scale.", "line 8"),
        ("The role is unknown.", "line 5"),
        ("This date lies in the future.", "line 3"),
        ("The role is unknown.", "sheet responses, row 2"),
        ("A rating is off the scale.", "sheet responses, row 3"),
    ]


def test_ways_to_reach_a_person_are_warned_of(tmp_path, db, what):
    said = {"empathy": {"rating": "Mostly", "helps": "Ring 0115 496 0000"}}
    (line,) = forms.read(form(tmp_path, what, ("carer", said)), db).warnings
    assert "a phone number" in line and "one.yml, line " in line
    rows = [(1, "carer", "empathy", "Mostly", "jane@council.example")]
    (line,) = forms.read(workbook(tmp_path / "two.xlsx", what, rows), db).warnings
    assert "e-mail" in line and "row 2" in line


def test_frameworks_and_their_elements_are_listed(db):
    found = "\n".join(forms.listed(db))
    assert "pies_2: " in found and "Cannot be rated" in found
