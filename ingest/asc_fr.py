"""Adult Social Care Finance Return (ASC-FR), England, from 2014-15.

The catalogue says which layout each file follows:

- 2014-15: two files with councils as columns, one of expenditure, one of bridging lines to the old return;
- 2015-16: bridging and additional lines alone, one figure a line;
- 2016-17: one file of totals with six money columns and codes for labels, one of additional lines;
- 2017-18: one figure a line with labels, prepared by a third party, in pounds;
- 2021-22: a workbook, of which the sheets in `layouts/asc_fr.csv` are read.

A dimension that a file does not give is an empty string, never null, because all dimensions form the key.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from commissioning.base.errors import OriginalError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.council_columns import councils_as_columns
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record, Sheet, Workbook, layout_table

DIMENSIONS = (
    "year",
    "table",
    "area_code",
    "gss_code",
    "area",
    "region",
    "age_band",
    "care_type",
    "support_reason",
    "support_setting",
    "detail",
    "measure",
)
THOUSANDS = "GBP thousand"

# What stands for a missing figure in each file. `..` (three figures of 2014-15) is explained nowhere; an
# empty cell is a voluntary line left blank (2015-16), or a regional sum the publisher did not make (2014-15).
TEXT_SYMBOLS = {":": "not_available", "..": "not_available", "": "not_available"}
WORKBOOK_SYMBOLS = {"[x]": "not_available", "[c]": "suppressed"}
# A unit cost is left empty where there was nothing to divide by (Isles of Scilly, nursing care).
UNIT_COST_SYMBOLS = WORKBOOK_SYMBOLS | {"": "not_applicable"}

Rows = list[dict[str, object]]


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The edition's figures, one row each, money in thousands of pounds (2017-18: pounds).

    Raises `LayoutError`, `OriginalError` or `SymbolError` where a file is not as known.
    """
    rows: Rows = []
    accounting = []
    for file in edition.files:
        found, account = file.reader(LAYOUTS)(file.path, originals[file.path], edition.edition)
        rows += found
        accounting.append(account)
    return Reading.of(rows, accounting, DIMENSIONS)


def _detail(**values: str) -> str:
    """`name=value; name=value`, in the order given."""
    return "; ".join(f"{name}={value}" for name, value in values.items())


# 2014-15: councils as columns ------------------------------------------------------------------------

LAST_LINE_2014 = "Actual total net cost"
KEPT_2014 = (
    "Gross total cost: own provision",
    "Gross total cost: provision by others",
    "Gross total cost: grants to voluntary org",
    "Gross total cost: total expenditure",
    "Gross total expenditure",
    "Gross current expenditure",
    "Gross SSMSS",
)
LEFT_OUT_2014 = {
    "Income: client contributions": "income (left out)",
    "Income: joint arrangements": "income (left out)",
    "Income: Income from NHS": "income (left out)",
    "Income: other income": "income (left out)",
    "Income: total": "income (left out)",
    "Capital charges: own provision": "capital charges (left out)",
    "Capital charges: provision by others": "capital charges (left out)",
    "Net total expenditure": "net expenditure (left out)",
    "Net current expenditure": "net expenditure (left out)",
}


def expenditure_2014(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Expenditure by council. Lines that repeat an earlier one word for word are left out."""
    labels = ["Support type", "Age category", "Summary", "Delivery mechanism", "Accounting category"]
    lines, areas, body, account = councils_as_columns(file, data, labels, LAST_LINE_2014)
    rows: Rows = []
    seen: dict[tuple[str, ...], list[str]] = {}
    for row in body:
        key, figures = tuple(lines.texts(row, len(labels))), lines.rows[row][len(labels) :]
        category = lines.known(row, 4, {*KEPT_2014, *LEFT_OUT_2014})
        if category in LEFT_OUT_2014:
            account.leave(LEFT_OUT_2014[category])
        elif seen.get(key) == figures:
            account.leave("repeats of an earlier line, word for word")
        else:
            seen[key] = figures
            account.loaded += 1
            columns = ("care_type", "age_band", "support_reason", "support_setting", "measure")
            about = dict(zip(columns, key, strict=True))
            about |= {"year": year, "table": "expenditure by council", "unit": THOUSANDS}
            rows += (lines.figure(row, at, TEXT_SYMBOLS, **about, **area) for at, area in areas.items())
    return rows, account


def bridging_2014(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Lines that bridge to the return before ASC-FR, for 2014-15 and 2013-14; also regions and England."""
    labels = ["Bridging year service", "Bridging Year", "Bridging year group", "Accounting category"]
    lines, areas, body, account = councils_as_columns(file, data, labels, LAST_LINE_2014)
    rows: Rows = []
    for row in body:
        service, _, age_band, measure = lines.texts(row, len(labels))
        years = lines.match(row, 1, r"(\d{4}) - \d\d(\d\d)", "2014 - 2015 or the like")
        about = {
            "year": f"{years[1]}-{years[2]}",
            "table": "bridging",
            "age_band": age_band,
            "detail": _detail(service=service),
            "measure": measure,
            "unit": THOUSANDS,
        }
        rows += (lines.figure(row, at, TEXT_SYMBOLS, **about, **area) for at, area in areas.items())
    account.loaded = len(body)
    return rows, account


# 2015-16 to 2017-18: one header, long files ----------------------------------------------------------


def _records(file: str, data: bytes, headings: list[str], area: list[str]) -> tuple[list[Record], Accounting]:
    """The lines of a file under one header. Raises `LayoutError` and `OriginalError`.

    Every area must have the same number of lines: all these files are complete grids, so a file cut short
    shows.
    """
    lines = Lines.read(file, data)
    records = list(lines.records(0, headings))
    counts = Counter(tuple(record[heading] for heading in area) for record in records)
    if len(set(counts.values())) != 1:
        raise OriginalError(
            "The areas of a file do not have the same number of lines.",
            file=file,
            where=f"columns {', '.join(area)}",
            expected="a complete grid",
            found=counts.most_common()[:1] + counts.most_common()[-1:],
            todo="the file looks truncated: fetch the original again",
        )
    return records, lines.accounting(len(records))


def _year(record: Record, heading: str) -> str:
    """`2016-17` from a cell that holds the calendar year it ends in, 2017."""
    end = int(record.match(heading, r"20\d\d", "the year that it ends in: 2017 or the like")[0])
    return f"{end - 1}-{end % 100:02}"


def additional_2015(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Bridging and additional lines, one figure a line. UUID is the publisher's number of the item."""
    headings = [
        "UUID",
        "Council Code",
        "Council Name",
        "Data Type",
        "Data Source",
        "Age Band",
        "Finance Type",
    ]
    headings += ["Comparative totals", "Value"]
    records, account = _records(file, data, headings, ["Council Code"])
    tables = {"Bridging Year": "bridging", "Additional Data": "additional"}
    rows: Rows = []
    for record in records:
        service = record["Comparative totals"]
        detail = _detail(service=service, data_type=record["Data Type"], UUID=record["UUID"])
        rows.append(
            record.figure(
                "Value",
                TEXT_SYMBOLS,
                year=year,
                table=record.known("Data Source", tables),
                area_code=record["Council Code"],
                area=record["Council Name"],
                age_band=record["Age Band"],
                detail=detail,
                measure=record["Finance Type"],
                unit="people" if service == "Number of SALT Clients" else THOUSANDS,
            )
        )
    return rows, account


AREA_2016 = ["CASSR_CODE", "GEOGRAPHY_CODE", "REGION_GO_CODE"]
TOTALS_MEASURES = [
    "TOTALEXPENDITURE",
    "TOTALINCOME",
    "NETTOTALEXPENDITURE",
    "GROSSTOTALEXPENDITURE",
    "NETCURRENTEXPENDITURE",
    "GROSSCURRENTEXPENDITURE",
]


def _area_2016(record: Record) -> dict[str, str]:
    """The area's codes; lines of a region or England have no council code."""
    council, gss_code, region = (record[heading] for heading in AREA_2016)
    if not council:
        return {"gss_code": region}
    return {"area_code": council, "gss_code": gss_code, "region": region}


def totals_2016(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Totals by codes that the publisher explains nowhere: kept as codes, one figure a money column."""
    codes = {
        "care_type": "CareType_KEY",
        "age_band": "AgeBand_KEY",
        "support_reason": "PrimarySupportReason_KEY",
        "support_setting": "SupportSetting_KEY",
    }
    more = ["Purpose_KEY", "CarerSupportType_KEY", "DataType_KEY"]
    headings = ["FY_Ending", *AREA_2016, *codes.values(), *more, *TOTALS_MEASURES]
    records, account = _records(file, data, headings, ["CASSR_CODE", "REGION_GO_CODE"])
    rows: Rows = []
    for record in records:
        about = {"year": _year(record, "FY_Ending"), "table": "totals", "unit": THOUSANDS}
        about |= _area_2016(record) | {name: record[heading] for name, heading in codes.items()}
        about["detail"] = _detail(**{heading: record[heading] for heading in more})
        rows += (record.figure(name, TEXT_SYMBOLS, measure=name, **about) for name in TOTALS_MEASURES)
    return rows, account


def additional_2016(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Bridging and additional lines by codes; their UUIDs are those of 2015-16, which has labels."""
    codes = ["UUID", "DataSource_KEY", "Datatype_KEY", "FinanceType_KEY", "ComparativeTotals_KEY"]
    headings = ["FY_Ending", *AREA_2016, "AgeBand_KEY", "PrimarySupportReason_KEY", *codes, "ItemValue"]
    records, account = _records(file, data, headings, ["CASSR_CODE", "REGION_GO_CODE"])
    rows = [
        record.figure(
            "ItemValue",
            TEXT_SYMBOLS,
            year=_year(record, "FY_Ending"),
            table="additional",
            age_band=record["AgeBand_KEY"],
            support_reason=record["PrimarySupportReason_KEY"],
            detail=_detail(**{heading: record[heading] for heading in codes}),
            measure="ItemValue",
            unit=THOUSANDS,
            **_area_2016(record),
        )
        for record in records
    ]
    return rows, account


CARERS_2017 = "Social Support: Support to Carer"


def gross_current_2017(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """Gross current expenditure in pounds.

    The copy lost the column that tells the two lines of support to carers apart (direct payments and
    other), so `detail` numbers them in the file's order, which is no evidence of which is which.
    """
    columns = {
        "area_code": "CASSR",
        "gss_code": "GEOGRAPHY_CODE",
        "area": "DH_GEOGRAPHY_NAME",
        "region": "GEOGRAPHY_NAME",
        "age_band": "AgeBand_Key",
        "care_type": "CareType_Key",
        "support_reason": "PrimarySupportReason_Key",
        "support_setting": "SupportSetting_Key",
        "measure": "DATA_LEVEL",
    }
    headings = ["FY_ENDING", *columns.values(), "Purpose_Key", "ITEMVALUE"]
    records, account = _records(file, data, headings, ["CASSR"])
    rows: Rows = []
    carers: Counter[str] = Counter()
    for record in records:
        about = {name: record[heading] for name, heading in columns.items()}
        line_of_two = ""
        if about["support_reason"] == CARERS_2017:
            carers[about["area_code"]] += 1
            line_of_two = str(carers[about["area_code"]])
        detail = _detail(purpose=record["Purpose_Key"], line_of_two=line_of_two)
        about |= {"year": _year(record, "FY_ENDING"), "table": "gross current expenditure", "unit": "GBP"}
        rows.append(record.figure("ITEMVALUE", TEXT_SYMBOLS, detail=detail, **about))
    return rows, account


# 2021-22: the workbook -------------------------------------------------------------------------------

GEOGRAPHY = ["Geography code", "LA code", "LA name", "Region code", "Region name"]
HEADER_ROW, TITLE_ROW = 6, 3
UNIT_COST = "Unit cost"


@dataclass(frozen=True)
class Table:
    """A sheet to read. `lines` says what its lines are. `levels` names the dimension of each header row, from
    the top; `detail:x` puts the heading in `detail` as `x=...`. A heading that is a financial year goes to
    `year` whatever its level. `fixed` holds what the sheet's title says of every figure."""

    sheet: str
    title: str
    lines: str
    levels: tuple[str, ...]
    fixed: Mapping[str, str]


def _tables() -> tuple[Table, ...]:
    tables = []
    for row in layout_table("asc_fr"):
        sheet, title, lines, levels = (row.pop(name) for name in ("sheet", "title", "lines", "levels"))
        fixed = {name: text for name, text in row.items() if text}
        tables.append(Table(sheet, title, lines, tuple(levels.split("; ")), fixed))
    return tuple(tables)


TABLES = _tables()


def workbook_2021(file: str, data: bytes, year: str) -> tuple[Rows, Accounting]:
    """The finance tables of the workbook, and T38 (people by how support is provided)."""
    book = Workbook.open(file, data)
    tables = {table.sheet: table for table in TABLES}
    for name in tables:
        book.sheet(name)
    account = Accounting(file, "cells")
    rows: Rows = []
    for name, sheet in book.sheets.items():
        found = list(_figures(sheet, tables[name], year)) if name in tables else []
        blanks = sheet.size - sheet.filled() - sum(not row["value_text"] for row in found)
        rest = "titles, headers, labels, notes and percentages" if name in tables else "sheets left out"
        account.read += sheet.size
        account.loaded += len(found)
        account.leave("blank", blanks)
        account.leave(rest, sheet.size - blanks - len(found))
        rows += found
    return rows, account


def _figures(sheet: Sheet, table: Table, year: str) -> Iterator[dict[str, object]]:
    title = f"Table {table.sheet[1:]}: {table.title.format(year=year)}"
    if not sheet.text(TITLE_ROW, 0).startswith(title):
        expected = f"{title!r} or longer"
        raise sheet.wrong("A sheet has another title.", at=(TITLE_ROW, 0), expected=expected)
    symbols = UNIT_COST_SYMBOLS if table.fixed.get("measure") == UNIT_COST else WORKBOOK_SYMBOLS
    labels_of_lines, first = LINES[table.lines]
    headings = _headings(sheet, table, first)
    for row, labels in labels_of_lines(sheet):
        for column, heading in headings.items():
            about = {"year": year, "table": table.sheet, **table.fixed, **heading, **labels}
            yield sheet.figure(row, column, symbols, **about)


def _headings(sheet: Sheet, table: Table, first: int) -> dict[int, dict[str, str]]:
    """The dimensions that the headings over each column of figures give, from column `first` on; columns of
    percentages are left out.

    A blank heading belongs to the one at its left, unless a higher heading starts over it or it is in the
    last header row.
    """
    columns: dict[int, dict[str, str]] = {c: {} for c in range(first, len(sheet.rows[HEADER_ROW]))}
    percentages, started = set(), set()
    for level, dimension in enumerate(table.levels):
        row, last = HEADER_ROW + level, level == len(table.levels) - 1
        text = ""
        for column in columns:
            own = sheet.text(row, column)
            if own:
                started.add(column)
            text = own if own or column in started or last else text
            if "ercentage change" in text or "as per cent of" in text:
                percentages.add(column)
            if text:
                _place(columns[column], dimension, text)
    found = {c: labels for c, labels in columns.items() if labels and c not in percentages}
    if not found:
        expected = f"headings from column {first + 1} on"
        raise sheet.wrong("A table has no headings.", at=HEADER_ROW, expected=expected, found="none")
    return found


def _place(labels: dict[str, str], dimension: str, text: str) -> None:
    """Put a heading's text where it belongs; a second one of the same dimension is added after a colon."""
    if re.fullmatch(r"\d{4}-\d{2}", text):
        dimension = "year"
    elif dimension.startswith("detail:"):
        dimension, text = "detail", _detail(**{dimension.removeprefix("detail:"): text})
    labels[dimension] = f"{labels[dimension]}: {text}" if dimension in labels else text


def _body(sheet: Sheet) -> range:
    """The rows between the first header row and the foot, which reads `Source: ...`."""
    for row in range(HEADER_ROW, len(sheet.rows)):
        if sheet.text(row, 0).startswith("Source:"):
            return range(HEADER_ROW + 1, row)
    raise sheet.wrong(
        "The line under a table's figures is not there.",
        at="column A",
        expected="a cell that begins with 'Source:'",
        found=f"{len(sheet.rows)} rows without it",
    )


Labels = Iterator[tuple[int, dict[str, str]]]
"""Each line of figures and its dimensions."""


def _councils(sheet: Sheet) -> Labels:
    """Lines of England, regions and councils. England and regions carry their region code as `gss_code`."""
    for column, heading in enumerate(GEOGRAPHY):
        sheet.expect(HEADER_ROW, column, heading)
    england = False
    for row in _body(sheet):
        gss, code, council, region_code, region = sheet.texts(row, len(GEOGRAPHY))
        england = england or region == "England"
        if code:
            yield row, {"area_code": code, "gss_code": gss, "area": council, "region": region}
        elif region_code:
            yield row, {"gss_code": region_code, "area": region}
    if not england:
        expected = "'England' in column E"
        raise sheet.wrong("A table has no line for England.", expected=expected, found="none")


def _reasons(sheet: Sheet) -> Labels:
    """England by age band (given once for each block of lines) and reason; the first line is the total."""
    sheet.expect(HEADER_ROW, 0, "Age band")
    sheet.expect(HEADER_ROW, 1, "Primary support reason")
    age = "Total"
    for row in _body(sheet):
        own_age, reason = sheet.texts(row, 2)
        age = own_age or age
        if reason:
            yield row, {"area": "England", "age_band": age, "support_reason": reason}


def _years(sheet: Sheet) -> Labels:
    """England by financial year; the percentages under the years are left out."""
    sheet.expect(HEADER_ROW, 0, "Year")
    for row in _body(sheet):
        if re.fullmatch(r"\d{4}-\d{2}", sheet.text(row, 0)):
            yield row, {"area": "England", "year": sheet.text(row, 0)}


LINES: dict[str, tuple[Callable[[Sheet], Labels], int]] = {
    "councils": (_councils, len(GEOGRAPHY)),
    "reasons": (_reasons, 2),
    "years": (_years, 1),
}
"""What the lines of a sheet may be, and the first column of figures beside their labels."""

LAYOUTS: dict[str, Callable[[str, bytes, str], tuple[Rows, Accounting]]] = {
    "expenditure 2014-15": expenditure_2014,
    "bridging 2014-15": bridging_2014,
    "additional 2015-16": additional_2015,
    "totals 2016-17": totals_2016,
    "additional 2016-17": additional_2016,
    "gross current 2017-18": gross_current_2017,
    "workbook 2021-22": workbook_2021,
}
