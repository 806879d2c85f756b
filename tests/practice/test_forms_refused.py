"""Files that are no form, and people's names in them: each is refused by name, with file and line."""

from __future__ import annotations

import time
import zipfile

import pytest
from made_up import frameworks

from commissioning.base.errors import PracticeError, PracticeFaults
from commissioning.practice import documents, forms

HEAD = "framework: pies_2\nround: 1\n"
ROUND = [("framework", "pies_2"), ("round", 1), ("date", "2026-01-15")]
ROW = (1, "carer", "empathy", "Mostly")


@pytest.fixture(scope="module")
def db():
    return frameworks()


def refused(file, db) -> PracticeError:
    with pytest.raises(PracticeError) as error:
        forms.read(file, db)
    assert str(file) == error.value.file
    return error.value


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        (HEAD.encode() + b"date: 2025-02-31\n", "line 3", "2025-02-31"),
        (HEAD.encode() + b"? [date, time]\n: 2025-02-28\n", "line 3", "a list or a mapping as a key"),
        (HEAD.encode() + b"? {date: 1}\n: 2025-02-28\n", "line 3", "a list or a mapping as a key"),
        (HEAD.encode() + b"date: !!int spring\n", "line 3", "spring"),
        (HEAD.encode() + b"title: caf\xe9\n", "line 3", "no text in UTF-8"),
        (HEAD.encode() + b"title: \x07\n", "line 3", "a sign that YAML does not allow"),
        (b"a: &itself [*itself]\n", "line 1", "the anchor &itself"),
        (b"a: 1\nb: *x\n", "line 2", "the alias *x"),
        (b"a: " + b"[" * 3000 + b"]" * 3000, "line 1", "more than 50 entries within each other"),
        (b"", "line 1", "nothing"),
        (b"- a\n- b\n", "line 1", "a list"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path, db, content, where, found):
    file = tmp_path / "one.yml"
    file.write_bytes(content)
    error = refused(file, db)
    assert error.where == where and found in str(error.found)
    assert "assess new" in error.todo and "docs/" not in error.todo
    with pytest.raises(PracticeError) as same:
        documents.read(file, "A decision")
    assert same.value.where == where


def workbook(file, rows, head=ROUND, header=forms.HEADER, more=(), comment="", far="", blank=False):
    """A filled form; `more` are sheets that it has besides, each with a name in it. `far` is a cell."""
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        first, sheet = book.add_worksheet("round"), book.add_worksheet("responses")
        for n, row in enumerate(head):
            first.write_row(n, 0, row)
        for n, row in enumerate([header, *rows]):
            sheet.write_row(n, 0, row)
        if far:
            sheet.write(far, None if blank else "x", book.add_format({"bold": True}))
        if comment:
            sheet.write_comment(1, 1, comment, {"author": "Jane Smith"})
        for name in more:
            book.add_worksheet(name).write(0, 0, "Jane Smith")
    return file


def test_a_column_or_key_that_the_form_does_not_have_is_refused(tmp_path, db):
    more = (*forms.HEADER, "name")
    error = refused(
        workbook(tmp_path / "named.xlsx", [(*ROW, "", "", "", "", "Jane Smith")], header=more), db
    )
    assert (error.where, error.found) == ("sheet responses, row 1", "name")
    assert "have no name" in error.what and "Jane" not in str(error)
    # A cell beside the table, without a heading, is no better.
    error = refused(workbook(tmp_path / "beside.xlsx", [(*ROW, "", "", "", "", "Jane Smith")]), db)
    assert error.where == "sheet responses, row 2" and "Jane" not in str(error)
    error = refused(workbook(tmp_path / "round.xlsx", [ROW], head=[*ROUND, ("filled in by", "Jane")]), db)
    assert (error.where, error.found) == ("sheet round, row 4", "filled in by")


def test_a_column_that_is_missing_is_named(tmp_path, db):
    header = [one for one in forms.HEADER if one != "rating"]
    error = refused(workbook(tmp_path / "short.xlsx", [], header=header), db)
    assert error.where == "sheet responses, row 1" and error.found == "no column rating"


def test_what_is_no_workbook_is_named_once(tmp_path, db):
    (tmp_path / "no.xlsx").write_text("hello")
    (tmp_path / "folder.xlsx").mkdir()
    for name in ("no.xlsx", "folder.xlsx", "gone.xlsx"):
        error = refused(tmp_path / name, db)
        assert str(error).count("file: ") == 1 and str(error).count("found: ") == 1
        assert "\n" not in error.found and "clean" not in str(error)
    assert refused(tmp_path / "folder.xlsx", db).found == "a folder"
    assert refused(tmp_path / "gone.xlsx", db).found == "no such file"


@pytest.mark.parametrize("name", ["Jane", "J. Smith", "SMITH, Jane", "Jane Smith", "Smith J", "Dr O’Neil"])
def test_a_name_in_the_place_of_a_role_is_called_one(tmp_path, db, name):
    error = refused(workbook(tmp_path / "one.xlsx", [(1, name, "empathy", "Mostly")]), db)
    assert "looks like a name" in error.what


@pytest.mark.parametrize("role", ["boss", "team lead"])
def test_a_role_that_is_not_listed_is_not_called_a_name(tmp_path, db, role):
    error = refused(workbook(tmp_path / "one.xlsx", [(1, role, "empathy", "Mostly")]), db)
    assert "role is unknown" in error.what and "Write no names" in error.todo


def test_a_role_may_be_written_in_any_case(tmp_path, db):
    rows = [(1, "Carer", "empathy", "Mostly"), (1, "CARER ", "models", "Mostly")]
    assert forms.read(workbook(tmp_path / "one.xlsx", rows), db).responses[0].role == "carer"
    file = tmp_path / "one.yml"
    rating = "- role: Person who draws on care\n  ratings: {empathy: Mostly}\n"
    file.write_text(f"{HEAD}date: 2025-02-28\nresponses:\n{rating}", encoding="utf-8")
    assert forms.read(file, db).responses[0].role == "person who draws on care"


def test_a_response_that_is_a_copy_is_warned_of_with_both_places(tmp_path, db):
    rating = "- role: carer\n  ratings:\n    empathy: {rating: Mostly, helps: Time}\n    models: In part\n"
    turned = "- role: Carer\n  ratings:\n    models: In part\n    empathy: {rating: Mostly, helps: Time}\n"
    other = rating.replace("Time", "Money")
    file = tmp_path / "one.yml"
    file.write_text(f"{HEAD}date: 2025-02-28\nresponses:\n{rating}{other}{turned}", encoding="utf-8")
    (line,) = forms.read(file, db).warnings
    assert f"{file}, line 5:" in line and ": line 13;" in line and "counted as a person" in line
    rows = [ROW, *((n, "carer", "empathy", "Mostly") for n in (2, 3)), (4, "finance", "empathy", "Mostly")]
    # One line for all that are equal, however many.
    (line,) = forms.read(workbook(tmp_path / "two.xlsx", rows), db).warnings
    assert "responses, row 2:" in line and "row 3, sheet responses, row 4;" in line


def bomb(levels: int = 9) -> str:
    """A few hundred letters of aliases within each other that stand for 9 to the power of `levels`."""
    lines = ["x0: &x0 [" + ",".join(["lol"] * 9) + "]"]
    lines += [f"x{n}: &x{n} [" + ",".join([f"*x{n - 1}"] * 9) + "]" for n in range(1, levels)]
    return "\n".join(lines) + f"\nresponses: *x{levels - 1}\n"


def test_aliases_within_each_other_are_refused_before_anything_walks_them(tmp_path, db, monkeypatch):
    file = tmp_path / "one.yml"
    # Of five levels: what walks them fills no memory here, and is seen all the same.
    file.write_text(f"{HEAD}date: 2025-02-28\n{bomb(5)}", encoding="utf-8")
    began = time.perf_counter()
    error = refused(file, db)
    assert error.where == "line 4" and error.found == "the anchor &x0"
    assert time.perf_counter() - began < 0.5
    assert len(str(error)) < 1000
    file.write_text(f"{HEAD}date: 2025-02-28\n{bomb(9)}", encoding="utf-8")
    assert refused(file, db).where == "line 4"


def test_a_message_shows_the_beginning_of_what_is_long(tmp_path, db):
    file = tmp_path / "one.yml"
    long = ", ".join(["Minutes"] * 10000)
    for content in (f"framework: [{long}]\n", f"? {'k' * 5000}\n: 1\n", f"date: {'9' * 6000}\n"):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(PracticeError) as error:
            forms.read(file, db)
        assert len(str(error.value)) < 3000 and "more" in str(error.value)


def test_a_long_word_is_looked_at_once(tmp_path):
    began = time.perf_counter()
    assert documents.contact("a" * 200_000) is None
    assert time.perf_counter() - began < 1
    assert documents.contact("x " + "a" * 2000 + "@example.org") == "an e-mail address"


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD500", "ZZ200000"])
def test_a_cell_far_from_the_form_is_named_and_no_room_is_made_for_it(tmp_path, db, monkeypatch, cell):
    from python_calamine import CalamineWorkbook

    file = workbook(tmp_path / "far.xlsx", [ROW] + [(n, "", "", "") for n in range(2, 501)], far=cell)
    monkeypatch.setattr(CalamineWorkbook, "from_filelike", None)
    began = time.perf_counter()
    error = refused(file, db)
    assert error.what == "A sheet has a cell that stands too far away from the others."
    assert error.where == f"sheet responses, cell {cell}"
    assert time.perf_counter() - began < 2


def test_a_blank_cell_far_from_the_form_does_no_harm(tmp_path, db):
    file = workbook(tmp_path / "far.xlsx", [ROW], far="XFD1048576", blank=True)
    assert len(forms.read(file, db).responses) == 1


def test_lines_of_the_head_are_named_where_they_stand(tmp_path, db):
    head = [("date", "2026-01-15"), ("round", 0), ("framework", "pies_2")]
    error = refused(workbook(tmp_path / "one.xlsx", [ROW], head=head), db)
    assert error.where == "sheet round, row 2"
    head = [("round", 1), ("framework", "pies_3"), ("date", "2026-01-15")]
    error = refused(workbook(tmp_path / "one.xlsx", [ROW], head=head), db)
    assert error.where == "sheet round, row 2" and error.found == "pies_3"


def test_a_number_in_quotes_is_shown_as_a_text(tmp_path, db):
    file = tmp_path / "one.yml"
    file.write_text("framework: pies_2\nround: '1'\ndate: 2025-02-28\nresponses: []\n", encoding="utf-8")
    with pytest.raises(PracticeFaults) as error:
        forms.read(file, db)
    assert any(one.where == "line 2" and one.found == "'1', which is a text" for one in error.value.faults)


@pytest.mark.parametrize("said", ["[Minutes, Letters]", "{of: Minutes}", "2024-01-01"])
def test_what_stands_in_the_place_of_free_text_is_a_text(tmp_path, db, said):
    file = tmp_path / "one.yml"
    rating = f"- role: carer\n  ratings:\n    empathy: {{rating: Mostly, evidence: {said}}}\n"
    file.write_text(f"{HEAD}date: 2025-02-28\nresponses:\n{rating}", encoding="utf-8")
    error = refused(file, db)
    assert (error.what, error.where) == ("This is not a text.", "line 7") and "[" not in str(error.found)


def test_a_framework_that_is_a_list_is_told_in_plain_words(tmp_path, db):
    file = tmp_path / "one.yml"
    file.write_text("framework: [pies_2]\nround: 1\ndate: 2025-02-28\nresponses: [{}]\n", encoding="utf-8")
    assert refused(file, db).found == "a list: pies_2"


@pytest.mark.parametrize("name", ["round.ods", "round.xls", "round.csv"])
def test_a_spreadsheet_of_another_kind_is_called_one(tmp_path, db, name):
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    error = refused(tmp_path / name, db)
    assert "another kind" in error.what and ".xlsx" in error.expected


@pytest.mark.parametrize("name", ["Jane Smith", "jsmith", "provider 1"])
def test_a_response_of_a_workbook_is_a_number_and_no_name(tmp_path, db, name):
    rows = [ROW, (name, "carer", "empathy", "Mostly")]
    error = refused(workbook(tmp_path / "named.xlsx", rows), db)
    assert error.where == "sheet responses, row 3" and "have no name" in error.what


def test_a_response_without_a_role_is_named_as_it_stands_in_the_workbook(tmp_path, db):
    error = refused(workbook(tmp_path / "none.xlsx", [(1, "", "empathy", "Mostly")]), db)
    assert error.found == "response 1"


def test_a_sheet_that_the_form_does_not_have_is_refused(tmp_path, db):
    error = refused(workbook(tmp_path / "more.xlsx", [ROW], more=["elements", "who answered"]), db)
    assert (error.found, error.expected) == ("who answered", "round, responses, elements")
    assert "unknown sheet" in error.what and "Jane" not in str(error)


def test_an_answer_that_is_lost_in_its_cell_is_named(tmp_path, db):
    import xlsxwriter

    file = tmp_path / "lost.xlsx"
    with xlsxwriter.Workbook(file) as book:
        first, sheet = book.add_worksheet("round"), book.add_worksheet("responses")
        for n, row in enumerate(ROUND):
            first.write_row(n, 0, row)
        for n, row in enumerate([forms.HEADER, ROW, (1, "", "models"), (1, "", "training")]):
            sheet.write_row(n, 0, row)
        sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
        sheet.write_formula("D4", "=1+1", None, "")
        sheet.write_formula("E2", '=""', None, "")
    # An empty text is a result, and a program that worked it out says that it is a text.
    with zipfile.ZipFile(file) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    sheet = "xl/worksheets/sheet2.xml"
    held[sheet] = held[sheet].replace(b'<c r="E2"', b'<c r="E2" t="str"')
    with zipfile.ZipFile(file, "w") as parts:
        for name, content in held.items():
            parts.writestr(name, content)
    with pytest.raises(PracticeFaults) as error:
        forms.read(file, db)
    assert [(one.where, one.found) for one in error.value.faults] == [
        ("sheet responses, row 3", "#DIV/0!"),
        ("sheet responses, row 4", "the formula =1+1, without a result"),
    ]


def test_comments_of_a_workbook_are_said_to_be_left_out(tmp_path, db):
    found = forms.read(workbook(tmp_path / "said.xlsx", [ROW], comment="Ask me"), db)
    assert len(found.warnings) == 1 and "comments, which are not read" in found.warnings[0]
    assert forms.read(workbook(tmp_path / "silent.xlsx", [ROW]), db).warnings == ()


def test_a_date_of_another_age_is_a_slip(tmp_path, db):
    head = [*ROUND[:2], ("date", "0025-01-15")]
    error = refused(workbook(tmp_path / "old.xlsx", [ROW], head=head), db)
    assert (error.where, error.found) == ("sheet round, row 3", "0025-01-15")
    file = tmp_path / "old.yml"
    file.write_text(f"{HEAD}date: 0025-01-15\nresponses: [{{}}]\n", encoding="utf-8")
    assert "too long ago" in str(refused(file, db))
