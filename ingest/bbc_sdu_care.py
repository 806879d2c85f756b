"""Home care contracts handed back and waits for care: councils' answers to freedom-of-information requests.

Two files, one line a council of the four nations: contracts that providers handed back with the hours of
care a week they were for, and median waits in days. `response` is what came of the request. Answers are
the councils' own, to one request of a newsroom: who answered chose to, and each counted in its own way.

Two kinds of column are never read. Deaths of people who waited are small counts of people, and the
longest wait is one person's.
"""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines

DIMENSIONS = ("year", "area", "area_type", "country", "response", "measure")
KEY = ("year", "area", "measure")
YEARS = {"2021_22": "2021-22", "2022_23": "2022-23"}

HANDED_BACK = {
    "contracts_handed_back": ("home care contracts handed back", "contracts"),
    "hours_per_week_handed_back": ("hours of home care a week handed back", "hours a week"),
}
WAITS = {
    "median_wait_assessment_days": ("median wait for an assessment", "days"),
    "median_wait_start_days": ("median wait for care to start", "days"),
}
LABELS = ("upper_tier_authority", "type", "country")
NEVER_READ = (
    *(f"longest_wait_{what}_days_{year}" for year in YEARS for what in ("assessment", "start")),
    "deaths_waiting_for_package_2022_23",
)
COUNTRIES = ("England", "Northern Ireland", "Scotland", "Wales")
RESPONSES = {
    "Full": "in full",
    "Partial": "in part",
    "Refused": "refused",
    "No": "no",
    "Did not respond": "no answer",
    "": "not said",
}
SYMBOLS = {
    "": "not_available",
    "Not held": "not_available",
    "Not given": "not_available",
    "Cost exceeded": "not_available",
    "NA": "not_applicable",
    "n/a": "not_applicable",
}


def read_contracts(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """Contracts handed back, and the hours they were for."""
    return _read(path, data, HANDED_BACK, "type_of_response", ("reason_for_refusal",))


def read_waits(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """Median waits, and none of the columns beside them."""
    return _read(path, data, WAITS, "response_given", NEVER_READ)


def _read(
    path: str,
    data: bytes,
    measures: Mapping[str, tuple[str, str]],
    response: str,
    left_out: tuple[str, ...],
) -> tuple[list[dict[str, object]], Accounting]:
    """A file's figures in its own order: a line gives one for each measure and year."""
    lines = Lines.read(path, data)
    columns = {
        f"{name}_{suffix}": (year, *of) for name, of in measures.items() for suffix, year in YEARS.items()
    }
    headings = [*LABELS, response, *columns, *left_out]
    rows = []
    for record in lines.records(0, headings, only=True):
        labels = {
            "area": record["upper_tier_authority"],
            "area_type": record["type"],
            "country": record.known("country", COUNTRIES),
            "response": record.known(response, RESPONSES),
        }
        for heading, (year, measure, unit) in columns.items():
            rows.append(record.figure(heading, SYMBOLS, year=year, measure=measure, unit=unit, **labels))
    return rows, lines.accounting(len(lines.rows) - 1)


LAYOUTS = {"contracts handed back": read_contracts, "waits": read_waits}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """Both files. Raises `LayoutError`, `OriginalError` or `SymbolError` naming the line."""
    readings = [file.reader(LAYOUTS)(file.path, originals[file.path]) for file in edition.files]
    rows = [row for figures, _ in readings for row in figures]
    return Reading.of(rows, [account for _, account in readings], DIMENSIONS, KEY)
