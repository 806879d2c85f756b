"""RO3: both layouts on made-up sheets, errors, and figures typed from the publisher's files."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import mhclg_ro3 as ro3
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet

LABELS = ["E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class", "Certified"]
LINES = {
    "RO3-cscsr": "Children's social care: Sure start",
    "RO3-ascphyadl": "Physical support - adults (18–64)",
    "RO3-asctot": "TOTAL ADULT SOCIAL CARE  [note 2]",
}
COLUMNS = [(code, measure) for code in LINES for measure in ro3.MEASURES]
COLUMNS.append((ro3.AGENCY_STAFF, "run-exp"))
WIDTH = 7 + len(COLUMNS)


def figures(scale: float) -> list[object]:
    """Columns of one row: employees 1, running expenses 2, fees 1 and so on, times `scale`."""
    return [scale * value for value in (1, 2, 3, 1, 1, 2, 1)] * len(LINES) + [scale]


def body() -> list[list[object]]:
    return [
        ["E0001", "E07000999", "Smalltown", "", "SD", "SD", "N", *figures(0.0)],
        ["E0002", "E06000999", "Northshire UA", "", "UA", "UA", "Y", *figures(10.0)],
        ["E0003", "E08000999", "Southborough", "M", "MD", "MD", "[x]", *["[x]"] * len(COLUMNS)],
        ["Eng", "E92000001", "ENGLAND", "", "Eng", "Eng", "[Y]", *figures(20.5)[:-1], "[n]"],
    ]


def totals() -> list[list[object]]:
    return [
        ["[Y]", "E06", "Unitary Authorities", "", "UA", "UA", 48.0, *figures(20.5)],
        ["E5100", "E12000007", "Greater London Authority", "", "O", "GLA", 0.0, *figures(0.0)],
    ]


def measure(code: str, name: str) -> str:
    return ro3.AGENCY_STAFF_MEASURE if code == ro3.AGENCY_STAFF else ro3.MEASURES[name]


def early(file: str = "x.ods") -> Sheet:
    """The layout of 2022-23: codes over headings over sub-headings, which end in serial numbers."""
    labels = [*LABELS]
    headings = [LINES[code] if name == "empl" else "" for code, name in COLUMNS]
    names = [f"{measure(*column)}{number or ''}" for number, column in enumerate(COLUMNS)]
    rows = [
        ["Worksheet 2"] + [""] * (WIDTH - 1),
        [""] * 7 + [f"{code}-{name}" for code, name in COLUMNS],
        *[[""] * WIDTH for _ in range(3)],
        [""] * 7 + headings,
        labels + names,
        *body(),
        labels + names,
        *totals(),
    ]
    return Sheet(file, "RO3_LA_Data_2022-23", rows)


def late(file: str = "x.ods") -> Sheet:
    """The layout of 2024-25: one header cell a column, codes in the last row."""
    line = dict(LINES) | {ro3.AGENCY_STAFF: LINES["RO3-asctot"]}
    header = LABELS + [f"{line[code]} - {measure(code, name)}" for code, name in COLUMNS]
    rows = [
        ["Worksheet 2"] + [""] * (WIDTH - 1),
        header,
        *body(),
        list(header),
        *totals(),
        [""] * 7 + [f"{code}-{name}" for code, name in COLUMNS],
    ]
    return Sheet(file, "RO3_LA_Data_202425", rows)


LAYOUTS = [(early, ro3.block_columns), (late, ro3.flat_columns)]


def read(sheet: Sheet, year: str, layout: ro3.Layout) -> list[dict]:
    account = Accounting(sheet.file, "cells", read=sheet.size)
    rows = ro3.read_sheet(sheet, year, layout, account)
    account.check()
    assert account.loaded == len(rows)
    return rows


@pytest.mark.parametrize(("sheet", "layout"), LAYOUTS)
def test_both_layouts_give_the_same_figures(sheet, layout):
    rows = read(sheet(), "2022-23", layout)
    adult = 2 * 7 + 1
    assert len(rows) == 5 * adult
    assert {row["area"] for row in rows} == {
        "Northshire UA",
        "Southborough",
        "ENGLAND",
        "Unitary Authorities",
        "Greater London Authority",
    }
    first, agency = rows[0], rows[adult - 1]
    assert (first["line"], first["line_code"]) == ("Physical support - adults (18–64)", "RO3-ascphyadl")
    assert (first["measure"], first["value"], first["detail"]) == ("Employees (C1)", 10.0, "certified=Y")
    assert (agency["line"], agency["line_code"]) == ("TOTAL ADULT SOCIAL CARE [note 2]", "RO3-ascsvmem")
    assert agency["measure"] == "Adult Social Care - agency staff memorandum item"
    missing = next(row for row in rows if row["area"] == "Southborough")
    assert (missing["value"], missing["value_symbol"]) == (None, "not_available")
    assert missing["detail"] == "certified=[x]; note=M"
    total = next(row for row in rows if row["area"] == "Unitary Authorities")
    assert (total["authority_code"], total["gss_code"], total["detail"]) == ("", "E06", "certified=48")


def test_a_figure_keeps_its_address():
    rows = read(late(), "2024-25", ro3.flat_columns)
    assert rows[0]["source_locator"] == "RO3_LA_Data_202425!O4"  # after 7 labels and 7 children's columns
    assert rows[0]["value_text"] == "10.0"


def change(sheet: Sheet, row: int, column: int, cell: object) -> Sheet:
    sheet.rows[row][column] = cell
    return sheet


@pytest.mark.parametrize(
    ("sheet", "layout", "error", "says"),
    [
        (change(early(), 6, 0, "Code"), ro3.block_columns, LayoutError, "a reference code"),
        (change(late(), 1, 0, "Code"), ro3.flat_columns, LayoutError, "E-code"),
        (change(early(), 6, 4, "Kind"), ro3.block_columns, LayoutError, "Class"),
        (change(early(), 1, 14, "RO3-ascnew"), ro3.block_columns, LayoutError, "O2"),
        (change(early(), 1, 16, "RO3-ascphyold-tot-exp"), ro3.block_columns, LayoutError, "a heading over"),
        (change(early(), 6, 14, "Running Expenses (C2)7"), ro3.block_columns, LayoutError, "O7"),
        (change(early(), 1, 21, "RO3-asctotal-empl"), ro3.block_columns, LayoutError, "a heading over"),
        (change(late(), 1, 15, "Physical support - Employees"), ro3.flat_columns, LayoutError, "ends in"),
        (
            change(late(), 1, 15, "Other - Running Expenses (C2)"),
            ro3.flat_columns,
            LayoutError,
            "one heading",
        ),
        (change(late(), 3, 4, "XX"), ro3.flat_columns, LayoutError, "E4"),
        (change(late(), 5, 0, "E0004"), ro3.flat_columns, LayoutError, "Eng"),
        (change(late(), 3, 15, "[note 4]"), ro3.flat_columns, SymbolError, "RO3_LA_Data_202425!P4"),
        (change(late(), 3, 15, ""), ro3.flat_columns, SymbolError, "RO3_LA_Data_202425!P4"),
    ],
)
def test_a_changed_sheet_is_named(sheet, layout, error, says):
    with pytest.raises(error, match=says):
        read(sheet, "2024-25", layout)


def test_a_column_or_the_totals_gone_are_named():
    sheet = late()
    for row in sheet.rows:
        del row[17]
    with pytest.raises(LayoutError, match="all its columns"):
        read(sheet, "2024-25", ro3.flat_columns)
    sheet = early()
    del sheet.rows[-3:]
    with pytest.raises(LayoutError, match="E-code"):
        read(sheet, "2022-23", ro3.block_columns)


def test_a_note_for_a_figure_is_known_in_its_own_file_only():
    sheet = change(late("mhclg_ro3/2024-25/RO3_2024-25_first_release.ods"), 3, 15, "[note 4]")
    rows = read(sheet, "2024-25", ro3.flat_columns)
    assert (rows[1]["value_text"], rows[1]["value_symbol"]) == ("[note 4]", "not_available")


def test_a_code_known_to_be_misprinted_is_read_as_meant():
    name, cell = next(iter(ro3.MISPRINTED_CODES))
    printed, meant = ro3.MISPRINTED_CODES[name, cell]
    position = 7 * 26 + 20  # column GU, counted from zero
    row = [""] * position
    for text in (printed, meant):
        sheet = Sheet(f"mhclg_ro3/2022-23/{name}", "S", [[]] * 6 + [[*row, text]])
        assert "-".join(ro3._code(sheet, 6, position)) == meant
    other = Sheet("mhclg_ro3/2023-24/other.ods", "S", [[]] * 6 + [[*row, printed]])
    assert "-".join(ro3._code(other, 6, position)) == printed


def test_a_renamed_sheet_an_unknown_layout_and_a_truncated_file_are_named(made_up_workbook):
    edition = catalogue()["mhclg_ro3"].edition("2024-25")
    (file,) = edition.files
    with pytest.raises(LayoutError, match="found: codes nowhere"):
        unknown = replace(edition, files=(replace(file, layout="codes nowhere"),))
        ro3.read(unknown, {file.path: b""})
    with pytest.raises(OriginalError, match=re.escape(file.path)):
        ro3.read(edition, {file.path: b"PK\x03\x04 cut short"})
    made_up_workbook({"Front_Page": [["a"]]})
    with pytest.raises(LayoutError, match="RO3_LA_Data"):
        ro3.read(edition, {file.path: b""})


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    folder = project().raw / "mhclg_ro3"
    return pl.concat([pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))])


@pytest.mark.parametrize(
    ("name", "area", "line", "column", "cell", "value"),
    [
        ("2022-23", "ENGLAND", "asctot", "C3", "KZ439", 29015974.637776211),
        ("2022-23", "ENGLAND", "asctot", "C7", "LD439", 20516549.946600609),
        ("2022-23", "Sandwell", "ascmntadl", "C3", "FB311", 8645),
        ("2022-23", "West Sussex", "asclrnadl", "C2", "EM416", 111780),
        ("2022-23", "Warrington", "ascassadl", "C6", "HP395", 803),
        ("2023-24", "ENGLAND", "asctot", "C3", "KZ424", 32716167.36998095),
        ("2023-24", "Blackpool UA", "ascsclcrrold", "C6", "HB36", 38),
        ("2023-24", "Westminster", "ascphyold", "C7", "DI405", 24035),
        ("2024-25-first-release", "ENGLAND", "asctot", "C3", "KL418", 35417883.45367),
        ("2024-25-first-release", "Sandwell", "asccmstadold", "C3", "KE293", 12893),
        ("2024-25", "ENGLAND", "asctot", "C3", "KL418", 35323839.50346),
        ("2024-25", "ENGLAND", "asctot", "C7", "KP418", 25243898.40073),
        ("2024-25", "Sandwell", "asccmstadold", "C3", "KE293", 8409.24),
        ("2024-25", "Blackpool UA", "ascsclcrradl", "C6", "GU31", 19.2),
    ],
)
def test_golden_figures(held, name, area, line, column, cell, value):
    found = held.filter(
        pl.col("measure").str.contains(rf"\({column}\b"), edition=name, area=area, line_code=f"RO3-{line}"
    )
    assert found["value"].to_list() == pytest.approx([value], abs=1e-6)
    assert found["source_locator"].to_list()[0].endswith(f"!{cell}")


@pytest.mark.parametrize(
    ("name", "councils", "missing"),
    [("2022-23", 152, 4), ("2023-24", 153, 11), ("2024-25-first-release", 153, 8), ("2024-25", 153, 3)],
)
def test_councils_and_those_without_a_return(held, name, councils, missing):
    rows = held.filter(
        pl.col("class").is_in(["UA", "MD", "LB", "SC"]),
        pl.col("authority_code") != "",
        edition=name,
        line_code="RO3-asctot",
    ).filter(pl.col("measure").str.starts_with("Total Expenditure"))
    assert (rows.height, rows["value"].null_count()) == (councils, missing)


def test_warrington_gave_its_total_alone_at_first(held):
    first = held.filter(edition="2024-25-first-release", area="Warrington UA")
    assert first.filter(value_text="[note 4]").height == 28 * 7
    assert first.filter(line_code="RO3-asctot")["value"].null_count() == 0
    assert held.filter(edition="2024-25", area="Warrington UA")["value"].null_count() == 0


def test_total_income_of_carers_is_under_its_own_age(held):
    """The publisher swapped the codes of the two columns in 2022-23; by age they must be fees and other."""
    for line in ("RO3-ascsclcrradl", "RO3-ascsclcrrold"):
        rows = held.filter(edition="2022-23", line_code=line, area="Barking & Dagenham")
        income = {row["measure"][-3:-1]: row["value"] for row in rows.iter_rows(named=True)}
        assert income["C5"] == {"RO3-ascsclcrradl": 30, "RO3-ascsclcrrold": 12}[line]
        total = rows.filter(pl.col("measure").str.starts_with("Total Income"))
        assert total["value"].to_list() == [income["C4"] + income["C5"]]
