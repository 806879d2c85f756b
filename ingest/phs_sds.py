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
from math import prod

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record, Sheet, Workbook, wrong_layout

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
DIMENSIONS = (KEY[0], "year", *KEY[1:], "carried_from")
SYMBOLS = {"NA": "not_applicable"}

_YEAR = re.compile(r"(20\d\d)/(\d\d)( Q[1-4])?")
COMPLETENESS = [
    "Data Set",
    "Financial Year",
    "Financial Quarter",
    "Health and Social Care Partnership",
    "Data Completeness Comments",
]
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


Rows = list[dict[str, object]]


def financial_year(period: str) -> str | None:
    """`2017/18` or `2017/18 Q4` as `2017-18`, None for anything else."""
    match = _YEAR.fullmatch(period)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    return f"{match[1]}-{match[2]}"


def _check_grid(lines: Lines, layout: Layout, labels: list[dict[str, str]]) -> None:
    """Every area and period must have a line for each combination of the other labels."""
    beside = {"period", "area"}
    if layout.table == "homecare_service_provider":
        beside.add("detail")  # tells quarters from census weeks: goes with the period
    others = [name for name in layout.labels.values() if name not in beside]
    whole = prod(len({line[name] for line in labels}) for name in others)
    for (period, area), count in Counter((line["period"], line["area"]) for line in labels).items():
        expected = layout.exceptions.get((period, area), whole)
        if count != expected:
            raise lines.wrong(
                "A partnership's figures are incomplete.",
                at=f"{area}, {period}",
                expected=f"{expected} lines",
                found=count,
                todo="the file may be truncated, or a label misspelt: compare with the publisher's file",
            )


def _labels(record: Record, layout: Layout) -> dict[str, str]:
    labels = {dimension: record[heading] for heading, dimension in layout.labels.items()}
    year = financial_year(labels["period"])
    if year is None:
        heading = next(heading for heading, dimension in layout.labels.items() if dimension == "period")
        raise record.wrong("A period is not a financial year.", at=heading, expected="2017/18, or 2017/18 Q4")
    return {"table": layout.table, "year": year, **labels}


def read_lines(path: str, data: bytes, layout: Layout) -> tuple[Rows, Accounting]:
    """One text file as rows. Raises `LayoutError`, `SymbolError` or `OriginalError` naming the line."""
    lines = Lines.read(path, data)
    headings = [*layout.labels, *layout.figures, *layout.left_out]
    records = list(lines.records(0, headings, only=True))
    labels = [_labels(record, layout) for record in records]
    if layout.grid:
        _check_grid(lines, layout, labels)
    rows = []
    for record, of_line in zip(records, labels, strict=True):
        for heading, (measure, unit, detail) in layout.figures.items():
            row = record.figure(heading, SYMBOLS, unit=unit, measure=measure, carried_from=None, **of_line)
            rows.append(row | {"detail": detail or of_line.get("detail", "")})
    return rows, lines.accounting(len(records))


def read_completeness(sheet: Sheet) -> tuple[Rows, Accounting]:
    """The partnerships that did not submit, and the year that stands for them in the trend file."""
    dataset, period, quarter, area, comment = COMPLETENESS
    rows = []
    for record in sheet.records(0, COMPLETENESS):
        match = _COMMENT.fullmatch(record[comment])
        year = match and financial_year(match[1])
        before = match and financial_year(match[2])
        if not (year and before) or match[1] != record[period]:
            raise record.wrong(
                "A comment on completeness does not say which year stands for the missing one.",
                at=comment,
                expected="Did not submit data for 2020/21. 2019/20 data was used in Scotland Trend file for "
                "2020/21. (the year of the line)",
                todo="read the comment, and teach ingest/phs_sds.py what it means",
            )
        rows.append(
            {
                "table": "data_completeness",
                "year": year,
                "period": match[1],
                "area": record[area],
                "measure": "not submitted",
                "detail": f"{record[dataset]}, {record[quarter]}",
                "carried_from": before,
                "unit": "text",
                "value_text": str(record.cell(comment)),
                "value": None,
                "value_symbol": "not_available",
                **record.place(comment),
            }
        )
    account = Accounting(sheet.file, "cells", sheet.size, len(rows))
    account.leave("header", len(sheet.rows[0]))
    account.leave("labels of a comment", sheet.size - len(sheet.rows[0]) - len(rows))
    return rows, account


def _by_heading(path: str, data: bytes) -> list[tuple[tuple[str, str], ...]]:
    """The lines of a file as pairs of heading and field, whatever the order of its columns."""
    header, *rows = Lines.read(path, data).rows
    return [tuple(sorted(zip(header, row, strict=False))) for row in rows]


def check_repeat(path: str, data: bytes, summary_path: str, summary: bytes) -> Accounting:
    """A file that must say what the summary says. Raises `LayoutError` at the first difference."""
    ours, theirs = _by_heading(path, data), _by_heading(summary_path, summary)
    if ours != theirs:
        line = next((i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
        raise wrong_layout(
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
    raise wrong_layout(
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
            lines = Lines.read(path, data)
            furniture = {"people by service: neither option nor provider (out of scope)": len(lines.rows)}
            accounting.append(lines.accounting(0, furniture))
            continue
        if path.endswith(".xlsx"):
            found, account = read_completeness(Workbook.open(path, data).sheet("Sheet1"))
        else:
            found, account = read_lines(path, data, _layout(path))
        rows.extend(found)
        accounting.append(account)
    return Reading.of(rows, accounting, DIMENSIONS, KEY)
