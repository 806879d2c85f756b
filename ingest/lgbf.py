"""Scotland's Local Government Benchmarking Framework: the care indicators, council by council.

Shape: one row a published figure. `indicator` is the framework's code (`SW2`), `part` says whether the
figure is the indicator as printed or the numerator or denominator that is printed beside it, `measure` is
the column's heading without its year, `title` the publisher's title of the indicator, from the workbook of
metadata. `area` is a council or Scotland, in the publisher's spelling; an empty cell is a survey that gave
no figure.

The sheet holds one column a figure and year. Of its columns, only the care indicators SW1 to SW7 are read,
with the parts of SW1, SW2, SW5 and SW6. Left out: every other service, SW8, and the columns that restate a
cost in real terms, which are the printed cost over the workbook's own deflator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet, Workbook

DIMENSIONS = ("year", "area", "indicator", "part", "measure", "title")
KEY = ("year", "area", "indicator", "part")
SYMBOLS = {"": "not_available"}

SHEET = "Raw Data"
AREAS = 33  # 32 councils and Scotland

# Heading without its year: indicator, part, unit.
MEASURES = {
    "SW1": ("SW1", "indicator", "GBP an hour"),
    "Total Homecare (£000)": ("SW1", "numerator", "GBP thousand"),
    "Care Hrs per Yr": ("SW1", "denominator", "hours"),
    "SW2": ("SW2", "indicator", "per cent"),
    "SDS Spend on over 18s": ("SW2", "numerator", "GBP thousand"),
    "Gross SW Spend on over 18s": ("SW2", "denominator", "GBP thousand"),
    "SW3a": ("SW3a", "indicator", "per cent"),
    **{f"SW4{letter}": (f"SW4{letter}", "indicator", "per cent") for letter in "abcde"},
    "SW5": ("SW5", "indicator", "GBP a week"),
    "Net Expenditure on Care Homes for Older People": ("SW5", "numerator", "GBP thousand"),
    "Number of long-stay residents aged 65+ supported in Care Homes": ("SW5", "denominator", "people"),
    "SW6": ("SW6", "indicator", "readmissions per 1,000 discharges"),
    "Number of readmissions to an acute hospital within 28 days of discharge": (
        "SW6",
        "numerator",
        "readmissions",
    ),
    "Number of discharges": ("SW6", "denominator", "discharges"),
    "SW7": ("SW7", "indicator", "per cent"),
}
_CARE = re.compile(r"SW[1-7][a-z]?")
_HEADING = re.compile(r"(.*) (20\d\d-\d\d)")


def read_titles(path: str, data: bytes) -> tuple[dict[str, str], Accounting]:
    """The publisher's title of each indicator, by its code."""
    book = Workbook.open(path, data)
    sheet = book.sheet("metadata")
    account = book.accounting([], "titles of indicators, kept beside the figures, and other metadata")
    titles = {
        record["Variable name"]: record["Title"] for record in sheet.records(0, ["Variable name", "Title"])
    }
    missing = sorted({code for code, _, _ in MEASURES.values()} - set(titles))
    if missing:
        raise sheet.wrong(
            "Indicators have no title.", at='column "Variable name"', expected=missing, found="none"
        )
    return titles, account


def read_figures(
    path: str, data: bytes, titles: Mapping[str, str]
) -> tuple[list[dict[str, object]], Accounting]:
    """The care indicators of the sheet of raw data."""
    book = Workbook.open(path, data)
    sheet = book.sheet(SHEET)
    account = book.accounting([SHEET], "working sheets")
    sheet.expect(0, 0, "Local Authority")
    if len(sheet.rows) != AREAS + 1 or sheet.text(AREAS, 0) != "Scotland":
        raise sheet.wrong(
            "The areas are not those that the reader knows.",
            at="column A",
            expected="a header, 32 councils, and Scotland last",
            found=f"{len(sheet.rows)} rows, the last {sheet.text(len(sheet.rows) - 1, 0)!r}",
        )
    columns = _columns(sheet)
    rows = [
        sheet.figure(
            row,
            column,
            SYMBOLS,
            year=year,
            area=sheet.text(row, 0),
            indicator=MEASURES[measure][0],
            part=MEASURES[measure][1],
            measure=measure,
            title=titles[MEASURES[measure][0]],
            unit=MEASURES[measure][2],
        )
        for column, (measure, year) in columns.items()
        for row in range(1, len(sheet.rows))
    ]
    account.loaded += len(rows)
    account.leave("headers", len(columns) + 1)
    account.leave("area labels", AREAS)
    account.leave("other indicators", (len(sheet.rows[0]) - 1 - len(columns)) * len(sheet.rows))
    return rows, account


def _columns(sheet: Sheet) -> dict[int, tuple[str, str]]:
    """The measure and year of each column that is read."""
    columns: dict[int, tuple[str, str]] = {}
    for column, heading in enumerate(sheet.texts(0)):
        if heading.endswith(" Real"):
            continue
        found = _HEADING.fullmatch(heading)
        if found and found[1] in MEASURES:
            columns[column] = (found[1], found[2])
        elif _CARE.match(heading):
            raise sheet.wrong(
                "A care indicator is not known.",
                at=(0, column),
                expected=f"one of {sorted(code for code in MEASURES if _CARE.fullmatch(code))} and a year",
            )
    missing = sorted(set(MEASURES) - {measure for measure, _ in columns.values()})
    if missing:
        raise sheet.wrong(
            "Columns that the reader relies on are not there.", at=0, expected=missing, found="none"
        )
    if len(set(columns.values())) < len(columns):
        seen = list(columns.values())
        twice = next(column for column, name in columns.items() if seen.count(name) > 1)
        raise sheet.wrong("A heading is there twice.", at=(0, twice), expected="one column a figure and year")
    return columns


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition of the framework. Raises `LayoutError`, `OriginalError` or `SymbolError` for a file not as
    known."""
    metadata, data = edition.files
    titles, titles_account = read_titles(metadata.path, originals[metadata.path])
    rows, account = read_figures(data.path, originals[data.path], titles)
    return Reading.of(rows, [titles_account, account], DIMENSIONS, KEY)
