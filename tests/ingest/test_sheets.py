"""What readers ask of a sheet or a text file; errors name file, place, what was expected and found."""

from __future__ import annotations

import re

import pytest

from commissioning.base.errors import CommissioningError, LayoutError, OriginalError, SymbolError
from commissioning.ingest import raw
from commissioning.ingest.sheets import Lines, Record, Sheet, Workbook, column_letters

SHEET = Sheet(
    "spend/2020-21/book.xls",
    "T1",
    [
        ["Table 1", "", ""],
        ["Area", "Kind ", "Spend\n(GBP)"],
        ["North  town", "town", 5.0],
        ["South", "", "[c]"],
    ],
)
TEXT = b'\xef\xbb\xbfArea,"Spend\n(GBP)",Note\nNorth  town,"1,200",a\nSouth,[c],\n'


def lines(text: bytes = TEXT) -> Lines:
    return Lines.read("spend/2020-21/list.csv", text)


def test_letters_of_columns():
    assert [column_letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_figure_of_a_sheet_keeps_its_address():
    assert SHEET.figure(2, 2, area=SHEET.text(2, 0), unit="GBP") == {
        "area": "North town",
        "unit": "GBP",
        "value_text": "5.0",
        "value": 5.0,
        "value_symbol": None,
        "source_file": "spend/2020-21/book.xls",
        "source_locator": "T1!C3",
    }


def test_a_figure_of_a_text_file_keeps_line_and_heading():
    first, second = lines().records(0, ["Area", "Spend (GBP)"])
    assert first["Area"] == "North town" and first.cell("Area") == "North  town"
    # The header takes two lines of the file.
    assert first.place("Spend (GBP)")["source_locator"] == 'line 3, column "Spend (GBP)"'
    assert first.figure("Spend (GBP)")["value"] == 1200
    assert second.figure("Spend (GBP)", {"[c]": "suppressed"})["value_symbol"] == "suppressed"
    with pytest.raises(SymbolError, match="line 4"):
        second.figure("Spend (GBP)")


def test_words_may_stand_for_a_number():
    found = Sheet("f", "S", [["about 80"]]).figure(0, 0, {"about 80": 80.0})
    assert (found["value_text"], found["value"], found["value_symbol"]) == ("about 80", 80.0, None)


def record() -> Record:
    return next(SHEET.records(1, ["Area", "Kind"]))


def test_what_is_known_and_what_fits_is_given_back():
    assert record().known("Kind", ["town", "county"]) == "town"
    assert record().known("Kind", {"town": "T"}) == "T"
    assert record().match("Area", r"(\w+) town", "a town")[1] == "North"
    assert SHEET.find_row(0, "NORTH TOWN") == 2
    assert SHEET.find_column(1, "spend (gbp)") == 2


ASKED = {
    "another text": (lambda: SHEET.expect(0, 0, "Table 2"), ["T1!A1", "'Table 2'", "'Table 1'"]),
    "an unknown label": (lambda: record().known("Kind", ["county"]), ["T1!B3", "['county']", "'town'"]),
    "another pattern": (lambda: record().match("Kind", r"\d+", "a number"), ["T1!B3", "a number", "'town'"]),
    "no such row": (lambda: SHEET.find_row(0, "West"), ["sheet 'T1', column A", "'West'"]),
    "no such column": (lambda: SHEET.find_column(1, "Note"), ["sheet 'T1', row 2", "'Note'", "Kind"]),
    "no such heading": (lambda: SHEET.header(1, ["Area", "Note"]), ["sheet 'T1', row 2", "['Note']", "Kind"]),
    "no such line": (lambda: lines().header(9, ["Area"]), ["end of file", "['Area']"]),
    "a heading twice": (lambda: lines(b"Area,Area\n").header(0, ["Area"]), ["line 1", "['Area']"]),
    "no such sheet": (lambda: Workbook.of("spend/a.xls", {"T1": [["a"]]}).sheet("T2"), ["'T2'", "['T1']"]),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_is_not_there_is_named_with_its_place(case):
    ask, said = ASKED[case]
    with pytest.raises(LayoutError) as told:
        ask()
    for words in [*said, "file: spend/", "expected:", "found:", "teach ingest/spend.py"]:
        assert words in str(told.value)


@pytest.mark.parametrize("text", [b"Area,Spend\nNorth,1\nSouth\n", b"Area,Spend\nNorth,1\nSouth,2,3\n"])
def test_a_line_without_a_field_for_each_heading_is_named(text):
    with pytest.raises(OriginalError, match=re.escape("line 3")):
        list(lines(text).records(0, ["Area", "Spend"]))
    assert len(list(lines(text).records(0, ["Area", "Spend"], end=2))) == 1


def test_another_encoding_and_another_kind_of_file_are_named():
    with pytest.raises(OriginalError, match="byte 1"):
        lines(b"a\xa3,b\n")
    with pytest.raises(OriginalError, match="cannot be opened"):
        Workbook.open("spend/book.xls", b"PK\x03\x04 cut short")


def test_a_workbook_accounts_for_the_sheets_that_are_left_out():
    book = Workbook.of("f.xls", {"T1": [["a", "b"], ["c"]], "Notes": [["d"]]})
    account = book.accounting(["T1"], "notes")
    assert (account.read, account.furniture) == (5, {"notes": 1})
    assert book.sheet("T1").rows == [["a", "b"], ["c", ""]] and book.sheet("T1").filled() == 3


def test_a_dimension_not_given_is_empty_and_an_unknown_one_is_named():
    row = Sheet("f", "S", [[1.0]]).figure(0, 0, unit="GBP", year=None)
    assert raw.tidy([row], ("year", "area")).row(0)[:2] == (None, "")
    with pytest.raises(CommissioningError, match="aera"):
        raw.tidy([row | {"aera": "x"}], ("year", "area"))
