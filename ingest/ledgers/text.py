"""From the bytes of a file to a table of text cells: container, encoding, line ends, delimiter, records.

Regular files go through Polars, which is strict about quotes and ragged lines. A file that it refuses, or
whose records are not one a line, goes through a slower reader that gives each record its own line number
and treats a quote that is never closed as a letter.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from commissioning.base.counting import counted
from commissioning.base.errors import LedgerError
from commissioning.ingest.ledgers import records, workbooks

MAX_BYTES = 2_000_000_000
"""No ledger file comes near this size; a compressed file that unpacks to more is not opened."""
MAX_RATIO = 200
"""Workbooks and gzipped CSVs of ledgers pack 5 to 30 times; more than this is a zip bomb."""
MAX_CELL = 32_767
"""The most characters that a cell of a spreadsheet can hold; a longer one is damage, not a payment."""
BLOCK = 1 << 17
RETURN, FEED = b"\r\n"
HEAD = 60
"""The first lines, among which the header is."""
WORKBOOKS = {"xlsx", "xls", "ods"}


@dataclass
class TextTable:
    """One table of text cells as it lies in the file, before anything is known of its meaning.

    `head` are the first rows as lists of cells; `read_rows` gives the rest. A text has `ends` lines, and is
    `regular` where no cell seen so far runs over one.
    """

    name: str
    head: list[list[str]]
    width: int
    encoding: str
    delimiter: str | None
    line_ends: str
    oddities: list[str] = field(default_factory=list)
    text: bytes | None = None
    ends: int = 0
    regular: bool = False
    rows: list[tuple[int, list[str]]] | None = None
    run_over: int = 0
    hidden: bool = False
    epoch: int = 1900

    @property
    def layout(self) -> tuple[str | None, int]:
        """Sheets of one layout can be read as one."""
        return self.delimiter, self.width

    def height(self) -> int:
        """How many records the sheet was found to hold; to be asked after `read_rows`."""
        return self.ends if self.rows is None else len(self.rows)

    def physical_lines(self) -> int:
        """How many lines the text has, or rows the sheet; to be asked after `read_rows`."""
        return len(self.lines) if self.text is not None and self.rows is not None else self.height()

    def line_of(self, place: int) -> int:
        """The line on which the record of this place starts; to be asked after `read_rows`."""
        return place + 1 if self.rows is None else self.rows[place][0]

    @cached_property
    def lines(self) -> list[str]:
        """The text split at its line ends, the empty piece after the last one left out."""
        lines = _split(self.text)
        return lines[:-1] if lines[-1] == "" else lines

    def cells(self, line: int) -> list[str]:
        """The cells of the record that starts on this line."""
        if self.rows is None:
            return records.irregular([self.lines[line - 1]], self.delimiter).rows[0][1]
        return self._row_by_line[line]

    def is_blank(self, line: int) -> bool:
        """Whether the record that starts on this line holds no letter or digit in any cell."""
        if self.rows is None:
            return not self._raw_lines[line - 1].strip(self.delimiter.encode() + b'" \t\r\xc2\xa0')
        return not any(cell and cell.strip() for cell in self._row_by_line[line])

    @cached_property
    def _raw_lines(self) -> list[bytes]:
        return self.text.split(b"\n")

    @cached_property
    def _row_by_line(self) -> dict[int, list[str]]:
        return dict(self.rows)


NOTHING = r"(?i)^\W*$|^\s*(?:#|null\b|n/?a\b|nan\b|none\b)"
"""A cell that says nothing: signs alone, a spreadsheet's error, a word for none."""


def read_rows(
    sheets: Sequence[TextTable], skip: int, columns: Mapping[int, pl.DataType], beyond: int
) -> pl.DataFrame:
    """The records of sheets of one layout, one sheet after the other, without the first `skip` of each.

    Columns: `sheet` (place in `sheets`), `line` (1-based line or row where the record starts), `wide`
    (whether a cell from the place `beyond` on says anything), and `c0`, `c1` and so on for `columns`, String
    or Categorical as these say; a cell that is not there is null.
    """
    kinds = dict(columns) | {place: pl.String() for place in range(beyond, sheets[0].width)}
    table = _all_rows(sheets, skip, kinds, beyond)
    further = [f"c{place}" for place in range(beyond, sheets[0].width)]
    wide = [~pl.col(name).str.contains(NOTHING) for name in further] + [pl.col("wide")]
    return table.with_columns(pl.any_horizontal(*wide).fill_null(False).alias("wide")).drop(further)


def _all_rows(
    sheets: Sequence[TextTable], skip: int, columns: Mapping[int, pl.DataType], beyond: int
) -> pl.DataFrame:
    table = _regular_rows(sheets, skip, columns)
    if table is not None:
        return table
    # At least one is not regular: each by itself, so that the others stay quick.
    parts = []
    for place, sheet in enumerate(sheets):
        part = _regular_rows([sheet], skip, columns) if len(sheets) > 1 else None
        if part is None:
            part = _rows_one_by_one(sheet, skip, columns, beyond)
        parts.append(part.with_columns(pl.lit(place, pl.UInt32).alias("sheet")))
    return pl.concat(parts)


def _regular_rows(
    sheets: Sequence[TextTable], skip: int, columns: Mapping[int, pl.DataType]
) -> pl.DataFrame | None:
    """The records by Polars; None where a sheet is not regular: a quoted cell that runs over a line end, an
    unclosed quote, a line of other width."""
    if not all(sheet.regular and sheet.rows is None for sheet in sheets):
        return None
    heights = [max(0, sheet.ends - skip) for sheet in sheets]
    if not sum(heights):
        return None
    try:
        table = pl.read_csv(
            b"".join(piece for sheet in sheets for piece in _below(sheet, skip)),
            has_header=False,
            infer_schema=False,
            separator=sheets[0].delimiter,
            columns=sorted(columns),
            schema={f"c{i}": columns.get(i, pl.String) for i in range(sheets[0].width)},
        )
    except pl.exceptions.PolarsError:
        return None
    # Records that run over a line end make fewer rows, never more.
    if table.height != sum(heights):
        return None
    places = np.repeat(np.arange(len(sheets), dtype=np.uint32), heights)
    lines = np.concatenate([np.arange(skip + 1, skip + 1 + height, dtype=np.uint32) for height in heights])
    return table.select(
        pl.Series("sheet", places), pl.Series("line", lines), pl.lit(False).alias("wide"), pl.all()
    )


def _below(sheet: TextTable, skip: int) -> Iterator[bytes | memoryview]:
    """The text below its first `skip` lines, closed by a line end. Not copied: a ledger is all text."""
    start = len(codecs.BOM_UTF8) if sheet.text.startswith(codecs.BOM_UTF8) else 0
    for _ in range(min(skip, sheet.ends)):
        start = sheet.text.find(b"\n", start) + 1 or len(sheet.text)
    if start < len(sheet.text):
        yield memoryview(sheet.text)[start:]
        yield b"" if sheet.text.endswith(b"\n") else b"\n"


def _rows_one_by_one(
    sheet: TextTable, skip: int, columns: Mapping[int, pl.DataType], beyond: int
) -> pl.DataFrame:
    if sheet.rows is None:
        shape = records.shape_of(_sample(sheet.text), sheet.delimiter)
        found = records.irregular(sheet.lines, sheet.delimiter, shape)
        sheet.rows, sheet.run_over = found.rows, found.lines - len(found.rows)
        if found.unclosed:
            sheet.oddities.append(f"{counted(found.unclosed, 'line')} with a quote that is never closed")
    rows = sheet.rows[skip:]
    return pl.DataFrame(
        [
            pl.Series("sheet", [0] * len(rows), dtype=pl.UInt32),
            pl.Series("line", [line for line, _ in rows], dtype=pl.UInt32),
            pl.Series("wide", [any(map(_says, row[beyond:])) for _, row in rows], dtype=pl.Boolean),
            *(
                pl.Series(f"c{i}", [row[i] if i < len(row) else None for _, row in rows], dtype=kind)
                for i, kind in sorted(columns.items())
            ),
        ]
    )


def _says(cell: str) -> bool:
    return not re.search(NOTHING, cell)


def _complaint(what: str, name: str, **facts: object) -> LedgerError:
    return LedgerError(what, file=name, **facts)


def unpack(data: bytes, name: str) -> bytes:
    """The bytes of a gzipped file, or the bytes themselves. Refuses a file that unpacks beyond reason."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    limit = min(MAX_BYTES, max(1_000_000, len(data) * MAX_RATIO))
    try:
        # One member, as nearly every file has, in one go; `gzip` takes three times as long.
        inflate = zlib.decompressobj(wbits=31)
        plain = inflate.decompress(data, limit + 1)
        if inflate.unused_data or (not inflate.eof and len(plain) <= limit):
            with gzip.open(io.BytesIO(data)) as stream:
                plain = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _complaint(
            "A gzipped file is truncated or damaged.", name, found=str(error), todo="copy it again"
        ) from error
    if len(plain) > limit:
        raise _complaint(
            "A compressed file unpacks to far more than a ledger could be.",
            name,
            expected=f"at most {limit:,} bytes from {len(data):,}",
            found="more",
            todo="do not open it; ask the publisher for the file",
        )
    return plain


def open_sheets(data: bytes, name: str) -> list[TextTable]:
    """Every table in a file: one for a text file, one a sheet for a workbook.

    Raises `LedgerError` for what is not a table at all (HTML, PDF, an empty file, a zip bomb).
    """
    data = unpack(data, name)
    if not re.search(rb"[^\x00 \t\r\n\xef\xbb\xbf\xff\xfe]", data):
        raise _complaint("The file is empty.", name, todo="copy or fetch it again")
    kind = container(data)
    if kind in WORKBOOKS:
        return list(_workbook(data, name, kind))
    if kind is not None:
        raise _complaint(
            f"The file is {kind}, whatever its name says.",
            name,
            expected="CSV, TSV, XLSX, XLS or ODS",
            found=repr(data[:60]),
            todo=WHAT_TO_DO.get(
                kind,
                "open the publisher's page and save the data itself; a table in a page or a document has to "
                "be exported to CSV by hand",
            ),
        )
    return [_text_file(data, name)]


LOCKED = "a workbook behind a password"
WHAT_TO_DO = {
    "a zip archive": "unpack it, and name the files in it one by one",
    LOCKED: workbooks.UNLOCK,
}


def container(data: bytes) -> str | None:
    """What kind of file the bytes are: a workbook's kind, 'an HTML page' and the like, None for text."""
    if data.startswith(b"PK\x03\x04"):
        try:
            names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
        except zipfile.BadZipFile:
            return "a damaged zip archive"
        if "xl/workbook.xml" in names:
            return "xlsx"
        return "ods" if "content.xml" in names else "a zip archive"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # A locked XLSX lies in the container of an old XLS, in a stream of this name.
        return LOCKED if "EncryptedPackage".encode("utf-16-le") in data else "xls"
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head")):
        return "an HTML page"
    if start.startswith((b"<?xml", b"<workbook")):
        return "an XML document"
    if start.startswith(b"%pdf"):
        return "a PDF document"
    if start.startswith((b"{\\rtf", b"{", b"[{")):
        return "not a table (JSON or rich text)"
    return None


# Text


def to_utf8(data: bytes) -> tuple[bytes, str, list[str]]:
    """The text of a file in UTF-8, the encoding it had, and what is odd about it.

    A mark in front of ASCII stays there, because to cut it off is to copy the whole; `_split` and `_below`
    leave it out.

    A byte order mark decides; then NUL bytes at every second place (UTF-16); then UTF-8 where the whole file
    is valid; else one byte a letter: code page 437 where pounds are 0x9C and none is 0xA3, cp1252 otherwise.
    A file that is UTF-8 in some lines and cp1252 in others is read letter by letter as what it is.
    """
    if data.startswith(codecs.BOM_UTF8):
        letters = np.frombuffer(data, dtype=np.uint8, offset=len(codecs.BOM_UTF8))
        if letters.min(initial=1) > 0 and letters.max(initial=0) < 128:
            return data, "ascii with BOM", []
        text, found, oddities = to_utf8(data[len(codecs.BOM_UTF8) :])
        return text, f"{found} with BOM", oddities
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode(), f"{encoding} with BOM", []
    oddities: list[str] = []
    sample = data[:4000]
    if b"\x00" in sample:
        for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
            if zeros.count(0) > 0.7 * len(zeros):
                return data.decode(encoding, "replace").encode(), f"{encoding} without BOM", oddities
    if b"\x00" in data:
        oddities.append(f"{counted(data.count(0), 'NUL byte')} removed")
        data = data.replace(b"\x00", b"")
    if data.isascii():
        return data, "ascii", oddities
    try:
        data.decode("utf-8")
        return data, "utf-8", oddities
    except UnicodeDecodeError:
        pass
    if re.search(rb"[\xc2-\xf4][\x80-\xbf]", data) and _mostly_utf8(data):
        oddities.append("UTF-8 in places and cp1252 in others")
        return data.decode("utf-8", "cp1252_letter").encode(), "utf-8 mixed with cp1252", oddities
    if b"\xa3" not in data and re.search(rb"\x9c(?=[\d)\-\s,\"]|$)", data):
        return data.decode("cp437").encode(), "cp437", oddities
    return data.decode("cp1252", "latin1_letter").encode(), "cp1252", oddities


def _mostly_utf8(data: bytes) -> bool:
    """Whether the accented letters of the file are UTF-8 pairs more often than single bytes."""
    pairs = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}", data))
    single = len(re.findall(rb"(?<![\xc2-\xf4\x80-\xbf])[\x80-\xff](?![\x80-\xbf])", data))
    return pairs >= max(1, single)


def _letter(encoding: str):
    def handler(error: UnicodeDecodeError) -> tuple[str, int]:
        piece = error.object[error.start : error.end]
        try:
            return piece.decode(encoding), error.end
        except UnicodeDecodeError:
            return piece.decode("latin-1"), error.end

    return handler


codecs.register_error("cp1252_letter", _letter("cp1252"))
codecs.register_error("latin1_letter", _letter("latin-1"))

ASCII = bytes(range(128))


def _text_file(data: bytes, name: str) -> TextTable:
    text, encoding, oddities = to_utf8(data)
    # Searched among the letters that are not ASCII, which are few.
    if not encoding.startswith("ascii") and workbooks.INVISIBLE.search(
        text.translate(None, ASCII).decode("utf-8")
    ):
        oddities.append("invisible marks removed")
        text = workbooks.INVISIBLE.sub("", text.decode("utf-8")).encode("utf-8")
    line_ends, ends = _line_ends(text)
    if line_ends == "CR":
        text = text.replace(b"\r", b"\n")
    sample = _sample(text)
    separator, delimiter = _separator_line(sample)
    delimiter = delimiter or records.sniff_delimiter(sample)
    rows = records.irregular(sample, delimiter).rows
    width = max(len(row) for _, row in rows)
    head = [(line, row) for line, row in rows if line <= HEAD]
    sheet = TextTable(
        name=name,
        head=[row for _, row in head],
        width=width,
        encoding=encoding,
        delimiter=delimiter,
        line_ends=line_ends,
        oddities=oddities,
        text=text,
        ends=ends + (not text.endswith(b"\n")),
        regular=line_ends != "mixed"
        and width > 1
        and [line for line, _ in head] == [*range(1, len(head) + 1)],
    )
    if separator:
        oddities.append("a first line that names the delimiter")
    return sheet


def _line_ends(text: bytes) -> tuple[str, int]:
    """The kind of line ends, and how many there are."""
    letters = np.frombuffer(text, dtype=np.uint8)
    returns = feeds = together = 0
    # In pieces that stay in the processor's cache; the first letter of the next piece belongs to a pair.
    for start in range(0, len(letters), BLOCK):
        piece = letters[start : start + BLOCK + 1]
        feeds += int(np.count_nonzero(piece[:BLOCK] == FEED))
        ends = np.flatnonzero(piece[:BLOCK] == RETURN)
        returns += len(ends)
        together += int(np.count_nonzero(piece[np.minimum(ends + 1, len(piece) - 1)] == FEED))
    if not returns:
        return "LF", feeds
    if not feeds:
        return "CR", returns
    if together < returns:
        return "mixed", feeds
    return ("CRLF" if together == feeds else "LF and CRLF"), feeds


def _split(text: bytes) -> list[str]:
    # Three times as quick as a regular expression for the three line ends.
    letters = text.removeprefix(codecs.BOM_UTF8).decode("utf-8", "ignore")
    return letters.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _sample(text: bytes) -> list[str]:
    """Lines from the start, the middle and the end of the text; all of a short one."""
    if len(text) < 100_000:
        return _split(text.rstrip(b"\r\n"))
    pieces = []
    for start in (0, len(text) // 2, len(text) - 20_000):
        found = _split(text[start : start + 20_000])
        pieces += found[:HEAD] if start == 0 else found[1:-1][: HEAD // 2]
    return pieces


def _separator_line(sample: list[str]) -> tuple[bool, str | None]:
    found = re.fullmatch(r'"?sep=(.)"?', sample[0].strip()) if sample else None
    return (True, found.group(1)) if found else (False, None)


# Workbooks


def _workbook(data: bytes, name: str, kind: str) -> Iterator[TextTable]:
    if kind != "xls":
        size = sum(item.file_size for item in zipfile.ZipFile(io.BytesIO(data)).infolist())
        if size > min(MAX_BYTES, max(20_000_000, len(data) * MAX_RATIO)):
            raise _complaint(
                "A workbook unpacks to far more than a ledger could be.",
                name,
                expected=f"at most {MAX_RATIO} times its {len(data):,} bytes",
                found=f"{size:,} bytes",
                todo="do not open it; ask the publisher for the file",
            )
    sheets = workbooks.read_sheets(data, name, kind)
    epoch = workbooks.epoch(data, kind)
    for sheet in sheets:
        yield TextTable(
            name=f"{name}!{sheet.title}" if len(sheets) > 1 else name,
            head=[row for _, row in sheet.rows[:HEAD]],
            width=max(len(row) for _, row in sheet.rows),
            encoding=kind,
            delimiter=None,
            line_ends="rows",
            rows=sheet.rows,
            hidden=sheet.hidden,
            epoch=epoch,
        )
