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
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

import polars as pl

from commissioning.base.errors import KeyClashError, LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook

DIMENSIONS = {
    name: pl.String
    for name in (
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
}

SYMBOLS = {"[x]": "not_available", "[z]": "not_applicable", "[c]": "suppressed"}
# Note 16 of the workbook: 4B's outcome, where over 100 per cent, was replaced by [z] as poor data.
WITHHELD_SHEET, ABOLISHED_IN_IT = "Table_4b", "Cumbria"
WITHHELD_SYMBOLS = SYMBOLS | {"[z]": "low_reliability"}


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """The edition's figures, one row each, in the units that the module's text gives.

    Raises `LayoutError`, `KeyClashError`, `OriginalError` or `SymbolError` where a file is not as known.
    """
    (path, data), *_ = originals.items()
    rows, account = _reader(path)(path, data)
    return raw.Reading(raw.tidy(rows, DIMENSIONS), tuple(DIMENSIONS), [account])


def _reader(path: str) -> Callable[[str, bytes], tuple[list[dict], raw.Accounting]]:
    name = PurePosixPath(path).name
    if name not in READERS:
        raise LayoutError(
            "No reader is known for this file.",
            file=path,
            expected=sorted(READERS),
            found=name,
            todo="name the file in READERS of ingest/ascof.py beside the layout it follows",
        )
    return READERS[name]


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


def _figure(cell: object, symbols: Mapping[str, str], file: str, where: str) -> dict[str, object]:
    """The columns of a figure's value. Float noise (34.599999999999994) stays in the text alone."""
    text, value, symbol = raw.parse_value(cell, symbols, file=file, where=where)
    return {
        "value_text": text,
        "value": None if value is None else round(value, 9),
        "value_symbol": symbol,
        "source_file": file,
        "source_locator": where,
    }


def _cut_short(file: str, where: str, expected: str, found: object) -> LayoutError:
    return LayoutError(
        "A table looks cut short.",
        file=file,
        where=where,
        expected=expected,
        found=found,
        todo="fetch the original again; if the publisher dropped areas, teach ingest/ascof.py",
    )


# 2024-25: a workbook of time series ------------------------------------------------------------------

NOT_TABLES = ("Cover", "Contents", "Comparability_over_time_log", "Notes")
CONTENTS_HEADER = "Metric"
AREA_HEADERS = ["Local authority code", "Local authority", "ONS area code"]
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


def _workbook(file: str, data: bytes) -> tuple[list[dict], raw.Accounting]:
    """Every `Table_` sheet of the workbook of 2024-25."""
    book = Workbook(file, data)
    codes = _contents(book.sheet("Contents"))
    _check_sheets(book, codes)
    rows: list[dict] = []
    furniture: Counter[str] = Counter()
    read = 0
    for name in book.sheet_names:
        sheet = book.sheet(name)
        read += _size(sheet)
        furniture["blank"] += _size(sheet) - _filled(sheet.rows)
        if name in NOT_TABLES:
            furniture["cover, contents, log of comparability and notes"] += _filled(sheet.rows)
        else:
            rows += _table(sheet, codes[name], furniture)
    return rows, raw.Accounting(file, "cells", read, len(rows), dict(furniture))


def _size(sheet: Sheet) -> int:
    return sum(map(len, sheet.rows))


def _filled(rows: list[list[object]]) -> int:
    return sum(bool(str(cell).strip()) for row in rows for cell in row)


def _contents(sheet: Sheet) -> dict[str, str]:
    """The measure's code, as the contents print it, for each sheet name."""
    start = sheet.find_row(0, CONTENTS_HEADER) + 1
    codes = [sheet.text(row, 0) for row in range(start, len(sheet.rows)) if sheet.text(row, 0)]
    return {f"Table_{code.lower()}": code for code in codes}


def _check_sheets(book: Workbook, codes: Mapping[str, str]) -> None:
    expected, found = {*NOT_TABLES, *codes}, set(book.sheet_names)
    if expected != found:
        raise LayoutError(
            "The workbook's sheets are not those of its contents.",
            file=book.file,
            expected=f"also {sorted(expected - found)}" if expected - found else "no more",
            found=f"unknown {sorted(found - expected)}" if found - expected else "too few",
            todo="open the workbook; if the publisher renumbered the measures, say so in "
            "dbt/seeds/ascof_renumbering.csv and teach ingest/ascof.py",
        )


def _table(sheet: Sheet, code: str, furniture: Counter[str]) -> list[dict]:
    """The figures of one measure; what is not a figure is counted in `furniture`."""
    measure = _title(sheet, code)
    header = sheet.find_row(0, AREA_HEADERS[0])
    columns = _columns(sheet, header)
    areas = [row for row in range(header + 1, len(sheet.rows)) if sheet.text(row, 0) or sheet.text(row, 1)]
    _check_areas(sheet, areas)
    rows, left_out = [], 0
    for row, column, dimensions in _cells(sheet, columns, areas):
        if _is_of_other_council(sheet, row, column, dimensions, areas):
            left_out += 1
            continue
        withheld = (
            sheet.name == WITHHELD_SHEET
            and dimensions["area_level"] == "Council"
            and dimensions["area"] != ABOLISHED_IN_IT
        )
        rows.append(
            dimensions
            | {"table": sheet.name, "measure_code": code, "measure": measure}
            | {"unit": _unit(measure, dimensions["statistic"])}
            | _cell_figure(sheet, row, column, dimensions["year"], withheld)
        )
    _drop_zeros_of_nobody(rows)
    names = [sheet.rows[row][: len(AREA_HEADERS)] for row in areas]
    furniture[ONE_CODE] += left_out
    furniture["titles and headers"] += _filled(sheet.rows[: header + 1])
    furniture["names and codes of areas"] += _filled(names)
    return rows


def _drop_zeros_of_nobody(rows: list[dict]) -> None:
    """An outcome of 0 out of 0 people (1B, 2019-20: Kent and four others) is a missing one, not a zero."""
    nobody = {(row["area"], row["year"]) for row in rows if row["statistic"] == "base" and row["value"] == 0}
    for row in rows:
        if (row["area"], row["year"]) in nobody:
            row |= {"value": None, "value_symbol": "not_available"}


def _title(sheet: Sheet, code: str) -> str:
    """The measure as the sheet's first cell names it, without the notes. A misprinted code is an error."""
    match = re.fullmatch(r"Table (\S+): (.+)", sheet.text(0, 0))
    if match is None or match[1].casefold() != code.casefold():
        raise LayoutError(
            "A sheet does not name the measure that its name and the contents give.",
            file=sheet.file,
            where=sheet.locator(0, 0),
            expected=f"'Table {code}: ...' (capitals do not matter)",
            found=repr(sheet.text(0, 0)),
            todo="find out from the figures which measure the sheet holds; do not trust either label",
        )
    return re.sub(r"\s*\[note \d+\]", "", match[2])


def _columns(sheet: Sheet, header: int) -> dict[int, dict[str, str]]:
    """Year, statistic and disaggregation of each column of figures, from headers `2015 to 2016 - outcome`."""
    found = [sheet.text(header, column) for column in range(len(AREA_HEADERS))]
    if found != AREA_HEADERS:
        raise _bad_header(sheet, header, 0, f"{AREA_HEADERS} in columns A to C", found)
    columns: dict[int, dict[str, str]] = {}
    for column in range(len(AREA_HEADERS), len(sheet.rows[header])):
        text = sheet.text(header, column)
        if not text:
            continue
        match = re.fullmatch(r"(\d{4}) to (\d{4}) - (?:(.+) )??(" + "|".join(STATISTICS) + ")", text)
        if match is None or int(match[2]) != int(match[1]) + 1:
            raise _bad_header(
                sheet, header, column, f"two years running, ' - ' and one of {list(STATISTICS)}", text
            )
        # 6b splits providers by rating; '6b outcome' is the measure itself.
        whole = match[3] is None or sheet.name == f"Table_{match[3]}"
        dimensions = {
            "year": f"{match[1]}-{match[2][2:]}",
            "statistic": STATISTICS[match[4]],
            "disaggregation": "" if whole else f"rating={match[3]}",
        }
        if dimensions in columns.values():
            raise _bad_header(sheet, header, column, "each year and statistic once", text)
        columns[column] = dimensions
    if not columns:
        raise _bad_header(sheet, header, len(AREA_HEADERS), "headers of figures", "none")
    return columns


def _bad_header(sheet: Sheet, row: int, column: int, expected: object, found: object) -> LayoutError:
    return LayoutError(
        "A header is not as its reader knows it.",
        file=sheet.file,
        where=sheet.locator(row, column),
        expected=expected,
        found=repr(found),
        todo="open the sheet; if the publisher renamed or moved the column, teach ingest/ascof.py",
    )


def _area_code(sheet: Sheet, row: int) -> str:
    """The local authority code: three digits (which the file holds as a number), or letters and digits."""
    cell = sheet.rows[row][0]
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else sheet.text(row, 0)


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
    raise LayoutError(
        "A line has a code that is not known for any kind of area.",
        file=sheet.file,
        where=sheet.locator(row, 0),
        expected="England, a council type, a region, three digits, or five letters and digits",
        found=repr(code),
        todo="open the sheet; if it is a new kind of area, teach ingest/ascof.py",
    )


def _check_areas(sheet: Sheet, areas: list[int]) -> None:
    levels = Counter(_area_level(sheet, row) for row in areas)
    if levels["England"] != 1 or levels["Region"] != len(REGIONS) or levels["Council"] < FEWEST_COUNCILS:
        expected = f"England, {len(REGIONS)} regions and {FEWEST_COUNCILS} or more councils"
        raise _cut_short(sheet.file, f"sheet {sheet.name!r}", expected, dict(levels))
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


def _cells(
    sheet: Sheet, columns: Mapping[int, dict[str, str]], areas: list[int]
) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Row, column and dimensions of each figure, in the sheet's order."""
    for row in areas:
        code = _area_code(sheet, row)
        area = {
            "area_code": "" if code == NO_CODE else code,
            "area": sheet.text(row, 1),
            "area_level": _area_level(sheet, row),
        }
        for column, dimensions in columns.items():
            yield row, column, area | dimensions


def _is_of_other_council(
    sheet: Sheet, row: int, column: int, dimensions: Mapping[str, str], areas: list[int]
) -> bool:
    """Whether a cell in one of Dorset's two rows belongs to a year of the other row.

    Such a cell must be `[z]` or say what the other row says, else it is a figure that nobody can place.
    """
    if dimensions["area"] not in (COUNTY, UNITARY):
        return False
    unitary_year = dimensions["year"] >= FIRST_UNITARY_YEAR
    if unitary_year == (dimensions["area"] == UNITARY):
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


def _cell_figure(sheet: Sheet, row: int, column: int, year: str, withheld: bool) -> dict[str, object]:
    cell, where = sheet.rows[row][column], sheet.locator(row, column)
    symbols = WITHHELD_SYMBOLS if withheld else SYMBOLS
    both = TWO_VALUES.fullmatch(sheet.text(row, column)) if year == TWO_VALUES_YEAR else None
    if both is None:
        return _figure(cell, symbols, sheet.file, where)
    return _figure(both[1], symbols, sheet.file, where) | {"value_text": str(cell)}


# 2020-21: open data ----------------------------------------------------------------------------------

OPEN_SHEET = "in"
OPEN_HEADERS = [
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
OPEN_VALUE = OPEN_HEADERS.index("Measure Value")
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


def _known(mapping: Mapping[str, str], text: str, file: str, where: str) -> str:
    """What a label stands for; `LayoutError` where it is not known."""
    if text not in mapping:
        raise LayoutError(
            "A label is not known.",
            file=file,
            where=where,
            expected=sorted(mapping),
            found=repr(text),
            todo="open the file; if the publisher uses a new label, teach ingest/ascof.py",
        )
    return mapping[text]


def _open_data(file: str, data: bytes) -> tuple[list[dict], raw.Accounting]:
    """The publisher's open data of 2020-21. `measure_code` is the measure's group, without age and sex."""
    sheet = Workbook(file, data).sheet(OPEN_SHEET)
    headers = [sheet.text(0, column) for column in range(len(sheet.rows[0]))]
    if headers != OPEN_HEADERS:
        raise _bad_header(sheet, 0, 0, OPEN_HEADERS, headers)
    levels = {level: level for level in LEVELS}
    rows = []
    for index in range(1, len(sheet.rows)):
        _, area, level, _, code, split, kind, _, group, measure = (
            sheet.text(index, column) for column in range(len(OPEN_HEADERS))
        )
        where = sheet.locator(index, OPEN_VALUE)
        if not code.startswith(group):
            column = OPEN_HEADERS.index("Measure Group")
            raise _bad_header(sheet, index, column, f"the start of {code}", group)
        statistic = _known(OPEN_STATISTICS, kind, file, where)
        rows.append(
            {
                "year": "2020-21",
                "table": sheet.name,
                "measure_code": group,
                "measure": measure,
                "area_code": _area_code(sheet, index),
                "area": area,
                "area_level": _known(levels, level, file, where),
                "disaggregation": _known(DISAGGREGATIONS, split, file, where),
                "statistic": statistic,
                "unit": _unit(measure, statistic),
            }
            | _figure(sheet.rows[index][OPEN_VALUE], OPEN_SYMBOLS, file, where)
        )
    _check_rectangle(file, rows)
    furniture = {"header": len(headers), "labels": len(rows) * (len(headers) - 1)}
    return rows, raw.Accounting(file, "cells", _size(sheet), len(rows), furniture)


def _check_rectangle(file: str, rows: list[dict]) -> None:
    """Every area has the same figures, so one with fewer was cut off."""
    figures = Counter(row["area_code"] for row in rows)
    if not figures or len(set(figures.values())) != 1:
        fewest = figures.most_common()[-1:]
        raise _cut_short(file, f"sheet {OPEN_SHEET!r}", "as many figures for each area", fewest)


# 2018-19 to 2020-21: a third party's tables ----------------------------------------------------------

DERIVED_HEADERS = [
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


def _derived(file: str, data: bytes) -> tuple[list[dict], raw.Accounting]:
    """Outcomes of one year, without codes. What the third party added (income, deprivation, population of
    the age and sex) is not read."""
    lines = Lines.read(file, data, encoding="utf-8")
    at = lines.header(0, DERIVED_HEADERS)
    stem = PurePosixPath(file).stem
    year = _financial_year(stem.removeprefix("final_data_"))
    levels = {level: level for level in LEVELS}
    sets: Counter[tuple[str, str]] = Counter()
    rows = []
    for index in range(1, len(lines.rows)):
        line = lines.rows[index]
        if len(line) != len(lines.rows[0]):
            fields = f"{len(lines.rows[0])} fields"
            raise _cut_short(file, f"line {lines.line_numbers[index]}", fields, f"{len(line)} fields")
        cell = {name: " ".join(line[column].split()) for name, column in at.items()}
        where = lines.locator(index, "Measure Value")
        _known({year: year}, _financial_year(cell["Year"]), file, where)
        code, measure, split = (
            cell["ONS Code"],
            cell["Measure Group Description"],
            cell["Disaggregation Level"],
        )
        table = stem
        if year == SHARED_YEAR and measure in SHARED_TITLES:
            sets[code, measure] += split == "Total"
            table = f"{stem}, {_set_name(sets[code, measure], file, where)}"
        rows.append(
            {
                "year": year,
                "table": table,
                "measure_code": "",
                "measure": measure,
                "area_code": code,
                "area": cell["Geographical Description"],
                "area_level": _known(levels, cell["Geographical Level"], file, where),
                "disaggregation": _known(DISAGGREGATIONS, split, file, where),
                "statistic": "outcome",
                "unit": _unit(measure, "outcome"),
            }
            | _figure(line[at["Measure Value"]], {}, file, where)
        )
    return rows, raw.Accounting(file, "lines", len(lines.rows), len(rows), {"header": 1})


def _financial_year(text: str) -> str:
    """`2018-19` for the year that ends in `2019`; any other text as it is."""
    return f"{int(text) - 1}-{text[2:]}" if re.fullmatch(r"20\d\d", text) else text


def _set_name(number: int, file: str, where: str) -> str:
    """Which of an area's two sets of lines under one title a line is in; each set begins with its total."""
    if not 1 <= number <= len(SETS):
        raise LayoutError(
            "Lines of people and of carers cannot be told apart.",
            file=file,
            where=where,
            expected="one or two sets of lines under the title, each beginning with 'Total'",
            found=f"set {number}",
            todo="open the file; the order of its lines has changed",
        )
    return SETS[number - 1]


READERS = {
    "ascof_2024_25.ods": _workbook,
    "meas-from-asc-of-eng-2021-open-data-csv_v2.xlsx": _open_data,
    "final_data_2019.csv": _derived,
    "final_data_2020.csv": _derived,
    "final_data_2021.csv": _derived,
}
