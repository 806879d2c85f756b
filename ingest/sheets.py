"""Publishers' workbooks and text files, read so that every value keeps its address.

A `Sheet` of a `Workbook` and the `Lines` of a text file answer the same questions in the same words, and
the readers of the datasets are written in these words:

| call                                           | answer                                                |
|------------------------------------------------|-------------------------------------------------------|
| `text(row, column)`                            | the cell, white space folded; empty where there is none |
| `figure(row, column, symbols, year=…, unit=…)` | the cell as a row of the raw table, dimensions given  |
| `find_row`, `find_column`, `header`            | where a label or heading stands                       |
| `expect`, `known`, `match`                     | the cell: must read so, be one of these, fit a pattern |
| `records(row, headings)`                       | the rows under a header, their cells asked for by heading |
| `wrong(what, at=…, expected=…)`                | the `LayoutError`: file, sheet, cell, expected, found |

Rows and columns count from nought. Whatever is not found raises the error of `wrong`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.ingest import raw

At = tuple[int, int] | int | str | None
"""A place in a grid: a cell (row and column), a row, anything in words, or None for the whole."""


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column: 0 is `A`, 26 is `AA`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_address(text: str) -> tuple[int, int]:
    """Row and column of a spreadsheet's address: `C14` is row 13, column 2."""
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(text[len(letters) :]) - 1, column - 1


def folded(text: object) -> str:
    """A text without white space around it, and with single spaces in it."""
    return " ".join(str(text).split())


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def layout_table(name: str) -> list[dict[str, str]]:
    """The rows of `ingest/layouts/<name>.csv`: what a reader knows of its publisher's sheets, as a table."""
    file = Path(__file__).with_name("layouts") / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def wrong_layout(what: str, *, file: str, todo: str | None = None, **more: object) -> LayoutError:
    """The error of a file that its reader does not know; the file's first folder is its dataset."""
    reader = f"ingest/{file.partition('/')[0]}.py" if "/" in file else "its reader"
    usual = f"open the file; if the publisher changed it, teach {reader}; if it was cut short, fetch it again"
    return LayoutError(what, file=file, todo=todo or usual, **more)


class Grid:
    """Rows of cells: what a sheet and a text file have in common."""

    file: str
    rows: list[list[object]]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return sum(map(len, self.rows))

    def filled(self, rows: Sequence[Sequence[object]] | None = None) -> int:
        """How many cells are not blank, in all rows or in these."""
        return sum(not is_blank(cell) for row in (self.rows if rows is None else rows) for cell in row)

    def text(self, row: int, column: int) -> str:
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return ""
        cell = self.rows[row][column]
        return folded(cell) if cell is not None else ""

    def texts(self, row: int, count: int | None = None) -> list[str]:
        """The first `count` cells of a row, or all of it."""
        width = len(self.rows[row]) if row < len(self.rows) else 0
        return [self.text(row, column) for column in range(width if count is None else count)]

    # Addresses and figures

    def locator(self, row: int, column: int) -> str:
        """A cell's address, as `source_locator` gives it."""
        raise NotImplementedError

    def _where(self, at: At) -> str | None:
        raise NotImplementedError

    def place(self, row: int, column: int) -> dict[str, object]:
        """The columns of the raw table that say where a figure was read."""
        return {"source_file": self.file, "source_locator": self.locator(row, column)}

    def figure(
        self, row: int, column: int, symbols: Mapping[str, str | float] = raw.NO_SYMBOLS, **columns: object
    ) -> dict[str, object]:
        """A cell as a row of the raw table; `columns` are its dimensions and unit. Raises `SymbolError`."""
        where = self.locator(row, column)
        text, value, symbol = raw.parse_value(self.rows[row][column], symbols, file=self.file, where=where)
        return columns | {
            "value_text": text,
            "value": value,
            "value_symbol": symbol,
            "source_file": self.file,
            "source_locator": where,
        }

    # What must be there

    def wrong(self, what: str, *, at: At = None, found: object = None, **more: object) -> LayoutError:
        """The error to raise, with what was `expected` and, if it is not the usual, what `todo`.

        `found` is the cell's text where `at` is a cell and nothing else is given.
        """
        if found is None and isinstance(at, tuple):
            found = repr(self.text(*at))
        return wrong_layout(what, file=self.file, where=self._where(at), found=found, **more)

    def expect(self, row: int, column: int, text: str) -> None:
        if self.text(row, column) != text:
            raise self.wrong("A cell is not what its place says.", at=(row, column), expected=repr(text))

    def known(self, row: int, column: int, meanings: Collection[str]) -> str:
        """What a cell's text stands for in a mapping; the text itself where the known ones are a list."""
        text = self.text(row, column)
        if text not in meanings:
            raise self.wrong("A label is not known.", at=(row, column), expected=f"one of {sorted(meanings)}")
        return meanings[text] if isinstance(meanings, Mapping) else text

    def match(self, row: int, column: int, pattern: str | re.Pattern[str], expected: str) -> re.Match[str]:
        """The whole cell matched by a pattern, which `expected` tells in words."""
        found = re.fullmatch(pattern, self.text(row, column))
        if found is None:
            raise self.wrong(
                "A cell is not written as its reader knows it.", at=(row, column), expected=expected
            )
        return found

    def find_row(self, column: int, text: str, *, start: int = 0) -> int:
        """The first row from `start` on whose cell in `column` reads `text` (case and spacing ignored)."""
        wanted = folded(text).casefold()
        for row in range(start, len(self.rows)):
            if self.text(row, column).casefold() == wanted:
                return row
        raise self.wrong(
            "A row that the reader relies on is not there.",
            at=f"column {column_letters(column)}",
            expected=repr(text),
            found=f"{len(self.rows)} rows without it",
        )

    def find_column(self, row: int, text: str) -> int:
        """The only column whose cell in `row` reads `text` (case and spacing ignored)."""
        wanted = folded(text).casefold()
        hits = [column for column, found in enumerate(self.texts(row)) if found.casefold() == wanted]
        if len(hits) == 1:
            return hits[0]
        raise self.wrong(
            "A heading that the reader relies on is not there once.",
            at=row,
            expected=f"exactly one column headed {text!r}",
            found=f"{len(hits)}; row: {self.texts(row)[:30]}",
        )

    def header(self, row: int, headings: Sequence[str], *, only: bool = False) -> dict[str, int]:
        """The column of each heading, which must be there once; others may be there too, unless `only`."""
        found = self.texts(row)
        missing = [heading for heading in headings if found.count(heading) != 1]
        if missing:
            raise self.wrong(
                "Columns that the reader relies on are not there once each.",
                at=row if row < len(self.rows) else "end of file",
                expected=missing,
                found=found[:30],
            )
        if only and len(found) > len(headings):
            raise self.wrong(
                "There are columns that nobody has seen.",
                at=row,
                expected=f"no more than {list(headings)}",
                found=sorted(set(found) - set(headings)),
            )
        return {heading: found.index(heading) for heading in headings}

    def records(
        self, row: int, headings: Sequence[str], *, end: int | None = None, only: bool = False
    ) -> Iterator[Record]:
        """The rows under the header in `row`, up to `end`, their cells by heading."""
        columns = self.header(row, headings, only=only)
        for below in range(row + 1, len(self.rows) if end is None else end):
            yield Record(self, below, columns)


@dataclass(frozen=True)
class Record:
    """A row under a header. `record["Age band"]` is its text in that column; the rest is as in `Grid`."""

    grid: Grid
    row: int
    columns: Mapping[str, int]

    def __getitem__(self, heading: str) -> str:
        return self.grid.text(self.row, self.columns[heading])

    def cell(self, heading: str) -> object:
        """The cell as it stands in the file."""
        return self.grid.rows[self.row][self.columns[heading]]

    def figure(
        self, heading: str, symbols: Mapping[str, str | float] = raw.NO_SYMBOLS, **columns: object
    ) -> dict[str, object]:
        return self.grid.figure(self.row, self.columns[heading], symbols, **columns)

    def place(self, heading: str) -> dict[str, object]:
        return self.grid.place(self.row, self.columns[heading])

    def wrong(self, what: str, *, at: str, **more: object) -> LayoutError:
        return self.grid.wrong(what, at=(self.row, self.columns[at]), **more)

    def known(self, heading: str, meanings: Collection[str]) -> str:
        return self.grid.known(self.row, self.columns[heading], meanings)

    def match(self, heading: str, pattern: str | re.Pattern[str], expected: str) -> re.Match[str]:
        return self.grid.match(self.row, self.columns[heading], pattern, expected)


@dataclass
class Sheet(Grid):
    """One sheet, every row as long as the widest; `rows[0]` is the sheet's row 1, `rows[r][0]` column A."""

    file: str
    name: str
    rows: list[list[object]]

    def locator(self, row: int, column: int) -> str:
        """`Sheet!C14`."""
        return f"{self.name}!{column_letters(column)}{row + 1}"

    def _where(self, at: At) -> str:
        if isinstance(at, tuple):
            return self.locator(*at)
        sheet = f"sheet {self.name!r}"
        return sheet if at is None else f"{sheet}, row {at + 1}" if isinstance(at, int) else f"{sheet}, {at}"


@dataclass
class Workbook:
    """A publisher's workbook, its sheets by name. `file` is its path in the catalogue."""

    file: str
    sheets: dict[str, Sheet]

    @classmethod
    def open(cls, file: str, data: bytes) -> Workbook:
        """Read an .xls, .xlsx, .xlsm or .ods. Raises `OriginalError` where it is none."""
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            rows = {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in book.sheet_names
            }
        except (CalamineError, OSError) as error:
            raise OriginalError(
                "A workbook cannot be opened.", file=file, found=str(error), todo="fetch the original again"
            ) from error
        return cls.of(file, rows)

    @classmethod
    def of(cls, file: str, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Workbook:
        """A workbook of these rows by sheet name; every row is made as long as the widest."""
        book = cls(file, {})
        for name, rows in sheets.items():
            width = max((len(row) for row in rows), default=0)
            book.sheets[name] = Sheet(file, name, [[*row, *[""] * (width - len(row))] for row in rows])
        return book

    def sheet(self, name: str) -> Sheet:
        """The sheet called exactly `name`."""
        if name not in self.sheets:
            raise wrong_layout(
                "A sheet that the reader relies on is not there.",
                file=self.file,
                expected=repr(name),
                found=list(self.sheets),
            )
        return self.sheets[name]

    def check_names(self, names: Collection[str]) -> None:
        """Raise where the workbook has not exactly these sheets."""
        missing, unknown = sorted(set(names) - set(self.sheets)), sorted(set(self.sheets) - set(names))
        if missing or unknown:
            raise wrong_layout(
                "A workbook's sheets are not those that its reader knows.",
                file=self.file,
                expected=f"also {missing}" if missing else "no more",
                found=f"unknown {unknown}" if unknown else "too few",
            )

    def accounting(self, taken: Collection[str], why_not: str) -> raw.Accounting:
        """An account of all cells; those of sheets that are not `taken` are left out, `why_not` says why."""
        account = raw.Accounting(self.file, "cells", read=sum(sheet.size for sheet in self.sheets.values()))
        for name, sheet in self.sheets.items():
            if name not in taken:
                account.leave(why_not, sheet.size)
        return account


@dataclass
class Lines(Grid):
    """A delimited text file. `rows[i]` are the fields of the record that starts on line `line_numbers[i]`.

    `headings` name the columns in addresses; `header` and `records` set them.
    """

    file: str
    rows: list[list[str]]
    line_numbers: list[int]
    headings: Sequence[str] | Mapping[int, str] = field(default_factory=list)

    @classmethod
    def read(cls, file: str, data: bytes, *, encoding: str = "utf-8-sig") -> Lines:
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
        reader = csv.reader(io.StringIO(text, newline=""))
        rows, numbers, last = [], [], 0
        for row in reader:
            rows.append(row)
            numbers.append(last + 1)
            last = reader.line_num
        return cls(file, rows, numbers)

    def locator(self, row: int, column: int) -> str:
        """`line 231, column "NAME"`."""
        return f'line {self.line_numbers[row]}, column "{self.headings[column]}"'

    def _where(self, at: At) -> str | None:
        if isinstance(at, tuple):
            return self.locator(*at)
        return f"line {self.line_numbers[at]}" if isinstance(at, int) else at

    def header(self, row: int, headings: Sequence[str], *, only: bool = False) -> dict[str, int]:
        columns = super().header(row, headings, only=only)
        self.headings = self.texts(row)
        return columns

    def check_width(self, rows: Iterable[int]) -> None:
        """Raise `OriginalError` where one of these records has not a field for each heading."""
        for row in rows:
            if len(self.rows[row]) != len(self.headings):
                raise OriginalError(
                    "A line has not as many fields as the header.",
                    file=self.file,
                    where=f"line {self.line_numbers[row]}",
                    expected=f"{len(self.headings)} fields",
                    found=f"{len(self.rows[row])} fields",
                    todo="the file looks truncated or altered: fetch the original again",
                )

    def records(
        self, row: int, headings: Sequence[str], *, end: int | None = None, only: bool = False
    ) -> Iterator[Record]:
        columns = self.header(row, headings, only=only)
        self.check_width(range(row + 1, len(self.rows) if end is None else end))
        for below in range(row + 1, len(self.rows) if end is None else end):
            yield Record(self, below, columns)

    def accounting(self, loaded: int, furniture: Mapping[str, int] | None = None) -> raw.Accounting:
        """An account of all lines; where nothing else is given, one of them is the header."""
        furniture = {"header": 1} if furniture is None else dict(furniture)
        return raw.Accounting(self.file, "lines", len(self.rows), loaded, furniture)
