"""Mental health dashboard: a made-up workbook, its errors, and figures typed from the publisher's file."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from xml.sax.saxutils import escape

import polars as pl
import pytest

from commissioning.base.errors import KeyClashError, LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import nhse_mh_dashboard as dashboard
from commissioning.ingest import raw
from commissioning.ingest.sheets import column_letters

FILE = "made-up.xlsm"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def cell_xml(row: int, column: int, cell: object) -> str:
    address = f"{column_letters(column)}{row + 1}"
    if cell == "":
        return ""
    if isinstance(cell, float):
        return f'<c r="{address}"><v>{cell!r}</v></c>'
    if cell.startswith("#"):
        return f'<c r="{address}" t="e"><v>{cell}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


def sheet_xml(rows: list[list[object]]) -> str:
    body = "".join(
        f'<row r="{r + 1}">{"".join(cell_xml(r, c, cell) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """The bytes of a workbook with these sheets, all but the last hidden; texts like `#REF!` are errors."""
    names = list(sheets)
    entries, links, types = "", "", ""
    for number, name in enumerate(names, 1):
        state = "" if name == names[-1] else ' state="hidden"'
        entries += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"{state}/>'
        target = f"worksheets/sheet{number}.xml"
        links += f'<Relationship Id="rId{number}" Type="{LINKS}/worksheet" Target="{target}"/>'
        types += (
            f'<Override PartName="/xl/{target}" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        )
    relations = f'xmlns="{PACKAGE}/relationships"'
    namespaces = f'xmlns="{MAIN}" xmlns:r="{LINKS}"'
    book = f'<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "_rels/.rels": f"<Relationships {relations}>{book}</Relationships>",
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "xl/workbook.xml": f"<workbook {namespaces}><sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {relations}>{links}</Relationships>",
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": sheet_xml(sheets[name]) for n, name in enumerate(names, 1)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return stream.getvalue()


AREAS = [
    ["EN", "EN", "EN", "ENGLAND", "National"],
    ["EN", "EN", "Y62", "NORTH WEST", "Region"],
    ["Y62", "Y62", "QE1", "A SYSTEM", "STP"],
    ["Y62", "QE1", "00Q", "NHS NORTHTOWN CCG", "CCG"],
    ["Y62", "QE1", "00R", "NHS  SOUTHTOWN CCG", "CCG"],
]


def hidden(table: dashboard.Table, periods: list[str], figures: list[list[object]]) -> list[list[object]]:
    top = [["Title:", table.title], ["Unique ID:", table.unique_id], *([["", ""]] * 7)]
    header = [*dashboard.AREA_HEADERS, *periods]
    return [*top, header, *(area + line for area, line in zip(AREAS, figures, strict=True))]


def made_up() -> dict[str, list[list[object]]]:
    """Each hidden sheet, the dashboard, and a sheet on something else."""
    years = ["2009/10", "2017/18 planned", "2017/18", "."]
    money = [
        ["#N/A", 9.0, 10.0, ""],
        ["#N/A", "#N/A", 10.0, ""],
        ["#N/A", "#REF!", 10.0, ""],
        ["#N/A", "N/A", 4.5, ""],
        ["", "", 5.5, 1.0],
    ]
    answers = [["#N/A", "Y", "Y", ""]] * 4 + [["#N/A", "N", "#N/A", ""]]
    sheets = {}
    for table in dashboard.TABLES:
        figures = answers if table.name == "investment standard" else money
        sheets[table.sheet] = hidden(table, years, figures)
    placements = dashboard.TABLES[-1]
    gap = [""] * (dashboard.SUCCESSOR_COLUMN - len(dashboard.AREA_HEADERS) - 1)
    lines = [[float(n), *gap, ""] for n in range(5)]
    lines[-1] = [7.0, *gap, "00Q"]
    sheets[placements.sheet] = hidden(placements, ["Q2 2017/18"], lines)
    sheets[placements.sheet].insert(13, [""] * 35)
    sheets["AC(i)_FINAL CALC"] = [["People", 1.0], ["", 2.0]]
    sheets["Dashboard"] = [
        ["", "Overview"],
        ["", "Meeting commitment", "", *list(dashboard.NATIONAL_COLUMNS)],
        ["", "Total actual spend - 2016/17", "", 9722.8, 1879.1, 11601.9, 0.136, "Y", "177 out of 209", 0.85],
        ["", "Total actual spend - 2021/22 ^", "", 1.0, 2.0, 3.0, 0.1, "N", "106 out of 106", 1.0],
        ["", "", ""],
    ]
    return sheets


@pytest.fixture
def sheets(monkeypatch):
    """The made-up workbook's sheets; a test may alter them before it reads."""
    monkeypatch.setattr(dashboard, "AREA_LINES", {"National": 1, "Region": 1, "STP": 1})
    monkeypatch.setattr(dashboard, "CURRENT_CCGS", 2)
    return made_up()


def read(sheets: dict[str, list[list[object]]]) -> raw.Reading:
    reading = dashboard.read(None, {FILE: workbook(sheets)})
    raw.check(reading, what=FILE)
    return reading


def only(figures: pl.DataFrame, **where: str) -> dict:
    rows = figures.filter(**where)
    assert rows.height == 1
    return rows.row(0, named=True)


def test_hidden_sheets(sheets):
    table = read(sheets).table
    england = only(table, table="total spend", area_level="National", measure="spend")
    assert (england["year"], england["value"], england["unit"]) == ("2017-18", 10, "GBP")
    assert england["source_locator"] == "MHF(ii_a)_FINAL CALC!H11"
    plan = only(table, table="total spend", area_level="National", measure="planned spend")
    assert (plan["value"], plan["category"]) == (9, "Total mental health spend by financial year")
    assert table.filter(table="total spend")["year"].unique().to_list() == ["2017-18"]
    assert only(table, table="total spend", area_code="00R", measure="spend")["area"] == "NHS SOUTHTOWN CCG"


def test_errors_of_the_spreadsheet_are_kept(sheets):
    plans = read(sheets).table.filter(table="crisis care", measure="planned spend")
    assert plans["value_text"].to_list() == ["9.0", "#N/A", "#REF!", "N/A", ""]
    assert plans["value_symbol"].to_list() == [None, *["not_available"] * 4]


def test_investment_standard(sheets):
    table = read(sheets).table.filter(table="investment standard", area_level="CCG")
    assert table["value"].to_list() == [1, 1, 0, None]
    assert table["value_text"].to_list() == ["Y", "Y", "N", "#N/A"]


def test_quarters_and_successors(sheets):
    table = read(sheets).table.filter(table="out of area placements")
    assert table["detail"].unique().to_list() == ["Q2"]
    assert table["successor_code"].to_list() == ["", "", "", "", "00Q"]


def test_a_ccg_below_another_ccg_is_superseded(sheets):
    sheets["CR(iii_c)_FINAL CALC"][-1][1] = "72Q"
    sheets["CR(iii_c)_FINAL CALC"][-1][-1] = ""
    table = read(sheets).table.filter(table="out of area placements", area_code="00R")
    assert table["successor_code"].to_list() == ["72Q"]


def test_national_totals(sheets):
    table = read(sheets).table.filter(table="national totals")
    assert table.height == 14
    assert table["year"].unique(maintain_order=True).to_list() == ["2016-17", "2021-22"]
    count = only(table, year="2016-17", unit="CCGs")
    assert (count["value"], count["detail"], count["value_text"]) == (177, "out of 209", "177 out of 209")
    assert only(table, year="2021-22", measure="investment standard achieved")["value"] == 0


def test_every_cell_is_accounted_for(sheets):
    account = read(sheets).accounting[0]
    assert account.furniture["sheets that are not about money (out of scope)"] == 4
    assert account.furniture["empty lines"] == 35


@pytest.mark.parametrize("gone", [*(table.sheet for table in dashboard.TABLES), "Dashboard"])
def test_a_sheet_that_is_gone(sheets, gone):
    sheets[f"{gone} old"] = sheets.pop(gone)
    with pytest.raises(LayoutError, match=re.escape(repr(gone))):
        read(sheets)


@pytest.mark.parametrize(
    ("name", "row", "column", "text", "error", "says"),
    [
        ("PMH(ii)", 0, 1, "Something else", LayoutError, "PMH(ii)!B1"),
        ("PMH(ii)", 1, 1, "PMH(iii)", LayoutError, "PMH(ii)!B2"),
        ("PMH(ii)", 9, 2, "Organisation", LayoutError, "PMH(ii)!C10"),
        ("PMH(ii)", 9, 7, "2017 outturn", LayoutError, "PMH(ii)!H10"),
        ("PMH(ii)", 11, 4, "Board", LayoutError, "PMH(ii)!E12"),
        ("PMH(ii)", 11, 7, "[x]", SymbolError, "PMH(ii)!H12"),
        ("PMH(ii)", 11, 7, "#DIV/0!", SymbolError, "PMH(ii)!H12"),
        ("MHF(iii)_FINAL CALC", 13, 7, "Maybe", SymbolError, "MHF(iii)_FINAL CALC!H14"),
        ("PMH(ii)", 14, 2, "00Q", KeyClashError, "PMH(ii)!G14"),
        ("Dashboard", 1, 4, "Spend", LayoutError, "NHSE Specialised"),
        ("Dashboard", 2, 1, "2016/17", LayoutError, "Dashboard!B3"),
    ],
)
def test_altered_sheets_are_named(sheets, name, row, column, text, error, says):
    assert sheets[name][row][column] != text
    sheets[name][row] = [*sheets[name][row][:column], text, *sheets[name][row][column + 1 :]]
    with pytest.raises(error, match=re.escape(says)):
        read(sheets)


def test_a_suppressed_figure(sheets):
    sheets["PMH(ii)"][13] = [*AREAS[3], "", "*", "*", ""]
    symbols = read(sheets).table.filter(table="perinatal", area_code="00Q")["value_symbol"]
    assert symbols.to_list() == ["suppressed", "suppressed"]


def test_a_sheet_cut_short(sheets):
    sheets["PMH(ii)"].pop()
    with pytest.raises(LayoutError, match="does not hold every area"):
        read(sheets)


def test_a_file_cut_short():
    with pytest.raises(OriginalError, match=FILE):
        dashboard.read(None, {FILE: workbook(made_up())[:500]})


# Figures typed from the publisher's file --------------------------------------------------------------


@cache
def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nhse_mh_dashboard" / "2021-22-q4.parquet")


@pytest.mark.parametrize(
    ("locator", "value"),
    [
        ("MHF(ii_a)_FINAL CALC!M11", 9722830544.226402),
        ("MHF(ii_a)_FINAL CALC!W11", 12680741420.216902),
        ("MHF(ii_a)_FINAL CALC!W12", 1666953692.3445),
        ("MHF(i)_FINAL CALC!W61", 0.17901599947062188),
        ("CYP(v)_FINAL CALC!X11", 922005243.426905),
        ("CYP(vi)_FINAL CALC!X11", 72754576.38946569),
        ("PMH(ii)!T11", 73047707.49287486),
        ("IAPT(iv)_FINAL CALC!X11", 751902695.7454741),
        ("EIP(ii)_FINAL CALC!X11", 221479315.11222807),
        ("CR(ii)_FINAL CALC!V11", 561079115.263666),
        ("AC(iii)_FINAL CALC!N11", 154778910.988463),
        ("CR(iii_c)_FINAL CALC!AH11", 28719754.0),
        ("Dashboard!E88", 2327.0),
        ("Dashboard!F88", 15007.7414202169),
    ],
)
def test_a_published_figure(locator, value):
    assert only(snapshot(), source_locator=locator)["value"] == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("locator", "text"),
    [
        ("IAPT(iv)_FINAL CALC!R11", "#REF!"),
        ("MHF(ii_a)_FINAL CALC!N12", "#N/A"),
        ("AC(iii)_FINAL CALC!O12", ""),
    ],
)
def test_a_published_gap(locator, text):
    row = only(snapshot(), source_locator=locator)
    assert (row["value_text"], row["value_symbol"]) == (text, "not_available")


def test_rows():
    assert snapshot().height == 20554


def test_areas_add_up_from_2017_18_on():
    spend = snapshot().filter(table="total spend", measure="spend")
    totals = spend.group_by("year", "area_level").agg(pl.col("value").sum())
    wide = totals.pivot("area_level", index="year", values="value").sort("year")
    short = (wide["National"] - wide["CCG"]).to_list()
    assert short[0] == pytest.approx(175321905, abs=1)
    assert short[1:] == pytest.approx([0] * 5, abs=1)


def test_money_agrees_with_the_figures_transcribed_by_hand():
    """The same dashboard's totals, read by a person from its visible sheet."""
    hand = pl.read_parquet(project().raw / "nsiamhs" / "other.parquet").filter(
        measure="actual spend incl. learning disability and dementia"
    )
    ours = snapshot().filter(unit="GBP million", measure="spend")
    assert hand.height > 3
    for year, value in hand.filter(category="total NHS").select("year", "value").iter_rows():
        financial_year = f"{year[:4]}-{year[-2:]}"
        total = ours.filter(pl.col("category").str.starts_with("Total NHS"), year=financial_year)
        assert total["value"].item() == pytest.approx(value, abs=0.06)
