"""Net current expenditure by service and authority, England, 2017-18 to 2023-24, from the multi-year data
set.

A third party's JSON of the publisher's CSV: a list of records, one an authority and year, with a field
for each service and one for the total. `year` is worked out of `year_ending` (202403 is 2023-24). Records
of England and of classes stand among those of authorities: `part` keeps them apart. A null is an
authority without a return.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading, parse_value
from commissioning.ingest.sheets import folded, wrong_layout

DIMENSIONS = ("year", "part", "gss_code", "area", "service", "measure")
KEY = ("year", "part", "gss_code", "service")
UNIT = "GBP thousand"
MEASURE = "Net Current Expenditure"
SYMBOLS = {"null": "not_available"}

LABELS = ("year_ending", "ONS_code", "LA_name")
SERVICES = (
    "Education",
    "Highways_Transport",
    "Children_Social_Care",
    "Adult_Social_Care",
    "Public_Health",
    "Housing",
    "Culture",
    "Environment",
    "Planning",
    "Police",
    "Fire_Rescue",
    "Central_Services",
    "Other",
    "Total",
)
_YEAR = re.compile(r"20(\d\d)03")
PARTS = {
    re.compile(r"E92000001"): "England",
    re.compile(r"E(06|07|08|09|10)\d{6}"): "authority",
    re.compile(r"E(12|23|26|31|47|50)\d{6}|E68\d\d"): "other authority",
    re.compile(r"E\d\d|EOT\w*|P|FR|NPA|WA|GLA|CA"): "class total",
}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The figures of the whole series, in thousands of pounds. Raises `OriginalError` and `LayoutError`."""
    (file,) = edition.files
    rows, account = read_records(file.path, originals[file.path])
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def read_records(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """Every record's figures, in the file's order."""
    try:
        records = json.loads(data)
    except ValueError as error:
        raise OriginalError(
            "A JSON file cannot be read.", file=path, found=str(error), todo="fetch the original again"
        ) from error
    if not isinstance(records, list):
        raise wrong_layout(
            "The file is not as known.", file=path, expected="a list of records", found=type(records).__name__
        )
    rows = [row for number, record in enumerate(records, 1) for row in _figures(path, number, record)]
    return rows, Accounting(path, "records", len(records), len(records))


def _figures(path: str, number: int, record: object) -> Iterator[dict[str, object]]:
    where = f"record {number}"
    expected = [*LABELS, *SERVICES]
    if not isinstance(record, dict) or list(record) != expected:
        found = list(record) if isinstance(record, dict) else type(record).__name__
        raise wrong_layout(
            "A record is not as known.", file=path, where=where, expected=expected, found=found
        )
    labels = {
        "year": _year(path, where, record["year_ending"]),
        "part": _part(path, where, record["ONS_code"]),
        "gss_code": record["ONS_code"],
        "area": folded(record["LA_name"]),
        "measure": MEASURE,
        "unit": UNIT,
    }
    for service in SERVICES:
        cell = "null" if record[service] is None else record[service]
        place = f'{where}, "{service}"'
        text, value, symbol = parse_value(cell, SYMBOLS, file=path, where=place)
        yield labels | {
            "service": service,
            "value_text": text,
            "value": value,
            "value_symbol": symbol,
            "source_file": path,
            "source_locator": place,
        }


def _year(path: str, where: str, ending: object) -> str:
    match = _YEAR.fullmatch(str(ending))
    if match is None:
        raise _unknown(path, where, "year_ending", "a March, such as 202403", ending)
    return f"20{int(match[1]) - 1:02d}-{match[1]}"


def _part(path: str, where: str, code: object) -> str:
    """What a record is about, by its code."""
    for pattern, part in PARTS.items():
        if pattern.fullmatch(str(code)):
            return part
    raise _unknown(path, where, "ONS_code", "the code of an authority, a class or England", code)


def _unknown(path: str, where: str, field: str, expected: str, found: object) -> LayoutError:
    place = f'{where}, "{field}"'
    return wrong_layout("A label is not known.", file=path, where=place, expected=expected, found=repr(found))
