"""Adult Social Care Outcomes Framework (ASCOF), England: outcome measures by council, region and England.

Each edition held has its own layout:

- 2024-25: a workbook with one sheet a measure and one column a year and statistic, 2015-16 to 2024-25;
- 2020-21: the publisher's open data, one figure a row;
- 2018-19-derived to 2020-21-derived: outcomes alone, put together by a third party, without measure codes.

Measures were renumbered for 2023-24, and an edition prints its own numbering for every year in it: `3A` is
satisfaction with care in the edition 2020-21 and control over daily life in the edition 2024-25.

Unit of a figure: an outcome is a per cent, a score or a rate per 100,000; its margin of error (half a 95%
confidence interval) is in percentage points or the score; bases, numerators and denominators count people,
or care providers (6B). The numerator of a quality of life score is the sum of the scores.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from commissioning.base.errors import KeyClashError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record, Sheet, Workbook

DIMENSIONS = (
    "year",
    "table",
    "measure_code",
    "measure",
    "area_code",
    "area",
    "area_level",
    "disaggregation",
    "statistic",
)

SYMBOLS = {"[x]": "not_available", "[z]": "not_applicable", "[c]": "suppressed"}
# Note 16 of the workbook: 4B's outcome, where over 100 per cent, was replaced by [z] as poor data.
WITHHELD_SHEET, ABOLISHED_IN_IT = "Table_4b", "Cumbria"
WITHHELD_SYMBOLS = SYMBOLS | {"[z]": "low_reliability"}


Rows = list[dict[str, object]]


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The edition's figures, one row each, in the units that the module's text gives.

    Raises `LayoutError`, `KeyClashError`, `OriginalError` or `SymbolError` where a file is not as known.
    """
    (file,) = edition.files
    rows, account = file.reader(LAYOUTS)(file.path, originals[file.path])
    for row in rows:
        # Float noise (34.599999999999994) stays in the text alone.
        if row["value"] is not None:
            row["value"] = round(row["value"], 9)
    return Reading.of(rows, [account], DIMENSIONS)


def _unit(measure: str, statistic: str) -> str:
    title = measure.casefold()
    score = "quality of life" in title
    if statistic in ("outcome", "margin of error"):
        if score:
            return "score"
        if "per 100,000" in title:
            return "per 100,000"
        return "per cent" if statistic == "outcome" else "percentage points"
    if score and statistic == "numerator":
        return "score points"
    return "providers" if "providers" in title else "people"


# 2024-25: a workbook of time series ------------------------------------------------------------------

NOT_TABLES = ("Cover", "Contents", "Comparability_over_time_log", "Notes")
CONTENTS_HEADING = "Metric"
AREA_HEADINGS = ["Local authority code", "Local authority", "ONS area code"]
STATISTICS = {
    "outcome": "outcome",
    "margin of error": "margin of error",
    "number of respondents": "base",
    "numerator": "numerator",
    "denominator": "denominator",
}
COUNCIL_TYPES = {"S", "U", "M", "I", "O", "D"}
REGIONS = {"E", "EM", "L", "NE", "NW", "SE", "SW", "WM", "YH"}
FEWEST_COUNCILS = 150
NO_CODE = "[z]"

# One code, two rows: the county council to 2018-19, the unitary council on new boundaries from 2019-20.
COUNTY, UNITARY, FIRST_UNITARY_YEAR = "Dorset County", "Dorset", "2019-20"

# The carers' survey of 2016-17: the official figure, and in brackets the one for the population as it was
# before, or a colon.
TWO_VALUES, TWO_VALUES_YEAR = re.compile(r"([\d,.]+) \(([\d,.]+|:)\)"), "2016-17"

ONE_CODE = "Dorset: years of the other council in one of its two rows, and 2024-25 said twice"


def time_series(file: str, data: bytes) -> tuple[Rows, Accounting]:
    """Every `Table_` sheet of the workbook of 2024-25."""
    book = Workbook.open(file, data)
    codes = _contents(book.sheet("Contents"))
    book.check_names([*NOT_TABLES, *codes])
    account = Accounting(file, "cells")
    rows: Rows = []
    for name, sheet in book.sheets.items():
        account.read += sheet.size
        account.leave("blank", sheet.size - sheet.filled())
        if name in NOT_TABLES:
            account.leave("cover, contents, log of comparability and notes", sheet.filled())
        else:
            rows += _table(sheet, codes[name], account)
    account.loaded = len(rows)
    return rows, account


def _contents(sheet: Sheet) -> dict[str, str]:
    """The measure's code, as the contents print it, for each sheet name."""
    start = sheet.find_row(0, CONTENTS_HEADING) + 1
    codes = [sheet.text(row, 0) for row in range(start, len(sheet.rows)) if sheet.text(row, 0)]
    return {f"Table_{code.lower()}": code for code in codes}


def _table(sheet: Sheet, code: str, account: Accounting) -> Rows:
    """The figures of one measure, in the sheet's order; what is no figure is accounted for."""
    measure = _title(sheet, code)
    header = sheet.find_row(0, AREA_HEADINGS[0])
    columns = _columns(sheet, header)
    areas = [row for row in range(header + 1, len(sheet.rows)) if any(sheet.texts(row, 2))]
    _check_areas(sheet, areas)
    rows: Rows = []
    for row in areas:
        area = _area(sheet, row)
        for column, about in columns.items():
            if _is_of_other_council(sheet, row, column, area["area"], about["year"], areas):
                account.leave(ONE_CODE)
                continue
            symbols = _symbols(sheet, row, column, area, about["year"])
            unit = _unit(measure, about["statistic"])
            labels = {"table": sheet.name, "measure_code": code, "measure": measure, "unit": unit}
            rows.append(sheet.figure(row, column, symbols, **labels, **area, **about))
    _drop_zeros_of_nobody(rows)
    account.leave("titles and headers", sheet.filled(sheet.rows[: header + 1]))
    names = [sheet.rows[row][: len(AREA_HEADINGS)] for row in areas]
    account.leave("names and codes of areas", sheet.filled(names))
    return rows


def _symbols(
    sheet: Sheet, row: int, column: int, area: Mapping[str, str], year: str
) -> Mapping[str, str | float]:
    """What stands for a missing figure in a cell; of two values in it the first counts."""
    both = TWO_VALUES.fullmatch(sheet.text(row, column)) if year == TWO_VALUES_YEAR else None
    if both:
        return {both[0]: float(both[1].replace(",", ""))}
    is_withheld = sheet.name == WITHHELD_SHEET and area["area_level"] == "Council"
    return WITHHELD_SYMBOLS if is_withheld and area["area"] != ABOLISHED_IN_IT else SYMBOLS


def _drop_zeros_of_nobody(rows: Rows) -> None:
    """An outcome of 0 out of 0 people (1B, 2019-20: Kent and four others) is a missing one, not a zero."""
    nobody = {(row["area"], row["year"]) for row in rows if row["statistic"] == "base" and row["value"] == 0}
    for row in rows:
        if (row["area"], row["year"]) in nobody:
            row |= {"value": None, "value_symbol": "not_available"}


def _title(sheet: Sheet, code: str) -> str:
    """The measure as the sheet's first cell names it, without the notes. A misprinted code is an error."""
    match = re.fullmatch(r"Table (\S+): (.+)", sheet.text(0, 0))
    if match is None or match[1].casefold() != code.casefold():
        raise sheet.wrong(
            "A sheet does not name the measure that its name and the contents give.",
            at=(0, 0),
            expected=f"'Table {code}: ...' (capitals do not matter)",
            todo="find out from the figures which measure the sheet holds; do not trust either label",
        )
    return re.sub(r"\s*\[note \d+\]", "", match[2])


def _columns(sheet: Sheet, header: int) -> dict[int, dict[str, str]]:
    """Year, statistic and disaggregation of each column, from headings such as `2015 to 2016 - outcome`."""
    for column, heading in enumerate(AREA_HEADINGS):
        sheet.expect(header, column, heading)
    pattern = r"(\d{4}) to (\d{4}) - (?:(.+) )??(" + "|".join(STATISTICS) + ")"
    expected = f"two years running, ' - ' and one of {list(STATISTICS)}, each year and statistic once"
    columns: dict[int, dict[str, str]] = {}
    for column in range(len(AREA_HEADINGS), len(sheet.rows[header])):
        if not sheet.text(header, column):
            continue
        match = sheet.match(header, column, pattern, expected)
        # 6b splits providers by rating; '6b outcome' is the measure itself.
        whole = match[3] is None or sheet.name == f"Table_{match[3]}"
        about = {
            "year": f"{match[1]}-{match[2][2:]}",
            "statistic": STATISTICS[match[4]],
            "disaggregation": "" if whole else f"rating={match[3]}",
        }
        if int(match[2]) != int(match[1]) + 1 or about in columns.values():
            raise sheet.wrong(
                "A heading is not as its reader knows it.", at=(header, column), expected=expected
            )
        columns[column] = about
    if not columns:
        raise sheet.wrong("There is no column of figures.", at=header, expected=expected, found="none")
    return columns


def _area_code(sheet: Sheet, row: int) -> str:
    """The local authority code: three digits (which the file holds as a number), or letters and digits."""
    cell = sheet.rows[row][0]
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else sheet.text(row, 0)


def _area(sheet: Sheet, row: int) -> dict[str, str]:
    code = _area_code(sheet, row)
    level = _area_level(sheet, row)
    return {"area_code": "" if code == NO_CODE else code, "area": sheet.text(row, 1), "area_level": level}


def _area_level(sheet: Sheet, row: int) -> str:
    """The area's level in the words of the open data; the workbook tells levels by code alone."""
    code = _area_code(sheet, row)
    if code == "England":
        return "England"
    if code in COUNCIL_TYPES:
        return "Council Type"
    if code in REGIONS:
        return "Region"
    if code == NO_CODE or re.fullmatch(r"\d{3}|[A-Z0-9]{5}", code):
        return "Council"
    raise sheet.wrong(
        "A line has a code that is not known for any kind of area.",
        at=(row, 0),
        expected="England, a council type, a region, three digits, or five letters and digits",
    )


def _check_areas(sheet: Sheet, areas: list[int]) -> None:
    levels = Counter(_area_level(sheet, row) for row in areas)
    if levels["England"] != 1 or levels["Region"] != len(REGIONS) or levels["Council"] < FEWEST_COUNCILS:
        expected = f"England, {len(REGIONS)} regions and {FEWEST_COUNCILS} or more councils"
        raise sheet.wrong("A table looks cut short.", expected=expected, found=dict(levels))
    codes = Counter(_area_code(sheet, row) for row in areas)
    for row in areas:
        if codes[_area_code(sheet, row)] > 1 and sheet.text(row, 1) not in (COUNTY, UNITARY):
            raise KeyClashError(
                "A council is in two rows.",
                file=sheet.file,
                where=sheet.locator(row, 0),
                expected=f"each code once, apart from {COUNTY} and {UNITARY}",
                found=f"{_area_code(sheet, row)} {sheet.text(row, 1)}",
                todo="find out which row holds for which years, and teach ingest/ascof.py",
            )


def _is_of_other_council(sheet: Sheet, row: int, column: int, area: str, year: str, areas: list[int]) -> bool:
    """Whether a cell in one of Dorset's two rows belongs to a year of the other row.

    Such a cell must be `[z]` or say what the other row says, else it is a figure that nobody can place.
    """
    if area not in (COUNTY, UNITARY) or (year >= FIRST_UNITARY_YEAR) == (area == UNITARY):
        return False
    other = [r for r in areas if r != row and _area_code(sheet, r) == _area_code(sheet, row)]
    if not other:
        return False
    here, there = sheet.text(row, column), sheet.text(other[0], column)
    if here not in ("[z]", there):
        raise KeyClashError(
            f"{COUNTY} and {UNITARY} have different figures for one year.",
            file=sheet.file,
            where=f"{sheet.locator(row, column)}, {sheet.locator(other[0], column)}",
            expected=f"'[z]' or {there!r}",
            found=repr(here),
            todo="find out from the publisher which one is right",
        )
    return True


# 2020-21: open data ----------------------------------------------------------------------------------

OPEN_SHEET = "in"
OPEN_HEADINGS = [
    "Geographical Code",
    "Geographical Description",
    "Geographical Level",
    "ONS Code",
    "ASCOF Measure Code",
    "Disaggregation Level",
    "Measure Type",
    "Measure Value",
    "Measure Group",
    "Measure Group Description",
]
OPEN_SYMBOLS = {"[x]": "not_available", "[c]": "suppressed"}
OPEN_STATISTICS = {
    "Outcome": "outcome",
    "Margin Of Error": "margin of error",
    "Base": "base",
    "Numerator": "numerator",
    "Denominator": "denominator",
}
LEVELS = {"England", "Region", "Council Type", "Council"}
DISAGGREGATIONS = {"Total": "", "Female": "sex=Female", "Male": "sex=Male"} | {
    age: f"age={age}"
    for age in ("18-64", "64 and under", "65 and over", "65-74", "65-84", "75-84", "85 and over")
}


def open_data(file: str, data: bytes) -> tuple[Rows, Accounting]:
    """The publisher's open data of 2020-21. `measure_code` is the measure's group, without age and sex."""
    sheet = Workbook.open(file, data).sheet(OPEN_SHEET)
    rows: Rows = []
    for record in sheet.records(0, OPEN_HEADINGS, only=True):
        code, group = record["ASCOF Measure Code"], record["Measure Group"]
        if not code.startswith(group):
            raise record.wrong(
                "A measure is not of its group.", at="Measure Group", expected=f"the start of {code}"
            )
        measure = record["Measure Group Description"]
        statistic = record.known("Measure Type", OPEN_STATISTICS)
        rows.append(
            record.figure(
                "Measure Value",
                OPEN_SYMBOLS,
                year="2020-21",
                table=sheet.name,
                measure_code=group,
                measure=measure,
                area_code=_area_code(sheet, record.row),
                area=record["Geographical Description"],
                area_level=record.known("Geographical Level", LEVELS),
                disaggregation=record.known("Disaggregation Level", DISAGGREGATIONS),
                statistic=statistic,
                unit=_unit(measure, statistic),
            )
        )
    figures = Counter(row["area_code"] for row in rows)
    if len(set(figures.values())) != 1:
        expected = "as many figures for each area"
        raise sheet.wrong("A table looks cut short.", expected=expected, found=figures.most_common()[-1:])
    width = len(OPEN_HEADINGS)
    furniture = {"header": width, "labels": len(rows) * (width - 1)}
    return rows, Accounting(file, "cells", sheet.size, len(rows), furniture)


# 2018-19 to 2020-21: a third party's tables ----------------------------------------------------------

DERIVED_HEADINGS = [
    "Geographical Description",
    "Geographical Level",
    "ONS Code",
    "Measure Group Description",
    "Disaggregation Level",
    "Measure Value",
    "Year",
]
# In 2019-20 people and carers share these titles. People come first in every other edition.
SHARED_YEAR = "2019-20"
SHARED_TITLES = {
    "Proportion of people using social care who receive self-directed support",
    "Proportion of people using social care who receive direct payments",
}
SETS = ("first set", "second set")


def third_party(file: str, data: bytes) -> tuple[Rows, Accounting]:
    """Outcomes of one year, without codes. What the third party added (income, deprivation, population of
    the age and sex) is not read."""
    lines = Lines.read(file, data)
    stem = PurePosixPath(file).stem
    ends = stem.removeprefix("final_data_")
    year = f"{int(ends) - 1}-{ends[2:]}"
    sets: Counter[tuple[str, str]] = Counter()
    rows: Rows = []
    for record in lines.records(0, DERIVED_HEADINGS):
        record.known("Year", (ends, year))
        measure, table = record["Measure Group Description"], stem
        if year == SHARED_YEAR and measure in SHARED_TITLES:
            key = record["ONS Code"], measure
            sets[key] += record["Disaggregation Level"] == "Total"
            table = f"{stem}, {_set_name(sets[key], record)}"
        rows.append(
            record.figure(
                "Measure Value",
                year=year,
                table=table,
                measure=measure,
                area_code=record["ONS Code"],
                area=record["Geographical Description"],
                area_level=record.known("Geographical Level", LEVELS),
                disaggregation=record.known("Disaggregation Level", DISAGGREGATIONS),
                statistic="outcome",
                unit=_unit(measure, "outcome"),
            )
        )
    return rows, lines.accounting(len(rows))


def _set_name(number: int, record: Record) -> str:
    """Which of an area's two sets of lines under one title a line is in; each set begins with its total."""
    if not 1 <= number <= len(SETS):
        raise record.wrong(
            "Lines of people and of carers cannot be told apart.",
            at="Disaggregation Level",
            expected="one or two sets of lines under the title, each beginning with 'Total'",
            found=f"set {number}",
            todo="open the file; the order of its lines has changed",
        )
    return SETS[number - 1]


LAYOUTS = {"time series": time_series, "open data": open_data, "third party": third_party}
