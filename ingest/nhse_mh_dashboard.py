"""NHS mental health dashboard: the sheets on money, by CCG, STP, region and England.

Shape: one row for each area, year (or quarter) and sheet. The figures lie in hidden sheets of one layout,
listed in `layouts/nhse_mh_dashboard.csv`: titles in rows 1 to 9, headers in row 10, then a line an area.
The national totals, with specialised commissioning, are a table on the visible sheet `Dashboard`, for England
only.

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
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet, Workbook, cell_address, layout_table

DIMENSIONS = (
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
KEY = ("year", "table", "area_code", "category", "measure", "detail")

SYMBOLS = {
    "": "not_available",
    "#N/A": "not_available",  # a look-up that found nothing: no figure for the area in that year
    "#REF!": "not_available",  # a formula whose source was deleted
    "N/A": "not_available",  # the publisher's notes: a CCG that reported zero spend
    "*": "suppressed",
}
YES_NO_UNIT = "1 = yes, 0 = no"
YES_NO = {"Y": 1.0, "N": 0.0}


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
    measure: str
    unit: str


TABLES = [Table(**row) for row in layout_table("nhse_mh_dashboard")]
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

Rows = list[dict[str, object]]


def put_errors(book: Workbook, data: bytes, names: Collection[str]) -> None:
    """Write the errors of these sheets, such as `#REF!`, into the cells that hold them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for entry in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
            if entry.get("name") not in names:
                continue
            rows = book.sheet(entry.get("name")).rows
            part = "xl/" + targets[entry.get(_LINK)].removeprefix("/xl/")
            for cell in ElementTree.fromstring(archive.read(part)).iter(f"{_MAIN}c"):
                if cell.get("t") == "e":
                    row, column = cell_address(cell.get("r"))
                    rows[row][column] = cell.findtext(f"{_MAIN}v", "")


def _symbols(unit: str) -> dict[str, str | float]:
    return SYMBOLS | YES_NO if unit == YES_NO_UNIT else SYMBOLS


def _period(text: str) -> tuple[str, str, str] | None:
    """`('2017-18', 'Q2', 'planned ')` of a header, the last two empty where it does not say so."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    return f"{match['start']}-{match['end']}", match["quarter"] or "", "planned " if match["planned"] else ""


def _period_columns(sheet: Sheet) -> tuple[dict[int, tuple[str, str, str]], int]:
    """Columns with a period and at least one figure, and how many have a period but no figure."""
    periods, empty = {}, 0
    for column, heading in enumerate(sheet.texts(HEADER_ROW)):
        if column < len(AREA_HEADERS) or heading in ("", "."):
            continue
        period = _period(heading)
        if period is None:
            what = "A column is not headed by a period."
            raise sheet.wrong(what, at=(HEADER_ROW, column), expected="2017/18 or the like")
        if all(row[column] in ("", "#N/A") for row in sheet.rows[HEADER_ROW + 1 :]):
            empty += 1
        else:
            periods[column] = period
    if not periods:
        raise sheet.wrong("A sheet has no year with figures.", at=HEADER_ROW, expected="years", found="none")
    return periods, empty


def _areas(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line of an area and its labels. Raises `LayoutError` where the sheet lacks areas."""
    lines = Counter()
    for row in range(HEADER_ROW + 1, len(sheet.rows)):
        if not any(sheet.texts(row)):
            continue
        region, stp, code, name, level = sheet.texts(row, len(AREA_HEADERS))
        if not code or level not in (*AREA_LINES, "CCG"):
            expected = [*AREA_LINES, "CCG"]
            raise sheet.wrong("A line is not of a known area.", at=(row, 4), expected=expected)
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
        raise sheet.wrong(
            "A hidden sheet does not hold every area.",
            expected=AREA_LINES | {"CCG": f"{CURRENT_CCGS} or more"},
            found=dict(lines),
        )


def _successor(sheet: Sheet, row: int, stp: str) -> str:
    """The CCG that took over from this one: beside the figures, or in place of the STP's code (`Q..`)."""
    successor = sheet.text(row, SUCCESSOR_COLUMN)
    if successor not in ("", "#N/A"):
        return successor
    return "" if stp.startswith("Q") else stp


def read_table(sheet: Sheet, table: Table, account: Accounting) -> Rows:
    """The figures of one hidden sheet, line by line, its cells accounted for."""
    sheet.expect(TITLE_ROW, 1, table.title)
    sheet.expect(ID_ROW, 1, table.unique_id)
    for column, heading in enumerate(AREA_HEADERS):
        sheet.expect(HEADER_ROW, column, heading)
    periods, empty = _period_columns(sheet)
    symbols = _symbols(table.unit)
    rows, areas = [], 0
    for row, labels in _areas(sheet):
        areas += 1
        labels |= {"table": table.name, "category": table.category, "unit": table.unit}
        for column, (year, quarter, planned) in periods.items():
            of_column = {"year": year, "detail": quarter, "measure": planned + table.measure}
            rows.append(sheet.figure(row, column, symbols, **labels, **of_column))
    width = len(sheet.rows[HEADER_ROW])
    account.loaded += len(rows)
    account.leave("titles and headers", (HEADER_ROW + 1) * width)
    account.leave("empty lines", (len(sheet.rows) - HEADER_ROW - 1 - areas) * width)
    account.leave("area labels", areas * len(AREA_HEADERS))
    account.leave("years without any figure", areas * empty)
    without = width - len(AREA_HEADERS) - len(periods) - empty
    account.leave("columns without a year", areas * without)
    return rows


def read_national(sheet: Sheet, account: Accounting) -> Rows:
    """The national totals on the visible sheet, a line for each year."""
    header = sheet.find_row(NATIONAL_CORNER_COLUMN, NATIONAL_CORNER)
    columns = {sheet.find_column(header, text): text for text in NATIONAL_COLUMNS}
    rows, row = [], header + 1
    while match := _NATIONAL_LINE.fullmatch(sheet.text(row, 1)):
        year = f"{match[1]}-{match[2]}"
        rows += [_national(sheet, row, column, category, year) for column, category in columns.items()]
        row += 1
    if not rows or sheet.text(row, 1):
        expected = "a year, after them an empty cell"
        raise sheet.wrong("The national totals do not end as they should.", at=(row, 1), expected=expected)
    account.loaded += len(rows)
    account.leave("the dashboard of one area, and notes (out of scope)", sheet.size - len(rows))
    return rows


def _national(sheet: Sheet, row: int, column: int, category: str, year: str) -> dict[str, object]:
    """One figure of the national totals; of "177 out of 209" the value is 177, the rest is `detail`."""
    measure, unit = NATIONAL_COLUMNS[category]
    count = _COUNT.fullmatch(str(sheet.rows[row][column]))
    symbols = _symbols(unit) | ({count[0]: float(count[1])} if count else {})
    return sheet.figure(
        row,
        column,
        symbols,
        unit=unit,
        year=year,
        table=NATIONAL_TABLE,
        area_code="EN",
        area="ENGLAND",
        area_level="National",
        category=category,
        measure=measure,
        detail=count[2] if count else "",
    )


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The figures on money of one dashboard. Raises `LayoutError` and `SymbolError` naming the cell."""
    ((path, data),) = originals.items()
    book = Workbook.open(path, data)
    taken = [*(table.sheet for table in TABLES), NATIONAL_SHEET]
    put_errors(book, data, taken)
    account = book.accounting(taken, "sheets that are not about money (out of scope)")
    rows: Rows = []
    for table in TABLES:
        rows += read_table(book.sheet(table.sheet), table, account)
    rows += read_national(book.sheet(NATIONAL_SHEET), account)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
