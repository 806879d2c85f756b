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
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.outturn_forms import (
    FIRST_COLUMN,
    LABELS,
    MEASURES,
    find_classes,
    find_header,
    labels_of,
    sheet_of_authorities,
)
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet, column_letters

DIMENSIONS = (
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
KEY = ("year", "authority_code", "gss_code", "class", "line_code", "measure")
SHEET = "RO3_LA_Data"  # what the name of the sheet of all authorities begins with

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


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The edition's figures, one row each, in thousands of pounds.

    Raises `LayoutError` where the workbook is not as known and `SymbolError` for a symbol not known.
    """
    layout = edition.files[0].reader(LAYOUTS)
    sheet, account = sheet_of_authorities(edition, originals, SHEET)
    rows = read_sheet(sheet, edition.edition[:7], layout, account)
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def read_sheet(sheet: Sheet, year: str, layout: Layout, account: Accounting) -> list[dict[str, object]]:
    """The figures of the sheet of all authorities, in its order, its cells accounted for."""
    header = find_header(sheet)
    columns, end = layout(sheet, header)
    _check_complete(sheet, header, columns)
    classes = find_classes(sheet, header)
    width = len(sheet.rows[0])
    account.leave("titles, headers and reference codes", (header + 2 + len(sheet.rows) - end) * width)
    rows: list[dict[str, object]] = []
    for row in [*range(header + 1, classes), *range(classes + 1, end)]:
        if row < classes - 1 and not _has_social_services(sheet, row):
            account.leave("shire districts and other authorities without social services", width)
            continue
        rows += _figures(sheet, row, columns, year)
        account.leave("area labels", FIRST_COLUMN)
        account.leave("children's services and public health", width - FIRST_COLUMN - len(columns))
    account.loaded += len(rows)
    return rows


def _has_social_services(sheet: Sheet, row: int) -> bool:
    known = WITH_SOCIAL_SERVICES | OTHER_CLASSES
    return sheet.known(row, LABELS.index("Class"), known) in WITH_SOCIAL_SERVICES


def _figures(sheet: Sheet, row: int, columns: list[Column], year: str) -> Iterator[dict[str, object]]:
    labels = labels_of(sheet, row, year)
    symbols = SYMBOLS | NOTE_SYMBOLS.get(PurePosixPath(sheet.file).name, {})
    for column in columns:
        of_column = {"line": column.line, "line_code": column.line_code, "measure": column.measure}
        yield sheet.figure(row, column.position, symbols, **labels, **of_column)


# Columns ---------------------------------------------------------------------------------------------


def _code(sheet: Sheet, row: int, position: int) -> tuple[str, str]:
    """A reference code as line and measure, e.g. `("RO3-ascphyadl", "tot-exp")`."""
    text = sheet.text(row, position)
    cell = PurePosixPath(sheet.file).name, f"{column_letters(position)}{row + 1}"
    printed, meant = MISPRINTED_CODES.get(cell, (text, text))
    match = _CODE.fullmatch(meant if text == printed else text)
    if match is None:
        expected = "a reference code such as RO3-ascphyadl-tot-exp"
        raise sheet.wrong("A reference code is not known.", at=(row, position), expected=expected)
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
            expected = f"a heading over {line_code}"
            raise sheet.wrong("A line has no heading.", at=(headings, position), expected=expected)
        if not _ADULT.fullmatch(line_code):
            continue
        name = _measure(line_code, measure)
        sheet.match(header, position, re.escape(name) + r"\d*", name)
        columns.append(Column(position, line, line_code, name))
    return columns, len(sheet.rows)


def flat_columns(sheet: Sheet, header: int) -> tuple[list[Column], int]:
    """Adult columns of the later layout, and the row at which the class totals end."""
    codes = len(sheet.rows) - 1
    columns = []
    for position in range(FIRST_COLUMN, len(sheet.rows[header])):
        line_code, measure = _code(sheet, codes, position)
        if not _ADULT.fullmatch(line_code):
            continue
        name = _measure(line_code, measure)
        expected = f"a heading that ends in {' - ' + name!r}"
        heading = sheet.match(header, position, rf"(.+) - {re.escape(name)}", expected)
        columns.append(Column(position, heading[1], line_code, name))
    return columns, codes


def _check_complete(sheet: Sheet, header: int, columns: list[Column]) -> None:
    """Raise unless the total is there and every line has all its measures, each line one heading."""
    of_line: dict[str, list[Column]] = defaultdict(list, {TOTAL: []})
    for column in columns:
        of_line[column.line_code].append(column)
    for line_code, found in of_line.items():
        measures, headings = [column.measure for column in found], {column.line for column in found}
        expected = [AGENCY_STAFF_MEASURE] if line_code == AGENCY_STAFF else list(MEASURES.values())
        if measures != expected or len(headings) != 1:
            last = max((column.position for column in found), default=FIRST_COLUMN)
            raise sheet.wrong(
                "A line does not have one heading and all its columns in their order.",
                at=f"row {header + 1}, up to column {column_letters(last)}",
                expected=f"{line_code}: {expected}",
                found=f"{measures} under {sorted(headings)}",
            )


Layout = Callable[[Sheet, int], tuple[list[Column], int]]
LAYOUTS: dict[str, Layout] = {"codes above headings": block_columns, "codes below the table": flat_columns}
