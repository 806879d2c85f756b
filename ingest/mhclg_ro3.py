"""Revenue outturn, form RO3 (social care and public health), England: the adult social care columns.

Two layouts, both one row an authority, then England, then a second table of class totals:

- 2022-23 and 2023-24: a column's heading stands over the first column of its group, its sub-heading in the
  row of headers (followed by a serial number), its reference code in a hidden row above;
- 2024-25: heading and sub-heading share one cell, and the reference codes are in the hidden last row.

A column is told by its reference code (`RO3-ascphyadl-tot-exp`), and its headings must agree with it. Kept
are adult social care columns, for authorities with social services (classes UA, MD, LB and SC), England and
the class totals. `line_code` is the code without its last part, which `measure` gives in words.
`detail` holds whether the return was certified (for a class: how many were) and the row's note. In a class
total `authority_code` is empty, where the publisher writes `[Y]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Sheet, Workbook, column_letters

DIMENSIONS = {
    name: pl.String
    for name in (
        "year",
        "authority_code",
        "gss_code",
        "area",
        "class",
        "line",
        "line_code",
        "measure",
        "detail",
    )
}
KEY = ("year", "authority_code", "gss_code", "class", "line_code", "measure")
UNIT = "GBP thousand"

SYMBOLS = {
    "[x]": "not_available",  # not received in time
    "[n]": "not_available",  # no appropriate estimate
    "[z]": "not_collected",
    "[Y]": "not_applicable",
}
# What a note's number means changes from file to file. Here: no breakdown of the total (Warrington).
NOTE_SYMBOLS = {"RO3_2024-25_first_release.ods": {"[note 4]": "not_available"}}

# Codes that the publisher printed over each other's column. The headings are right: only by them is total
# income the sum of its parts (in all 110 rows where the two columns differ).
MISPRINTED_CODES = {
    ("RO3_2022-23_data_by_LA.ods", "GU7"): ("RO3-ascsclcrrold-tot-inc", "RO3-ascsclcrradl-tot-inc"),
    ("RO3_2022-23_data_by_LA.ods", "HB7"): ("RO3-ascsclcrradl-tot-inc", "RO3-ascsclcrrold-tot-inc"),
}

LABELS = ("E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class")
FIRST_COLUMN = 7
MEASURES = {
    "empl": "Employees (C1)",
    "run-exp": "Running Expenses (C2)",
    "tot-exp": "Total Expenditure (C3 = C1 + C2)",
    "sfc": "Sales, Fees and Charges (C4)",
    "oth-inc": "Other Income (C5)",
    "tot-inc": "Total Income (C6 = C4 + C5)",
    "net-cur-exp": "Net Current Expenditure (C7 = C3 - C6)",
}
AGENCY_STAFF = "RO3-ascsvmem"  # an item under the total, of one column
AGENCY_STAFF_MEASURE = "Adult Social Care - agency staff memorandum item"
TOTAL = "RO3-asctot"
_CODE = re.compile(rf"(RO3-(?:asc|csc|ph)[a-z0-9-]*?)-({'|'.join(MEASURES)})")
_ADULT = re.compile(r"RO3-(asc[a-z]+|phsup-anc-exp-asc)")

WITH_SOCIAL_SERVICES = {"UA", "MD", "LB", "SC"}
OTHER_CLASSES = {"SD", "O"}


@dataclass(frozen=True)
class Column:
    """A column of figures: its place in the sheet and what it counts."""

    position: int
    line: str
    line_code: str
    measure: str


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """The edition's figures, one row each, in thousands of pounds.

    Raises `LayoutError` where the workbook is not as known and `SymbolError` for a symbol not known.
    """
    year = edition.edition[:7]
    if year not in LAYOUTS:
        raise LayoutError(
            "No layout is known for this year of RO3.",
            expected=sorted(LAYOUTS),
            found=year,
            todo="open the workbook and add its sheet and layout to LAYOUTS of ingest/mhclg_ro3.py",
        )
    (path, data), *_ = originals.items()
    sheet_name, layout = LAYOUTS[year]
    book = Workbook(path, data)
    rows, account = read_sheet(book.sheet(sheet_name), year, layout)
    for name in book.sheet_names:
        if name != sheet_name:
            cells = sum(len(row) for row in book.sheet(name).rows)
            account.read += cells
            _leave(account, "sheets left out (front page, notes, drop-down)", cells)
    return raw.Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])


def read_sheet(sheet: Sheet, year: str, layout: Callable) -> tuple[list[dict[str, object]], raw.Accounting]:
    """The figures of the sheet of all authorities, in its order, and what became of its cells."""
    header = sheet.find_row(0, "E-code")
    for position, label in enumerate(LABELS):
        if sheet.find_column(header, label) != position:
            raise _layout_error(sheet, header, position, label)
    columns, end = layout(sheet, header)
    _check_complete(sheet, header, columns)
    classes = sheet.find_row(0, "E-code", start=header + 1)
    if sheet.text(classes - 1, 0) != "Eng":
        raise _layout_error(sheet, classes - 1, 0, "Eng")
    width = len(sheet.rows[0])
    account = raw.Accounting(sheet.file, "cells", read=len(sheet.rows) * width, loaded=0)
    _leave(account, "titles, headers and reference codes", (header + 2 + len(sheet.rows) - end) * width)
    rows = []
    for row in [*range(header + 1, classes), *range(classes + 1, end)]:
        if row < classes - 1 and not _has_social_services(sheet, row):
            _leave(account, "shire districts and other authorities without social services", width)
            continue
        rows += _figures(sheet, row, columns, year)
        account.loaded += len(columns)
        _leave(account, "area labels", FIRST_COLUMN)
        _leave(account, "children's services and public health", width - FIRST_COLUMN - len(columns))
    return rows, account


def _leave(account: raw.Accounting, why: str, cells: int) -> None:
    account.furniture[why] = account.furniture.get(why, 0) + cells


def _layout_error(sheet: Sheet, row: int, column: int, expected: str) -> LayoutError:
    return LayoutError(
        "A heading is not what its place says.",
        file=sheet.file,
        where=sheet.locator(row, column),
        expected=expected,
        found=repr(sheet.text(row, column)),
        todo="open the sheet; if the publisher moved or renamed it, teach ingest/mhclg_ro3.py",
    )


def _has_social_services(sheet: Sheet, row: int) -> bool:
    found = sheet.text(row, LABELS.index("Class"))
    if found not in WITH_SOCIAL_SERVICES | OTHER_CLASSES:
        expected = f"one of {sorted(WITH_SOCIAL_SERVICES | OTHER_CLASSES)}"
        raise _layout_error(sheet, row, LABELS.index("Class"), expected)
    return found in WITH_SOCIAL_SERVICES


def _figures(sheet: Sheet, row: int, columns: list[Column], year: str) -> list[dict[str, object]]:
    code, gss_code, area, note, area_class = (sheet.text(row, column) for column in range(5))
    certified = sheet.rows[row][FIRST_COLUMN - 1]
    detail = f"certified={int(certified) if isinstance(certified, float) else certified}"
    symbols = SYMBOLS | NOTE_SYMBOLS.get(PurePosixPath(sheet.file).name, {})
    figures = []
    for column in columns:
        where = sheet.locator(row, column.position)
        cell = sheet.rows[row][column.position]
        text, value, symbol = raw.parse_value(cell, symbols, file=sheet.file, where=where)
        figures.append(
            {
                "year": year,
                "authority_code": "" if code == "[Y]" else code,
                "gss_code": gss_code,
                "area": area,
                "class": area_class,
                "line": column.line,
                "line_code": column.line_code,
                "measure": column.measure,
                "detail": detail + (f"; note={note}" if note else ""),
                "unit": UNIT,
                "value_text": text,
                "value": value,
                "value_symbol": symbol,
                "source_file": sheet.file,
                "source_locator": where,
            }
        )
    return figures


# Columns ---------------------------------------------------------------------------------------------


def _code(sheet: Sheet, row: int, position: int) -> tuple[str, str]:
    """A reference code as line and measure, e.g. `("RO3-ascphyadl", "tot-exp")`."""
    text = sheet.text(row, position)
    cell = PurePosixPath(sheet.file).name, f"{column_letters(position)}{row + 1}"
    printed, meant = MISPRINTED_CODES.get(cell, (text, text))
    match = _CODE.fullmatch(meant if text == printed else text)
    if match is None:
        raise _layout_error(sheet, row, position, "a reference code such as RO3-ascphyadl-tot-exp")
    return match[1], match[2]


def _measure(line_code: str, measure: str) -> str:
    return AGENCY_STAFF_MEASURE if line_code == AGENCY_STAFF else MEASURES[measure]


def block_columns(sheet: Sheet, header: int) -> tuple[list[Column], int]:
    """Adult columns of the earlier layout, and the row at which the class totals end."""
    codes, headings = header - 5, header - 1
    columns, line, block = [], "", ""
    for position in range(FIRST_COLUMN, len(sheet.rows[header])):
        line_code, measure = _code(sheet, codes, position)
        heading = sheet.text(headings, position)
        if heading:
            line, block = heading, line_code
        elif line_code != block and not line_code.endswith("svmem"):
            raise _layout_error(sheet, headings, position, f"a heading over {line_code}")
        if not _ADULT.fullmatch(line_code):
            continue
        expected = _measure(line_code, measure)
        if re.sub(r"\d+$", "", sheet.text(header, position)) != expected:
            raise _layout_error(sheet, header, position, expected)
        columns.append(Column(position, line, line_code, expected))
    return columns, len(sheet.rows)


def flat_columns(sheet: Sheet, header: int) -> tuple[list[Column], int]:
    """Adult columns of the later layout, and the row at which the class totals end."""
    codes = len(sheet.rows) - 1
    columns = []
    for position in range(FIRST_COLUMN, len(sheet.rows[header])):
        line_code, measure = _code(sheet, codes, position)
        if not _ADULT.fullmatch(line_code):
            continue
        expected = " - " + _measure(line_code, measure)
        heading = sheet.text(header, position)
        if not heading.endswith(expected):
            raise _layout_error(sheet, header, position, f"a heading that ends in {expected!r}")
        columns.append(Column(position, heading.removesuffix(expected), line_code, expected[3:]))
    return columns, codes


def _check_complete(sheet: Sheet, header: int, columns: list[Column]) -> None:
    """Raise unless the total is there and every line has all its measures, each line one heading."""
    measures: dict[str, list[str]] = {}
    lines: dict[str, set[str]] = {}
    for column in columns:
        measures.setdefault(column.line_code, []).append(column.measure)
        lines.setdefault(column.line_code, set()).add(column.line)
    measures.setdefault(TOTAL, [])
    for line_code, found in measures.items():
        expected = [AGENCY_STAFF_MEASURE] if line_code == AGENCY_STAFF else list(MEASURES.values())
        if found != expected or len(lines.get(line_code, ())) != 1:
            last = max((c.position for c in columns if c.line_code == line_code), default=FIRST_COLUMN)
            raise LayoutError(
                "A line does not have one heading and all its columns in their order.",
                file=sheet.file,
                where=f"sheet {sheet.name!r}, row {header + 1}, up to column {column_letters(last)}",
                expected=f"{line_code}: {expected}",
                found=f"{found} under {sorted(lines.get(line_code, ()))}",
                todo="open the sheet; if the publisher changed the form, teach ingest/mhclg_ro3.py",
            )


LAYOUTS = {
    "2022-23": ("RO3_LA_Data_2022-23", block_columns),
    "2023-24": ("RO3_LA_Data_2023-24", block_columns),
    "2024-25": ("RO3_LA_Data_202425", flat_columns),
}
