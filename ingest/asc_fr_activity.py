"""Weeks of care and their costs, England, from the finance return (ASC-FR), 2014-15 to 2016-17.

The catalogue says which layout each file follows:

- 2014-15: two files with councils as columns, one of weeks (and the hourly rates of home care), one of unit
  costs with their numerators and denominators; regions and England are columns too;
- 2015-16: weeks alone, one figure a line, with labels;
- 2016-17: weeks alone, one figure a line, keyed by codes without a code list. `line` is the publisher's
  number of the line, and 2015-16 prints the same numbers with labels.

Shape: one row a published figure. `support_setting` holds the setting or the purpose of short-term support,
whichever the line has; `provision` who provides, as published (a code in 2016-17); `measure` is weeks, people
or an hourly rate, or the part of a unit cost. Lines in finer age bands, which were voluntary and which few
councils gave, are left out. A dimension that a file does not give is an empty string, because all dimensions
form the key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from commissioning.base.errors import OriginalError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.council_columns import councils_as_columns
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines

DIMENSIONS = (
    "year",
    "table",
    "line",
    "area_code",
    "gss_code",
    "area",
    "region",
    "age_band",
    "care_type",
    "support_reason",
    "support_setting",
    "provision",
    "measure",
)
# `.` is a unit cost that could not be worked out, as a part of it is nought or not available.
SYMBOLS = {":": "not_available", ".": "not_applicable"}

Rows = list[dict[str, object]]


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition. Raises `LayoutError`, `OriginalError` or `SymbolError` for a file not as known."""
    rows: Rows = []
    accounting = []
    for file in edition.files:
        found, account = file.reader(LAYOUTS)(file.path, originals[file.path], edition.edition)
        rows += found
        accounting.append(account)
    return Reading.of(rows, accounting, DIMENSIONS)


# 2014-15: councils as columns ------------------------------------------------------------------------

CLIENTS = "Number of SALT Clients"
HOURLY = "Hourly rate"
PROVISIONS = {"In house provision": "weeks", "External provision": "weeks", "Total provision": "weeks"}


def activity_2014(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Weeks of care by setting, and what an hour of home care costs."""
    labels = [
        "Support type",
        "Age category",
        "Primary support reason",
        "Service delivery mechanism",
        "Provision",
    ]
    lines, areas, body, account = councils_as_columns(file, data, labels, CLIENTS)
    rows: Rows = []
    for row in body:
        care, age, reason, setting, provision = lines.texts(row, len(labels))
        if setting == "Capital charges":
            account.leave("whether capital charges are in the rate (yes or no)")
            continue
        if setting == CLIENTS:
            unit = measure = "people"
        elif provision == HOURLY:
            unit, measure = "GBP per hour", HOURLY
        else:
            lines.known(row, 4, PROVISIONS)
            unit = measure = "weeks"
        about = {
            "year": year,
            "table": "activity",
            "care_type": care,
            "age_band": age,
            "support_reason": reason,
            "support_setting": setting,
            "provision": provision,
            "measure": measure,
            "unit": unit,
        }
        account.loaded += 1
        rows += (lines.figure(row, at, SYMBOLS, **about, **area) for at, area in areas.items())
    return rows, account


UNITS = {"Numerator": "GBP thousand", "Denominator": "weeks", "Unit costs": "GBP per week"}


def unit_costs_2014(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Unit costs of a week, each with its numerator and denominator."""
    labels = [
        "Support type",
        "Age category",
        "Primary support reason",
        "Service delivery mechanism",
        "Unit cost category",
        "Unit cost provision",
    ]
    lines, areas, body, account = councils_as_columns(file, data, labels, "Unit costs")
    rows: Rows = []
    for row in body:
        care, age, reason, setting, _, provision = lines.texts(row, len(labels))
        measure = lines.known(row, 4, set(UNITS))
        about = {
            "year": year,
            "table": "unit costs",
            "care_type": care,
            "age_band": age,
            "support_reason": reason,
            "support_setting": setting,
            "provision": provision,
            "measure": measure,
            "unit": UNITS[measure],
        }
        account.loaded += 1
        rows += (lines.figure(row, at, SYMBOLS, **about, **area) for at, area in areas.items())
    return rows, account


# 2015-16 and 2016-17: one figure a line --------------------------------------------------------------

HEADINGS_2015 = [
    "UUID",
    "Council Code",
    "Council Name",
    "Care Type",
    "Activity Provision",
    "Age Bands",
    "Primary support reason",
    "Long Term Support Setting",
    "Short Term Purpose",
    "Data Type",
    "Value",
    "Notes",
]
HEADINGS_2016 = [
    "UUID",
    "FY_Ending",
    "CASSR_CODE",
    "GEOGRAPHY_CODE",
    "REGION_GO_CODE",
    "DataType_KEY",
    "AgeBand_KEY",
    "PrimarySupportReason_KEY",
    "CareType_KEY",
    "SupportSetting_KEY",
    "Purpose_KEY",
    "ActivityProvision_KEY",
    "ItemValue",
]
VOLUNTARY = "voluntary lines in finer age bands (left out)"


def _complete(lines: Lines, row_areas: list[str], numbers: list[str]) -> None:
    """Raise where an area has not every line: these files are complete grids, so a file cut short shows."""
    whole = len(set(numbers))
    short = {area: count for area, count in Counter(row_areas).items() if count != whole}
    if short:
        raise OriginalError(
            "The areas of a file do not have the same number of lines.",
            file=lines.file,
            where=f"area {sorted(short)[0]}",
            expected=f"{whole} lines for every area",
            found=f"{short[sorted(short)[0]]} lines",
            todo="the file looks truncated: fetch the original again",
        )


def activity_2015(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Weeks of care with labels; councils alone."""
    lines = Lines.read(file, data, encoding="cp1252")
    records = list(lines.records(0, HEADINGS_2015, only=True))
    account = lines.accounting(0)
    _complete(lines, [record["Council Code"] for record in records], [record["UUID"] for record in records])
    rows: Rows = []
    for record in records:
        if record.known("Data Type", {"Mandatory", "Voluntary"}) == "Voluntary":
            account.leave(VOLUNTARY)
            continue
        record.known("Activity Provision", {"In house", "External"})
        setting, purpose = record["Long Term Support Setting"], record["Short Term Purpose"]
        account.loaded += 1
        rows.append(
            record.figure(
                "Value",
                SYMBOLS,
                year=year,
                table="activity",
                line=record["UUID"],
                area_code=record["Council Code"],
                area=record["Council Name"],
                care_type=record["Care Type"],
                age_band=record["Age Bands"],
                support_reason=record["Primary support reason"],
                support_setting=purpose if setting == "-" else setting,
                provision=record["Activity Provision"],
                measure="weeks",
                unit="weeks",
            )
        )
    return rows, account


def activity_2016(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Weeks of care keyed by codes; councils, regions and England."""
    lines = Lines.read(file, data)
    records = list(lines.records(0, HEADINGS_2016, only=True))
    account = lines.accounting(0)
    areas = [record["CASSR_CODE"] or record["REGION_GO_CODE"] for record in records]
    _complete(lines, areas, [record["UUID"] for record in records])
    rows: Rows = []
    for record in records:
        record.match("FY_Ending", f"20{year[-2:]}", f"20{year[-2:]}, the year of the edition")
        if record.known("DataType_KEY", {"1", "2"}) == "2":
            account.leave(VOLUNTARY)
            continue
        record.known("ActivityProvision_KEY", {"2", "3"})
        setting, purpose = record["SupportSetting_KEY"], record["Purpose_KEY"]
        account.loaded += 1
        rows.append(
            record.figure(
                "ItemValue",
                SYMBOLS,
                year=year,
                table="activity",
                line=record["UUID"],
                area_code=record["CASSR_CODE"],
                gss_code=record["GEOGRAPHY_CODE"] or record["REGION_GO_CODE"],
                region=record["REGION_GO_CODE"],
                care_type=record["CareType_KEY"],
                age_band=record["AgeBand_KEY"],
                support_reason=record["PrimarySupportReason_KEY"],
                support_setting=setting or f"purpose {purpose}",
                provision=record["ActivityProvision_KEY"],
                measure="weeks",
                unit="weeks",
            )
        )
    return rows, account


LAYOUTS = {
    "activity 2014-15": activity_2014,
    "unit costs 2014-15": unit_costs_2014,
    "activity 2015-16": activity_2015,
    "activity 2016-17": activity_2016,
}
