"""NHS Talking Therapies (formerly IAPT): annual totals by organisation, from a third party's harmonised copy.

Shape: one row for each year, organisation, measure and statistic. Counts are of referrals, percentages are
as published. Every measure of the file is kept: referrals received, finished a course of treatment, at and
not at caseness at its start, recovery, reliable recovery, (reliable) improvement, deterioration and no
reliable change. The file has no measure of entering treatment or of waiting.

The organisation types are different cuts of the same referrals: never add one to another. Figures of
organisations are rounded to 5 by the publisher, those of England are not.

Where the copy gives an organisation twice in a year, under two names with the same figures, the second one
is left out; with different figures the two clash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String for name in ("year", "org_type", "org_code", "org_name", "measure", "statistic")
}
KEY = ("year", "org_type", "org_code", "measure", "statistic")
SYMBOLS = {"*": "suppressed"}
UNITS = {"count": "referrals", "percentage": "per cent"}
COLUMNS = {
    "year": "reporting_period",
    "org_type": "org_type",
    "org_code": "org_code",
    "org_name": "org_name",
    "measure": "measure_name",
    "statistic": "measure_statistic",
}
TOTAL_ROW = {"variable_type": "Total", "variable_a": "NULL", "variable_b": "NULL"}
HEADERS = [*COLUMNS.values(), "start_date", "end_date", *TOTAL_ROW, "value"]


def _line_error(lines: Lines, index: int, column: str, expected: str, found: str) -> LayoutError:
    return LayoutError(
        "A line is not a yearly total as the reader knows it.",
        file=lines.file,
        where=lines.locator(index, column),
        expected=expected,
        found=repr(found),
        todo="open the file; if it now holds other periods or breakdowns, teach "
        "ingest/nhse_talking_therapies.py",
    )


def _check_line(lines: Lines, index: int, line: Mapping[str, str]) -> None:
    """The line is a total over a whole financial year, of a known statistic."""
    for column, expected in TOTAL_ROW.items():
        if line[column] != expected:
            raise _line_error(lines, index, column, expected, line[column])
    year = line["reporting_period"]
    if not re.fullmatch(r"20\d\d-\d\d", year):
        raise _line_error(lines, index, "reporting_period", "a financial year, such as 2017-18", year)
    for column, expected in (("start_date", f"{year[:4]}-04-01"), ("end_date", f"20{year[5:]}-03-31")):
        if line[column] != expected:
            raise _line_error(lines, index, column, expected, line[column])
    if line["measure_statistic"] not in UNITS:
        raise _line_error(lines, index, "measure_statistic", " or ".join(UNITS), line["measure_statistic"])


def read_totals(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The lines of the file, in its order."""
    lines = Lines.read(path, data, encoding="utf-8")
    columns = lines.header(0, HEADERS)
    rows, repeats = [], 0
    seen: dict[tuple, tuple[str, str]] = {}
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if len(fields) != len(lines.rows[0]):
            raise OriginalError(
                "A line has too few or too many fields.",
                file=path,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields",
                found=len(fields),
                todo="the file looks truncated or altered: fetch it again",
            )
        line = {name: " ".join(fields[column].split()) for name, column in columns.items()}
        _check_line(lines, index, line)
        where = lines.locator(index, "value")
        text, value, symbol = raw.parse_value(line["value"], SYMBOLS, file=path, where=where)
        row = {name: line[column] for name, column in COLUMNS.items()}
        key = tuple(row[name] for name in KEY)
        name, figure = seen.setdefault(key, (row["org_name"], text))
        if name != row["org_name"] and figure == text:
            repeats += 1
            continue
        rows.append(
            row
            | {
                "unit": UNITS[row["statistic"]],
                "value_text": text,
                "value": value,
                "value_symbol": symbol,
                "source_file": path,
                "source_locator": where,
            }
        )
    _check_grid(path, rows)
    furniture = {"header": 1, "an organisation again under another name, same figures": repeats}
    return rows, Accounting(path, "lines", len(lines.rows), len(rows), furniture)


def _check_grid(path: str, rows: list[dict[str, object]]) -> None:
    """Every organisation has every measure in every year that it is in, so that a file cut short shows."""
    measures = {(row["measure"], row["statistic"]) for row in rows}
    held: dict[tuple, set] = {}
    for row in rows:
        organisation = (row["year"], row["org_type"], row["org_code"])
        held.setdefault(organisation, set()).add((row["measure"], row["statistic"]))
    for organisation, has in held.items():
        if has != measures:
            raise OriginalError(
                "An organisation lacks measures that the others have.",
                file=path,
                where=", ".join(organisation),
                expected=f"{len(measures)} measures",
                found=f"{len(has)}, without {sorted(measures - has)}",
                todo="the file looks truncated: fetch it again",
            )


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The totals. Raises `LayoutError`, `OriginalError` and `SymbolError` naming the line."""
    (path, data), *_ = originals.items()
    rows, accounting = read_totals(path, data)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
