"""Personal Social Services Expenditure (EX1), England, 2000-01 to 2013-14: adult services.

Four published tables, told apart by the dimension `table`:

| `table`                                     | editions           | layout                              |
|---------------------------------------------|--------------------|-------------------------------------|
| `council sheet`                             | 2000-01 to 2005-06 | a sheet a council, lines by column  |
| `gross current expenditure by council`      | 2006-07, 2007-08   | one sheet, lines by council         |
| `gross current expenditure national series` | 2006-07, 2007-08   | one sheet, lines by year            |
| `unit costs`                                | 2008-09 to 2013-14 | a CSV, councils by measure          |

Money is in GBP thousand. Children's services are out of scope. Columns are found by their headers, lines
by the section they stand in, because codes and positions change from year to year.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Grid, Lines, Sheet, Workbook, column_letters, is_blank, wrong_layout

DIMENSIONS = ("year", "table", "area_code", "area", "section", "line_code", "line", "measure")

SHEET, BY_COUNCIL = "council sheet", "gross current expenditure by council"
SERIES, UNIT_COSTS = "gross current expenditure national series", "unit costs"
GROSS_CURRENT = "gross current expenditure"
MONEY = "GBP thousand"

# The money columns of a council sheet, by the header that the publisher stacks over several rows.
# Provision by others has capital charges of its own in 2005-06 only; the totals of England in 2000-01
# split gross current expenditure further, so that its column is headed "Total" there.
MEASURE_HEADERS = {
    "own provision excluding capital charges": (
        "Own provision (including joint arrangements) Expenditure excluding capital charges",
    ),
    "provision by others excluding capital charges": (
        "Provision by others",
        "Provision by others Expenditure excluding capital charges",
    ),
    "gross total cost excluding capital charges": (
        "Total (including joint arrangements) Expenditure excluding capital charges",
    ),
    GROSS_CURRENT: ("GROSS CURRENT EXPENDITURE", "GROSS CURRENT EXPENDITURE Total"),
}

STRATEGY = "SERVICE STRATEGY"
ADULT_SECTIONS = (
    STRATEGY,
    "OLDER PEOPLE",
    "ADULTS AGED UNDER 65 WITH",
    "ASYLUM SEEKERS",
    "OTHER ADULT SERVICES",
    "TOTAL PERSONAL SOCIAL SERVICES",
    "TOTAL ADULT SOCIAL SERVICES",
)
CHILDREN = "CHILDREN'S AND FAMILIES SERVICES"

GROSS_SHEETS = {
    "2006-07": {BY_COUNCIL: "Gross expenditure 2006-2007", SERIES: "Gross expenditure 9495 to 0607"},
    "2007-08": {BY_COUNCIL: "Gross Current Expenditure", SERIES: "Gross Current Expenditure"},
}
# ".;." is a misprint of ".." in the 2006-07 series.
SERIES_SYMBOLS = {"..": "not_available", ".;.": "not_available"}
# Headings of the series that split the heading above them rather than start a section of their own.
SPLITS = (
    "ADULTS' SERVICES",
    CHILDREN,
    "TOTAL ALL SERVICES",
    "TOTAL ADULTS' SERVICES1",
    "TOTAL CHILDREN'S AND FAMILIES SERVICES1",
)
# Lines of the series that carry figures and yet belong to no section above them.
OWN_SECTION = ("OTHER EXPENDITURE NES", "TOTAL GROSS PERSONAL SOCIAL SERVICES EXPENDITURE")

UNIT_COST_SYMBOLS = {".": "not_applicable", "..": "not_available"}
# 2009-10 has spreadsheet errors in nine cells; 2011-12 defines "-" as suppressed because less than 6.
MORE_SYMBOLS = {"2009-10": {"#NUM!": "not_available"}, "2011-12": {"-": "suppressed"}}
UNIT_COST_ENCODINGS = {"2008-09": "utf-8-sig"}

F_BLANK = "blank"
F_HEADER = "titles, headers and labels"
F_CHILDREN = "children's services (out of scope)"
F_STRATEGY = "service strategy lines other than the total"
F_OTHER_LINES = "lines outside the sections (of which, net cost, memorandum, notes)"
F_OTHER_COLUMNS = "columns not taken (capital charges, income, net)"
F_CODES = "council codes below the table"
F_NOTES = "notes"

Rows = list[dict[str, object]]
Part = tuple[Rows, Accounting]
"""The figures of one file, and its account."""


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """Adult services of one edition: one row a published figure, money in GBP thousand.

    Raises `LayoutError` where a sheet, header, section or line is not where its edition has it,
    `SymbolError` for a cell that is neither a number nor a known symbol, `OriginalError` for a file that
    cannot be opened.
    """
    parts = edition.files[0].reader(LAYOUTS)(edition.edition, originals)
    rows = [row for part, _ in parts for row in part]
    return Reading.of(rows, [account for _, account in parts], DIMENSIONS)


# --- lines of a return: shared by council sheets and the sheets by council -----------------------------


@dataclass
class AdultLines:
    """The lines in scope as `(row, section, code, label)`, and why every other row is left out."""

    lines: list[tuple[int, str, str, str]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)

    def labels(self) -> list[tuple[str, str, str]]:
        return [line[1:] for line in self.lines]


def adult_lines(grid: Grid, start: int) -> AdultLines:
    """Adult lines from row `start` on: column A holds codes (`C:` opens a section, `C5` is a line), B labels.

    Raises `LayoutError` for a section nobody knows, and where no total ends the table.
    """
    found = AdultLines()
    section = letter = ""
    children = children_to_the_end = False
    for row in range(start, len(grid.rows)):
        code, label = grid.texts(row, 2)
        if not code and label == CHILDREN:  # 2007-08 has all of children's services below the adults'
            children = children_to_the_end = True
        if re.fullmatch("[A-Z]:", code):
            section, letter = label, code[0]
            children = children_to_the_end or "CHILDREN'S" in label
            if not children and not label.startswith(ADULT_SECTIONS):
                expected = f"a heading that starts with one of {ADULT_SECTIONS}"
                raise grid.wrong("A section of the return is not known.", at=(row, 1), expected=expected)
            found.left_out[row] = F_CHILDREN if children else F_HEADER
        elif children:
            found.left_out[row] = F_CHILDREN
        elif not (letter and re.fullmatch(rf"{letter}\d+", code)):
            found.left_out[row] = F_OTHER_LINES
        elif section.startswith(STRATEGY) and not label.startswith("TOTAL"):
            found.left_out[row] = F_STRATEGY
        else:
            found.lines.append((row, section, code, label))
    if not found.lines or not found.lines[-1][1].startswith("TOTAL"):
        raise grid.wrong(
            "The table does not end with the total of personal social services.",
            expected="lines in a section headed TOTAL PERSONAL (or ADULT) SOCIAL SERVICES",
            found=found.lines[-1][1:] if found.lines else "no line of adult services",
        )
    return found


def same_lines(found: AdultLines, first: AdultLines, grid: Grid) -> None:
    """Every council's sheet must have the lines of the first one, else `LayoutError`."""
    if found.labels() != first.labels():
        missing = [line for line in first.labels() if line not in found.labels()]
        extra = [line for line in found.labels() if line not in first.labels()]
        raise grid.wrong(
            "A council's sheet has other lines than the edition's first sheet.",
            expected=f"also {missing[:5]}" if missing else "the same lines in the same order",
            found=f"extra {extra[:5]}" if extra else "none extra",
            todo="open the sheet and find the line that was added, dropped or renamed",
        )


def count_cells(sheet: Sheet, start: int, found: AdultLines, columns: set[int], account: Accounting) -> None:
    """What becomes of each cell of a sheet; the cells under `columns` in adult lines are loaded."""
    account.read += sheet.size
    in_scope = {line[0] for line in found.lines}
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if is_blank(cell):
                account.leave(F_BLANK)
            elif row < start or (row in in_scope and column < 2):
                account.leave(F_HEADER)
            elif row not in in_scope:
                account.leave(found.left_out[row])
            elif column in columns:
                account.loaded += 1
            else:
                account.leave(F_OTHER_COLUMNS)


# --- 2000-01 to 2005-06: a sheet a council -------------------------------------------------------------


def measure_columns(grid: Grid) -> tuple[int, dict[str, int], list[str]]:
    """The first row below the header, the column of each money measure, and every column's header.

    A header is stacked over rows from the one above `Service` to the one above `col A`; the row `Service`
    names a group of columns in its first column only. Raises `LayoutError` where a measure has not exactly
    one column.
    """
    group_row, end = grid.find_row(0, "Service"), grid.find_row(0, "col A")
    headers: list[str] = []
    group = ""
    for column in range(len(grid.rows[group_row])):
        group = grid.text(group_row, column) or group
        parts = [grid.text(group_row - 1, column), group]
        parts += [grid.text(row, column) for row in range(group_row + 1, end)]
        headers.append(" ".join(part for part in parts if part))
    columns = {}
    for measure, names in MEASURE_HEADERS.items():
        hits = [column for column, header in enumerate(headers) if header in names]
        if len(hits) != 1:
            raise grid.wrong(
                "A money column is not there once.",
                at=f"rows {group_row} to {end}",
                expected=f"exactly one column headed {' or '.join(map(repr, names))}",
                found=f"{len(hits)}; the columns are headed {headers}",
            )
        columns[measure] = hits[0]
    return end + 1, columns, headers


def council_sheet(
    year: str, area: str, grid: Grid, found: AdultLines, columns: dict[str, int]
) -> Iterator[dict[str, object]]:
    """The figures of one council."""
    for row, section, code, label in found.lines:
        labels = {"year": year, "table": SHEET, "area": area, "unit": MONEY}
        labels |= {"section": section, "line_code": code, "line": label}
        for measure, column in columns.items():
            if not is_blank(grid.rows[row][column]):
                yield grid.figure(row, column, measure=measure, **labels)


def council_workbook(year: str, originals: Mapping[str, bytes]) -> list[Part]:
    """`spend.xls`: a sheet for each council and for six totals."""
    ((file, data),) = originals.items()
    rows: Rows = []
    account = Accounting(file, "cells")
    first = None
    for name, sheet in Workbook.open(file, data).sheets.items():
        start, columns, _ = measure_columns(sheet)
        found = adult_lines(sheet, start)
        first = first or found
        same_lines(found, first, sheet)
        rows += council_sheet(year, name, sheet, found, columns)
        count_cells(sheet, start, found, set(columns.values()), account)
    return [(rows, account)]


def exported_sheets(year: str, originals: Mapping[str, bytes]) -> list[Part]:
    """2005-06: one CSV a sheet, `output_<sheet>.csv`, in the order of `sheet_names.csv`; `NA` is a blank."""
    index, names = sheet_names(originals)
    every = len(names) + 1
    parts: list[Part] = [([], Accounting(index, "lines", every, 0, {F_HEADER: every}))]
    first = None
    for name in names:
        file = export_path(index, name)
        lines = Lines.read(file, originals[file])
        lines.rows = [["" if cell == "NA" else cell for cell in row] for row in lines.rows]
        start, columns, lines.headings = measure_columns(lines)
        found = adult_lines(lines, start)
        first = first or found
        same_lines(found, first, lines)
        rows = list(council_sheet(year, name, lines, found, columns))
        parts.append((rows, count_lines(lines, start, found)))
    return parts


def sheet_names(originals: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """The file that lists the exported sheets, and their names; `LayoutError` where files and list differ."""
    index = next((file for file in originals if file.endswith("/sheet_names.csv")), None)
    if index is None:
        raise wrong_layout(
            "The list of sheets is missing.",
            file=min(originals, default="pss_ex1/"),
            expected="sheet_names.csv",
            found=sorted(originals)[:5],
        )
    names = [row[0] for row in Lines.read(index, originals[index]).rows[1:]]
    listed = {export_path(index, name) for name in names} | {index}
    if listed != set(originals):
        raise wrong_layout(
            "The files are not those that the list of sheets names.",
            file=index,
            expected=f"also {sorted(listed - set(originals))[:5]}",
            found=f"extra {sorted(set(originals) - listed)[:5]}",
            todo="copy all files of the edition again",
        )
    return index, names


def export_path(index: str, name: str) -> str:
    return index.removesuffix("sheet_names.csv") + f"output_{name}.csv"


def count_lines(lines: Lines, start: int, found: AdultLines) -> Accounting:
    """What becomes of each line of an exported sheet."""
    account = lines.accounting(len(found.lines), {})
    for row, cells in enumerate(lines.rows):
        if all(is_blank(cell) for cell in cells):
            account.leave(F_BLANK)
        elif row < start:
            account.leave(F_HEADER)
        elif row in found.left_out:
            account.leave(found.left_out[row])
    return account


# --- 2006-07 and 2007-08: lines by council, and the national series ------------------------------------


def gross_workbooks(year: str, originals: Mapping[str, bytes]) -> list[Part]:
    """The sheet of gross current expenditure: `expend...` has it by council, `GrossNet...` by year."""
    parts = []
    for file, data in originals.items():
        table = BY_COUNCIL if file.rpartition("/")[2].startswith("expend") else SERIES
        sheet = Workbook.open(file, data).sheet(GROSS_SHEETS[year][table])
        parts.append(by_council(year, sheet) if table == BY_COUNCIL else national_series(sheet))
    return parts


def by_council(year: str, sheet: Sheet) -> Part:
    """Lines by council: England in column C of the header row, councils to its right."""
    header = sheet.find_row(2, "England")
    found = adult_lines(sheet, header + 1)
    areas = {c: area for c, area in enumerate(sheet.texts(header)) if c >= 2 and area}
    codes = council_codes(sheet, found, header) if year == "2007-08" else {}
    rows = [
        sheet.figure(
            row,
            column,
            unit=MONEY,
            year=year,
            table=BY_COUNCIL,
            area_code=codes.get(column, ""),
            area=area,
            section=section,
            line_code=code,
            line=label,
            measure=GROSS_CURRENT,
        )
        for row, section, code, label in found.lines
        for column, area in areas.items()
        if not is_blank(sheet.rows[row][column])
    ]
    account = Accounting(sheet.file, "cells")
    count_cells(sheet, header + 1, found, set(areas), account)
    return rows, account


def council_codes(sheet: Sheet, found: AdultLines, header: int) -> dict[int, str]:
    """Codes by column, from the row below the table: `TOTAL England`, `716-Barking and Dagenham`, ...

    Marks that row and the one above (the codes again, as numbers) as left out.
    """
    row = sheet.find_row(2, "TOTAL England", start=header + 1)
    found.left_out[row] = found.left_out[row - 1] = F_CODES
    matches = {column: re.match(r"(\d{3})-", text) for column, text in enumerate(sheet.texts(row))}
    return {column: match[1] for column, match in matches.items() if match}


def national_series(sheet: Sheet) -> Part:
    """England by year: lines in column A under headings in capitals, years from 1994-95 in the header row.

    Headings in small letters divide children's services only. A heading in `SPLITS` is told apart by the
    heading above it: `ASYLUM SEEKERS / ADULTS' SERVICES`.
    """
    header = sheet.find_row(1, "1994-95")
    years = {c: financial_year(sheet, header, c) for c, text in enumerate(sheet.texts(header)) if c and text}
    rows: Rows = []
    account = Accounting(sheet.file, "cells", sheet.size)
    heading = section = ""
    for row, cells in enumerate(sheet.rows):
        label = sheet.text(row, 0)
        filled = [column for column, cell in enumerate(cells) if not is_blank(cell)]
        account.leave(F_BLANK, len(cells) - len(filled))
        values = [column for column in filled if column in years]
        if row <= header or not values:
            account.leave(F_HEADER, len(filled))
            if row > header and label in SPLITS:
                section = f"{heading} / {label}"
            elif row > header and label and label == label.upper():
                heading = section = label
            continue
        section = next((name for name in OWN_SECTION if label.startswith(name)), section)
        if "CHILDREN" in section:
            account.leave(F_CHILDREN, len(filled))
            continue
        account.leave(F_HEADER, len(filled) - len(values))
        account.loaded += len(values)
        labels = {"table": SERIES, "area": "England", "section": section, "line": label, "unit": MONEY}
        rows += (
            sheet.figure(row, column, SERIES_SYMBOLS, year=years[column], measure=GROSS_CURRENT, **labels)
            for column in values
        )
    return rows, account


def financial_year(sheet: Sheet, row: int, column: int) -> str:
    """`1999-2000`, `2000-01` or (as 2006-07 prints it) `2005..06` as `1999-00`, `2000-01`, `2005-06`."""
    expected = "a year such as 2000-01 or 2000-2001"
    match = sheet.match(row, column, r"(\d{4})(?:-|\.\.)(?:\d\d)?(\d\d)", expected)
    if (int(match[1]) + 1) % 100 != int(match[2]):
        raise sheet.wrong("A year does not follow the one before.", at=(row, column), expected=expected)
    return f"{match[1]}-{match[2]}"


# --- 2008-09 to 2013-14: unit costs --------------------------------------------------------------------

# What a heading begins with tells its kind, and words in it the unit; `count` and `GBP` where none is there.
KINDS = {
    "Gross total cost": "numerator",
    "Number of": "denominator",
    "The total number": "denominator",
    "The average number": "denominator",
    "The actual number": "denominator",
    "Average gross": "unit cost",
}
UNITS = {
    "numerator": {"": MONEY},
    "denominator": {
        "number of weeks": "weeks",
        "contact hours": "hours",
        "number of meals": "meals",
        "number of clients": "people",
        "Number of adults": "people",
        "Number of older people": "people",
        "": "count",
    },
    "unit cost": {
        "weekly expenditure": "GBP per week",
        "hourly cost": "GBP per hour",
        "cost per meal": "GBP per meal",
        "day services client": "GBP per client",
        "": "GBP",
    },
}


def unit_costs(year: str, originals: Mapping[str, bytes]) -> list[Part]:
    """Councils by measure. England is the last row; notes follow it."""
    ((file, data),) = originals.items()
    lines = Lines.read(file, data, encoding=UNIT_COST_ENCODINGS.get(year, "cp1252"))
    columns, start = unit_cost_columns(lines)
    symbols = UNIT_COST_SYMBOLS | MORE_SYMBOLS.get(year, {})
    rows: Rows = []
    account = lines.accounting(0, {})
    england = False
    for row, cells in enumerate(lines.rows):
        if all(is_blank(cell) for cell in cells):
            account.leave(F_BLANK)
        elif row < start:
            account.leave(F_HEADER)
        elif england:
            account.leave(F_NOTES)
        else:
            account.loaded += 1
            england = lines.text(row, 0).casefold() in ("england", "total england")
            code, area = ("", lines.text(row, 0)) if england else council(lines, row)
            lines.check_width([row])
            labels = {"year": year, "table": UNIT_COSTS, "area_code": code, "area": area}
            for column, about in columns.items():
                rows.append(lines.figure(row, column, symbols, **labels, **about))
    if not england:
        raise lines.wrong(
            "The row of England, which ends the table, is not there.",
            at="end of file",
            expected="a row that starts with England or TOTAL England",
            found=f"{account.loaded} councils",
        )
    return [(rows, account)]


def unit_cost_columns(lines: Lines) -> tuple[dict[int, dict[str, str]], int]:
    """What each column of figures holds, and the first record of figures.

    2008-09, 2012-13 and 2013-14 have a record of measure ids and one of kinds below the header. Elsewhere
    the kind is read from the heading; where both are there they must agree. Raises `LayoutError`.

    Columns get short addresses, because headings run to 300 letters: `DI 2.30 numerator` is the column that a
    spreadsheet shows as DI.
    """
    begins = "Gross total cost"
    header = next((i for i, row in enumerate(lines.rows) if any(c.startswith(begins) for c in row)), None)
    if header is None:
        raise lines.wrong(
            "The header of the unit costs is not there.",
            expected=f"a record with headings that start with {begins!r}",
            found=f"{len(lines.rows)} records without one",
        )
    lines.headings = lines.texts(header)
    below = lines.rows[header + 1 : header + 3]
    coded = len(below) == 2 and "Numerator" in below[1]
    headings = {column: text for column, text in enumerate(lines.headings) if column and text}
    # 2009-10 heads two columns alike: the first is the total, the second own provision.
    codes = {column: below[0][column].strip() if coded else "" for column in headings}
    times = Counter((codes[column], heading) for column, heading in headings.items())
    seen: Counter[tuple[str, str]] = Counter()
    columns, addresses = {}, [column_letters(column) for column in range(len(lines.headings))]
    for column, heading in headings.items():
        measure = kind(lines, header, column)
        if coded and below[1][column].strip().casefold() != measure:
            raise lines.wrong(
                "A column's kind and its heading disagree.",
                at=(header + 2, column),
                expected=repr(measure),
                todo="open the file and find out whether columns were shifted",
            )
        same = (codes[column], heading)
        seen[same] += 1
        note = f" [column {seen[same]} of {times[same]} so headed]" if times[same] > 1 else ""
        unit = next(name for words, name in UNITS[measure].items() if words in heading)
        columns[column] = {"line_code": codes[column], "line": heading + note}
        columns[column] |= {"measure": measure, "unit": unit}
        addresses[column] = " ".join(part for part in (addresses[column], codes[column], measure) if part)
    lines.headings = addresses
    return columns, header + (3 if coded else 1)


def kind(lines: Lines, header: int, column: int) -> str:
    """`numerator`, `denominator` or `unit cost`, by how the heading begins; else `LayoutError`."""
    for begins, measure in KINDS.items():
        if lines.text(header, column).startswith(begins):
            return measure
    raise lines.wrong(
        "A column is neither a cost, a number nor a unit cost.",
        at=(header, column),
        expected=f"a heading that starts with one of {list(KINDS)}",
    )


def council(lines: Lines, row: int) -> tuple[str, str]:
    """`102 - Cumbria` or `102-Cumbria` as `("102", "Cumbria")`, else `LayoutError`."""
    expected = "a council such as '102 - Cumbria', or England, whose row ends the table"
    match = lines.match(row, 0, r"(\d{3}) ?- ?(.+)", expected)
    return match[1], match[2]


LAYOUTS = {
    "council sheets": council_workbook,
    "exported council sheets": exported_sheets,
    "gross current expenditure": gross_workbooks,
    "unit costs": unit_costs,
}
