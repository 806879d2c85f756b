"""The data explorer's measures: a made-up file, errors, and figures typed from the publisher's file."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import oflog_asc

HEADER = ",".join(oflog_asc.HEADINGS) + "\n"
LINES = (
    '2016-17,E06000999,Northshire,LA_Raw,UA,North,"Outcome, Workforce turnover rate",ASC7,25.5,28,1,\n'
    '2016-17,E06000998,Smalltown,LA_Raw,UA,North,"Outcome, Workforce turnover rate",ASC7,,28,,\n'
)


def read(text: str):
    return oflog_asc.read_measures("oflog_asc/x.csv", text.encode())


def test_layout():
    rows, account = read(HEADER + LINES)
    account.check()
    assert [(r["area"], r["value"], r["value_symbol"], r["unit"]) for r in rows] == [
        ("Northshire", 25.5, None, "per cent"),
        ("Smalltown", None, "not_available", "per cent"),
    ]
    assert rows[0]["source_locator"] == 'line 2, column "Value"'


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (HEADER.replace("Value", "Values") + LINES, LayoutError, "Value"),
        (HEADER.replace("MEDIAN", "MEDIAN,More") + LINES, LayoutError, "nobody has seen"),
        (HEADER + LINES.replace("ASC7", "ASC8"), LayoutError, "line 2"),
        (HEADER + LINES.replace("Workforce turnover", "Vacancy"), LayoutError, "line 2"),
        (HEADER + LINES.replace("LA_Raw", "Region", 1), LayoutError, "line 2"),
        (HEADER + LINES.replace("2016-17,E06000998", "2016,E06000998"), LayoutError, "line 3"),
        (HEADER + LINES.replace("25.5", "a quarter"), SymbolError, "line 2"),
        (HEADER + LINES[:-12], OriginalError, "line 3"),
    ],
)
def test_bad_files_are_named(text, error, says):
    with pytest.raises(error, match=says):
        read(text)


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "oflog_asc" / "2015-16_to_2022-23.parquet")


@pytest.mark.parametrize(
    ("line", "year", "area", "code", "value"),
    [
        (380, "2021-22", "Devon", "ASC1", 7),
        (1325, "2022-23", "Devon", "ASC2", 0.407),
        (962, "2019-20", "Kent", "ASC2", 0),
        (2389, "2022-23", "Devon", "ASC3", 69.6),
        (2765, "2021-22", "Devon", "ASC4", 64.3),
        (3987, "2022-23", "Devon", "ASC5", 95.7),
        (5217, "2022-23", "Devon", "ASC6", 1148.765935579477),
        (5396, "2016-17", "Kent", "ASC7", 24.23239568),
        (5461, "2016-17", "Calderdale", "ASC7", 25.19846317),
        (6124, "2021-22", "Devon", "ASC7", 38.97600309),
        (6269, "2022-23", "Devon", "ASC7", 33.16577532),
        (6374, "2022-23", "Calderdale", "ASC7", 25.21508745),
    ],
)
def test_golden_figures(held, line, year, area, code, value):
    found = held.filter(year=year, area=area, measure_code=code)
    assert found["value"].to_list() == [value]
    assert found["source_locator"].to_list() == [f'line {line}, column "Value"']


def test_rows_and_councils_with_a_turnover(held):
    assert (held.height, held["value"].null_count()) == (6376, 298)
    turnover = held.filter(measure_code="ASC7").group_by("year").agg(pl.col("value").count()).sort("year")
    assert turnover["value"].to_list() == [110, 112, 115, 112, 103, 106, 151]
