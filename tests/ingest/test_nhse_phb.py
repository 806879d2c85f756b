"""Personal health budgets: a made-up transcription, no private path, and figures typed from the held file."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import nhse_phb

HEADER = "period,measure,value,unit,source_url,note\n"
LINES = (
    "2022-23 Q4 (YTD),people with a PHB,1200,people,https://digital.nhs.uk/a,\n"
    "2022-23 Q4,direct payment share,16,per cent,https://digital.nhs.uk/a,\n"
    '2016/17,Calderdale CCG total spend on PHBs,1.2,GBP m,https://www.calderdaleccg.nhs.uk/b,"FOI, once"\n'
    "2018/19 (c. Mar 2019),people with a PHB,54000,people,https://www.hfma.org.uk/c,rounded\n"
    "2017/18 Apr-Dec,Calderdale CCG total spend on PHBs,0.9,GBP m,https://www.calderdaleccg.nhs.uk/b,FOI\n"
)


def rows_of(text: str):
    return nhse_phb.read_figures("x.csv", text.encode())


def test_layout():
    rows, account = rows_of(HEADER + LINES)
    account.check()
    assert [(r["year"], r["quarter"], r["span"], r["area"], r["value"]) for r in rows] == [
        ("2022-23", "Q4", "year to date", "England", 1200.0),
        ("2022-23", "Q4", "not stated", "England", 16.0),
        ("2016-17", "", "year", "Calderdale CCG", 1.2),
        ("2018-19", "", "end of year, about", "England", 54000.0),
        ("2017-18", "", "April to December", "Calderdale CCG", 0.9),
    ]
    assert rows[2]["measure"] == "total spend on PHBs"
    assert rows[0]["kind"] == "official publication page"
    assert rows[0]["source_locator"] == 'line 2, column "value"'


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (HEADER.replace("source_url", "address") + LINES, LayoutError, "source_url"),
        (HEADER + LINES.replace("1200", "some"), SymbolError, "line 2"),
        (HEADER + LINES.replace("2022-23 Q4,", "winter,"), LayoutError, "line 3"),
        (HEADER + LINES.replace("https://www.hfma.org.uk/c", "/home/somebody/c.pdf"), LayoutError, "line 5"),
        (HEADER + LINES.replace("https://www.hfma.org.uk/c", "https://example.org"), LayoutError, "line 5"),
        (HEADER + LINES.replace("per cent", "share"), LayoutError, "line 3"),
        (HEADER + LINES[:-45], OriginalError, "line 6"),
    ],
)
def test_bad_files_are_named(text, error, says):
    with pytest.raises(error, match=says):
        rows_of(text)


def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nhse_phb" / "2016-17_to_2023-24.parquet")


@pytest.mark.parametrize(
    ("period", "measure", "value"),
    [
        ("2021-22 Q3 (YTD)", "people with a PHB", 101053),  # line 3
        ("2021-22 Q4", "delivered as direct payment", 27103),  # line 7
        ("2021-22 Q4", "direct payment share", 22),
        ("2022-23 Q4 (YTD)", "people with a PHB", 175859),
        ("2022-23 Q4", "notional share", 80),
        ("2023-24 Q2", "children and young people", 19811),
        ("2023-24 Q4 (YTD)", "people with a PHB", 188489),  # line 23
        ("2023-24 Q4", "direct payment share", 15),
        ("2018/19 (c. Mar 2019)", "people with a PHB", 54000),
        ("2016/17", "spend on PHB direct payments", 0.935),  # line 32
    ],
)
def test_golden_figures(period, measure, value):
    assert snapshot().filter(period=period, measure=measure)["value"].to_list() == [value]


def test_no_path_of_a_machine_is_published():
    assert snapshot()["source_url"].str.contains(r"^https?://[^ ]+$").all()
