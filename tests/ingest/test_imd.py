"""Indices of deprivation: both layouts on made-up files, errors, and figures typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import imd
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet

HEADER = [
    "Upper Tier Local Authority District code (2019)",
    "Upper Tier Local Authority District name (2019)",
    "IMD - Average rank ",
    "IMD - Rank of average rank ",
    "IMD - Average score ",
    "IMD - Proportion  of LSOAs in most deprived 10% nationally ",
    "IMD 2019 - Extent ",
]
TABLE = (
    "utla23_code,utla_name,n_districts,imd2025_average_score,imd2025_average_rank,method\n"
    'E06000999,"Northshire, City of",1,20.5,17000.979999999996,published LTLA value\n'
    "E10000999,Southshire,7,14.25,12000.5,derived: mean of districts\n"
)


def sheet(**changed: object) -> Sheet:
    """Two councils; `changed` gives cells by address, e.g. `C1`."""
    rows = [
        list(HEADER),
        ["E06000999", "Northshire", 22581.98, 21.0, 35.037, 0.3621, 0.4973],
        ["E10000999", "Southshire", 12581.5, 99.0, 15.0, 0.0, 0.0],
    ]
    for cell, value in changed.items():
        rows[int(cell[1:]) - 1][ord(cell[0]) - 65] = value
    return Sheet("x.xlsx", "IMD", rows)


def account() -> Accounting:
    return Accounting("x.xlsx", "cells", read=sheet().size)


def test_the_workbook_of_2019():
    counts = account()
    rows = imd.read_sheet(sheet(), counts)
    counts.check()
    assert (counts.read, counts.loaded, len(rows)) == (21, 10, 10)
    assert [(row["measure"], row["unit"], row["value"]) for row in rows[:4]] == [
        ("IMD - Average rank", "rank of LSOA, 32844 = most deprived", 22581.98),
        ("IMD - Rank of average rank", "rank of council, 1 = most deprived", 21.0),
        ("IMD - Average score", "score", 35.037),
        ("IMD - Proportion of LSOAs in most deprived 10% nationally", "share", 0.3621),
    ]
    assert (rows[0]["area_code"], rows[0]["source_locator"]) == ("E06000999", "IMD!C2")


def test_the_derived_table_of_2025():
    rows, counts = imd.read_2025("x.csv", TABLE.encode())
    counts.check()
    assert [(row["area"], row["measure"], row["value"]) for row in rows] == [
        ("Northshire, City of", "imd2025_average_score", 20.5),
        ("Northshire, City of", "imd2025_average_rank", 17000.979999999996),
        ("Southshire", "imd2025_average_score", 14.25),
        ("Southshire", "imd2025_average_rank", 12000.5),
    ]
    assert rows[2]["detail"] == "method=derived: mean of districts; districts=7"
    assert rows[2]["source_locator"] == 'line 3, column "imd2025_average_score"'


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"A1": "Code"}, LayoutError, "code .2019."),
        ({"C1": "IMD - Mean rank"}, LayoutError, "IMD!C1"),
        ({"E1": "IMD - Average rank"}, LayoutError, "Average score"),
        ({"E2": "*"}, SymbolError, "IMD!E2"),
        ({"E3": ""}, SymbolError, "IMD!E3"),
    ],
)
def test_a_changed_sheet_is_named(changed, error, says):
    with pytest.raises(error, match=says):
        imd.read_sheet(sheet(**changed), account())


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (TABLE.replace("utla23_code", "code"), LayoutError, "utla23_code"),
        (TABLE[:-30], OriginalError, "line 3"),
        (TABLE.replace("14.25", "x"), SymbolError, "line 3"),
        (TABLE.replace("14.25", ""), SymbolError, "line 3"),
    ],
)
def test_a_changed_table_is_named(text, error, says):
    with pytest.raises(error, match=says):
        imd.read_2025("x.csv", text.encode())


def test_a_renamed_sheet_and_a_truncated_file_are_named(made_up_workbook):
    with pytest.raises(OriginalError, match=r"x\.xlsx"):
        imd.read_2019("x.xlsx", b"PK\x03\x04 cut short")

    made_up_workbook({"Notes": [["a"]], "IMD 2019": [["b"]]})
    with pytest.raises(LayoutError, match="'IMD'"):
        imd.read_2019("x.xlsx", b"")


@pytest.mark.parametrize(
    ("year", "area", "measure", "where", "value"),
    [
        ("2019", "Hartlepool", "IMD - Average rank", "IMD!C2", 22581.98),
        ("2019", "Blackpool", "IMD - Average score", "IMD!E10", 45.039),
        ("2019", "Blackpool", "IMD - Rank of average score", "IMD!F10", 1),
        (
            "2019",
            "Middlesbrough",
            "IMD - Proportion of LSOAs in most deprived 10% nationally",
            "IMD!G3",
            0.4884,
        ),
        ("2019", "Halton", "IMD 2019 - Extent", "IMD!I7", 0.4678),
        ("2019", "Warrington", "IMD 2019 - Local concentration", "IMD!K8", 30359.39),
        ("2019", "Kingston upon Hull, City of", "Income scale", "Income!I11", 58544),
        ("2019", "Darlington", "Employment scale", "Employment!I6", 7637.5),
        ("2025", "Hartlepool", "imd2025_average_score", 'line 2, column "imd2025_average_score"', 37.58),
        (
            "2025",
            "Kingston upon Hull, City of",
            "imd2025_average_rank",
            'line 11, column "imd2025_average_rank"',
            24324.73,
        ),
        (
            "2025",
            "Devon",
            "imd2025_average_score",
            'line 136, column "imd2025_average_score"',
            17.721536093203714,
        ),
    ],
)
def test_golden_figures(year, area, measure, where, value):
    table = pl.read_parquet(project().raw / "imd" / f"{year}.parquet")
    found = table.filter(area=area, measure=measure)
    assert found.select("value", "source_locator").rows() == [(value, where)]


def test_councils_of_each_year():
    for year, councils in (("2019", 151), ("2025", 153)):
        table = pl.read_parquet(project().raw / "imd" / f"{year}.parquet")
        assert table["area_code"].n_unique() == councils
    assert table.filter(pl.col("detail").str.starts_with("method=derived"))["area_code"].n_unique() == 21
