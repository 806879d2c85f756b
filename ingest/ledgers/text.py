"""From the bytes of a file to a table of text cells: container, encoding, line ends, delimiter, records.

Regular files go through Polars, which is strict about quotes and ragged lines. A file that it refuses, or
whose records are not one a line, goes through a slower reader that gives each record its own line number
and treats a quote that is never closed as a letter.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from commissioning.errors import LedgerError

MAX_BYTES = 2_000_000_000
"""No ledger file comes near this size; a compressed file that unpacks to more is not opened."""
MAX_RATIO = 200
"""Workbooks and gzipped CSVs of ledgers pack 5 to 30 times; more than this is a zip bomb."""
MAX_CELL = 32_767
"""The most characters that a cell of a spreadsheet can hold; a longer one is damage, not a payment."""
BLOCK = 1 << 16
MAX_SPAN = 20
"""The most lines that a quoted cell is believed to run over."""

DELIMITERS = (",", "\t", ";", "|")
WORKBOOKS = {"xlsx", "xls", "ods"}


@dataclass
class Sheet:
    """One table of text cells as it lies in the file, before anything is known of its meaning.

    `head` are the first rows as lists of cells; `records(columns)` gives the whole table, one row a record,
    with the columns `line` (1-based line or row where the record starts) and `c0`, `c1`, ….
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
    rows: list[tuple[int, list[str]]] | None = None

    def records(self, columns: Iterable[int] | None = None) -> pl.DataFrame:
        wanted = sorted(columns if columns is not None else range(self.width))
        if self.rows is None:
            table = self._regular(wanted)
            if table is not None:
                return table
            self.rows = list(_irregular(self.lines, self.delimiter, self.oddities))
        cells = {
            f"c{i}": pl.Series([row[i] if i < len(row) else None for _, row in self.rows], dtype=pl.String)
            for i in wanted
        }
        return pl.DataFrame({"line": pl.Series([n for n, _ in self.rows], dtype=pl.UInt32), **cells})

    @cached_property
    def lines(self) -> list[str]:
        """The text split at its line ends, the empty piece after the last one left out."""
        lines = re.split(r"\r\n|\n|\r", self.text.decode("utf-8"))
        return lines[:-1] if lines and lines[-1] == "" else lines

    def is_blank(self, line: int) -> bool:
        """Whether the record that starts on this line holds no letter or digit in any cell."""
        if self.rows is None:
            return not self.lines[line - 1].strip(f'{self.delimiter}" \t\xa0')
        return not any(cell and cell.strip() for cell in self._row_by_line[line])

    @cached_property
    def _row_by_line(self) -> dict[int, list[str]]:
        return dict(self.rows)

    def _regular(self, wanted: list[int]) -> pl.DataFrame | None:
        """The table by Polars; None where the file is not regular."""
        if self.line_ends == "mixed" or self.width < 2:
            return None
        try:
            table = pl.read_csv(
                self.text,
                has_header=False,
                infer_schema=False,
                separator=self.delimiter,
                columns=wanted,
                schema={f"c{i}": pl.String for i in range(self.width)},
            )
        except pl.exceptions.PolarsError:
            return None
        if table.height != self.ends:  # A quoted cell runs over a line end.
            return None
        return table.with_row_index("line", offset=1)


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


def open_sheets(data: bytes, name: str) -> list[Sheet]:
    """Every table in a file: one for a text file, one a sheet for a workbook.

    Raises `LedgerError` for what is not a table at all (HTML, PDF, an empty file, a zip bomb).
    """
    data = unpack(data, name)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
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
            todo="open the publisher's page and save the data itself; a table in a page or a document has to "
            "be exported to CSV by hand",
        )
    return [_text_sheet(data, name)]


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
        return "xls"
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


def decode(data: bytes) -> tuple[str, str, list[str]]:
    """The text of a file, the encoding found, and what is odd about it.

    A byte order mark decides; then NUL bytes at every second place (UTF-16); then UTF-8 where the whole file
    is valid; else one byte a letter: code page 437 where pounds are 0x9C and none is 0xA3, cp1252 otherwise.
    A file that is UTF-8 in some lines and cp1252 in others is read letter by letter as what it is.
    """
    oddities: list[str] = []
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            body = data[len(mark) :]
            if encoding == "utf-8":
                text, found, more = decode(body)
                return text, f"{found} with BOM", more
            return body.decode(encoding, "replace"), f"{encoding} with BOM", oddities
    sample = data[:4000]
    if b"\x00" in sample:
        for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
            if zeros.count(0) > 0.7 * len(zeros):
                return data.decode(encoding, "replace"), f"{encoding} without BOM", oddities
    if b"\x00" in data:
        oddities.append(f"{data.count(0):,} NUL bytes removed")
        data = data.replace(b"\x00", b"")
    try:
        return data.decode("utf-8"), "ascii" if data.isascii() else "utf-8", oddities
    except UnicodeDecodeError:
        pass
    if re.search(rb"[\xc2-\xf4][\x80-\xbf]", data) and _mostly_utf8(data):
        oddities.append("UTF-8 in places and cp1252 in others")
        return data.decode("utf-8", "cp1252_letter"), "utf-8 mixed with cp1252", oddities
    if b"\xa3" not in data and re.search(rb"\x9c(?=[\d)\-\s,\"]|$)", data):
        return data.decode("cp437"), "cp437", oddities
    return data.decode("cp1252", "latin1_letter"), "cp1252", oddities


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

# Marks that turn up in front of numbers and names, and stand for nothing: zero width and direction marks.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def _text_sheet(data: bytes, name: str) -> Sheet:
    if data.isascii() and b"\x00" not in data:
        encoding, oddities, text = "ascii", [], data
    else:
        decoded, encoding, oddities = decode(data)
        if not decoded.isascii() and INVISIBLE.search(decoded):
            oddities.append("invisible marks removed")
            decoded = INVISIBLE.sub("", decoded)
        text = decoded.encode("utf-8")
    line_ends, ends = _line_ends(text)
    if line_ends == "CR":
        text = text.replace(b"\r", b"\n")
    sample = _sample(text)
    separator, delimiter = _separator_line(sample)
    delimiter = delimiter or sniff_delimiter(sample)
    width = max(len(row) for _, row in _irregular(sample, delimiter, []))
    sheet = Sheet(
        name=name,
        head=[row for _, row in _irregular(sample[:60], delimiter, [])],
        width=width,
        encoding=encoding,
        delimiter=delimiter,
        line_ends=line_ends,
        oddities=oddities,
        text=text,
        ends=ends + (not text.endswith(b"\n")),
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
        is_return, is_feed = piece == 13, piece == 10
        returns += int(np.count_nonzero(is_return[:BLOCK]))
        feeds += int(np.count_nonzero(is_feed[:BLOCK]))
        together += int(np.count_nonzero(is_return[:BLOCK][: len(piece) - 1] & is_feed[1:]))
    if not returns:
        return "LF", feeds
    if not feeds:
        return "CR", returns
    if together < returns:
        return "mixed", feeds
    return ("CRLF" if together == feeds else "LF and CRLF"), feeds


def _sample(text: bytes, lines: int = 120) -> list[str]:
    """Lines from the start, the middle and the end of the text."""
    if len(text) < 100_000:
        return re.split(r"\r\n|\n|\r", text.decode("utf-8").rstrip("\r\n"))
    pieces = []
    for start in (0, len(text) // 2, len(text) - 20_000):
        found = text[start : start + 20_000].decode("utf-8", "ignore")
        found = re.split(r"\r\n|\n|\r", found)
        pieces += found[: lines // 2] if start == 0 else found[1:-1][: lines // 4]
    return pieces


def _separator_line(sample: list[str]) -> tuple[bool, str | None]:
    found = re.fullmatch(r'"?sep=(.)"?', sample[0].strip()) if sample else None
    return (True, found.group(1)) if found else (False, None)


def sniff_delimiter(sample: list[str]) -> str:
    """The delimiter that gives most lines the same number of cells, and more than one."""
    best, best_score = ",", 0.0
    lines = [line for line in sample if line.strip()]
    for delimiter in DELIMITERS:
        if not any(delimiter in line for line in lines):
            continue
        widths = Counter(len(row) for _, row in _irregular(lines, delimiter, []))
        width, often = max(
            widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0)
        )
        score = often / max(1, len(lines)) * (width > 1) * (1 + min(width, 30) / 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _irregular(lines: list[str], delimiter: str, oddities: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each starts. A quoted cell may run over at most `MAX_SPAN` lines; a
    quote that is not closed by then is a letter like any other."""
    csv.field_size_limit(2**31 - 1)
    place, unclosed = 0, 0
    while place < len(lines):
        record, span = lines[place], 1
        if '"' not in record:
            yield place + 1, record.split(delimiter)
            place += 1
            continue
        while record.count('"') % 2 and span < MAX_SPAN and place + span < len(lines):
            record += "\n" + lines[place + span]
            span += 1
        cells = None
        if record.count('"') % 2 == 0:
            try:
                found = list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter))
                cells = found[0] if len(found) == 1 else None
            except csv.Error:
                cells = None
        if cells is None:
            unclosed += 1
            record, span = lines[place], 1
            cells = [cell.strip('"') for cell in record.split(delimiter)]
        yield place + 1, cells
        place += span
    if unclosed:
        oddities.append(f"{unclosed:,} lines with a quote that is never closed")


# Workbooks


def _workbook(data: bytes, name: str, kind: str) -> Iterator[Sheet]:
    import python_calamine

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
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        sheets = [(title, book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for title in names]
    except Exception as error:
        # Calamine's errors have no common base class.
        raise _complaint(
            "A workbook cannot be opened.", name, found=str(error), todo="open and save it in a spreadsheet"
        ) from error
    for title, rows in sheets:
        cells = [(n, [cell_text(cell) for cell in row]) for n, row in enumerate(rows, start=1)]
        if not any(any(row) for _, row in cells):
            continue
        yield Sheet(
            name=f"{name}!{title}" if len(sheets) > 1 else name,
            head=[row for _, row in cells[:60]],
            width=max(len(row) for _, row in cells),
            encoding=kind,
            delimiter=None,
            line_ends="rows",
            rows=cells,
        )


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
