"""The survey by mechanism: made-up sheets, the errors, and figures typed from the publisher's workbook."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import ascs, raw
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.sheets import Sheet

T2A, T2B = ascs.BY_PERSON
HEADERS = ["Yes", "No", "Respondents", "", "Good ", "Bad", "Respondents"]
QUESTIONS = ["Question 1 - Are you  content?", "", "", "", "Question 2 - And  your life?", "", ""]
FIGURES = [30.000000000000004, 70.0, 45.0, "", 12.5, "[c]", 40.0]


def person_rows(headers: list[str] = HEADERS) -> list[list[object]]:
    """A made-up sheet of the layout of T2a: two questions, one row for most breakdowns."""
    rows: list[list[object]] = [["Table", *[""] * 7], ["", *QUESTIONS], ["[Notes]", *headers]]
    rows.append([ascs.AVERAGE, *FIGURES])
    for breakdown in ascs.BREAKDOWNS:
        rows.append([breakdown, *[""] * 7])
        labels = ascs.MECHANISMS if breakdown == "Mechanism of delivery" else ("Any one ",)
        rows += [[label, *FIGURES] for label in labels]
    return [*rows, [""] * 8, ["Copyright", *[""] * 7]]


def people(rows: list[list[object]], name: str = T2A) -> list[dict]:
    return ascs.by_person(Sheet("x.xlsx", name, rows), "2020-21")


def test_shares_and_bases_by_mechanism():
    rows = people(person_rows())
    assert len(rows) == 6 * (1 + 13 + 5)
    direct = [row for row in rows if row["category"] == "Direct payment only"]
    assert [(r["question"], r["answer"], r["statistic"], r["unit"]) for r in direct] == [
        ("Question 1 - Are you content?", "Yes", "percentage", "per cent"),
        ("Question 1 - Are you content?", "No", "percentage", "per cent"),
        ("Question 1 - Are you content?", "", "respondents", "people"),
        ("Question 2 - And your life?", "Good", "percentage", "per cent"),
        ("Question 2 - And your life?", "Bad", "percentage", "per cent"),
        ("Question 2 - And your life?", "", "respondents", "people"),
    ]
    assert [(r["value"], r["value_symbol"]) for r in direct] == [
        (30.0, None),
        (70.0, None),
        (45.0, None),
        (12.5, None),
        (None, "suppressed"),
        (40.0, None),
    ]
    # The float noise stays in the text and leaves the number.
    assert direct[0]["value_text"] == "30.000000000000004"
    assert direct[0]["table"] == "T2a"
    assert direct[0]["source_locator"] == "T2a - Answers by Demographic!B30"
    assert rows[0]["breakdown"] == rows[0]["category"] == "18 CASSR Average"


def weighted_rows() -> list[list[object]]:
    rows = person_rows([header.replace("Respondents", "Total weighted respondents") for header in HEADERS])
    return [[12.0 if cell == 12.5 else cell for cell in row] for row in rows]


def test_weighted_numbers():
    assert {(r["statistic"], r["unit"]) for r in people(weighted_rows(), T2B)} == {
        ("weighted respondents", "people"),
        ("total weighted respondents", "people"),
    }


def changed(row: int, column: int, cell: object) -> list[list[object]]:
    rows = person_rows()
    rows[row][column] = cell
    return rows


@pytest.mark.parametrize(
    ("rows", "error", "says"),
    [
        (changed(3, 0, "England"), LayoutError, "18 CASSR Average"),
        (changed(1, 1, "Section 1"), LayoutError, "Question 1 -"),
        (changed(2, 3, "Base"), LayoutError, "'Respondents' for each question"),
        (changed(2, 2, "Yes"), LayoutError, "each answer of a question once"),
        (changed(29, 0, "Direct payments"), LayoutError, "Mechanism of delivery"),
        (changed(4, 0, "Reason for support"), LayoutError, "the breakdowns"),
        (changed(29, 1, ""), LayoutError, "Demographic!B30"),
        (changed(29, 1, 30.12), LayoutError, "at most 1 decimals"),
        (changed(29, 1, "[k]"), SymbolError, "Demographic!B30"),
        (person_rows()[:20], LayoutError, "the breakdowns"),
    ],
)
def test_bad_sheets_are_named(rows, error, says):
    with pytest.raises(error, match=says.replace("[", r"\[")):
        people(rows)


def margin_rows() -> list[list[object]]:
    return [
        ["", "", "", "Question 1 - Are you content?", "", "", "Question 2 - And your life?"],
        ["CASSR Code [note 4]", "ONS", "CASSR name", "Yes", "No", "", "Good"],
        [901.0, "E1", "Northtown", 5.5, "[w]", "", 4.0],
        ["", "", "18 CASSR Average", 1.2, "[w]", "", 0.9],
    ]


def test_margins_are_of_the_average_only():
    rows = ascs.margins(Sheet("x.xlsx", ascs.MARGINS, margin_rows()), "2020-21")
    assert [(r["answer"], r["value"], r["value_symbol"], r["unit"]) for r in rows] == [
        ("Yes", 1.2, None, "percentage points"),
        ("No", None, "not_applicable", "percentage points"),
        ("Good", 0.9, None, "percentage points"),
    ]
    with pytest.raises(LayoutError, match="18 CASSR Average"):
        ascs.margins(Sheet("x.xlsx", ascs.MARGINS, margin_rows()[:3]), "2020-21")


def test_profile():
    rows = [
        ["", "Demographic", "", "Weighted Respondents", "Percentage"],
        ["", "Mechanism Delivery", "Direct payment only", 11360.0, 18.2],
        ["", "", "", "", ""],
    ]
    found = ascs.profile(Sheet("x.xlsx", ascs.PROFILE, rows), "2020-21")
    assert [(r["statistic"], r["value"]) for r in found] == [
        ("eligible population (weighted)", 11360.0),
        ("share of eligible population", 18.2),
    ]
    rows[0][4] = "Share"
    with pytest.raises(LayoutError, match="Percentage"):
        ascs.profile(Sheet("x.xlsx", ascs.PROFILE, rows), "2020-21")


def sheets() -> dict[str, list[list[object]]]:
    return {name: [["text", ""]] for name in ascs.LEFT_OUT} | {
        T2A: person_rows(),
        T2B: weighted_rows(),
        ascs.MARGINS: margin_rows(),
        ascs.PROFILE: [
            ["", "Demographic", "", "Weighted Respondents", "Percentage"],
            ["", "Age", "85+", 10.0, 100.0],
        ],
    }


@pytest.fixture
def read(made_up_workbook):
    def read_sheets(book: dict[str, list[list[object]]]) -> raw.Reading:
        made_up_workbook(book)
        return ascs.read(catalogue()["ascs"].edition("2020-21"), {"x.xlsx": b""})

    return read_sheets


def test_every_cell_is_accounted_for(read):
    reading = read(sheets())
    raw.check(reading, what="a made-up workbook")
    assert reading.accounting[0].loaded == reading.table.height == 2 * 6 * 19 + 3 + 2
    assert reading.accounting[0].furniture["contents"] == 1


def test_a_sheet_renamed_or_new_is_named(read):
    book = sheets()
    book["T2c - New"] = book.pop(T2A)
    with pytest.raises(LayoutError, match="T2c - New"):
        read(book)


def test_a_truncated_workbook_is_named():
    with pytest.raises(OriginalError, match="cannot be opened"):
        ascs.read(catalogue()["ascs"].edition("2020-21"), {"x.xlsx": b"PK\x03\x04 cut off"})


# Figures typed from the publisher's workbook -----------------------------------------------------------


@cache
def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "ascs" / "2020-21.parquet")


@pytest.mark.parametrize(
    ("sheet", "cell", "category", "statistic", "value"),
    [
        (T2A, "R72", "Direct payment only", "percentage", 73.2),  # Q1 combined, extremely or very satisfied
        (T2A, "W72", "Direct payment only", "respondents", 1355),
        (T2A, "R74", "LA managed personal budget", "percentage", 65.3),
        (T2A, "R75", "LA commissioned support only", "percentage", 61.6),
        (T2A, "CS72", "Direct payment only", "percentage", 69.0),  # Q7a, as safe as I want
        (T2A, "CS75", "LA commissioned support only", "percentage", 56.7),
        (T2A, "CW75", "LA commissioned support only", "respondents", 340),
        (T2A, "CS76", "Not Applicable", "percentage", 89.9),
        (T2B, "B72", "Direct payment only", "weighted respondents", 2920),  # Q1, extremely satisfied
        (T2B, "I74", "LA managed personal budget", "total weighted respondents", 22750),
        ("T5 - Margins of Error", "R25", "18 CASSR Average", "margin of error", 1.4),
        ("T6 - Demographics", "E44", "Direct payment only", "share of eligible population", 18.2),
        ("T6 - Demographics", "D47", "LA commissioned support only", "eligible population (weighted)", 4090),
    ],
)
def test_golden_figures(sheet, cell, category, statistic, value):
    row = snapshot().row(by_predicate=pl.col("source_locator") == f"{sheet}!{cell}", named=True)
    assert (row["category"], row["statistic"], row["value"]) == (category, statistic, value)


def test_answers_give_the_published_outcome_measures():
    """The average of the 18 councils: 1B (top two answers added), 3A and 4A (sheet T1a, row 24)."""
    average = snapshot().filter(breakdown="18 CASSR Average", table="T2a", statistic="percentage")

    def share(question: str, answers: int) -> float:
        of_question = average.filter(pl.col("question").str.starts_with(question + " - "))
        return round(of_question["value"].head(answers).sum(), 1)

    assert share("Question 3a", 2) == 79.8
    assert share("Question 1 combined", 1) == 67.7
    assert share("Question 7a", 1) == 73.6
