"""The Adult Social Care Survey of 2020-21: answers by how support is delivered, and by the other breakdowns.

Shape: one row a published figure of four tables of the annex workbook.

- `T2a`: per cent of weighted answers (statistic `percentage`) and unweighted respondents, rounded to 5
  (`respondents`), for each question, by person: mechanism of delivery, stratum, age, and so on.
- `T2b`: the weighted numbers behind T2a, rounded to 10 (`weighted respondents`, and their total).
- `T5`: margin of error at 95 per cent, only of the average of the 18 councils. By mechanism none is printed:
  against T2a's respondents it tells by how much weighting and strata widen an interval.
- `T6`: the estimated make-up of the people eligible for the survey.

`breakdown` is the publisher's heading and `category` the row under it; the row of all 18 councils has both
in one, `18 CASSR Average`. `answer` is "" where the figure is a base. `[w]` (nobody in the category
answered) reads `not_applicable`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet, Workbook

DIMENSIONS = ("year", "table", "question", "answer", "breakdown", "category", "statistic")
SYMBOLS = {
    "[c]": "suppressed",
    "[w]": "not_applicable",
    "[x]": "not_available",
    "[z]": "not_applicable",
}
AVERAGE = "18 CASSR Average"
BREAKDOWNS = (
    "Primary support reason",
    "Gender",
    "Age",
    "Stratum",
    "Religion",
    "Ethnic group",
    "Sexuality",
    "Questionnaire used",
    "Method of Collection",
    "Translated questionnaire used",
    "Reported Health Condition",
    "Support setting",
    "Mechanism of delivery",
    "Is the service user a full cost client?",
)
MECHANISMS = (
    "Direct payment only",
    "Part direct payment",
    "LA managed personal budget",
    "LA commissioned support only",
    "Not Applicable",
)
PERCENTAGE, PEOPLE, POINTS = "per cent", "people", "percentage points"

# Sheets left out whole, and why.
LEFT_OUT = {
    "Contents": "contents",
    "Notes": "notes",
    "T1a - Answers by Council": "answers by council (out of scope: ASCOF holds the council measures)",
    "T1b - Answers by Council": "answers by council (out of scope: ASCOF holds the council measures)",
    "T3a - Answers by Response": "one answer by another (out of scope)",
    "T3b - Answers by Response": "one answer by another (out of scope)",
    "T4 - Response Rates": "response rates by council (out of scope)",
}
# Sheet: the statistic and unit of an answer; header, statistic and unit of the block's base.
BY_PERSON = {
    "T2a - Answers by Demographic": ("percentage", PERCENTAGE, "Respondents", "respondents", PEOPLE),
    "T2b - Answers by Demographic": (
        "weighted respondents",
        PEOPLE,
        "Total weighted respondents",
        "total weighted respondents",
        PEOPLE,
    ),
}
MARGINS, PROFILE = "T5 - Margins of Error", "T6 - Demographics"

Rows = list[dict[str, object]]


def _figure(sheet: Sheet, row: int, column: int, unit: str, **dimensions: str) -> dict[str, object]:
    """A cell, with the float noise beyond the publisher's rounding taken off the number."""
    decimals = 0 if unit == PEOPLE else 1
    table = sheet.name.split(" ")[0]
    figure = sheet.figure(row, column, SYMBOLS, unit=unit, table=table, **dimensions)
    if figure["value"] is not None:
        rounded = round(figure["value"], decimals)
        if abs(rounded - figure["value"]) > 1e-9:
            expected = f"a number with at most {decimals} decimals"
            raise sheet.wrong("A number is finer than the publisher's.", at=(row, column), expected=expected)
        figure["value"] = rounded
    return figure


def _answers(sheet: Sheet, row: int, first: int) -> dict[int, tuple[str, str]]:
    """`(question, answer)` by column: questions stand in `row` over their first answer, answers below."""
    sheet.match(row, first, "Question 1 .+", "'Question 1 - ...'")
    columns: dict[int, tuple[str, str]] = {}
    question = ""
    for column in range(first, len(sheet.rows[row])):
        question = sheet.text(row, column) or question
        answer = sheet.text(row + 1, column)
        if answer:
            columns[column] = (question, answer)
    twice = [pair for pair, times in Counter(columns.values()).items() if times > 1]
    if twice or not columns:
        raise sheet.wrong(
            "The answers are not as known.",
            at=row + 1,
            expected="each answer of a question once",
            found=twice or "no answer",
        )
    return columns


def by_person(sheet: Sheet, year: str) -> Rows:
    """T2a or T2b: a block of rows for each breakdown, a block of columns for each question."""
    statistic, unit, base_heading, base_statistic, base_unit = BY_PERSON[sheet.name]
    start = sheet.find_row(0, AVERAGE)
    columns = _answers(sheet, start - 2, 1)
    without = {q for q, _ in columns.values()} - {q for q, a in columns.values() if a == base_heading}
    if without:
        expected = f"a column {base_heading!r} for each question"
        raise sheet.wrong("A question has no base.", at=start - 1, expected=expected, found=sorted(without))
    rows: Rows = []
    breakdown, breakdowns, mechanisms = AVERAGE, [], []
    for row in range(start, len(sheet.rows)):
        label = sheet.text(row, 0)
        blank = [column for column in columns if not sheet.text(row, column)]
        if len(blank) == len(columns):
            if label.startswith("Copyright"):
                break
            if label:
                breakdown = label
                breakdowns.append(label)
            continue
        if blank:
            expected = "a figure or a symbol in every column"
            raise sheet.wrong("A cell is blank.", at=(row, blank[0]), expected=expected, found="a blank")
        if breakdown == "Mechanism of delivery":
            mechanisms.append(label)
        of_row = {"year": year, "breakdown": breakdown, "category": label}
        for column, (question, answer) in columns.items():
            if answer == base_heading:
                of_column = {"answer": "", "statistic": base_statistic, "unit": base_unit}
            else:
                of_column = {"answer": answer, "statistic": statistic, "unit": unit}
            rows.append(_figure(sheet, row, column, question=question, **of_row, **of_column))
    _check_labels(sheet, "breakdowns", BREAKDOWNS, breakdowns)
    _check_labels(sheet, "mechanisms under 'Mechanism of delivery'", MECHANISMS, mechanisms)
    return rows


def _check_labels(sheet: Sheet, what: str, expected: tuple[str, ...], found: list[str]) -> None:
    if tuple(found) != expected:
        what_is_wrong = f"The {what} are not as known."
        raise sheet.wrong(what_is_wrong, at="column A", expected=f"the {what} {list(expected)}", found=found)


def margins(sheet: Sheet, year: str) -> Rows:
    """T5: the row of the average of the 18 councils."""
    header = sheet.find_row(0, "CASSR Code [note 4]")
    row = sheet.find_row(2, AVERAGE)
    labels = {"year": year, "breakdown": AVERAGE, "category": AVERAGE, "statistic": "margin of error"}
    return [
        _figure(sheet, row, column, POINTS, question=question, answer=answer, **labels)
        for column, (question, answer) in _answers(sheet, header - 1, 3).items()
    ]


def profile(sheet: Sheet, year: str) -> Rows:
    """T6: the people eligible for the survey. The publisher writes some headings in two ways."""
    header = sheet.find_row(1, "Demographic")
    columns = (
        (sheet.find_column(header, "Weighted Respondents"), PEOPLE, "eligible population (weighted)"),
        (sheet.find_column(header, "Percentage"), PERCENTAGE, "share of eligible population"),
    )
    rows: Rows = []
    for row in range(header + 1, len(sheet.rows)):
        _, breakdown, category = sheet.texts(row, 3)
        if category:
            labels = {"year": year, "breakdown": breakdown, "category": category}
            rows += [_figure(sheet, row, at, unit, statistic=what, **labels) for at, unit, what in columns]
    return rows


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The annex workbook. Raises `LayoutError` and `SymbolError` naming sheet and cell."""
    ((path, data),) = originals.items()
    book = Workbook.open(path, data)
    book.check_names([*LEFT_OUT, *BY_PERSON, MARGINS, PROFILE])
    readers = dict.fromkeys(BY_PERSON, by_person) | {MARGINS: margins, PROFILE: profile}
    account = Accounting(path, "cells")
    rows: Rows = []
    for name, sheet in book.sheets.items():
        account.read += sheet.size
        account.leave("blank", sheet.size - sheet.filled())
        if name in LEFT_OUT:
            account.leave(LEFT_OUT[name], sheet.filled())
            continue
        found = readers[name](sheet, edition.edition)
        account.loaded += len(found)
        labels = "titles, headers and row labels"
        if name == MARGINS:
            labels = "margins of error by council (out of scope), titles and headers"
        account.leave(labels, sheet.filled() - len(found))
        rows += found
    return Reading.of(rows, [account], DIMENSIONS)
