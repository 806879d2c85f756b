"""Transcribed figures: a made-up transcription, no private path, and figures typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import nsiamhs

HEADER = "year,table_figure,measure,category,value,unit,source_url,locator,kind,note\n"
LINES = (
    '2011/12,"Report, Figure 1",total,England,6629,GBP m,https://example.org/a,para 1,secondary,"a, note"\n'
    "2011/12,blog,share,England,0.56,per cent,seed blog /home/somebody/blog.txt,same,CLAIM UNDER TEST,\n"
    "2020/21,answer,commissioners,England,41 of 42 ICBs,count,file spend/folder/book.xlsx,table,answer,\n"
    "2014/15,release,trusts,England,more than half,share of trusts,http://example.org/b,para 3,release,\n"
)


def rows_of(text: str):
    return nsiamhs.read_figures("x.csv", text.encode())


def test_layout():
    rows, account = rows_of(HEADER + LINES)
    account.check()
    assert [(r["value"], r["value_symbol"]) for r in rows] == [
        (6629.0, None),
        (0.56, None),
        (41.0, None),
        (None, "not_available"),
    ]
    assert rows[2]["value_text"] == "41 of 42 ICBs"
    assert "note" not in rows[0]


def test_no_path_of_a_machine_is_published():
    rows, _ = rows_of(HEADER + LINES)
    assert rows[1]["source_url"] == "blog post under test (address not recorded)"
    assert rows[2]["source_url"] == "file book.xlsx"
    for edition in ("2011-12", "other"):
        table = pl.read_parquet(project().raw / "nsiamhs" / f"{edition}.parquet")
        sources = table["source_url"].unique().to_list()
        assert all(s.startswith("http") or "/" not in s for s in sources)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (HEADER.replace("locator", "place") + LINES, LayoutError, "locator"),
        (HEADER + LINES.replace("6629", "a lot"), SymbolError, "line 2"),
        (HEADER + LINES.replace("file spend", "copy spend"), LayoutError, "line 4"),
        (HEADER + LINES[:-40], OriginalError, "line 5"),
    ],
)
def test_bad_files_are_named(text, error, says):
    with pytest.raises(error, match=says):
        rows_of(text)


def figures(edition: str, **where: str) -> list[float]:
    return (
        pl.read_parquet(project().raw / "nsiamhs" / f"{edition}.parquet").filter(**where)["value"].to_list()
    )


def test_golden_figures():
    assert figures("2011-12", measure="total investment", year="2011/12") == [6629]  # line 11
    assert figures("2011-12", kind="CLAIM UNDER TEST") == [30.5, 0.56, 83.3, 84.5]  # lines 45 to 48
    assert figures("other", kind="DERIVED from ASC-FR 2017-18") == [50.32, 21.12]
    assert figures("other", measure="share of mental health care provided by NHS mental health trusts") == [
        80
    ]


def test_the_eight_service_groups_add_up_to_the_derived_sum():
    groups = pl.read_parquet(project().raw / "nsiamhs" / "2011-12.parquet").filter(
        measure="investment by service group"
    )
    derived = pl.col("kind") == "DERIVED"
    assert groups.filter(~derived)["value"].sum() == groups.filter(derived)["value"].item() == 5496
