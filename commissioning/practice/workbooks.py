"""A form's workbook, and what it holds beside the values of its cells: lost answers, and comments."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from commissioning.base.errors import LedgerError, OriginalError, PracticeError

if TYPE_CHECKING:
    from commissioning.ingest.sheets import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


MOST_CELLS = 2_000_000
"""The most cells, blank ones among them, that a sheet of a form may have room for: with 500 responses to 75
elements, the most that a form can have, it has half as many within the columns A to Z."""

MOST_BYTES = 200_000_000
"""The most bytes that the parts of a form's workbook may have."""


def opened(file: Path) -> Workbook:
    from commissioning.ingest.ledgers.workbooks import without_far_corners
    from commissioning.ingest.sheets import Workbook

    try:
        # The reader makes room for every cell up to the last one, wherever that is.
        data = _of_a_form(file)
        data = without_far_corners(data, str(file), MOST_CELLS)
        return Workbook.open(str(file), data)
    except LedgerError as far:
        raise PracticeError(
            far.what, file=file, where=far.where, expected=far.expected, found=far.found, todo=far.todo
        ) from None
    except FileNotFoundError:
        found = "no such file"
    except IsADirectoryError:
        found = "a folder"
    except (OSError, zipfile.BadZipFile, OriginalError) as fault:
        found = getattr(fault, "found", None) or getattr(fault, "strerror", None) or str(fault)
    raise PracticeError(
        "The workbook cannot be opened.",
        file=file,
        found=found,
        todo="name a spreadsheet that was saved as .xlsx; `commissioning assess new --xlsx` makes one",
    )


def _of_a_form(file: Path) -> bytes:
    """The bytes of a workbook that unpacks to no more than a form could be."""
    with zipfile.ZipFile(file) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > MOST_BYTES:
        raise PracticeError(
            "A workbook unpacks to far more than a form could be.",
            file=file,
            expected=f"at most {MOST_BYTES:,} bytes",
            found=f"{size:,} bytes",
            todo="copy the answers into a form that `commissioning assess new --xlsx` makes",
        )
    return file.read_bytes()


def comments(file: Path) -> tuple[str, ...]:
    """A line where cells bear comments: none is read, and each says who wrote it."""
    with zipfile.ZipFile(file) as parts:
        if any(re.match(r"xl/(comments|threadedComments)", name) for name in parts.namelist()):
            return (f"{file}: cells bear comments, which are not read. A comment names who wrote it",)
    return ()


def lost(file: Path, sheet: str) -> Iterator[tuple[int, str, str]]:
    """Row, column in letters, and what is there, of cells that a reader of values takes as empty though
    something was put in: an error, or a formula whose result was not stored."""
    with zipfile.ZipFile(file) as parts, parts.open(_part(parts, sheet)) as stream:
        for _, cell in ElementTree.iterparse(stream):
            if cell.tag != f"{MAIN}c":
                continue
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", "A0")).groups()
            value, formula = cell.findtext(f"{MAIN}v"), cell.findtext(f"{MAIN}f")
            if cell.get("t") == "e":
                yield int(row), column, value or "an error"
            elif formula is not None and not value and cell.get("t") != "str":
                yield int(row), column, f"the formula ={formula}, without a result"


def _part(parts: zipfile.ZipFile, sheet: str) -> str:
    """Where in the file a sheet is kept."""
    book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    name = next(one.get(RELATION) for one in book.iter(f"{MAIN}sheet") if one.get("name") == sheet)
    relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    target = next(one.get("Target") for one in relations if one.get("Id") == name)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
