"""NHS mental health dashboard: the sheets on money, by CCG, STP, region and England.

Shape: one row for each area, year (or quarter) and sheet. The figures lie in hidden sheets of one layout
(`TABLES`): titles in rows 1 to 9, headers in row 10, then a line for each area. The national totals, with
specialised commissioning, are a table on the visible sheet `Dashboard`, for England only.

Units: `GBP` in the hidden sheets, though three titles say "(k)"; `GBP million` in the national totals;
shares are fractions of 1; whether the investment standard was achieved is 1 (`Y`) or 0 (`N`).

Measures that start with "planned" are plans. `successor_code` names the CCG that took over from a CCG that
is no longer one: only lines without it add up. `detail` is the quarter, or the "of 209" of a count.

A cell that holds a spreadsheet error is read from the workbook's XML, because the workbook reader gives it
as empty. Errors and empty cells are `not_available`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Sheet, Workbook, column_letters
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String
    for name in (
        "year",
        "table",
        "area_code",
        "area",
        "area_level",
        "region_code",
        "stp_code",
        "successor_code",
        "category",
        "measure",
        "detail",
    )
}
KEY = ("year", "table", "area_code", "category", "measure", "detail")

SYMBOLS = {
    "": "not_available",
    "#N/A": "not_available",  # a look-up that found nothing: no figure for the area in that year
    "#REF!": "not_available",  # a formula whose source was deleted
    "N/A": "not_available",  # the publisher's notes: a CCG that reported zero spend
    "*": "suppressed",
}
YES_NO = {"Y": 1.0, "N": 0.0}
YES_NO_UNIT = "1 = yes, 0 = no"


@dataclass(frozen=True)
class Table:
    """A hidden sheet: its name, unique id and title, and what its figures are.

    `category` is the indicator's name on the sheet `Metadata`.
    """

    sheet: str
    unique_id: str
    title: str
    name: str
    category: str
    measure: str = "spend"
    unit: str = "GBP"


TABLES = (
    Table(
        "MHF(ii_a)_FINAL CALC",
        "MHF(ii_a)",
        "MH total spend",
        "total spend",
        "Total mental health spend by financial year",
    ),
    Table(
        "MHF(i)_FINAL CALC",
        "MHF(i_a)",
        "Mental health spend as a proportion of overall CCG allocation (2015/16)",
        "share of allocation",
        "CCG spend on MH as a % of CCG allocations",
        "share of allocation",
        "share",
    ),
    Table(
        "MHF(iii)_FINAL CALC",
        "MHF(iii)",
        "MH investment standard achived in 16/7 plan",
        "investment standard",
        "Mental Health Investment Standard achieved?",
        "investment standard achieved",
        YES_NO_UNIT,
    ),
    Table(
        "CYP(v)_FINAL CALC",
        "CYP(v)",
        "CYP Mental Health CCG spend - excluding learning disabilities and eating disorders",
        "children and young people",
        "CYP Mental Health CCG spend - excluding learning disabilities and eating disorders",
    ),
    Table(
        "CYP(vi)_FINAL CALC",
        "CYP(vi)",
        "CYP Mental Health CCG spend - eating disorders",
        "children's eating disorders",
        "CYP Mental Health CCG spend - eating disorders",
    ),
    Table("PMH(ii)", "PMH(ii)", "Perinatal Mental Health", "perinatal", "Perinatal Mental Health CCG spend"),
    Table("IAPT(iv)_FINAL CALC", "IAPT (iv)", "IAPT spend (k)", "talking therapies", "IAPT CCG spend"),
    Table("EIP(ii)_FINAL CALC", "EIP(iii)", "EIP spend (k)", "early intervention", "EIP CCG spend"),
    Table(
        "CR(ii)_FINAL CALC",
        "CR(ii)",
        "Adult community crisis care spend (£k)",
        "crisis care",
        "Adult community crisis care spend",
    ),
    Table(
        "AC(iii)_FINAL CALC",
        "AC(iii)",
        "A and E and Ward Liaison mental health services spend (k)",
        "liaison",
        "A&E and Ward Liaison mental health spend",
    ),
    Table(
        "CR(iii_c)_FINAL CALC",
        "CR(iii.c)",
        "Out of Area Placements - Reported Spend",
        "out of area placements",
        "Out of Area Placements - Reported Spend",
        "reported spend",
    ),
)
TITLE_ROW, ID_ROW, HEADER_ROW = 0, 1, 9
AREA_HEADERS = ("Region Code", "STP Code", "Org code", "Org name", "Org Type")
AREA_LINES = {"National": 1, "Region": 7, "STP": 42}
CURRENT_CCGS = 106
SUCCESSOR_COLUMN = 34  # of the out of area placements, beside the last quarter, without a header

NATIONAL_SHEET = "Dashboard"
NATIONAL_TABLE = "national totals"
NATIONAL_CORNER_COLUMN = 3
NATIONAL_CORNER = "Local CCG spend on mental health (£m)"
NATIONAL_COLUMNS = {  # header: measure, unit
    NATIONAL_CORNER: ("spend", "GBP million"),
    "NHSE Specialised Commissioning spend on mental health (£m)": ("spend", "GBP million"),
    "Total NHS spend on mental health (£m)": ("spend", "GBP million"),
    "CCG spend on MH as a % of CCG base allocations": ("share of allocation", "share"),
    "MH Investment Standard met?^^": ("investment standard achieved", YES_NO_UNIT),
    "No. CCGs meeting MHIS ^^": ("CCGs that achieved the investment standard", "CCGs"),
    "% CCGs meeting MHIS ^^": ("share of CCGs that achieved the investment standard", "share"),
}

_PERIOD = re.compile(r"(?:(?P<quarter>Q[1-4]) )?(?P<start>\d{4})/(?P<end>\d\d)(?P<planned> planned)?")
_NATIONAL_LINE = re.compile(r"Total actual spend - (\d{4})/(\d\d)(?: \^)?")
_COUNT = re.compile(r"(\d+) (out of \d+)")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Errors = Mapping[str, Mapping[str, str]]


def spreadsheet_errors(data: bytes, names: set[str]) -> dict[str, dict[str, str]]:
    """Cells of the sheets `names` that hold an error such as `#REF!`: sheet -> address (`C14`) -> error."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        found = {}
        for sheet in book.iter(f"{_MAIN}sheet"):
            if sheet.get("name") in names:
                part = "xl/" + targets[sheet.get(_LINK)].removeprefix("/xl/")
                cells = ElementTree.fromstring(archive.read(part)).iter(f"{_MAIN}c")
                found[sheet.get("name")] = {
                    cell.get("r"): cell.findtext(f"{_MAIN}v", "") for cell in cells if cell.get("t") == "e"
                }
    return found


def _layout_error(sheet: Sheet, row: int, column: int, what: str, expected: object) -> LayoutError:
    return LayoutError(
        what,
        file=sheet.file,
        where=sheet.locator(row, column),
        expected=expected,
        found=repr(sheet.text(row, column)),
        todo="open the workbook (show its hidden sheets); if the publisher changed the sheet, teach "
        "ingest/nhse_mh_dashboard.py",
    )


def _period(text: str) -> tuple[str, str, str] | None:
    """`('2017-18', 'Q2', 'planned ')` of a header, the last two empty where it does not say so."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    return f"{match['start']}-{match['end']}", match["quarter"] or "", "planned " if match["planned"] else ""


def _content(sheet: Sheet, errors: Errors, row: int, column: int) -> object:
    """The cell, or the spreadsheet error in it."""
    address = f"{column_letters(column)}{row + 1}"
    return errors.get(sheet.name, {}).get(address, sheet.rows[row][column])


def _value(sheet: Sheet, row: int, column: int, cell: object, unit: str) -> dict[str, object]:
    where = sheet.locator(row, column)
    if unit == YES_NO_UNIT and cell in YES_NO:
        text, value, symbol = cell, YES_NO[cell], None
    else:
        text, value, symbol = raw.parse_value(cell, SYMBOLS, file=sheet.file, where=where)
    return {
        "unit": unit,
        "value_text": text,
        "value": value,
        "value_symbol": symbol,
        "source_file": sheet.file,
        "source_locator": where,
    }


def _check_top(sheet: Sheet, table: Table) -> None:
    for row, expected in ((TITLE_ROW, table.title), (ID_ROW, table.unique_id)):
        if sheet.text(row, 1) != expected:
            raise _layout_error(sheet, row, 1, "A hidden sheet is not the one its name says.", expected)
    for column, expected in enumerate(AREA_HEADERS):
        if sheet.text(HEADER_ROW, column) != expected:
            raise _layout_error(sheet, HEADER_ROW, column, "A header is not where it should be.", expected)


def _period_columns(sheet: Sheet, errors: Errors) -> tuple[dict[int, tuple[str, str, str]], int]:
    """Columns with a period and at least one figure, and how many have a period but no figure."""
    periods, empty = {}, 0
    for column in range(len(AREA_HEADERS), len(sheet.rows[HEADER_ROW])):
        header = sheet.text(HEADER_ROW, column)
        if header in ("", "."):
            continue
        period = _period(header)
        if period is None:
            raise _layout_error(
                sheet, HEADER_ROW, column, "A column is not headed by a period.", "2017/18 or the like"
            )
        body = range(HEADER_ROW + 1, len(sheet.rows))
        if all(_content(sheet, errors, row, column) in ("", "#N/A") for row in body):
            empty += 1
        else:
            periods[column] = period
    if not periods:
        raise _layout_error(
            sheet, HEADER_ROW, len(AREA_HEADERS), "A sheet has no year with figures.", "years"
        )
    return periods, empty


def _areas(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line of an area and its labels. Raises `LayoutError` where the sheet lacks areas."""
    lines = Counter()
    for row in range(HEADER_ROW + 1, len(sheet.rows)):
        region, stp, code, name, level = (sheet.text(row, column) for column in range(len(AREA_HEADERS)))
        if not any(sheet.text(row, column) for column in range(len(sheet.rows[row]))):
            continue
        if not code or level not in (*AREA_LINES, "CCG"):
            raise _layout_error(sheet, row, 4, "A line is not of a known area.", [*AREA_LINES, "CCG"])
        lines[level] += 1
        yield (
            row,
            {
                "area_code": code,
                "area": name,
                "area_level": level,
                "region_code": region,
                "stp_code": stp,
                "successor_code": _successor(sheet, row, stp) if level == "CCG" else "",
            },
        )
    if any(lines[level] != count for level, count in AREA_LINES.items()) or lines["CCG"] < CURRENT_CCGS:
        raise LayoutError(
            "A hidden sheet does not hold every area.",
            file=sheet.file,
            where=f"sheet {sheet.name!r}",
            expected=AREA_LINES | {"CCG": f"{CURRENT_CCGS} or more"},
            found=dict(lines),
            todo="the file may be cut short: fetch it again; if areas merged, teach "
            "ingest/nhse_mh_dashboard.py",
        )


def _successor(sheet: Sheet, row: int, stp: str) -> str:
    """The CCG that took over from this one: beside the figures, or in place of the STP's code (`Q..`)."""
    return sheet.text(row, SUCCESSOR_COLUMN) or ("" if stp.startswith("Q") else stp)


def read_table(sheet: Sheet, table: Table, errors: Errors) -> tuple[list[dict[str, object]], Counter[str]]:
    """The figures of one hidden sheet, line by line, and what its other cells are."""
    _check_top(sheet, table)
    periods, empty = _period_columns(sheet, errors)
    rows, areas = [], 0
    for row, labels in _areas(sheet):
        areas += 1
        for column, (year, quarter, planned) in periods.items():
            rows.append(
                labels
                | {"year": year, "table": table.name, "category": table.category, "detail": quarter}
                | {"measure": planned + table.measure}
                | _value(sheet, row, column, _content(sheet, errors, row, column), table.unit)
            )
    width = len(sheet.rows[HEADER_ROW])
    return rows, Counter(
        {
            "titles and headers": (HEADER_ROW + 1) * width,
            "empty lines": (len(sheet.rows) - HEADER_ROW - 1 - areas) * width,
            "area labels": areas * len(AREA_HEADERS),
            "years without any figure": areas * empty,
            "columns without a year": areas * (width - len(AREA_HEADERS) - len(periods) - empty),
        }
    )


def read_national(sheet: Sheet) -> tuple[list[dict[str, object]], Counter[str]]:
    """The national totals on the visible sheet, a line for each year."""
    header = sheet.find_row(NATIONAL_CORNER_COLUMN, NATIONAL_CORNER)
    columns = {sheet.find_column(header, text): text for text in NATIONAL_COLUMNS}
    rows, row = [], header + 1
    while match := _NATIONAL_LINE.fullmatch(sheet.text(row, 1)):
        year = f"{match[1]}-{match[2]}"
        rows += [_national(sheet, row, column, category, year) for column, category in columns.items()]
        row += 1
    if not rows or sheet.text(row, 1):
        raise _layout_error(
            sheet,
            row,
            1,
            "The national totals do not end as they should.",
            "a year, after them an empty cell",
        )
    cells = sum(len(line) for line in sheet.rows)
    return rows, Counter({"the dashboard of one area, and notes (out of scope)": cells - len(rows)})


def _national(sheet: Sheet, row: int, column: int, category: str, year: str) -> dict[str, object]:
    """One figure of the national totals; of "177 out of 209" the value is 177, the rest is `detail`."""
    measure, unit = NATIONAL_COLUMNS[category]
    cell = sheet.rows[row][column]
    count = _COUNT.fullmatch(str(cell))
    figure = _value(sheet, row, column, count[1] if count else cell, unit)
    return (
        {
            "year": year,
            "table": NATIONAL_TABLE,
            "area_code": "EN",
            "area": "ENGLAND",
            "area_level": "National",
            "region_code": "",
            "stp_code": "",
            "successor_code": "",
            "category": category,
            "measure": measure,
            "detail": count[2] if count else "",
        }
        | figure
        | {"value_text": cell if count else figure["value_text"]}
    )


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The figures on money of one dashboard. Raises `LayoutError` and `SymbolError` naming the cell."""
    (path, data), *_ = originals.items()
    book = Workbook(path, data)
    sheets = {name: book.sheet(name) for name in (*(table.sheet for table in TABLES), NATIONAL_SHEET)}
    errors = spreadsheet_errors(data, set(sheets))
    rows, furniture = [], Counter()
    for table in TABLES:
        figures, others = read_table(sheets[table.sheet], table, errors)
        rows += figures
        furniture += others
    figures, others = read_national(sheets[NATIONAL_SHEET])
    rows += figures
    furniture += others
    read_cells = sum(len(line) for sheet in sheets.values() for line in sheet.rows)
    for name in book.sheet_names:
        if name not in sheets:
            cells = sum(len(line) for line in book.sheet(name).rows)
            furniture["sheets that are not about money (out of scope)"] += cells
            read_cells += cells
    account = Accounting(path, "cells", read_cells, len(rows), dict(furniture))
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])
