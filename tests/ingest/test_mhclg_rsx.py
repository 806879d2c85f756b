"""RSX: both layouts on made-up sheets, errors, and figures typed from the publisher's files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import mhclg_rsx as rsx
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet

LABELS = ["E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class", "Certified"]
WIDTH = 7 + len(rsx.COLUMNS)
ASC = [i for i, (service, _) in enumerate(rsx.COLUMNS) if service == "asc"]


def figures(scale: float) -> list[object]:
    """Employees 1, running expenses 2, and so on for every service, times `scale`."""
    return [scale * value for value in (1, 2, 3, 1, 1, 2, 1)] * len(rsx.SERVICES)


def sheet(*, codes_below: bool) -> Sheet:
    codes = [""] * 7 + [f"RSX-{service}-{measure}" for service, measure in rsx.COLUMNS]
    header = [*LABELS, *(f"{rsx.SERVICES[s]} - {rsx.MEASURES[m]}" for s, m in rsx.COLUMNS)]
    table = [
        header,
        ["E0001", "E07000999", "Smalltown", "", "SD", "SD", "N", *figures(2.0)],
        ["E0002", "E06000999", "Northshire UA", "[note 3]", "UA", "UA", "Y", *figures(10.0)],
        ["E0003", "E08000999", "Southborough", "M", "MD", "MD", "[x]", *["[x]"] * len(rsx.COLUMNS)],
        ["Eng", "E92000001", "ENGLAND", "", "Eng", "Eng", "[Y]", *figures(20.5)],
        header,
        ["[Y]", "E06", "Unitary Authorities", "", "UA", "UA", 48.0, *figures(18.5)],
        ["E5100", "E12000007", "Greater London Authority", "", "O", "GLA", "Y", *figures(0.0)],
    ]
    blank = [""] * WIDTH
    rows = [blank, *table, codes] if codes_below else [blank, codes, blank, blank, blank, *table]
    return Sheet("mhclg_rsx/2024-25/x.ods", "RSX_LA_Data_2024-25", [list(row) for row in rows])


def read(grid: Sheet, offset: int | None) -> list[dict[str, object]]:
    account = Accounting("x.ods", "cells", read=grid.size)
    rows = rsx.read_sheet(grid, "2024-25", offset, account)
    account.check()
    return rows


@pytest.mark.parametrize("layout", rsx.CODES_FROM_HEADER)
def test_both_layouts_give_the_same_figures(layout):
    offset = rsx.CODES_FROM_HEADER[layout]
    rows = read(sheet(codes_below=offset is None), offset)
    assert len(rows) == 6 * 98
    care = [
        row for row in rows if row["service_code"] == "RSX-asc" and row["measure"].startswith("Total Exp")
    ]
    assert [(row["part"], row["area"], row["value"]) for row in care] == [
        ("authority", "Smalltown", 6.0),
        ("authority", "Northshire UA", 30.0),
        ("authority", "Southborough", None),
        ("England", "ENGLAND", 61.5),
        ("class total", "Unitary Authorities", 55.5),
        ("class total", "Greater London Authority", 0.0),
    ]
    assert care[1]["detail"] == "certified=Y; note=[note 3]"
    assert (care[2]["value_symbol"], care[2]["value_text"]) == ("not_available", "[x]")
    assert care[4]["authority_code"] == ""


def changed(row: int, column: int, text: object) -> Sheet:
    grid = sheet(codes_below=True)
    grid.rows[row][column] = text
    return grid


@pytest.mark.parametrize(
    ("grid", "error", "says"),
    [
        (changed(1, 4, "Kind"), LayoutError, "Class"),
        (changed(1, 7 + ASC[2], "Adult Social Care - Total Income"), LayoutError, "Total Expenditure"),
        (changed(9, 7 + ASC[0], "RSX-csc-empl"), LayoutError, "RSX-asc-empl"),
        (changed(5, 0, "E0009"), LayoutError, "'Eng'"),
        (changed(3, 4, "XX"), LayoutError, "E4"),
        (changed(3, 9, ""), SymbolError, "J4"),
        (changed(3, 9, "[z]"), SymbolError, "J4"),
    ],
)
def test_a_changed_sheet_is_named(grid, error, says):
    with pytest.raises(error, match=says):
        read(grid, None)


def test_a_column_or_the_class_totals_gone_are_named():
    grid = sheet(codes_below=True)
    for row in grid.rows:
        del row[-1]
    with pytest.raises(LayoutError, match="105 columns"):
        read(grid, None)
    grid = sheet(codes_below=False)
    del grid.rows[-3:]
    with pytest.raises(LayoutError, match="E-code"):
        read(grid, -4)


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    folder = project().raw / "mhclg_rsx"
    return pl.concat([pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))])


@pytest.mark.parametrize(
    ("name", "area", "service", "column", "cell", "value"),
    [
        ("2022-23", "ENGLAND", "asc", "C3", "AE438", 29015974.63777621),
        ("2022-23", "ENGLAND", "totsx", "C7", "DA438", 113540350.31985876),
        ("2022-23", "Devon", "asc", "C3", "AE104", 471057),
        ("2022-23", "Calderdale", "hous", "C3", "AS59", 7852),
        ("2022-23", "Shire Counties", "asc", "C1", "AC444", 1458510),
        ("2022-23", "Sevenoaks", "cen", "C1", "CG315", 1727),
        ("2023-24", "ENGLAND", "asc", "C3", "AE423", 32716167.36998095),
        ("2023-24", "Devon CC", "phs", "C7", "AP102", 35675),
        ("2023-24", "Exeter", "cul", "C4", "BA134", 7822),
        ("2024-25-first-release", "ENGLAND", "asc", "C3", "AE418", 35417883.45367),
        ("2024-25", "ENGLAND", "asc", "C3", "AE418", 35323839.50346),
        ("2024-25", "ENGLAND", "totsx", "C7", "DA418", 134158660.76614),
        ("2024-25", "Calderdale", "hous", "C3", "AS53", 9161),
        ("2024-25", "Shire Counties", "asc", "C1", "AC424", 1466912.69),
    ],
)
def test_golden_figures(held, name, area, service, column, cell, value):
    found = held.filter(
        pl.col("measure").str.contains(rf"\({column}\b"),
        edition=name,
        area=area,
        service_code=f"RSX-{service}",
    )
    assert found["value"].to_list() == pytest.approx([value], abs=1e-6)
    assert found["source_locator"].to_list()[0].endswith(f"!{cell}")


@pytest.mark.parametrize(
    ("name", "authorities", "missing"),
    [("2022-23", 426, 23), ("2023-24", 411, 44), ("2024-25-first-release", 410, 22), ("2024-25", 410, 9)],
)
def test_authorities_and_those_without_a_return(held, name, authorities, missing):
    rows = held.filter(edition=name, part="authority", service_code="RSX-asc").filter(
        pl.col("measure").str.starts_with("Total Expenditure")
    )
    assert (rows.height, rows["value"].null_count()) == (authorities, missing)


def test_adult_social_care_is_that_of_form_ro3(held):
    """England and every council: the two forms print the same total expenditure on adult social care."""
    folder = project().raw / "mhclg_ro3"
    ro3 = pl.concat([pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))])
    total = pl.col("measure").str.starts_with("Total Expenditure")
    of_ro3 = ro3.filter(total, line_code="RO3-asctot").filter(pl.col("authority_code") != "")
    of_rsx = held.filter(total, service_code="RSX-asc").filter(pl.col("part") != "class total")
    both = of_ro3.join(of_rsx, on=["edition", "gss_code"], suffix="_rsx").drop_nulls(["value", "value_rsx"])
    assert both.height > 580
    apart = both.filter((pl.col("value") - pl.col("value_rsx")).abs() > 1)
    assert apart.select("edition", "area").rows() == []
