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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook, column_letters
from commissioning.ingest.raw import Accounting, Reading, parse_value, tidy

DIMENSIONS = {
    name: pl.String
    for name in ("year", "table", "area_code", "area", "section", "line_code", "line", "measure")
}

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


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """Adult services of one edition: one row a published figure, money in GBP thousand.

    Raises `LayoutError` where a sheet, header, section or line is not where its edition has it,
    `SymbolError` for a cell that is neither a number nor a known symbol, `OriginalError` for a file that
    cannot be opened.
    """
    year = edition.edition
    if year <= "2004-05":
        parts = [council_workbook(year, file, data) for file, data in originals.items()]
    elif year == "2005-06":
        parts = exported_sheets(year, originals)
    elif year in GROSS_SHEETS:
        parts = [gross_workbook(year, file, data) for file, data in originals.items()]
    else:
        parts = [unit_costs(year, file, data) for file, data in originals.items()]
    rows = [row for part, _ in parts for row in part]
    return Reading(tidy(rows, DIMENSIONS), tuple(DIMENSIONS), [account for _, account in parts])


def figure(
    cell: object, symbols: Mapping[str, str], *, file: str, locator: str, unit: str = MONEY, **dimensions: str
) -> dict[str, object]:
    """One row of the raw table; dimensions that are not given are empty."""
    text, value, symbol = parse_value(cell, symbols, file=file, where=locator)
    return {
        **dict.fromkeys(DIMENSIONS, ""),
        **dimensions,
        "unit": unit,
        "value_text": text,
        "value": value,
        "value_symbol": symbol,
        "source_file": file,
        "source_locator": locator,
    }


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# --- lines of a return: shared by council sheets and the sheets by council -----------------------------


@dataclass
class AdultLines:
    """The lines in scope as `(row, section, code, label)`, and why every other row is left out."""

    lines: list[tuple[int, str, str, str]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)

    def labels(self) -> list[tuple[str, str, str]]:
        return [line[1:] for line in self.lines]


def adult_lines(sheet: Sheet, start: int) -> AdultLines:
    """Adult lines from row `start` on: column A holds codes (`C:` opens a section, `C5` is a line), B labels.

    Raises `LayoutError` for a section nobody knows, and where no total ends the table.
    """
    found = AdultLines()
    section = letter = ""
    children = children_to_the_end = False
    for row in range(start, len(sheet.rows)):
        code, label = sheet.text(row, 0), sheet.text(row, 1)
        if not code and label == CHILDREN:  # 2007-08 has all of children's services below the adults'
            children = children_to_the_end = True
        if re.fullmatch("[A-Z]:", code):
            section, letter = label, code[0]
            children = children_to_the_end or "CHILDREN'S" in label
            if not children and not label.startswith(ADULT_SECTIONS):
                raise LayoutError(
                    "A section of the return is not known.",
                    file=sheet.file,
                    where=sheet.locator(row, 1),
                    expected=f"a heading that starts with one of {ADULT_SECTIONS}",
                    found=repr(label),
                    todo="open the sheet; if the publisher renamed the section, teach ingest/pss_ex1.py",
                )
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
        raise LayoutError(
            "The table does not end with the total of personal social services.",
            file=sheet.file,
            where=f"sheet {sheet.name!r}",
            expected="lines in a section headed TOTAL PERSONAL (or ADULT) SOCIAL SERVICES",
            found=found.lines[-1][1:] if found.lines else "no line of adult services",
            todo="check that the original is whole; if the table changed, teach ingest/pss_ex1.py",
        )
    return found


def same_lines(found: AdultLines, first: AdultLines, sheet: Sheet) -> None:
    """Every council's sheet must have the lines of the first one, else `LayoutError`."""
    if found.labels() == first.labels():
        return
    missing = [line for line in first.labels() if line not in found.labels()]
    extra = [line for line in found.labels() if line not in first.labels()]
    raise LayoutError(
        "A council's sheet has other lines than the edition's first sheet.",
        file=sheet.file,
        where=f"sheet {sheet.name!r}",
        expected=f"also {missing[:5]}" if missing else "the same lines in the same order",
        found=f"extra {extra[:5]}" if extra else "none extra",
        todo="open the sheet and find the line that was added, dropped or renamed",
    )


def count_cells(sheet: Sheet, start: int, found: AdultLines, columns: set[int]) -> Counter[str]:
    """What becomes of each cell of a sheet; the cells under `columns` in adult lines count as `loaded`."""
    counts: Counter[str] = Counter()
    in_scope = {line[0] for line in found.lines}
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if is_blank(cell):
                counts[F_BLANK] += 1
            elif row < start or (row in in_scope and column < 2):
                counts[F_HEADER] += 1
            elif row in in_scope:
                counts["loaded" if column in columns else F_OTHER_COLUMNS] += 1
            else:
                counts[found.left_out[row]] += 1
    return counts


def accounting(file: str, counts_what: str, counts: Counter[str]) -> Accounting:
    loaded = counts.pop("loaded", 0)
    return Accounting(file, counts_what, counts.total() + loaded, loaded, dict(sorted(counts.items())))


# --- 2000-01 to 2005-06: a sheet a council -------------------------------------------------------------


def measure_columns(sheet: Sheet) -> tuple[int, dict[str, int], list[str]]:
    """The first row below the header, the column of each money measure, and every column's header.

    A header is stacked over rows from the one above `Service` to the one above `col A`; the row `Service`
    names a group of columns in its first column only. Raises `LayoutError` where a measure has not exactly
    one column.
    """
    group_row, end = sheet.find_row(0, "Service"), sheet.find_row(0, "col A")
    headers: list[str] = []
    group = ""
    for column in range(len(sheet.rows[group_row])):
        group = sheet.text(group_row, column) or group
        parts = [sheet.text(group_row - 1, column), group]
        parts += [sheet.text(row, column) for row in range(group_row + 1, end)]
        headers.append(" ".join(part for part in parts if part))
    columns = {}
    for measure, names in MEASURE_HEADERS.items():
        hits = [column for column, header in enumerate(headers) if header in names]
        if len(hits) != 1:
            raise LayoutError(
                "A money column is not there once.",
                file=sheet.file,
                where=f"sheet {sheet.name!r}, rows {group_row} to {end}",
                expected=f"exactly one column headed {' or '.join(map(repr, names))}",
                found=f"{len(hits)}; the columns are headed {headers}",
                todo="open the sheet; if the publisher renamed the column, teach ingest/pss_ex1.py",
            )
        columns[measure] = hits[0]
    return end + 1, columns, headers


def council_sheet(
    year: str, sheet: Sheet, found: AdultLines, columns: dict[str, int], locator: Callable[[int, int], str]
) -> Iterator[dict[str, object]]:
    """The figures of one council; `locator` says where a zero-based row and column is."""
    for row, section, code, label in found.lines:
        for measure, column in columns.items():
            cell = sheet.rows[row][column]
            if not is_blank(cell):
                yield figure(
                    cell,
                    {},
                    file=sheet.file,
                    locator=locator(row, column),
                    year=year,
                    table=SHEET,
                    area=sheet.name,
                    section=section,
                    line_code=code,
                    line=label,
                    measure=measure,
                )


def council_workbook(year: str, file: str, data: bytes) -> tuple[Rows, Accounting]:
    """`spend.xls`: a sheet for each council and for six totals."""
    book = Workbook(file, data)
    rows: Rows = []
    counts: Counter[str] = Counter()
    first = None
    for name in book.sheet_names:
        sheet = book.sheet(name)
        start, columns, _ = measure_columns(sheet)
        found = adult_lines(sheet, start)
        first = first or found
        same_lines(found, first, sheet)
        rows += council_sheet(year, sheet, found, columns, sheet.locator)
        counts += count_cells(sheet, start, found, set(columns.values()))
    return rows, accounting(file, "cells", counts)


def exported_sheets(year: str, originals: Mapping[str, bytes]) -> list[tuple[Rows, Accounting]]:
    """2005-06: one CSV a sheet, `output_<sheet>.csv`, in the order of `sheet_names.csv`; `NA` is a blank."""
    index, names = sheet_names(originals)
    parts: list[tuple[Rows, Accounting]] = [
        ([], Accounting(index, "lines", len(names) + 1, 0, {F_HEADER: len(names) + 1}))
    ]
    first = None
    for name in names:
        file = export_path(index, name)
        lines = Lines.read(file, originals[file], encoding="utf-8")
        sheet = Sheet(file, name, [["" if cell == "NA" else cell for cell in row] for row in lines.rows])
        start, columns, headers = measure_columns(sheet)
        found = adult_lines(sheet, start)
        first = first or found
        same_lines(found, first, sheet)
        locator = partial(export_locator, lines, headers)
        rows = list(council_sheet(year, sheet, found, columns, locator))
        parts.append((rows, accounting(file, "lines", count_lines(sheet, start, found))))
    return parts


def sheet_names(originals: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """The file that lists the exported sheets, and their names; `LayoutError` where files and list differ."""
    index = next((file for file in originals if file.endswith("/sheet_names.csv")), None)
    if index is None:
        raise LayoutError(
            "The list of sheets is missing.", expected="sheet_names.csv", found=sorted(originals)[:5]
        )
    names = [row[0] for row in Lines.read(index, originals[index], encoding="utf-8").rows[1:]]
    listed = {export_path(index, name) for name in names} | {index}
    if listed != set(originals):
        raise LayoutError(
            "The files are not those that the list of sheets names.",
            file=index,
            expected=f"also {sorted(listed - set(originals))[:5]}",
            found=f"extra {sorted(set(originals) - listed)[:5]}",
            todo="copy all files of the edition again",
        )
    return index, names


def export_path(index: str, name: str) -> str:
    return index.removesuffix("sheet_names.csv") + f"output_{name}.csv"


def export_locator(lines: Lines, headers: list[str], row: int, column: int) -> str:
    return lines.locator(row, headers[column])


def count_lines(sheet: Sheet, start: int, found: AdultLines) -> Counter[str]:
    """What becomes of each line of an exported sheet."""
    counts: Counter[str] = Counter()
    for row, cells in enumerate(sheet.rows):
        if all(is_blank(cell) for cell in cells):
            counts[F_BLANK] += 1
        elif row < start:
            counts[F_HEADER] += 1
        else:
            counts[found.left_out.get(row, "loaded")] += 1
    return counts


# --- 2006-07 and 2007-08: lines by council, and the national series ------------------------------------


def gross_workbook(year: str, file: str, data: bytes) -> tuple[Rows, Accounting]:
    """The sheet of gross current expenditure: `expend...` has it by council, `GrossNet...` by year."""
    table = BY_COUNCIL if file.rpartition("/")[2].startswith("expend") else SERIES
    sheet = Workbook(file, data).sheet(GROSS_SHEETS[year][table])
    return by_council(year, sheet) if table == BY_COUNCIL else national_series(sheet)


def by_council(year: str, sheet: Sheet) -> tuple[Rows, Accounting]:
    """Lines by council: England in column C of the header row, councils to its right."""
    header = sheet.find_row(2, "England")
    found = adult_lines(sheet, header + 1)
    areas = {c: sheet.text(header, c) for c in range(2, len(sheet.rows[header])) if sheet.text(header, c)}
    codes = council_codes(sheet, found, header) if year == "2007-08" else {}
    rows = [
        figure(
            sheet.rows[row][column],
            {},
            file=sheet.file,
            locator=sheet.locator(row, column),
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
    return rows, accounting(sheet.file, "cells", count_cells(sheet, header + 1, found, set(areas)))


def council_codes(sheet: Sheet, found: AdultLines, header: int) -> dict[int, str]:
    """Codes by column, from the row below the table: `TOTAL England`, `716-Barking and Dagenham`, ...

    Marks that row and the one above (the codes again, as numbers) as left out.
    """
    row = sheet.find_row(2, "TOTAL England", start=header + 1)
    found.left_out[row] = found.left_out[row - 1] = F_CODES
    codes = {}
    for column in range(3, len(sheet.rows[row])):
        match = re.match(r"(\d{3})-", sheet.text(row, column))
        if match:
            codes[column] = match.group(1)
    return codes


def national_series(sheet: Sheet) -> tuple[Rows, Accounting]:
    """England by year: lines in column A under headings in capitals, years from 1994-95 in the header row.

    Headings in small letters divide children's services only. A heading in `SPLITS` is told apart by the
    heading above it: `ASYLUM SEEKERS / ADULTS' SERVICES`.
    """
    header = sheet.find_row(1, "1994-95")
    years = {
        c: financial_year(sheet, header, c)
        for c in range(1, len(sheet.rows[header]))
        if sheet.text(header, c)
    }
    rows: Rows = []
    counts: Counter[str] = Counter()
    heading = section = ""
    for row, cells in enumerate(sheet.rows):
        label = sheet.text(row, 0)
        filled = [column for column, cell in enumerate(cells) if not is_blank(cell)]
        counts[F_BLANK] += len(cells) - len(filled)
        values = [column for column in filled if column in years]
        if row <= header or not values:
            counts[F_HEADER] += len(filled)
            if row > header and label in SPLITS:
                section = f"{heading} / {label}"
            elif row > header and label and label == label.upper():
                heading = section = label
            continue
        own = next((name for name in OWN_SECTION if label.startswith(name)), None)
        if own:
            section = own
        if "CHILDREN" in section:
            counts[F_CHILDREN] += len(filled)
            continue
        counts[F_HEADER] += len(filled) - len(values)
        counts["loaded"] += len(values)
        rows += (
            figure(
                cells[column],
                SERIES_SYMBOLS,
                file=sheet.file,
                locator=sheet.locator(row, column),
                year=years[column],
                table=SERIES,
                area="England",
                section=section,
                line=label,
                measure=GROSS_CURRENT,
            )
            for column in values
        )
    return rows, accounting(sheet.file, "cells", counts)


def financial_year(sheet: Sheet, row: int, column: int) -> str:
    """`1999-2000`, `2000-01` or (as 2006-07 prints it) `2005..06` as `1999-00`, `2000-01`, `2005-06`.

    Raises `LayoutError` for anything else.
    """
    text = sheet.text(row, column)
    match = re.fullmatch(r"(\d{4})(?:-|\.\.)(?:\d\d)?(\d\d)", text)
    if not match or (int(match.group(1)) + 1) % 100 != int(match.group(2)):
        raise LayoutError(
            "A column of the series is not headed by a financial year.",
            file=sheet.file,
            where=sheet.locator(row, column),
            expected="a year such as 2000-01 or 2000-2001",
            found=repr(text),
            todo="open the sheet; if the publisher added a column, teach ingest/pss_ex1.py",
        )
    return f"{match.group(1)}-{match.group(2)}"


# --- 2008-09 to 2013-14: unit costs --------------------------------------------------------------------


@dataclass(frozen=True)
class UnitCostColumn:
    """A column of a unit cost file. `code` is the measure's id, empty where the file has none.

    `address` is short, because headings run to 300 letters: `DI 2.30 numerator` is the column that a
    spreadsheet shows as DI.
    """

    address: str
    code: str
    heading: str
    measure: str
    unit: str


def unit_costs(year: str, file: str, data: bytes) -> tuple[Rows, Accounting]:
    """Councils by measure. England is the last row; notes follow it."""
    lines = Lines.read(file, data, encoding=UNIT_COST_ENCODINGS.get(year, "cp1252"))
    header, columns, start = unit_cost_columns(lines)
    symbols = UNIT_COST_SYMBOLS | MORE_SYMBOLS.get(year, {})
    rows: Rows = []
    counts: Counter[str] = Counter()
    england = False
    for index, cells in enumerate(lines.rows):
        name = " ".join(cells[0].split()) if cells else ""
        if all(is_blank(cell) for cell in cells):
            counts[F_BLANK] += 1
        elif index < start:
            counts[F_HEADER] += 1
        elif england:
            counts[F_NOTES] += 1
        else:
            england = name.casefold() in ("england", "total england")
            code, area = ("", name) if england else council(lines, index, name)
            for column, about in columns.items():
                rows.append(
                    figure(
                        cell_at(lines, index, column, len(lines.rows[header])),
                        symbols,
                        file=file,
                        locator=lines.locator(index, about.address),
                        unit=about.unit,
                        year=year,
                        table=UNIT_COSTS,
                        area_code=code,
                        area=area,
                        line_code=about.code,
                        line=about.heading,
                        measure=about.measure,
                    )
                )
            counts["loaded"] += 1
    if not england:
        raise LayoutError(
            "The row of England, which ends the table, is not there.",
            file=file,
            where="end of file",
            expected="a row that starts with England or TOTAL England",
            found=f"{counts['loaded']} councils",
            todo="check that the original is whole",
        )
    return rows, accounting(file, "lines", counts)


def unit_cost_columns(lines: Lines) -> tuple[int, dict[int, UnitCostColumn], int]:
    """The header record, its columns, and the first record of figures.

    2008-09, 2012-13 and 2013-14 have a record of measure ids and one of kinds below the header. Elsewhere
    the kind is read from the heading; where both are there they must agree. Raises `LayoutError`.
    """
    header = next(
        (i for i, row in enumerate(lines.rows) if any(c.startswith("Gross total cost") for c in row)), None
    )
    if header is None:
        raise LayoutError(
            "The header of the unit costs is not there.",
            file=lines.file,
            expected="a record with headings that start with 'Gross total cost'",
            found=f"{len(lines.rows)} records without one",
            todo="open the file; if the publisher renamed the columns, teach ingest/pss_ex1.py",
        )
    below = lines.rows[header + 1 : header + 3]
    coded = len(below) == 2 and "Numerator" in below[1]
    headings = {c: " ".join(text.split()) for c, text in enumerate(lines.rows[header]) if c and text.strip()}
    # 2009-10 heads two columns alike: the first is the total, the second own provision.
    codes = {c: below[0][c].strip() if coded else "" for c in headings}
    times = Counter((codes[c], heading) for c, heading in headings.items())
    seen: Counter[tuple[str, str]] = Counter()
    columns = {}
    for c, heading in headings.items():
        measure = kind(lines, header, heading)
        if coded and below[1][c].strip().casefold() != measure:
            raise LayoutError(
                "A column's kind and its heading disagree.",
                file=lines.file,
                where=lines.locator(header + 2, heading),
                expected=repr(measure),
                found=repr(below[1][c]),
                todo="open the file and find out whether columns were shifted",
            )
        same = (codes[c], heading)
        seen[same] += 1
        note = f" [column {seen[same]} of {times[same]} so headed]" if times[same] > 1 else ""
        address = " ".join(part for part in (column_letters(c), codes[c], measure) if part)
        columns[c] = UnitCostColumn(address, codes[c], heading + note, measure, unit(heading, measure))
    return header, columns, header + (3 if coded else 1)


def kind(lines: Lines, header: int, heading: str) -> str:
    """`numerator`, `denominator` or `unit cost`, by how the heading begins; else `LayoutError`."""
    starts = {
        "Gross total cost": "numerator",
        "Number of": "denominator",
        "The total number": "denominator",
        "The average number": "denominator",
        "The actual number": "denominator",
        "Average gross": "unit cost",
    }
    for start, measure in starts.items():
        if heading.startswith(start):
            return measure
    raise LayoutError(
        "A column is neither a cost, a number nor a unit cost.",
        file=lines.file,
        where=f"line {lines.line_numbers[header]}",
        expected=f"a heading that starts with one of {list(starts)}",
        found=repr(heading),
        todo="open the file; if the publisher added a column, teach ingest/pss_ex1.py",
    )


def unit(heading: str, measure: str) -> str:
    """The unit that a heading tells; `count` and `GBP` where it does not."""
    if measure == "numerator":
        return MONEY
    told = {
        "denominator": {
            "number of weeks": "weeks",
            "contact hours": "hours",
            "number of meals": "meals",
            "number of clients": "people",
            "Number of adults": "people",
            "Number of older people": "people",
        },
        "unit cost": {
            "weekly expenditure": "GBP per week",
            "hourly cost": "GBP per hour",
            "cost per meal": "GBP per meal",
            "day services client": "GBP per client",
        },
    }
    for words, name in told[measure].items():
        if words in heading:
            return name
    return "count" if measure == "denominator" else "GBP"


def council(lines: Lines, index: int, name: str) -> tuple[str, str]:
    """`102 - Cumbria` or `102-Cumbria` as `("102", "Cumbria")`, else `LayoutError`."""
    match = re.fullmatch(r"(\d{3}) ?- ?(.+)", name)
    if not match:
        raise LayoutError(
            "A row is neither a council nor England.",
            file=lines.file,
            where=f"line {lines.line_numbers[index]}",
            expected="a council such as '102 - Cumbria', or England, whose row ends the table",
            found=repr(name[:80]),
            todo="open the file; if the publisher changed the rows, teach ingest/pss_ex1.py",
        )
    return match.group(1), match.group(2)


def cell_at(lines: Lines, index: int, column: int, width: int) -> str:
    """A cell of a council's record, which must be as long as the header, else `LayoutError`."""
    cells = lines.rows[index]
    if len(cells) != width:
        raise LayoutError(
            "A row has not as many cells as the header.",
            file=lines.file,
            where=f"line {lines.line_numbers[index]}",
            expected=f"{width} cells",
            found=len(cells),
            todo="check that the original is whole and not re-saved by another program",
        )
    return cells[column]
