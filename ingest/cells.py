"""Reading workbooks and text files so that every value keeps its address.

`Sheet` and `Lines` are thin: they know where a cell is and how to complain about it, nothing else.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from commissioning.base.errors import LayoutError, OriginalError


def column_letters(index: int) -> str:
    """Spreadsheet letters of a zero-based column: 0 is `A`, 26 is `AA`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class Sheet:
    """One sheet, every row as long as the widest; `rows[0]` is the sheet's row 1, `rows[r][0]` column A."""

    file: str
    name: str
    rows: list[list[object]]

    def locator(self, row: int, column: int) -> str:
        """`Sheet!C14` for zero-based row and column."""
        return f"{self.name}!{column_letters(column)}{row + 1}"

    def text(self, row: int, column: int) -> str:
        """The cell as text, white space folded; empty where there is no cell."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return ""
        cell = self.rows[row][column]
        return " ".join(str(cell).split()) if cell is not None else ""

    def find_row(self, column: int, text: str, *, start: int = 0) -> int:
        """The first row at or after `start` whose cell in `column` reads `text` (case and spacing ignored).

        Raises `LayoutError` where there is none.
        """
        wanted = " ".join(text.split()).casefold()
        for row in range(start, len(self.rows)):
            if self.text(row, column).casefold() == wanted:
                return row
        raise LayoutError(
            "A row that the reader relies on is not there.",
            file=self.file,
            where=f"sheet {self.name!r}, column {column_letters(column)}",
            expected=repr(text),
            found=f"{len(self.rows)} rows without it",
            todo="open the sheet; if the publisher renamed or moved the row, teach the dataset's module",
        )

    def find_column(self, row: int, text: str) -> int:
        """The only column whose cell in `row` reads `text` (case and spacing ignored), else `LayoutError`."""
        wanted = " ".join(text.split()).casefold()
        hits = [c for c in range(len(self.rows[row])) if self.text(row, c).casefold() == wanted]
        if len(hits) == 1:
            return hits[0]
        raise LayoutError(
            "A header that the reader relies on is not there once.",
            file=self.file,
            where=f"sheet {self.name!r}, row {row + 1}",
            expected=f"exactly one column headed {text!r}",
            found=f"{len(hits)}; row: {[self.text(row, c) for c in range(len(self.rows[row]))][:30]}",
            todo="open the sheet; if the publisher renamed or moved the column, teach the dataset's module",
        )


class Workbook:
    """A publisher's workbook (.xls, .xlsx, .xlsm, .ods). `file` is its path in the catalogue."""

    def __init__(self, file: str, data: bytes):
        self.file = file
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        except (CalamineError, OSError) as error:
            raise OriginalError(
                "A workbook cannot be opened.", file=file, found=str(error), todo="fetch the original again"
            ) from error
        self.sheet_names: list[str] = self._book.sheet_names

    def sheet(self, name: str) -> Sheet:
        """The sheet called exactly `name`. Raises `LayoutError` where there is none."""
        if name not in self.sheet_names:
            raise LayoutError(
                "A sheet that the reader relies on is not there.",
                file=self.file,
                expected=repr(name),
                found=self.sheet_names,
                todo="open the workbook; if the publisher renamed the sheet, teach the dataset's module",
            )
        rows = self._book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        width = max((len(row) for row in rows), default=0)
        return Sheet(self.file, name, [row + [""] * (width - len(row)) for row in rows])


@dataclass
class Lines:
    """A delimited text file. `rows[i]` are the fields of the record that starts on line `line_numbers[i]`."""

    file: str
    rows: list[list[str]]
    line_numbers: list[int]

    @classmethod
    def read(cls, file: str, data: bytes, *, encoding: str, delimiter: str = ",") -> Lines:
        """Read a whole CSV. Raises `OriginalError` where its bytes are not in `encoding`."""
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise OriginalError(
                "A text file is not in the encoding its edition is known for.",
                file=file,
                where=f"byte {error.start}",
                expected=encoding,
                found=repr(data[error.start : error.start + 8]),
                todo="check that the original is the publisher's and not re-saved by another program",
            ) from error
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows, numbers, last = [], [], 0
        for row in reader:
            rows.append(row)
            numbers.append(last + 1)
            last = reader.line_num
        return cls(file, rows, numbers)

    def locator(self, index: int, column: str) -> str:
        """`line 231, column "NAME"` for a zero-based record and a column's header."""
        return f'line {self.line_numbers[index]}, column "{column}"'

    def header(self, index: int, expected: list[str]) -> dict[str, int]:
        """Positions of the `expected` headers in record `index`; others may be there. Else `LayoutError`."""
        found = [" ".join(cell.split()) for cell in self.rows[index]] if index < len(self.rows) else []
        missing = [name for name in expected if found.count(name) != 1]
        if missing:
            raise LayoutError(
                "Columns that the reader relies on are not there once each.",
                file=self.file,
                where=f"line {self.line_numbers[index]}" if index < len(self.rows) else "end of file",
                expected=missing,
                found=found[:30],
                todo="open the file; if the publisher renamed or moved columns, teach the dataset's module",
            )
        return {name: found.index(name) for name in expected}
