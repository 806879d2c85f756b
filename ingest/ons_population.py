"""Mid-year population estimates by single year of age, for England, its regions and its upper-tier councils.

Shape: one row for each area, sex and age; unit people. `year` is the calendar year of the mid-year
estimate. `age` is `0` to `90+` (workbooks to 2018 head the last column `90`, which means 90 and over) or
`All ages`. `sex` is `Persons`, except in 2011, whose sheet gives `M` and `F` and no persons by age (its
`All ages` rows come from the sheet of totals). `area_type` is the publisher's, null in 2015 and 2016.

Left out as furniture: districts, metropolitan counties, other parts of the United Kingdom, males and
females (but in 2011), and sheets other than the ones read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    "year": pl.String,
    "area_code": pl.String,
    "area": pl.String,
    "area_type": pl.String,
    "sex": pl.String,
    "age": pl.String,
}
KEY = ("year", "area_code", "sex", "age")
SYMBOLS: dict[str, str] = {}

ENGLISH_UPPER_TIER = ("E92", "E12", "E06", "E08", "E09", "E10")  # England, regions, and councils by kind
AGES = [*(str(age) for age in range(90)), "90+"]

_SHEETS = {
    "2015": "Persons UK",
    "2016": "MYE2 - All",
    "2017": "MYE2 - All",
    "2018": "MYE2-All",
    "2019": "MYE2 - Persons",
    "2020": "MYE2 - Persons",
    "2021": "MYE2 - Persons",
    "2022": "MYE2 - Persons",
    "2023": "MYE2 - Persons",
}


@dataclass
class _Account:
    """Counts the cells of a workbook as they are read."""

    loaded: int = 0
    furniture: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str, cells: int) -> None:
        if cells:
            self.furniture[why] = self.furniture.get(why, 0) + cells


def _age(header: object) -> str:
    """A column's header or a row's age as `0` to `90+`; other texts as they are, white space folded."""
    text = " ".join(str(header).split()).removesuffix(".0")
    return "90+" if text == "90" else text


def _wide_header(header: list[object], file: str, where: str) -> tuple[int | None, int]:
    """Columns of the geography's type (None where there is none) and of `All ages`, ages checked."""
    texts = [_age(cell).casefold() for cell in header]
    type_column = 2 if texts[2].startswith("geography") else None
    total = 2 if type_column is None else 3
    found = texts[:2] + texts[total : total + 1 + len(AGES)]
    if found != ["code", "name", "all ages", *AGES] or any(texts[total + 1 + len(AGES) :]):
        raise LayoutError(
            "The header of the table of ages is not as the reader knows it.",
            file=file,
            where=where,
            expected="Code, Name, (Geography), All ages, 0, 1, ... 90+",
            found=[*texts[:6], "...", *texts[-3:]],
            todo="open the file; if the publisher moved or added columns, teach ingest/ons_population.py",
        )
    return type_column, total


def _figure(cell: object, file: str, locator: str, **dimensions: str | None) -> dict[str, object]:
    text, value, symbol = raw.parse_value(cell, SYMBOLS, file=file, where=locator)
    return dimensions | {
        "unit": "people",
        "value_text": text,
        "value": value,
        "value_symbol": symbol,
        "source_file": file,
        "source_locator": locator,
    }


def read_wide_sheet(sheet: Sheet, year: str, account: _Account) -> list[dict[str, object]]:
    """A sheet with one row an area and one column an age."""
    start = sheet.find_row(0, "Code")
    type_column, total = _wide_header(sheet.rows[start], sheet.file, f"sheet {sheet.name!r}, row {start + 1}")
    width = len(sheet.rows[0])
    account.leave("titles and header", (start + 1) * width)
    rows = []
    for index in range(start + 1, len(sheet.rows)):
        code = sheet.text(index, 0)
        if not code.startswith(ENGLISH_UPPER_TIER):
            named = bool(sheet.text(index, 1))
            account.leave("areas out of scope" if named else "blank rows and notes", width)
            continue
        for column, age in enumerate(["All ages", *AGES], start=total):
            rows.append(
                _figure(
                    sheet.rows[index][column],
                    sheet.file,
                    sheet.locator(index, column),
                    year=year,
                    area_code=code,
                    area=sheet.text(index, 1),
                    area_type=None if type_column is None else sheet.text(index, type_column),
                    sex="Persons",
                    age=age,
                )
            )
        account.loaded += 1 + len(AGES)
        account.leave("area labels", width - 1 - len(AGES))
    return rows


def read_long_sheet(sheet: Sheet, year: str, account: _Account) -> list[dict[str, object]]:
    """Sheet MYEB1: one row an area, sex and age, one column a year."""
    columns = [sheet.find_column(0, name) for name in ("code", "name", "geography", "sex", "age")]
    value_column = sheet.find_column(0, f"population_{year}")
    width = len(sheet.rows[0])
    account.leave("titles and header", width)
    rows = []
    for index in range(1, len(sheet.rows)):
        code, area, area_type, sex, age = (sheet.text(index, column) for column in columns)
        if not code.startswith(ENGLISH_UPPER_TIER):
            account.leave("areas out of scope" if area else "blank rows and notes", width)
            continue
        rows.append(
            _figure(
                sheet.rows[index][value_column],
                sheet.file,
                sheet.locator(index, value_column),
                year=year,
                area_code=code,
                area=area,
                area_type=area_type,
                sex=sex,
                age=_age(age),
            )
        )
        account.loaded += 1
        account.leave("area labels and other years", width - 1)
    return rows


def read_totals_sheet(sheet: Sheet, year: str, account: _Account) -> list[dict[str, object]]:
    """Sheet MYE4: one row an area, one column a year, all ages."""
    start = sheet.find_row(0, "Code")
    value_column = sheet.find_column(start, f"Mid-{year}")
    width = len(sheet.rows[0])
    account.leave("titles and header", (start + 1) * width)
    rows = []
    for index in range(start + 1, len(sheet.rows)):
        code, area, area_type = (sheet.text(index, column) for column in range(3))
        if not code.startswith(ENGLISH_UPPER_TIER):
            account.leave("areas out of scope" if area else "blank rows and notes", width)
            continue
        rows.append(
            _figure(
                sheet.rows[index][value_column],
                sheet.file,
                sheet.locator(index, value_column),
                year=year,
                area_code=code,
                area=area,
                area_type=area_type,
                sex="Persons",
                age="All ages",
            )
        )
        account.loaded += 1
        account.leave("area labels and other years", width - 1)
    return rows


def read_workbook(path: str, data: bytes, year: str) -> tuple[list[dict[str, object]], Accounting]:
    """The estimates of one year from a publisher's workbook, every cell of every sheet accounted for."""
    book, account, read, rows = Workbook(path, data), _Account(), 0, []
    sheets = {"MYEB1": read_long_sheet, "MYE4": read_totals_sheet} if year == "2011" else {}
    sheets = sheets or {_SHEETS[year]: read_wide_sheet}
    for name in [*sheets, *(name for name in book.sheet_names if name not in sheets)]:
        sheet = book.sheet(name)
        cells = sum(len(row) for row in sheet.rows)
        read += cells
        if name in sheets:
            rows += sheets[name](sheet, year, account)
        else:
            account.leave("sheets out of scope", cells)
    return rows, Accounting(path, "cells", read, account.loaded, account.furniture)


def read_csv(path: str, data: bytes, year: str) -> tuple[list[dict[str, object]], Accounting]:
    """The estimates of one year from a CSV export of the sheet of persons."""
    lines = Lines.read(path, data, encoding="utf-8-sig")
    type_column, total = _wide_header(lines.rows[0] if lines.rows else [""] * 3, path, "line 1")
    rows, loaded, furniture = [], 0, {"titles and header": 1}
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if len(fields) != len(lines.rows[0]):
            raise LayoutError(
                "A line of the table of ages has too few or too many fields.",
                file=path,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields, as in the header",
                found=len(fields),
                todo="the file may be truncated: fetch it again",
            )
        if not fields[0].startswith(ENGLISH_UPPER_TIER):
            furniture["areas out of scope"] = furniture.get("areas out of scope", 0) + 1
            continue
        for column, age in enumerate(["All ages", *AGES], start=total):
            rows.append(
                _figure(
                    fields[column],
                    path,
                    lines.locator(index, lines.rows[0][column]),
                    year=year,
                    area_code=fields[0],
                    area=" ".join(fields[1].split()),
                    area_type=None if type_column is None else fields[type_column],
                    sex="Persons",
                    age=age,
                )
            )
        loaded += 1
    return rows, Accounting(path, "lines", len(lines.rows), loaded, furniture)


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The mid-year estimates of one year.

    Raises `LayoutError` for a sheet, header or column moved and `SymbolError` for a cell without a number.
    """
    (path, data), *_ = originals.items()
    reader = read_csv if path.endswith(".csv") else read_workbook
    rows, accounting = reader(path, data, edition.edition)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, [accounting])
