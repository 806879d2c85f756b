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

from collections import defaultdict
from collections.abc import Mapping

from commissioning.base.errors import OriginalError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = ("year", "org_type", "org_code", "org_name", "measure", "statistic")
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
HEADINGS = [*COLUMNS.values(), "start_date", "end_date", *TOTAL_ROW, "value"]


def _check_line(record: Record) -> None:
    """The line is a total over a whole financial year."""
    year = record.match("reporting_period", r"20\d\d-\d\d", "a financial year, such as 2017-18")[0]
    days = {"start_date": f"{year[:4]}-04-01", "end_date": f"20{year[5:]}-03-31"}
    for heading, expected in (TOTAL_ROW | days).items():
        record.known(heading, [expected])


def read_totals(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The lines of the file, in its order."""
    lines = Lines.read(path, data)
    rows, repeats = [], 0
    seen: dict[tuple, tuple[str, str]] = {}
    for record in lines.records(0, HEADINGS):
        _check_line(record)
        unit = record.known("measure_statistic", UNITS)
        labels = {name: record[heading] for name, heading in COLUMNS.items()}
        row = record.figure("value", SYMBOLS, unit=unit, **labels)
        key = tuple(row[name] for name in KEY)
        name, figure = seen.setdefault(key, (row["org_name"], row["value_text"]))
        if name != row["org_name"] and figure == row["value_text"]:
            repeats += 1
        else:
            rows.append(row)
    _check_grid(path, rows)
    furniture = {"header": 1, "an organisation again under another name, same figures": repeats}
    return rows, lines.accounting(len(rows), furniture)


def _check_grid(path: str, rows: list[dict[str, object]]) -> None:
    """Every organisation has every measure in every year that it is in, so that a file cut short shows."""
    held: dict[tuple, set] = defaultdict(set)
    for row in rows:
        held[row["year"], row["org_type"], row["org_code"]].add((row["measure"], row["statistic"]))
    measures = set().union(*held.values())
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
    ((path, data),) = originals.items()
    rows, account = read_totals(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
