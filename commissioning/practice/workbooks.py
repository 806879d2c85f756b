"""A form's workbook, and what it holds beside the values of its cells: lost answers, and comments."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from commissioning.base.errors import OriginalError, PracticeError

if TYPE_CHECKING:
    from commissioning.ingest.sheets import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def opened(file: Path) -> Workbook:
    from commissioning.ingest.sheets import Workbook

    try:
        return Workbook.open(str(file), file.read_bytes())
    except FileNotFoundError:
        found = "no such file"
    except IsADirectoryError:
        found = "a folder"
    except (OSError, OriginalError) as fault:
        found = getattr(fault, "found", None) or getattr(fault, "strerror", None) or str(fault)
    raise PracticeError(
        "The workbook cannot be opened.",
        file=file,
        found=found,
        todo="name a spreadsheet that was saved as .xlsx; `commissioning assess new --xlsx` makes one",
    )


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
