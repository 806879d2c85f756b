"""From lines of text to records, one by one, where a file is not regular enough for Polars.

A quoted cell may run over a line end; a quote that is never closed is a letter like any other. Told apart by
three things: a cell is quoted from its start to its end, it runs over few lines, and the lines that it runs
over are not records themselves.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

MAX_SPAN = 20
"""The most lines that a quoted cell is believed to run over."""
DELIMITERS = (",", "\t", ";", "|")
_PLAIN = re.compile(r"[£(+-]*[\d,]+(?:\.\d+)?[)-]?|\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}(?: [\d:]+)?")
"""A number or a date, by its look."""


@dataclass
class Records:
    """Records with the line on which each starts, and how many lines they take in all."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    lines: int = 0
    unclosed: int = 0


def irregular(lines: list[str], delimiter: str, shape: Shape | None = None) -> Records:
    """The records of lines; `shape` is what an ordinary record looks like, where that is known."""
    csv.field_size_limit(2**31 - 1)
    found = Records()
    place = 0
    while place < len(lines):
        record, span = lines[place], 1
        if '"' not in record:
            found.rows.append((place + 1, record.split(delimiter)))
            found.lines += 1
            place += 1
            continue
        while record.count('"') % 2 and span < MAX_SPAN and place + span < len(lines):
            record += "\n" + lines[place + span]
            span += 1
        cells = _cells(record, delimiter)
        if cells is not None and span > 1 and shape and shape.swallowed(lines[place : place + span]):
            cells = None
        if cells is None:
            found.unclosed += 1
            record, span = lines[place], 1
            cells = _letters(record, delimiter, shape)
        found.rows.append((place + 1, cells))
        found.lines += span
        place += span
    return found


def _cells(record: str, delimiter: str) -> list[str] | None:
    """The cells of a record; None where its quotes are not closed, or over several lines do not stand at the
    start and the end of a cell."""
    if record.count('"') % 2:
        return None
    try:
        found = list(csv.reader([record], delimiter=delimiter, strict="\n" in record))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _letters(line: str, delimiter: str, shape: Shape | None = None) -> list[str]:
    """The cells of one line, a quote that is never closed taken for a letter."""
    if (cells := _cells(line, delimiter)) is not None:
        return cells
    # A quote in the middle of a cell is no matter where the record has its cells all the same.
    found = next(csv.reader([line], delimiter=delimiter), [])
    if shape and len(found) == shape.width:
        return found
    return [cell.strip('"') for cell in line.split(delimiter)]


@dataclass
class Shape:
    """What an ordinary record looks like: its width, and the places that hold numbers or dates."""

    delimiter: str
    width: int
    plain: list[int]

    def swallowed(self, lines: list[str]) -> bool:
        """Whether a quoted cell over these lines holds records of their own.

        A record whose quote is never closed is a whole one by itself, and so is one that it swallows. A cell
        that does run over a line end leaves a first line too short, or further lines that are no records.
        """
        return self._is_record(lines[0]) and any(self._is_record(line) for line in lines[1:])

    def _is_record(self, line: str) -> bool:
        cells = _letters(line, self.delimiter)
        return len(cells) >= self.width > 1 and all(
            not cells[place].strip() or _PLAIN.fullmatch(cells[place].strip(' "')) for place in self.plain
        )


def shape_of(lines: list[str], delimiter: str) -> Shape | None:
    """The shape of most records among lines, where it has places of numbers or dates; else None."""
    rows = [row for _, row in irregular(lines, delimiter).rows if any(cell.strip() for cell in row)]
    if not rows:
        return None
    width = Counter(map(len, rows)).most_common(1)[0][0]
    ordinary = [row for line in lines if len(row := _letters(line, delimiter)) == width]
    plain = [
        place
        for place in range(width)
        if sum(bool(_PLAIN.fullmatch(row[place].strip())) for row in ordinary) * 2 > len(ordinary)
    ]
    return Shape(delimiter, width, plain) if plain else None


def sniff_delimiter(sample: list[str]) -> str:
    """The delimiter that gives most lines the same number of cells, and more than one."""
    best, best_score = ",", 0.0
    lines = [line for line in sample if line.strip()]
    for delimiter in DELIMITERS:
        if not any(delimiter in line for line in lines):
            continue
        widths = Counter(len(row) for _, row in irregular(lines, delimiter).rows)
        width, often = max(
            widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0)
        )
        score = often / max(1, len(lines)) * (width > 1) * (1 + min(width, 30) / 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best
