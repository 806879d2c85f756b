"""Indices of deprivation, England, summarised for upper-tier councils: 2019 and 2025.

- 2019: the publisher's workbook, one sheet an index or domain, one row a council (boundaries of April 2019);
- 2025: a derived table of two measures of the overall index (boundaries of April 2023). Councils without
  districts hold the publisher's value for the district; counties hold a mean of their districts.

`measure` is the column's heading, which names index and measure. Ranks of small areas (LSOAs) are reversed in
average ranks: the higher, the more deprived. `detail` says how a figure of 2025 was made.
"""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Sheet, Workbook

DIMENSIONS = ("year", "area_code", "area", "measure", "detail")
KEY = ("year", "area_code", "measure")

SHEETS = (
    "IMD",
    "Income",
    "Employment",
    "Education",
    "Health",
    "Crime",
    "Barriers",
    "Living",
    "IDACI",
    "IDAOPI",
)
AREA_HEADINGS = [f"Upper Tier Local Authority District {what} (2019)" for what in ("code", "name")]
NEEDED = ("Average rank", "Average score", "Proportion of LSOAs in most deprived 10% nationally")

RANK_OF_COUNCIL = "rank of council, 1 = most deprived"
RANK_OF_LSOA_2019 = "rank of LSOA, 32844 = most deprived"
RANK_OF_LSOA_2025 = "rank of LSOA, 33755 = most deprived"
UNITS_2019 = {
    "Average rank": RANK_OF_LSOA_2019,
    "Average score": "score",
    "Proportion of LSOAs in most deprived 10% nationally": "share",
    "Extent": "share",
    "Local concentration": RANK_OF_LSOA_2019,
    "Income scale": "people",
    "Employment scale": "people",
}
UNITS_2025 = {"imd2025_average_score": "score", "imd2025_average_rank": RANK_OF_LSOA_2025}
HEADINGS_2025 = ["utla23_code", "utla_name", "n_districts", *UNITS_2025, "method"]


def read_2019(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The publisher's workbook of summaries for upper-tier councils."""
    book = Workbook.open(path, data)
    account = book.accounting(SHEETS, "notes")
    return [row for name in SHEETS for row in read_sheet(book.sheet(name), account)], account


def read_sheet(sheet: Sheet, account: Accounting) -> list[dict[str, object]]:
    """The figures of one index or domain, council by council."""
    for column, heading in enumerate(AREA_HEADINGS):
        sheet.expect(0, column, heading)
    headings = sheet.texts(0)
    units = {column: _unit(sheet, column) for column in range(len(AREA_HEADINGS), len(headings))}
    missing = [name for name in NEEDED if not any(h.endswith(f" - {name}") for h in headings)]
    if missing:
        raise sheet.wrong(
            "Columns that the reader relies on are not there.", at=0, expected=missing, found=headings
        )
    rows = [
        sheet.figure(
            row,
            column,
            year="2019",
            area_code=sheet.text(row, 0),
            area=sheet.text(row, 1),
            measure=headings[column],
            unit=unit,
        )
        for row in range(1, len(sheet.rows))
        for column, unit in units.items()
    ]
    account.loaded += len(rows)
    account.leave("headers", len(headings))
    account.leave("area labels", 2 * (len(sheet.rows) - 1))
    return rows


def _unit(sheet: Sheet, column: int) -> str:
    """The unit of a column, from its heading: `IMD - Average rank`, `Rank of Income Scale`."""
    measure = sheet.text(0, column).rsplit(" - ", 1)[-1]
    if measure.startswith("Rank of "):
        return RANK_OF_COUNCIL
    if measure not in UNITS_2019:
        expected = f"a heading that ends in one of {sorted(UNITS_2019)}"
        raise sheet.wrong("A heading is not known.", at=(0, column), expected=expected)
    return UNITS_2019[measure]


def read_2025(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The derived table of 2025: one line a council, one column a measure."""
    lines = Lines.read(path, data)
    rows = [
        record.figure(
            measure,
            year="2025",
            area_code=record["utla23_code"],
            area=record["utla_name"],
            measure=measure,
            detail=f"method={record['method']}; districts={record['n_districts']}",
            unit=unit,
        )
        for record in lines.records(0, HEADINGS_2025)
        for measure, unit in UNITS_2025.items()
    ]
    return rows, lines.accounting(len(lines.rows) - 1)


LAYOUTS = {"summaries of 2019": read_2019, "derived table of 2025": read_2025}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition of the indices. Raises `LayoutError`, `OriginalError` or `SymbolError` for a file not as
    known."""
    (file,) = edition.files
    rows, account = file.reader(LAYOUTS)(file.path, originals[file.path])
    return Reading.of(rows, [account], DIMENSIONS, KEY)
