"""Revenue outturn summary, form RSX, England: what every authority spends by service.

Two layouts, both one row an authority, then England, then a second table of class totals:

- 2022-23 and 2023-24: reference codes stand in a hidden row above the headers;
- 2024-25: they stand in the hidden last row.

A column is told by its reference code (`RSX-asc-tot-exp`), and its heading must agree with it. `service`
is the heading's first part, `measure` its second. `part` keeps the three kinds of row apart, since
England's row holds what the rows above it do, and the class totals hold it again. All authorities are
kept, police and fire too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.outturn_forms import (
    FIRST_COLUMN,
    LABELS,
    MEASURES,
    find_classes,
    find_header,
    labels_of,
    sheet_of_authorities,
)
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet

DIMENSIONS = (
    "year",
    "part",
    "authority_code",
    "gss_code",
    "area",
    "class",
    "service",
    "service_code",
    "measure",
    "detail",
)
KEY = ("year", "part", "authority_code", "gss_code", "service_code", "measure")
SHEET = "RSX_LA_Data"  # what the name of the sheet of all authorities begins with
SYMBOLS = {"[x]": "not_available"}  # not received in time

SERVICES = {
    "edu": "Education services",
    "trans": "Highways and transport services",
    "csc": "Children Social Care",
    "asc": "Adult Social Care",
    "phs": "Public Health",
    "hous": "Housing services (GFRA only)",
    "cul": "Cultural and related services",
    "env": "Environmental and regulatory services",
    "plan": "Planning and development services",
    "pol": "Police services",
    "frs": "Fire and rescue services",
    "cen": "Central services",
    "oth": "Other services",
    "totsx": "Total Service Expenditure",
}
COLUMNS = [(service, measure) for service in SERVICES for measure in MEASURES]
CLASSES = {"UA", "MD", "LB", "SC", "SD", "O"}

CODES_FROM_HEADER = {"codes above headings": -4, "codes below the table": None}
"""Where the row of reference codes stands: rows from the header, or the sheet's last row."""


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The edition's figures, one row each, in thousands of pounds.

    Raises `LayoutError` where the workbook is not as known and `SymbolError` for a symbol not known.
    """
    offset = edition.files[0].reader(CODES_FROM_HEADER)
    sheet, account = sheet_of_authorities(edition, originals, SHEET)
    rows = read_sheet(sheet, edition.edition[:7], offset, account)
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def read_sheet(sheet: Sheet, year: str, offset: int | None, account: Accounting) -> list[dict[str, object]]:
    """The figures of the sheet of all authorities, in its order, its cells accounted for."""
    header = find_header(sheet)
    end = len(sheet.rows) if offset is not None else len(sheet.rows) - 1
    _check_columns(sheet, header, end if offset is None else header + offset)
    classes = find_classes(sheet, header)
    width = len(sheet.rows[0])
    parts = {
        "authority": range(header + 1, classes - 1),
        "England": range(classes - 1, classes),
        "class total": range(classes + 1, end),
    }
    rows = [
        figure
        for part, places in parts.items()
        for row in places
        for figure in _figures(sheet, row, part, year)
    ]
    account.leave("titles, headers and reference codes", (header + 2 + len(sheet.rows) - end) * width)
    account.leave("area labels", FIRST_COLUMN * sum(map(len, parts.values())))
    account.loaded += len(rows)
    return rows


def _check_columns(sheet: Sheet, header: int, codes: int) -> None:
    """Raise unless every column has the reference code and the heading that belong in its place."""
    if len(sheet.rows[header]) != FIRST_COLUMN + len(COLUMNS):
        raise sheet.wrong(
            "The sheet has not the columns that its reader knows.",
            at=header,
            expected=f"{FIRST_COLUMN + len(COLUMNS)} columns",
            found=f"{len(sheet.rows[header])} columns",
        )
    for position, (service, measure) in enumerate(COLUMNS, start=FIRST_COLUMN):
        sheet.expect(codes, position, f"RSX-{service}-{measure}")
        heading = rf"{re.escape(SERVICES[service])}\s?-\s?{re.escape(MEASURES[measure])}"
        sheet.match(header, position, heading, f"{SERVICES[service]} - {MEASURES[measure]}")


def _figures(sheet: Sheet, row: int, part: str, year: str) -> Iterator[dict[str, object]]:
    """One row's figures, its labels checked against the part of the sheet that it stands in."""
    sheet.known(row, LABELS.index("Class"), {"Eng"} if part == "England" else CLASSES)
    labels = labels_of(sheet, row, year) | {"part": part}
    for position, (service, measure) in enumerate(COLUMNS, start=FIRST_COLUMN):
        of_column = {
            "service": SERVICES[service],
            "service_code": f"RSX-{service}",
            "measure": MEASURES[measure],
        }
        yield sheet.figure(row, position, SYMBOLS, **labels, **of_column)
