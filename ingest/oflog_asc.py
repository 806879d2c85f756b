"""Adult social care in the Local Authority Data Explorer: seven measures by council.

A text file, one line a council, year and measure. `measure` is the publisher's name, `measure_code` its
code. A line also prints the department's own median of all councils and the distance from it in median
absolute deviations; both follow from the values and are not read. The publisher prints no unit: `UNITS`
has that of the measure's own publication.
"""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines

DIMENSIONS = ("year", "area_code", "area", "class", "measure", "measure_code")
KEY = ("year", "area_code", "measure_code")
HEADINGS = (
    "Financial year",
    "Local authority code",
    "Local authority name",
    "Grouping",
    "Entity_Name",
    "Region",
    "Measure",
    "Code",
    "Value",
    "MEDIAN",
    "MADs_from_median",
    "rank_order",
)
SYMBOLS = {"": "not_available"}
MEASURES = {
    "ASC1": ("Outcome, ASC Carer Quality of Life", "score of 0 to 12"),
    "ASC2": ("Outcome, ASC Quality of Life", "adjusted score of 0 to 1"),
    "ASC3": ("Outcome, Ease of finding information about services : service users", "per cent"),
    "ASC4": ("Outcome, Ease of finding information about support : carers", "per cent"),
    "ASC5": ("Outcome, Outcome of short-term services: sequel to service", "per cent"),
    "ASC6": ("Outcome, Requests resulting in a service", "requests per 100,000 adults"),
    "ASC7": ("Outcome, Workforce turnover rate", "per cent"),
}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """All measures of all years. Raises `LayoutError`, `OriginalError` or `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_measures(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def read_measures(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The councils' values, in the file's order."""
    lines = Lines.read(path, data)
    rows = []
    for record in lines.records(0, HEADINGS, only=True):
        record.known("Grouping", ["LA_Raw"])
        record.match("Financial year", r"20\d\d-\d\d", "a financial year such as 2022-23")
        measure, unit = record.known("Code", MEASURES)
        if record["Measure"] != measure:
            raise record.wrong(
                "A measure's name is not that of its code.", at="Measure", expected=repr(measure)
            )
        labels = {
            "year": record["Financial year"],
            "area_code": record["Local authority code"],
            "area": record["Local authority name"],
            "class": record["Entity_Name"],
            "measure": measure,
            "measure_code": record["Code"],
            "unit": unit,
        }
        rows.append(record.figure("Value", SYMBOLS, **labels))
    return rows, lines.accounting(len(rows))
