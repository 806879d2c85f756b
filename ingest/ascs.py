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

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Sheet, Workbook
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String for name in ("year", "table", "question", "answer", "breakdown", "category", "statistic")
}
KEY = tuple(DIMENSIONS)
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


def _wrong(sheet: Sheet, where: str, expected: object, found: object) -> LayoutError:
    return LayoutError(
        "A sheet of the survey is not laid out as its reader expects.",
        file=sheet.file,
        where=f"sheet {sheet.name!r}, {where}",
        expected=expected,
        found=found,
        todo="open the sheet; if the publisher moved or renamed it, teach ingest/ascs.py",
    )


def _number(sheet: Sheet, row: int, column: int, *, decimals: int) -> tuple[str, float | None, str | None]:
    """A cell, with the float noise beyond the publisher's rounding taken off the number."""
    where = sheet.locator(row, column)
    text, value, symbol = raw.parse_value(sheet.rows[row][column], SYMBOLS, file=sheet.file, where=where)
    if value is None:
        return text, value, symbol
    rounded = round(value, decimals)
    if abs(rounded - value) > 1e-9:
        raise _wrong(sheet, f"cell {where}", f"a number with at most {decimals} decimals", value)
    return text, rounded, symbol


def _figure(sheet: Sheet, row: int, column: int, unit: str, **dimensions: str) -> dict[str, object]:
    decimals = 0 if unit == PEOPLE else 1
    text, value, symbol = _number(sheet, row, column, decimals=decimals)
    return dimensions | {
        "table": sheet.name.split(" ")[0],
        "unit": unit,
        "value_text": text,
        "value": value,
        "value_symbol": symbol,
        "source_file": sheet.file,
        "source_locator": sheet.locator(row, column),
    }


def _answers(sheet: Sheet, row: int, first: int) -> dict[int, tuple[str, str]]:
    """`(question, answer)` by column: questions stand in `row` over their first answer, answers below."""
    columns: dict[int, tuple[str, str]] = {}
    question = ""
    for column in range(first, len(sheet.rows[row])):
        question = sheet.text(row, column) or question
        answer = sheet.text(row + 1, column)
        if answer:
            columns[column] = (question, answer)
    if not columns or not sheet.text(row, first).startswith("Question 1 "):
        raise _wrong(
            sheet, f"cell {sheet.locator(row, first)}", "'Question 1 - ...'", repr(sheet.text(row, first))
        )
    twice = [pair for pair, times in Counter(columns.values()).items() if times > 1]
    if twice:
        raise _wrong(sheet, f"rows {row + 1} and {row + 2}", "each answer of a question once", twice)
    return columns


def by_person(sheet: Sheet, year: str) -> Rows:
    """T2a or T2b: a block of rows for each breakdown, a block of columns for each question."""
    statistic, unit, base_header, base_statistic, base_unit = BY_PERSON[sheet.name]
    start = sheet.find_row(0, AVERAGE)
    columns = _answers(sheet, start - 2, 1)
    without = {q for q, _ in columns.values()} - {q for q, a in columns.values() if a == base_header}
    if without:
        raise _wrong(sheet, f"row {start}", f"a column {base_header!r} for each question", sorted(without))
    rows: Rows = []
    breakdown, found = AVERAGE, []
    for row in range(start, len(sheet.rows)):
        label = sheet.text(row, 0)
        cells = [column for column in columns if sheet.text(row, column)]
        if not cells:
            if label.startswith("Copyright"):
                break
            if label:
                breakdown = label
                found.append(label)
            continue
        if len(cells) != len(columns):
            blank = next(column for column in columns if column not in cells)
            raise _wrong(
                sheet, f"cell {sheet.locator(row, blank)}", "a figure or a symbol in every column", "a blank"
            )
        for column, (question, answer) in columns.items():
            is_base = answer == base_header
            rows.append(
                _figure(
                    sheet,
                    row,
                    column,
                    base_unit if is_base else unit,
                    year=year,
                    question=question,
                    answer="" if is_base else answer,
                    breakdown=breakdown,
                    category=label,
                    statistic=base_statistic if is_base else statistic,
                )
            )
    if tuple(found) != BREAKDOWNS:
        raise _wrong(sheet, "column A", f"the breakdowns {list(BREAKDOWNS)}", found)
    mechanisms = tuple(
        dict.fromkeys(row["category"] for row in rows if row["breakdown"] == "Mechanism of delivery")
    )
    if mechanisms != MECHANISMS:
        raise _wrong(
            sheet, "rows under 'Mechanism of delivery'", f"the mechanisms {list(MECHANISMS)}", mechanisms
        )
    return rows


def margins(sheet: Sheet, year: str) -> Rows:
    """T5: the row of the average of the 18 councils."""
    header = sheet.find_row(0, "CASSR Code [note 4]")
    row = sheet.find_row(2, AVERAGE)
    return [
        _figure(
            sheet,
            row,
            column,
            POINTS,
            year=year,
            question=question,
            answer=answer,
            breakdown=AVERAGE,
            category=AVERAGE,
            statistic="margin of error",
        )
        for column, (question, answer) in _answers(sheet, header - 1, 3).items()
    ]


def profile(sheet: Sheet, year: str) -> Rows:
    """T6: the people eligible for the survey. The publisher writes some headings in two ways."""
    header = sheet.find_row(1, "Demographic")
    weighted = sheet.find_column(header, "Weighted Respondents")
    share = sheet.find_column(header, "Percentage")
    rows: Rows = []
    for row in range(header + 1, len(sheet.rows)):
        breakdown, category = sheet.text(row, 1), sheet.text(row, 2)
        if not category:
            continue
        rows += [
            _figure(
                sheet,
                row,
                column,
                unit,
                year=year,
                question="",
                answer="",
                breakdown=breakdown,
                category=category,
                statistic=statistic,
            )
            for column, unit, statistic in (
                (weighted, PEOPLE, "eligible population (weighted)"),
                (share, PERCENTAGE, "share of eligible population"),
            )
        ]
    return rows


def _cells(sheet: Sheet) -> tuple[int, int]:
    """Cells that hold something, and blank ones."""
    filled = sum(1 for row in sheet.rows for cell in row if cell not in ("", None))
    return filled, sum(len(row) for row in sheet.rows) - filled


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The annex workbook. Raises `LayoutError` and `SymbolError` naming sheet and cell."""
    (path, data), *_ = originals.items()
    book = Workbook(path, data)
    expected = [*LEFT_OUT, *BY_PERSON, MARGINS, PROFILE]
    if set(book.sheet_names) != set(expected):
        raise LayoutError(
            "The survey's workbook does not hold the sheets that its reader knows.",
            file=path,
            expected=sorted(set(expected) - set(book.sheet_names)) or "no more sheets",
            found=sorted(set(book.sheet_names) - set(expected)) or "too few",
            todo="open the workbook; read the new sheet or say in ingest/ascs.py why it is left out",
        )
    rows: Rows = []
    furniture: Counter[str] = Counter()
    read_cells = 0
    for name in book.sheet_names:
        sheet = book.sheet(name)
        filled, blank = _cells(sheet)
        read_cells += filled + blank
        furniture["blank"] += blank
        if name in LEFT_OUT:
            furniture[LEFT_OUT[name]] += filled
            continue
        if name == MARGINS:
            found = margins(sheet, edition.edition)
            why = "margins of error by council (out of scope), titles and headers"
        elif name == PROFILE:
            found = profile(sheet, edition.edition)
            why = "titles, headers and row labels"
        else:
            found = by_person(sheet, edition.edition)
            why = "titles, headers and row labels"
        furniture[why] += filled - len(found)
        rows += found
    account = Accounting(path, "cells", read_cells, len(rows), dict(sorted(furniture.items())))
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])
