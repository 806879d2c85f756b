"""Adult Social Care Finance Return (ASC-FR), England, from 2014-15.

Each edition held has its own layout:

- 2014-15: two files with councils as columns, one of expenditure, one of bridging lines to the old return;
- 2015-16: bridging and additional lines alone, one figure a line;
- 2016-17: one file of totals with six money columns and codes for labels, one of additional lines;
- 2017-18: one figure a line with labels, prepared by a third party, in pounds;
- 2021-22: a workbook, of which the tables in `TABLES` and `REASON_TABLES`, and T4, are read.

A dimension that a file does not give is an empty string, never null, because all dimensions form the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import polars as pl

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook

DIMENSIONS = {
    name: pl.String
    for name in (
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
}

THOUSANDS = "GBP thousand"

# What stands for a missing figure in each file. `..` (three figures of 2014-15) is explained nowhere; an
# empty cell is a voluntary line left blank (2015-16), or a regional sum the publisher did not make (2014-15).
TEXT_SYMBOLS = {":": "not_available", "..": "not_available", "": "not_available"}
WORKBOOK_SYMBOLS = {"[x]": "not_available", "[c]": "suppressed"}
# A unit cost is left empty where there was nothing to divide by (Isles of Scilly, nursing care).
UNIT_COST_SYMBOLS = WORKBOOK_SYMBOLS | {"": "not_applicable"}


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """The edition's figures, one row each, money in thousands of pounds (2017-18: pounds).

    Raises `LayoutError`, `OriginalError` or `SymbolError` where a file is not as known.
    """
    tables, accounting = [], []
    for path, data in originals.items():
        table, account = _reader(path)(path, data)
        tables.append(raw.tidy(table, DIMENSIONS))
        accounting.append(account)
    return raw.Reading(pl.concat(tables), tuple(DIMENSIONS), accounting)


def _reader(path: str) -> Callable[[str, bytes], tuple[pl.DataFrame, raw.Accounting]]:
    name = PurePosixPath(path).name
    if name not in READERS:
        raise LayoutError(
            "No reader is known for this file.",
            file=path,
            expected=sorted(READERS),
            found=name,
            todo="name the file in READERS of ingest/asc_fr.py beside the layout it follows",
        )
    return READERS[name]


# Shared by the text files ----------------------------------------------------------------------------


def _fold(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.replace_all(r"\s+", " ")


def _detail(**columns: str) -> pl.Expr:
    """`name=value; name=value` from columns given as name=column, in the order given."""
    parts = [pl.format(name + "={}", _fold(column)) for name, column in columns.items()]
    return pl.concat_str(parts, separator="; ")


def _with_values(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """`frame` with `value`, `value_symbol` and `source_file` worked out from `value_text`."""
    number = pl.col("value_text").str.strip_chars().str.replace_all(",", "").cast(pl.Float64, strict=False)
    frame = frame.with_columns(value=pl.when(number.is_finite()).then(number), source_file=pl.lit(file))
    texts = frame.filter(pl.col("value").is_null()).unique("value_text", keep="first", maintain_order=True)
    symbols = {
        text: raw.parse_value(text, TEXT_SYMBOLS, file=file, where=where)[2]
        for text, where in texts.select("value_text", "source_locator").iter_rows()
    }
    symbol = pl.col("value_text").replace_strict(symbols, default=None, return_dtype=pl.String)
    return frame.with_columns(value_symbol=pl.when(pl.col("value").is_null()).then(symbol))


def _check_width(lines: Lines, first: int, width: int) -> None:
    for index in range(first, len(lines.rows)):
        if len(lines.rows[index]) != width:
            raise OriginalError(
                "A line does not have as many fields as the header.",
                file=lines.file,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{width} fields",
                found=f"{len(lines.rows[index])} fields",
                todo="the file looks truncated or altered: fetch the original again",
            )


def _long_file(file: str, data: bytes, columns: list[str], area: list[str]) -> pl.DataFrame:
    """A file of one header line and lines by area, as text columns, with each line's number in `line`.

    Every area must have the same number of lines: all these files are complete grids, so a file cut short
    shows. Raises `LayoutError` and `OriginalError`.
    """
    lines = Lines.read(file, data, encoding="utf-8-sig")
    lines.header(0, columns)
    header = [" ".join(cell.split()) for cell in lines.rows[0]]
    _check_width(lines, 1, len(header))
    frame = pl.DataFrame(lines.rows[1:], schema=dict.fromkeys(header, pl.String), orient="row")
    frame = frame.with_columns(line=pl.Series(lines.line_numbers[1:], dtype=pl.Int64))
    counts = frame.group_by(area).agg(pl.len()).sort("len", *area)
    if counts.is_empty() or counts["len"].n_unique() > 1:
        raise OriginalError(
            "The areas of a file do not have the same number of lines.",
            file=file,
            where=f"columns {', '.join(area)}",
            expected="a complete grid",
            found=counts.head(1).to_dicts() + counts.tail(1).to_dicts(),
            todo="the file looks truncated: fetch the original again",
        )
    return frame


def _whole_file(frame: pl.DataFrame, file: str) -> raw.Accounting:
    return raw.Accounting(file, "lines", read=frame.height + 1, loaded=frame.height, furniture={"header": 1})


def _at(column: str) -> pl.Expr:
    return pl.format('line {}, column "{}"', pl.col("line"), pl.lit(column))


def _financial_years(frame: pl.DataFrame, column: str, file: str) -> pl.DataFrame:
    """`frame` with `year` (2016-17) from a column that holds the calendar year it ends in (2017)."""
    for text, line in frame.select(column, "line").unique(column, keep="first").iter_rows():
        if not re.fullmatch(r"20\d\d", text):
            raise LayoutError(
                "A financial year is not written as the calendar year it ends in.",
                file=file,
                where=f'line {line}, column "{column}"',
                expected="2017 or the like",
                found=repr(text),
                todo="open the file; if the publisher changed how years are written, teach ingest/asc_fr.py",
            )
    end = pl.col(column).cast(pl.Int32)
    year = pl.format("{}-{}", end - 1, (end % 100).cast(pl.String).str.zfill(2))
    return frame.with_columns(year=year)


def _coded_area() -> dict[str, pl.Expr]:
    """Area columns of the 2016-17 files; lines of a region or England have no council code."""
    council = pl.col("CASSR_CODE") != ""
    return {
        "area_code": pl.col("CASSR_CODE"),
        "gss_code": pl.when(council).then("GEOGRAPHY_CODE").otherwise("REGION_GO_CODE"),
        "area": pl.lit(""),
        "region": pl.when(council).then("REGION_GO_CODE").otherwise(pl.lit("")),
    }


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


@dataclass
class _Grid:
    """A 2014-15 file: its lines, its areas, which lines hold figures, and how many others there are."""

    lines: Lines
    areas: pl.DataFrame  # column, area_code, area, region
    indices: list[int] = field(default_factory=list)  # of the figure lines, in `lines.rows`
    furniture: dict[str, int] = field(default_factory=dict)

    def drop(self, why: str, lines: int = 1) -> None:
        self.furniture[why] = self.furniture.get(why, 0) + lines


def _grid(file: str, data: bytes, labels: list[str]) -> _Grid:
    """A file whose line 1 gives regions, line 2 headers, then figures up to an empty line and notes.

    The last line of figures must be labelled `LAST_LINE_2014`, else the file is cut short (`OriginalError`).
    """
    lines = Lines.read(file, data, encoding="cp1252")
    positions = lines.header(1, labels)
    width = len(lines.rows[1])
    if list(positions.values()) != list(range(len(labels))):
        raise LayoutError(
            "The label columns are not in their order at the left.",
            file=file,
            where="line 2",
            expected=labels,
            found=lines.rows[1][: len(labels)],
            todo="open the file; if the publisher moved columns, teach ingest/asc_fr.py",
        )
    _check_width(lines, 0, width)
    areas = []
    for column in range(len(labels), width):
        header, region = " ".join(lines.rows[1][column].split()), lines.rows[0][column].strip()
        if not header:
            raise LayoutError(
                "A column of figures has no header.",
                file=file,
                where=f"line 2, field {column + 1}",
                expected="a council's code and name, a region or England",
                found="nothing",
                todo="open the file; if the publisher added a column, teach ingest/asc_fr.py",
            )
        council = re.fullmatch(r"(\d{3}) - (.+)", header)
        code, name = council.groups() if council else ("", header)
        areas.append({"column": header, "area_code": code, "area": name, "region": region if council else ""})
    grid = _Grid(lines, pl.DataFrame(areas))
    body = list(range(2, len(lines.rows)))
    end = next((i for i in body if not any(cell.strip() for cell in lines.rows[i])), None)
    if end is None or LAST_LINE_2014 not in (cell.strip() for cell in lines.rows[end - 1][: len(labels)]):
        raise OriginalError(
            "The lines of figures do not end as they should.",
            file=file,
            where="the line before the first empty one",
            expected=f"a line labelled {LAST_LINE_2014!r}, then an empty line and notes",
            found=lines.rows[(end or len(lines.rows)) - 1][: len(labels)],
            todo="the file looks truncated: fetch the original again",
        )
    grid.indices = list(range(2, end))
    grid.drop("headers", 2)
    grid.drop("empty lines and notes", len(lines.rows) - end)
    return grid


def _grid_frame(grid: _Grid, labels: dict[str, int], indices: list[int]) -> pl.DataFrame:
    """One row a figure of the lines `indices`, line by line; `labels` names label columns by position."""
    rows, first = grid.lines.rows, len(grid.lines.rows[1]) - grid.areas.height
    by_line = pl.DataFrame(
        {
            "line": [grid.lines.line_numbers[i] for i in indices],
            **{name: [" ".join(rows[i][c].split()) for i in indices] for name, c in labels.items()},
        }
    )
    frame = by_line.join(grid.areas, how="cross", maintain_order="left_right")
    return frame.with_columns(
        value_text=pl.Series([cell for i in indices for cell in rows[i][first:]], dtype=pl.String),
        source_locator=pl.format('line {}, column "{}"', "line", "column"),
        gss_code=pl.lit(""),
        unit=pl.lit(THOUSANDS),
    )


def _expenditure_2014(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Expenditure by council. Lines that repeat an earlier one word for word are left out."""
    labels = ["Support type", "Age category", "Summary", "Delivery mechanism", "Accounting category"]
    grid = _grid(file, data, labels)
    kept, seen = [], {}
    for index in grid.indices:
        row = grid.lines.rows[index]
        category = " ".join(row[4].split())
        if category in LEFT_OUT_2014:
            grid.drop(LEFT_OUT_2014[category])
        elif category not in KEPT_2014:
            raise LayoutError(
                "An accounting category is not known.",
                file=file,
                where=grid.lines.locator(index, "Accounting category"),
                expected=[*KEPT_2014, *LEFT_OUT_2014],
                found=repr(category),
                todo="add it to KEPT_2014 or LEFT_OUT_2014 of ingest/asc_fr.py",
            )
        elif seen.get(tuple(" ".join(cell.split()) for cell in row[:5])) == row[5:]:
            grid.drop("repeats of an earlier line, word for word")
        else:
            seen[tuple(" ".join(cell.split()) for cell in row[:5])] = row[5:]
            kept.append(index)
    columns = ["care_type", "age_band", "support_reason", "support_setting", "measure"]
    frame = _grid_frame(grid, {name: position for position, name in enumerate(columns)}, kept)
    frame = frame.with_columns(
        year=pl.lit("2014-15"), table=pl.lit("expenditure by council"), detail=pl.lit("")
    )
    account = raw.Accounting(file, "lines", len(grid.lines.rows), len(kept), grid.furniture)
    return _with_values(frame, file), account


def _bridging_2014(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Lines that bridge to the return before ASC-FR, for 2014-15 and 2013-14; also regions and England."""
    labels = ["Bridging year service", "Bridging Year", "Bridging year group", "Accounting category"]
    grid = _grid(file, data, labels)
    names = {"service": 0, "bridging_year": 1, "age_band": 2, "measure": 3}
    frame = _grid_frame(grid, names, grid.indices)
    odd = frame.filter(~pl.col("bridging_year").str.contains(r"^\d{4} - \d{4}$"))
    if odd.height:
        raise LayoutError(
            "A bridging year is not written as expected.",
            file=file,
            where=f'line {odd["line"][0]}, column "Bridging Year"',
            expected="2014 - 2015 or the like",
            found=repr(odd["bridging_year"][0]),
            todo="open the file; if the publisher changed how years are written, teach ingest/asc_fr.py",
        )
    frame = frame.with_columns(
        year=pl.col("bridging_year").str.replace(r" - \d\d", "-"),
        table=pl.lit("bridging"),
        care_type=pl.lit(""),
        support_reason=pl.lit(""),
        support_setting=pl.lit(""),
        detail=_detail(service="service"),
    )
    account = raw.Accounting(file, "lines", len(grid.lines.rows), len(grid.indices), grid.furniture)
    return _with_values(frame, file), account


# 2015-16 to 2017-18: one header, long files ----------------------------------------------------------


def _additional_2015(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Bridging and additional lines, one figure a line. UUID is the publisher's number of the item."""
    columns = ["UUID", "Council Code", "Council Name", "Data Type", "Data Source", "Age Band", "Finance Type"]
    columns += ["Comparative totals", "Value"]
    source = _long_file(file, data, columns, ["Council Code"])
    tables = {"Bridging Year": "bridging", "Additional Data": "additional"}
    unknown = source.filter(~pl.col("Data Source").is_in(list(tables)))
    if unknown.height:
        raise LayoutError(
            "A data source is not known.",
            file=file,
            where=f'line {unknown["line"][0]}, column "Data Source"',
            expected=sorted(tables),
            found=repr(unknown["Data Source"][0]),
            todo="open the file; if the publisher added a source, teach ingest/asc_fr.py",
        )
    people = pl.col("Comparative totals") == "Number of SALT Clients"
    frame = source.with_columns(
        year=pl.lit("2015-16"),
        table=pl.col("Data Source").replace_strict(tables),
        area_code="Council Code",
        gss_code=pl.lit(""),
        area=_fold("Council Name"),
        region=pl.lit(""),
        age_band=_fold("Age Band"),
        care_type=pl.lit(""),
        support_reason=pl.lit(""),
        support_setting=pl.lit(""),
        detail=_detail(service="Comparative totals", data_type="Data Type", UUID="UUID"),
        measure=_fold("Finance Type"),
        unit=pl.when(people).then(pl.lit("people")).otherwise(pl.lit(THOUSANDS)),
        value_text="Value",
        source_locator=_at("Value"),
    )
    return _with_values(frame, file), _whole_file(source, file)


TOTALS_MEASURES = [
    "TOTALEXPENDITURE",
    "TOTALINCOME",
    "NETTOTALEXPENDITURE",
    "GROSSTOTALEXPENDITURE",
    "NETCURRENTEXPENDITURE",
    "GROSSCURRENTEXPENDITURE",
]


def _totals_2016(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Totals by codes that the publisher explains nowhere: kept as codes, one figure a money column."""
    codes = ["CareType_KEY", "AgeBand_KEY", "PrimarySupportReason_KEY", "SupportSetting_KEY", "Purpose_KEY"]
    codes += ["CarerSupportType_KEY", "DataType_KEY"]
    columns = ["FY_Ending", "CASSR_CODE", "GEOGRAPHY_CODE", "REGION_GO_CODE", *codes, *TOTALS_MEASURES]
    source = _long_file(file, data, columns, ["CASSR_CODE", "REGION_GO_CODE"])
    labelled = _financial_years(source, "FY_Ending", file).select(
        "line",
        "year",
        *TOTALS_MEASURES,
        **_coded_area(),
        table=pl.lit("totals"),
        age_band="AgeBand_KEY",
        care_type="CareType_KEY",
        support_reason="PrimarySupportReason_KEY",
        support_setting="SupportSetting_KEY",
        detail=_detail(**{code: code for code in codes[4:]}),
        unit=pl.lit(THOUSANDS),
    )
    frame = labelled.unpivot(
        TOTALS_MEASURES,
        index=[name for name in labelled.columns if name not in TOTALS_MEASURES],
        variable_name="measure",
        value_name="value_text",
    )
    order = pl.col("measure").replace_strict({name: at for at, name in enumerate(TOTALS_MEASURES)})
    frame = frame.sort("line", order).with_columns(
        source_locator=pl.format('line {}, column "{}"', "line", "measure")
    )
    return _with_values(frame, file), _whole_file(source, file)


def _additional_2016(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Bridging and additional lines by codes; their UUIDs are those of 2015-16, which has labels."""
    codes = ["UUID", "DataSource_KEY", "Datatype_KEY", "FinanceType_KEY", "ComparativeTotals_KEY"]
    columns = ["FY_Ending", "CASSR_CODE", "GEOGRAPHY_CODE", "REGION_GO_CODE", "AgeBand_KEY"]
    columns += ["PrimarySupportReason_KEY", *codes, "ItemValue"]
    source = _long_file(file, data, columns, ["CASSR_CODE", "REGION_GO_CODE"])
    frame = _financial_years(source, "FY_Ending", file).with_columns(
        **_coded_area(),
        table=pl.lit("additional"),
        age_band="AgeBand_KEY",
        care_type=pl.lit(""),
        support_reason="PrimarySupportReason_KEY",
        support_setting=pl.lit(""),
        detail=_detail(**{code: code for code in codes}),
        measure=pl.lit("ItemValue"),
        unit=pl.lit(THOUSANDS),
        value_text="ItemValue",
        source_locator=_at("ItemValue"),
    )
    return _with_values(frame, file), _whole_file(source, file)


CARERS_2017 = "Social Support: Support to Carer"


def _gross_current_2017(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """Gross current expenditure in pounds.

    The copy lost the column that tells the two lines of support to carers apart (direct payments and
    other), so `detail` numbers them in the file's order, which is no evidence of which is which.
    """
    columns = ["DATA_LEVEL", "FY_ENDING", "CASSR", "GEOGRAPHY_CODE", "DH_GEOGRAPHY_NAME", "GEOGRAPHY_NAME"]
    columns += [
        "CareType_Key",
        "AgeBand_Key",
        "PrimarySupportReason_Key",
        "SupportSetting_Key",
        "Purpose_Key",
    ]
    columns += ["ITEMVALUE"]
    source = _long_file(file, data, columns, ["CASSR"])
    reason = _fold("PrimarySupportReason_Key")
    nth = pl.int_range(1, pl.len() + 1).over("CASSR", "PrimarySupportReason_Key").cast(pl.String)
    frame = _financial_years(source, "FY_ENDING", file).with_columns(
        table=pl.lit("gross current expenditure"),
        area_code="CASSR",
        gss_code="GEOGRAPHY_CODE",
        area=_fold("DH_GEOGRAPHY_NAME"),
        region=_fold("GEOGRAPHY_NAME"),
        age_band=_fold("AgeBand_Key"),
        care_type=_fold("CareType_Key"),
        support_reason=reason,
        support_setting=_fold("SupportSetting_Key"),
        line_of_two=pl.when(reason == CARERS_2017).then(nth).otherwise(pl.lit("")),
        measure=_fold("DATA_LEVEL"),
        unit=pl.lit("GBP"),
        value_text="ITEMVALUE",
        source_locator=_at("ITEMVALUE"),
    )
    frame = frame.with_columns(detail=_detail(purpose="Purpose_Key", line_of_two="line_of_two"))
    return _with_values(frame, file), _whole_file(source, file)


# 2021-22: the workbook -------------------------------------------------------------------------------

GEOGRAPHY = ["Geography code", "LA code", "LA name", "Region code", "Region name"]
HEADER_ROW, TITLE_ROW = 6, 3
UNIT_COST = "Unit cost"
GROSS_CURRENT = "Gross Current Expenditure"
LONG_TERM, SHORT_TERM = "Long Term Care", "Short Term Care"
YOUNGER, OLDER = "18 to 64", "65 and Over"
WEEKLY = {"measure": UNIT_COST, "unit": "GBP per week", "care_type": LONG_TERM}


@dataclass(frozen=True)
class Table:
    """A sheet to read. `levels` names the dimension of each header row, from the top; `detail:x` puts the
    header in `detail` as `x=...`. A header that is a financial year goes to `year` whatever its level.
    `fixed` holds what the sheet's title says of every figure."""

    sheet: str
    title: str
    levels: tuple[str, ...]
    fixed: Mapping[str, str]


def _money(**fixed: str) -> dict[str, str]:
    return {"measure": GROSS_CURRENT, "unit": THOUSANDS, **fixed}


TABLES = (
    Table(
        "T3",
        "Expenditure and income, by finance type and finance description",
        ("measure", "measure"),
        {"unit": THOUSANDS},
    ),
    Table(
        "T5", "Expenditure, by finance description, year on year", ("measure", "year"), {"unit": THOUSANDS}
    ),
    Table("T14", "Gross Current Expenditure, by care type, 2021-22", ("care_type",), _money()),
    Table("T15", "Gross Current Expenditure, by care type, year on year", ("care_type", "year"), _money()),
    Table(
        "T17",
        "Gross Current Expenditure on long and short term care, by care type and age band, year on year",
        ("care_type", "year", "age_band"),
        _money(),
    ),
    Table(
        "T19",
        "Gross Current Expenditure on long and short term care for clients aged 18 to 64, by care type",
        ("care_type", "support_reason"),
        _money(age_band=YOUNGER),
    ),
    Table(
        "T20",
        "Gross Current Expenditure on long and short term care for clients aged 65 and over, by care type",
        ("care_type", "support_reason"),
        _money(age_band=OLDER),
    ),
    Table(
        "T38",
        "Number of clients accessing long term support at the end of the year, by age band",
        ("age_band", "support_setting"),
        {"measure": "people", "unit": "people", "care_type": LONG_TERM},
    ),
    Table(
        "T43",
        "Gross Current Expenditure on long term care for clients aged 18 to 64, by support setting",
        ("support_setting",),
        _money(care_type=LONG_TERM, age_band=YOUNGER),
    ),
    Table(
        "T44",
        "Gross Current Expenditure on long term care for clients aged 65 and over, by support setting",
        ("support_setting",),
        _money(care_type=LONG_TERM, age_band=OLDER),
    ),
    Table(
        "T46",
        "Gross Current Expenditure on other (not long or short term) social care, by primary support reason",
        ("support_reason",),
        _money(care_type="Other"),
    ),
    Table(
        "T51",
        "Unit costs, average weighted standard hourly rate for the provision of home care",
        ("year", "detail:provision"),
        {"measure": UNIT_COST, "unit": "GBP per hour", "support_setting": "Home Care"},
    ),
    Table(
        "T52",
        "Unit costs for clients accessing long term support, by support setting and age band",
        ("support_setting", "year", "age_band"),
        WEEKLY,
    ),
    Table(
        "T55",
        "Unit costs for clients accessing residential long term support, by provision type and age band",
        ("detail:provision", "year", "age_band"),
        WEEKLY | {"support_setting": "Residential"},
    ),
)

# England by age band and primary support reason, in rows.
REASON_TABLES = (
    Table(
        "T29",
        "Gross Current Expenditure on short term care, by purpose, age band",
        ("detail:purpose",),
        _money(care_type=SHORT_TERM),
    ),
    Table(
        "T45",
        "Gross Current Expenditure on long term care, by support setting, age band",
        ("support_setting",),
        _money(care_type=LONG_TERM),
    ),
)
SERIES = Table("T4", "Gross Current Expenditure in cash and real terms", ("detail:price_basis",), _money())


def _workbook_2021(file: str, data: bytes) -> tuple[pl.DataFrame, raw.Accounting]:
    """The finance tables of the workbook of 2021-22, and T38 (people by how support is provided)."""
    book = Workbook(file, data)
    account = raw.Accounting(file, "cells", read=0, loaded=0)
    rows: list[dict] = []
    taken = {}
    for tables, walk in ((TABLES, _councils), (REASON_TABLES, _reasons), ((SERIES,), _series)):
        for table in tables:
            sheet = book.sheet(table.sheet)
            _check_title(sheet, table)
            taken[table.sheet] = list(_figures(sheet, table, walk(sheet)))
    for name in book.sheet_names:
        cells = [cell for row in book.sheet(name).rows for cell in row]
        found = taken.get(name, [])
        figures = sum(bool(row["value_text"]) for row in found)
        blank = sum(not str(cell).strip() for cell in cells) - (len(found) - figures)
        rows += found
        account.read += len(cells)
        account.loaded += len(found)
        rest = "titles, headers, labels, notes and percentages" if name in taken else "sheets left out"
        for why, count in (("blank", blank), (rest, len(cells) - blank - len(found))):
            account.furniture[why] = account.furniture.get(why, 0) + count
    blanks = dict.fromkeys(DIMENSIONS, "")
    frame = pl.DataFrame([blanks | row for row in rows], schema={**DIMENSIONS, **raw.TAIL})
    return frame, account


def _check_title(sheet: Sheet, table: Table) -> None:
    expected = f"Table {table.sheet[1:]}: {table.title}"
    if not sheet.text(TITLE_ROW, 0).startswith(expected):
        raise LayoutError(
            "A sheet does not have the title that its reader relies on.",
            file=sheet.file,
            where=sheet.locator(TITLE_ROW, 0),
            expected=f"{expected!r} or longer",
            found=repr(sheet.text(TITLE_ROW, 0)),
            todo="open the workbook; if the publisher renumbered the tables, teach ingest/asc_fr.py",
        )


def _end(sheet: Sheet) -> int:
    """The first row under the figures, which reads `Source: ...`."""
    for row in range(HEADER_ROW, len(sheet.rows)):
        if sheet.text(row, 0).startswith("Source:"):
            return row
    raise LayoutError(
        "The line under a table's figures is not there.",
        file=sheet.file,
        where=f"sheet {sheet.name!r}, column A",
        expected="a cell that begins with 'Source:'",
        found=f"{len(sheet.rows)} rows without it",
        todo="the sheet looks cut short, or the publisher changed its foot: open it",
    )


def _headers(sheet: Sheet, table: Table, first: int) -> dict[int, dict[str, str]]:
    """The dimensions that the headers over each column of figures give; columns of percentages are left out.

    A blank header belongs to the one at its left, unless a higher header starts over it or it is in the
    last header row.
    """
    above = ["" for _ in sheet.rows[HEADER_ROW]]
    columns: dict[int, dict[str, str]] = {c: {} for c in range(first, len(above))}
    percentages, starts = set(), [False for _ in above]
    for level, dimension in enumerate(table.levels):
        row, last = HEADER_ROW + level, level == len(table.levels) - 1
        text = ""
        for column in columns:
            own = sheet.text(row, column)
            starts[column] = starts[column] or bool(own)
            text = own if own or starts[column] or last else text
            if "ercentage change" in text or "as per cent of" in text:
                percentages.add(column)
            if text:
                _place(columns[column], dimension, text)
    found = {c: labels for c, labels in columns.items() if labels and c not in percentages}
    if not found:
        raise LayoutError(
            "A table has no headers where they should be.",
            file=sheet.file,
            where=f"sheet {sheet.name!r}, row {HEADER_ROW + 1}",
            expected=f"headers from column {first + 1} on",
            found="none",
            todo="open the sheet; if the publisher moved the headers, teach ingest/asc_fr.py",
        )
    return found


def _place(labels: dict[str, str], dimension: str, text: str) -> None:
    """Put a header's text where it belongs; a second header of the same dimension is added after a colon."""
    if re.fullmatch(r"\d{4}-\d{2}", text):
        dimension = "year"
    elif dimension.startswith("detail:"):
        dimension, text = "detail", f"{dimension.removeprefix('detail:')}={text}"
    labels[dimension] = f"{labels[dimension]}: {text}" if dimension in labels else text


Walk = Iterator[tuple[int, int, dict[str, str]]]


def _figures(sheet: Sheet, table: Table, walk: Walk) -> Iterator[dict]:
    """The figures of a sheet; `walk` gives each line's row, first column of figures and dimensions."""
    symbols = UNIT_COST_SYMBOLS if table.fixed.get("measure") == UNIT_COST else WORKBOOK_SYMBOLS
    headers: dict[int, dict[str, str]] = {}
    for row, first, labels in walk:
        headers = headers or _headers(sheet, table, first)
        for column, header in headers.items():
            where = sheet.locator(row, column)
            text, value, symbol = raw.parse_value(
                sheet.rows[row][column], symbols, file=sheet.file, where=where
            )
            yield {
                "year": "2021-22",
                "table": table.sheet,
                **table.fixed,
                **header,
                **labels,
                "value_text": text,
                "value": value,
                "value_symbol": symbol,
                "source_file": sheet.file,
                "source_locator": where,
            }


def _councils(sheet: Sheet) -> Walk:
    """Lines of England, regions and councils. England and regions carry their region code as `gss_code`."""
    for column, header in enumerate(GEOGRAPHY):
        _check_header(sheet, column, header)
    england = False
    for row in range(HEADER_ROW + 1, _end(sheet)):
        gss, code, council, region_code, region = (sheet.text(row, column) for column in range(5))
        if not region_code:
            continue
        england = england or region == "England"
        if code:
            labels = {"area_code": code, "gss_code": gss, "area": council, "region": region}
        else:
            labels = {"gss_code": region_code, "area": region}
        yield row, len(GEOGRAPHY), labels
    if not england:
        raise LayoutError(
            "A table has no line for England.",
            file=sheet.file,
            where=f"sheet {sheet.name!r}",
            expected="'England' in column E",
            found="none",
            todo="open the sheet; if the publisher moved its columns, teach ingest/asc_fr.py",
        )


def _reasons(sheet: Sheet) -> Walk:
    """England by age band (given once for each block of lines) and reason; the first line is the total."""
    _check_header(sheet, 0, "Age band")
    _check_header(sheet, 1, "Primary support reason")
    age = "Total"
    for row in range(HEADER_ROW + 1, _end(sheet)):
        age = sheet.text(row, 0) or age
        reason = sheet.text(row, 1)
        if reason:
            yield row, 2, {"area": "England", "age_band": age, "support_reason": reason}


def _series(sheet: Sheet) -> Walk:
    """England by financial year; the percentages under the years are left out."""
    _check_header(sheet, 0, "Year")
    for row in range(HEADER_ROW + 1, _end(sheet)):
        if re.fullmatch(r"\d{4}-\d{2}", sheet.text(row, 0)):
            yield row, 1, {"area": "England", "year": sheet.text(row, 0)}


def _check_header(sheet: Sheet, column: int, expected: str) -> None:
    if sheet.text(HEADER_ROW, column) != expected:
        raise LayoutError(
            "A header is not where its reader looks for it.",
            file=sheet.file,
            where=sheet.locator(HEADER_ROW, column),
            expected=repr(expected),
            found=repr(sheet.text(HEADER_ROW, column)),
            todo="open the sheet; if the publisher renamed or moved the column, teach ingest/asc_fr.py",
        )


READERS = {
    "pss-exp-eng-14-15-fin-coun-lev-exp-data.csv": _expenditure_2014,
    "pss-exp-eng-14-15-fin-coun-lev-bri-data.csv": _bridging_2014,
    "pss-exp-eng-15-16-fin-add-data.csv": _additional_2015,
    "CSV ASCFR Totals.csv": _totals_2016,
    "CSV ASCFR Additional.csv": _additional_2016,
    "ascfr_2017_18_la_gross_current_expenditure_by_psr_setting.csv": _gross_current_2017,
    "ASCFR and SALT Data Tables 2021-22.xlsx": _workbook_2021,
}
