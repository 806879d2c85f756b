"""Mid-year population estimates by single year of age, for England, its regions and its upper-tier councils.

Shape: one row for each area, sex and age; unit people. `year` is the calendar year of the mid-year
estimate. `age` is `0` to `90+` (workbooks to 2018 head the last column `90`, which means 90 and over) or
`All ages`. `sex` is `Persons`, except in 2011, whose sheet gives `M` and `F` and no persons by age (its
`All ages` rows come from the sheet of totals). `area_type` is the publisher's, null in 2015 and 2016.

Left out as furniture: districts, metropolitan counties, other parts of the United Kingdom, males and
females (but in 2011), and sheets other than the ones read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Grid, Lines, Sheet, Workbook

DIMENSIONS = ("year", "area_code", "area", "area_type", "sex", "age")
KEY = ("year", "area_code", "sex", "age")

ENGLISH_UPPER_TIER = ("E92", "E12", "E06", "E08", "E09", "E10")  # England, regions, and councils by kind
AGES = [*(str(age) for age in range(90)), "90+"]

# The sheet of persons by age is called otherwise in these years.
PERSONS = "MYE2 - Persons"
PERSONS_IN = {"2015": "Persons UK", "2016": "MYE2 - All", "2017": "MYE2 - All", "2018": "MYE2-All"}

Rows = list[dict[str, object]]
Cell = tuple[int, int, dict[str, str | None]]
"""Row and column of a figure, and its dimensions."""
Layout = Callable[[Grid, str], tuple[int, list[Cell]]]
"""Gives the header's row and the figures under it."""


def _age(header: str) -> str:
    """A column's heading or a row's age as `0` to `90+`; other texts as they are."""
    text = header.removesuffix(".0")
    return "90+" if text == "90" else text


def _upper_tier(grid: Grid, header: int) -> Iterator[int]:
    """The rows of England, its regions and its upper-tier councils."""
    return (row for row in range(header + 1, len(grid.rows)) if _in_scope(grid, row))


def _in_scope(grid: Grid, row: int) -> bool:
    return grid.text(row, 0).startswith(ENGLISH_UPPER_TIER)


def _area(grid: Grid, row: int, *, has_type: bool = True) -> dict[str, str | None]:
    code, name, kind = grid.texts(row, 3)
    return {"area_code": code, "area": name, "area_type": kind if has_type else None}


def an_age_a_column(grid: Grid, year: str) -> tuple[int, list[Cell]]:
    """One row an area, one column an age; early years have no column of the area's type."""
    header = grid.find_row(0, "Code")
    headings = [_age(text).casefold() for text in grid.texts(header)]
    has_type = headings[2:] != [] and headings[2].startswith("geography")
    total = 3 if has_type else 2
    found = headings[:2] + headings[total : total + 1 + len(AGES)]
    if found != ["code", "name", "all ages", *AGES] or any(headings[total + 1 + len(AGES) :]):
        raise grid.wrong(
            "The header of the table of ages is not as the reader knows it.",
            at=header,
            expected="Code, Name, (Geography), All ages, 0, 1, ... 90+",
            found=[*headings[:6], "...", *headings[-3:]],
        )
    return header, [
        (row, column, _area(grid, row, has_type=has_type) | {"sex": "Persons", "age": age})
        for row in _upper_tier(grid, header)
        for column, age in enumerate(["All ages", *AGES], start=total)
    ]


def an_age_a_row(grid: Grid, year: str) -> tuple[int, list[Cell]]:
    """Sheet MYEB1: one row an area, sex and age, one column a year."""
    grid.header(0, ["code", "name", "geography", "sex", "age"])
    sex, age, value = (grid.find_column(0, name) for name in ("sex", "age", f"population_{year}"))
    return 0, [
        (row, value, _area(grid, row) | {"sex": grid.text(row, sex), "age": _age(grid.text(row, age))})
        for row in _upper_tier(grid, 0)
    ]


def all_ages(grid: Grid, year: str) -> tuple[int, list[Cell]]:
    """Sheet MYE4: one row an area, one column a year."""
    header = grid.find_row(0, "Code")
    value = grid.find_column(header, f"Mid-{year}")
    labels = {"sex": "Persons", "age": "All ages"}
    return header, [(row, value, _area(grid, row) | labels) for row in _upper_tier(grid, header)]


def read_sheet(sheet: Sheet, year: str, layout: Layout, account: Accounting) -> Rows:
    """The figures of a sheet, its cells accounted for."""
    header, cells = layout(sheet, year)
    width = len(sheet.rows[0])
    labels = "area labels" if layout is an_age_a_column else "area labels and other years"
    account.leave("titles and header", (header + 1) * width)
    for row in range(header + 1, len(sheet.rows)):
        if not _in_scope(sheet, row):
            account.leave("areas out of scope" if sheet.text(row, 1) else "blank rows and notes", width)
    areas = len({row for row, _, _ in cells})
    account.leave(labels, areas * width - len(cells))
    account.loaded += len(cells)
    return [sheet.figure(row, column, unit="people", year=year, **about) for row, column, about in cells]


def read_workbook(path: str, data: bytes, sheets: Mapping[str, Layout], year: str) -> tuple[Rows, Accounting]:
    """The estimates of one year, every cell of every sheet accounted for."""
    book = Workbook.open(path, data)
    account = book.accounting(sheets, "sheets out of scope")
    rows: Rows = []
    for name, layout in sheets.items():
        rows += read_sheet(book.sheet(name), year, layout, account)
    return rows, account


def workbook(path: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    return read_workbook(path, data, {PERSONS_IN.get(year, PERSONS): an_age_a_column}, year)


def workbook_of_2011(path: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    return read_workbook(path, data, {"MYEB1": an_age_a_row, "MYE4": all_ages}, year)


def text_export(path: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """The sheet of persons saved as text."""
    lines = Lines.read(path, data)
    lines.header(0, ["Code", "Name"])
    lines.check_width(range(1, len(lines.rows)))
    header, cells = an_age_a_column(lines, year)
    rows = [lines.figure(row, column, unit="people", year=year, **about) for row, column, about in cells]
    areas = len({row for row, _, _ in cells})
    furniture = {"titles and header": 1, "areas out of scope": len(lines.rows) - 1 - header - areas}
    return rows, lines.accounting(areas, furniture)


LAYOUTS = {"workbook": workbook, "workbook of 2011": workbook_of_2011, "text export": text_export}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The mid-year estimates of one year.

    Raises `LayoutError` for a sheet, header or column moved and `SymbolError` for a cell without a number.
    """
    (file,) = edition.files
    rows, account = file.reader(LAYOUTS)(file.path, originals[file.path], edition.edition)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
