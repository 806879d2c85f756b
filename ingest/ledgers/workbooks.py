"""The sheets of a workbook as rows of text: XLSX, XLS and ODS, by calamine.

Calamine makes room for every cell up to the last one of a sheet, so that one blank cell in the far corner,
which Ctrl+End reveals in many files, would ask for hundreds of gigabytes. Blank cells are taken out before.
"""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from string import ascii_uppercase
from xml.etree import ElementTree

from commissioning.base.errors import LedgerError

UNLOCK = "open it in a spreadsheet with its password, save it without one, and try again"
"""What to do about a workbook behind a password."""

MAX_CELLS = 20_000_000
"""The most cells, blank ones among them, that a sheet may have room for."""
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Marks that turn up in front of numbers and names, and stand for nothing: zero width and direction marks."""


@dataclass
class Sheet:
    """A sheet's rows as text with their numbers, and whether a reader of the workbook sees it."""

    title: str
    rows: list[tuple[int, list[str]]]
    hidden: bool


def read_sheets(data: bytes, name: str, kind: str) -> list[Sheet]:
    """Every sheet of a workbook that holds a cell. Raises `LedgerError` where it cannot be opened."""
    import python_calamine

    if kind == "xlsx":
        data = without_far_corners(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = python_calamine.SheetVisibleEnum.Visible
        sheets = [
            (about.name, about.visible != visible, _rows(book, about.name))
            for about in book.sheets_metadata
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError as error:
        raise LedgerError(
            "The file is a workbook behind a password.",
            file=name,
            found=str(error),
            todo=UNLOCK,
        ) from error
    except Exception as error:
        # Calamine's errors have no common base class.
        raise LedgerError(
            "A workbook cannot be opened.",
            file=name,
            found=str(error),
            todo="open and save it in a spreadsheet",
        ) from error
    return [Sheet(title, rows, hidden) for title, hidden, rows in sheets if any(any(row) for _, row in rows)]


def _rows(book: object, title: str) -> list[tuple[int, list[str]]]:
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    return [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]


def epoch(data: bytes, kind: str) -> int:
    """The year from which a workbook counts its days: 1904 where an old Macintosh saved it, else 1900."""
    if kind != "xlsx":
        return 1900
    about = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml")
    return 1904 if re.search(rb"date1904\s*=\s*[\"'](?:1|true)", about) else 1900


# Far corners

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BLANK = re.compile(rb"<c\b[^>]*?/>|<c\b[^>]*?[^/]>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_PLACE = re.compile(rb"<c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"<row\b[^>]*?\br=[\"'](\d{1,7})[\"'][^>]*>\s*<c\b")
_FAR = re.compile(rb"<c\b[^>]*?\br=[\"'][A-Z]{2,3}\d")


def without_far_corners(data: bytes, name: str, most: int = MAX_CELLS) -> bytes:
    """The workbook without the blank cells of sheets that would have more than `most`. Raises `LedgerError`
    where a cell that holds something stands so far away."""
    book = zipfile.ZipFile(io.BytesIO(data))
    changed: dict[str, bytes] = {}
    for item in book.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", item):
            continue
        sheet = book.read(item)
        if _reach(sheet) > most:
            sheet = re.sub(rb"<dimension\b[^>]*/>", b"", _BLANK.sub(b"", sheet))
            changed[item] = sheet
            if _reach(sheet) > most:
                raise LedgerError(
                    "A sheet has a cell that stands too far away from the others.",
                    file=name,
                    where=f"sheet {_title(book, item)}, cell {_furthest(sheet, most)}",
                    expected=f"at most {most:,} cells up to the last one",
                    todo="delete the cell in a spreadsheet, save, and try again",
                )
    if not changed:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for item in book.namelist():
            copy.writestr(item, changed.get(item) or book.read(item))
    return out.getvalue()


def _reach(sheet: bytes) -> int:
    """How many cells there would be up to the last row and column that a cell names."""
    last = _PLACE.search(sheet, max(sheet.rfind(b"<c "), 0))
    rows = int(last[2]) if last else sheet.count(b"<row")
    # Most programs write rows in their order, and some do not.
    rows = max(rows, max((int(found[1]) for found in _ROW.finditer(sheet)), default=0))
    if not _FAR.search(sheet):
        return rows * len(ascii_uppercase)
    return rows * max(_number(found[1]) for found in _PLACE.finditer(sheet))


def _furthest(sheet: bytes, most: int) -> str:
    """The cell that makes the sheet reach too far: the lowest, or that to the right of all where the rows
    would do within the columns of one letter."""
    places = [(int(found[2]), _number(found[1]), found[1].decode()) for found in _PLACE.finditer(sheet)]
    lowest, rightmost = max(places), max(places, key=lambda place: place[1])
    row, _, letters = lowest if lowest[0] * len(ascii_uppercase) > most else rightmost
    return f"{letters}{row}"


def _title(book: zipfile.ZipFile, part: str) -> str:
    """The name of the sheet that is kept in a part of a workbook; the part where it has none."""
    with suppress(KeyError, ElementTree.ParseError):
        about = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        ids = {one.get("Id") for one in about if part.endswith(one.get("Target", "").lstrip("/"))}
        for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
            if one.get(_RELATION) in ids:
                return one.get("name", part)
    return part


def _number(letters: bytes) -> int:
    """The number of a column: 1 for A, 16,384 for XFD."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def cell_text(cell: object) -> str:
    """A workbook's cell as the text that a CSV of it would hold: dates ISO, whole numbers without `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if hasattr(cell, "isoformat"):
        return (
            cell.isoformat(sep=" ") if hasattr(cell, "hour") and hasattr(cell, "year") else cell.isoformat()
        )
    return INVISIBLE.sub("", str(cell))
