"""Public Health Scotland: self-directed support, and who provides home care.

Shape: one row a published figure; a line of a file gives a row for each of its figures. `year` is the
financial year (`2020-21`), `period` the publisher's label (`2020/21`, or `2020/21 Q1` for home care).
Counts are people, rounded to 5 by the publisher, so that 0 may stand for one or two people; rates are per
1,000 of what the unit names, percentages 0 to 100. `NA` stands where the denominator is nil or unknown.

Scotland has two names: "Scotland (Estimated)" carries the last submission of a partnership forward,
"Scotland (All Areas Submitted)" leaves the partnership out. A person with a mix of options is counted under
Option 4 and again under each option of the mix in `options_chosen` and `trend`; the "Only" options of
`options_proportion` exclude one another. `carried_from`, given in the table `data_completeness` alone, is
the year whose figures stand for a partnership that did not submit.

Left out: people by service (neither option nor provider), the 2021-22 file that repeats its neighbour in
another order of columns, and the Scottish figures repeated on every line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines, Sheet, Workbook
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    name: pl.String
    for name in (
        "table",
        "year",
        "period",
        "area",
        "option",
        "client_group",
        "provider_type",
        "age_group",
        "measure",
        "detail",
        "carried_from",
    )
}
KEY = (
    "table",
    "period",
    "area",
    "option",
    "client_group",
    "provider_type",
    "age_group",
    "measure",
    "detail",
)
SYMBOLS = {"NA": "not_applicable"}

_YEAR = re.compile(r"(20\d\d)/(\d\d)( Q[1-4])?")
_COMMENT = re.compile(
    r"Did not submit data for (20\d\d/\d\d)\. (20\d\d/\d\d) data was used in Scotland Trend file for \1\."
)


@dataclass(frozen=True)
class Layout:
    """A text file's columns: `labels` by dimension, `figures` as (measure, unit, detail), and those
    `left_out`. Where `grid` is set, every area and period has a line for each combination of labels."""

    table: str
    labels: Mapping[str, str]
    figures: Mapping[str, tuple[str, str, str]]
    left_out: tuple[str, ...] = ()
    grid: bool = True
    exceptions: Mapping[tuple[str, str], int] = field(default_factory=dict)


_PLACE = {"financial_year": "period", "sending_location": "area"}
_PLACE_AND_AGE = _PLACE | {"age_group": "age_group"}
_PEOPLE = ("number", "people", "")
_PER_POPULATION = {"nclient": _PEOPLE, "rate": ("rate", "people per 1,000 population", "")}
_PER_SDS = {"nclient": _PEOPLE, "rate": ("rate", "people per 1,000 people with self-directed support", "")}
_PER_CLIENT = {"nclient": _PEOPLE, "rate": ("rate", "people per 1,000 people supported", "")}
_SCOTLAND = ("scotland_rate", "scotland_nclient")

# By the end of the file's name; the first part of the name is the edition's.
_LAYOUTS = {
    "data_sds_trend.csv": Layout(
        "trend", _PLACE | {"option_type": "option"}, _PER_POPULATION, grid=False
    ),  # "Any SDS" starts in 2017/18
    "data_sds_options_chosen.csv": Layout(
        "options_chosen",
        _PLACE_AND_AGE | {"option_type": "option"},
        _PER_POPULATION,
        exceptions={
            ("2017/18", "Glasgow City"): 5,  # totals only, without ages
            ("2018/19", "Aberdeenshire"): 25,  # neither people under 18 nor of unknown age
            ("2019/20", "Aberdeenshire"): 25,
        },
    ),
    "data_sds_options_proportion.csv": Layout(
        "options_proportion",
        _PLACE_AND_AGE | {"sds_option": "option"},
        {"nclients": _PEOPLE, "percentage": ("percentage", "per cent", "")},
    ),
    "data_sds_client_group.csv": Layout(
        "client_group", _PLACE_AND_AGE | {"client_group": "client_group"}, _PER_SDS
    ),
    "data_sds_support_needs.csv": Layout(
        "support_needs", _PLACE_AND_AGE | {"sds_support_need": "detail"}, _PER_SDS
    ),
    "data_sds_type_of_organisation.csv": Layout(
        "type_of_organisation", _PLACE_AND_AGE | {"sds_support_services": "provider_type"}, _PER_SDS
    ),
    "data_sds_implementation_rate.csv": Layout(
        "implementation_rate",
        _PLACE,
        {
            "implementation_rate": ("percentage", "per cent", "implementation_rate"),
            "nclient": ("number", "people", "nclient"),
            "sdsclient": ("number", "people", "sdsclient"),
        },
        left_out=_SCOTLAND,
    ),
    "homecare_service_provider.csv": Layout(
        "homecare_service_provider",
        {
            "time_period": "detail",
            "financial_quarter": "period",
            "sending_location": "area",
            "age_group": "age_group",
            "hc_service_provider": "provider_type",
        },
        {"nclient": _PEOPLE, "percentage": ("percentage", "per cent", "")},
    ),
    "201920_202021_people_supported_client_group.csv": Layout(
        "people_supported_client_group",
        _PLACE_AND_AGE | {"client_group": "client_group", "measure": "detail"},
        _PER_CLIENT,
        left_out=("denominator",),  # not rounded, down to one person
    ),
    "202122_people_supported_client_group.csv": Layout(
        "people_supported_client_group",
        _PLACE_AND_AGE | {"client_group": "client_group", "measure": "detail"},
        _PER_CLIENT,
        grid=False,
    ),
    "people_supported_summary.csv": Layout(
        "people_supported", _PLACE | {"measure": "detail"}, _PER_POPULATION, left_out=_SCOTLAND
    ),
}


def financial_year(period: str, *, file: str, where: str) -> str:
    """`2017/18` or `2017/18 Q4` as `2017-18`. Raises `LayoutError` for anything else."""
    match = _YEAR.fullmatch(period)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise LayoutError(
            "A period is not a financial year.",
            file=file,
            where=where,
            expected="2017/18, or 2017/18 Q4",
            found=repr(period),
            todo="open the file; if periods are written in a new way, teach ingest/phs_sds.py",
        )
    return f"{match[1]}-{match[2]}"


def _columns(lines: Lines, layout: Layout) -> dict[str, int]:
    expected = [*layout.labels, *layout.figures, *layout.left_out]
    columns = lines.header(0, expected)
    if len(lines.rows[0]) != len(expected):
        raise LayoutError(
            "A file has columns that nobody has seen.",
            file=lines.file,
            where="line 1",
            expected=expected,
            found=lines.rows[0],
            todo="decide whether the new column is a dimension or a figure, and teach ingest/phs_sds.py",
        )
    return columns


def _check_width(lines: Lines) -> None:
    for row, number in zip(lines.rows, lines.line_numbers, strict=True):
        if len(row) != len(lines.rows[0]):
            raise LayoutError(
                "A line has not as many fields as the header.",
                file=lines.file,
                where=f"line {number}",
                expected=len(lines.rows[0]),
                found=f"{len(row)}: {row[:6]}",
                todo="the file may be truncated: fetch it again",
            )


def _check_grid(lines: Lines, layout: Layout, columns: Mapping[str, int]) -> None:
    """Every area and period must have a line for each combination of the other labels."""
    place = {dimension: columns[header] for header, dimension in layout.labels.items()}
    others = [
        columns[header] for header, dimension in layout.labels.items() if dimension not in ("period", "area")
    ]
    if layout.table == "homecare_service_provider":
        others.remove(place["detail"])  # tells quarters from census weeks: goes with the period
    expected = 1
    for column in others:
        expected *= len({row[column] for row in lines.rows[1:]})
    counts = Counter((row[place["period"]], row[place["area"]]) for row in lines.rows[1:])
    for (period, area), count in counts.items():
        if count != layout.exceptions.get((period, area), expected):
            raise LayoutError(
                "A partnership's figures are incomplete.",
                file=lines.file,
                where=f"{area}, {period}",
                expected=f"{layout.exceptions.get((period, area), expected)} lines",
                found=count,
                todo="the file may be truncated, or a label misspelt: compare with the publisher's file",
            )


def read_lines(path: str, data: bytes, layout: Layout) -> tuple[list[dict[str, object]], Accounting]:
    """One text file as rows. Raises `LayoutError`, `SymbolError` or `OriginalError` naming the line."""
    lines = Lines.read(path, data, encoding="utf-8")
    columns = _columns(lines, layout)
    _check_width(lines)
    if layout.grid:
        _check_grid(lines, layout, columns)
    blank = dict.fromkeys(KEY, "") | {"table": layout.table, "carried_from": None, "source_file": path}
    rows = []
    for index in range(1, len(lines.rows)):
        record = lines.rows[index]
        labels = {
            dimension: " ".join(record[columns[header]].split())
            for header, dimension in layout.labels.items()
        }
        labels["year"] = financial_year(
            labels["period"], file=path, where=f"line {lines.line_numbers[index]}"
        )
        for header, (measure, unit, detail) in layout.figures.items():
            locator = lines.locator(index, header)
            text, value, symbol = raw.parse_value(record[columns[header]], SYMBOLS, file=path, where=locator)
            row = blank | labels
            row["measure"], row["unit"], row["detail"] = measure, unit, detail or row["detail"]
            row["value_text"], row["value"], row["value_symbol"] = text, value, symbol
            row["source_locator"] = locator
            rows.append(row)
    return rows, Accounting(path, "lines", len(lines.rows), len(lines.rows) - 1, {"header": 1})


def read_completeness(sheet: Sheet) -> tuple[list[dict[str, object]], Accounting]:
    """The partnerships that did not submit, and the year that stands for them in the trend file."""
    headers = [
        "Data Set",
        "Financial Year",
        "Financial Quarter",
        "Health and Social Care Partnership",
        "Data Completeness Comments",
    ]
    dataset, period, quarter, area, comment = (sheet.find_column(0, header) for header in headers)
    rows = []
    for row in range(1, len(sheet.rows)):
        where = sheet.locator(row, comment)
        match = _COMMENT.fullmatch(sheet.text(row, comment))
        if match is None or match[1] != sheet.text(row, period):
            raise LayoutError(
                "A comment on completeness does not say which year stands for the missing one.",
                file=sheet.file,
                where=where,
                expected="Did not submit data for 2020/21. 2019/20 data was used in Scotland Trend file for "
                "2020/21. (the year of the line)",
                found=repr(sheet.rows[row][comment]),
                todo="read the comment, and teach ingest/phs_sds.py what it means",
            )
        rows.append(
            dict.fromkeys(KEY, "")
            | {
                "table": "data_completeness",
                "year": financial_year(match[1], file=sheet.file, where=where),
                "period": match[1],
                "area": sheet.text(row, area),
                "measure": "not submitted",
                "detail": f"{sheet.text(row, dataset)}, {sheet.text(row, quarter)}",
                "carried_from": financial_year(match[2], file=sheet.file, where=where),
                "unit": "text",
                "value_text": str(sheet.rows[row][comment]),
                "value": None,
                "value_symbol": "not_available",
                "source_file": sheet.file,
                "source_locator": where,
            }
        )
    cells = sum(len(row) for row in sheet.rows)
    width = len(sheet.rows[0])
    furniture = {"header": width, "labels of a comment": cells - width - len(rows)}
    return rows, Accounting(sheet.file, "cells", cells, len(rows), furniture)


def _records(path: str, data: bytes) -> list[tuple[tuple[str, str], ...]]:
    """The lines of a file as pairs of header and field, whatever the order of its columns."""
    header, *rows = Lines.read(path, data, encoding="utf-8").rows
    return [tuple(sorted(zip(header, row, strict=False))) for row in rows]


def check_repeat(path: str, data: bytes, summary_path: str, summary: bytes) -> Accounting:
    """A file that must say what the summary says. Raises `LayoutError` at the first difference."""
    ours, theirs = _records(path, data), _records(summary_path, summary)
    if ours != theirs:
        line = next((i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
        raise LayoutError(
            "Two files that were the same are not any more.",
            file=path,
            where="end of file" if line is None else f"line {line + 2}",
            expected=f"the figures of {summary_path}",
            found=f"{len(ours)} lines" if line is None else ours[line],
            todo="open both; if the file now holds figures of its own, teach ingest/phs_sds.py",
        )
    return Accounting(path, "lines", len(ours) + 1, 0, {"repeats the summary file": len(ours) + 1})


def _layout(path: str) -> Layout:
    for ending, layout in _LAYOUTS.items():
        if path.endswith(ending):
            return layout
    raise LayoutError(
        "No layout is known for a file of the edition.",
        file=path,
        expected=sorted(_LAYOUTS),
        todo="describe its columns in ingest/phs_sds.py",
    )


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One edition of the self-directed support files. Raises as `read_lines` and `read_completeness` do."""
    rows, accounting = [], []
    for path, data in originals.items():
        if path.endswith("people_supported_trend.csv"):
            summary = path.replace("_trend.csv", "_summary.csv")
            accounting.append(check_repeat(path, data, summary, originals[summary]))
            continue
        if path.endswith("people_supported_services.csv"):
            count = len(Lines.read(path, data, encoding="utf-8").rows)
            furniture = {"people by service: neither option nor provider (out of scope)": count}
            accounting.append(Accounting(path, "lines", count, 0, furniture))
            continue
        if path.endswith(".xlsx"):
            found, account = read_completeness(Workbook(path, data).sheet("Sheet1"))
        else:
            found, account = read_lines(path, data, _layout(path))
        rows.extend(found)
        accounting.append(account)
    return Reading(raw.tidy(rows, DIMENSIONS), KEY, accounting)
