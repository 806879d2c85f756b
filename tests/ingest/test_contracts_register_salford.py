"""Salford's contracts register: a made-up file, nobody named who may be a person, figures typed from it."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import contracts_register_salford as register

HEADER = ",".join(f'"{heading}"' for heading in register.HEADINGS)
VALUES = {
    "Process Used": "ITT",
    "Contract Reference": "S1",
    "Contract Title": "Home care",
    "Supplier Company Name": "Acme Care Ltd",
    "Annual Value": "10.50",
    "Total Contract Value (including extensions)": "-",
    "Contract Duration (months)": "Ongoing",
    "Option to extend (months)": "N/A",
    "How many extensions": "2",
    "Contract Description": "ask Jane Example",
    "Supplier Postcode": "AB1 2CD",
    "Visibility": "Public",
}


def line(**changes: str) -> str:
    values = VALUES | {name.replace("_", " "): value for name, value in changes.items()}
    return ",".join(f'"{values.get(heading, "")}"' for heading in register.HEADINGS)


def read(*lines: str):
    text = "\ufeffï»¿" + "\n".join([HEADER.removeprefix('"').replace('"', "", 1), *lines]) + "\n"
    return register.read_contracts("x.csv", text.encode())


def test_layout():
    rows, account = read(line())
    account.check()
    assert [(row["measure"], row["unit"], row["value"], row["value_symbol"]) for row in rows] == [
        ("Annual Value", "GBP", 10.5, None),
        ("Total Contract Value (including extensions)", "GBP", None, "not_available"),
        ("Contract Duration (months)", "months", None, "not_applicable"),
        ("Option to extend (months)", "months", None, "not_applicable"),
        ("How many extensions", "extensions", 2.0, None),
    ]
    assert rows[0]["line"] == "002" and rows[0]["source_locator"] == 'line 2, column "Annual Value"'
    assert "Example" not in str(rows) and "AB1" not in str(rows)


def test_only_organisations_are_named():
    suppliers = {
        "Acme Care Ltd": "Acme Care Ltd",
        "Jane Smith": "[person]",
        "J Smith Gardening Services": "[unclear]",
        "Jane's Kitchen": "[unclear]",
        "Salford City Council": "Salford City Council",
        "Jane Smith, Acme Care Ltd": "[person], Acme Care Ltd",
    }
    rows, _ = read(*(line(Supplier_Company_Name=name) for name in suppliers))
    assert [row["supplier"] for row in rows[::5]] == list(suppliers.values())
    (first, *_), _ = read(line(Supplier_Company_Name="Jane Smith", Company_Number="12345678"))
    assert first["supplier"] == "Jane Smith"


@pytest.mark.parametrize(
    ("header", "text", "error", "says"),
    [
        (HEADER.replace("Process Used", "Process"), line(), LayoutError, "Process Used"),
        (HEADER + ",More", line() + ",1", LayoutError, "More"),
        (HEADER, line(Annual_Value="some"), SymbolError, "line 2"),
    ],
)
def test_another_layout_is_refused(header, text, error, says):
    with pytest.raises(error, match=says):
        register.read_contracts("x.csv", f"{header}\n{text}\n".encode())


def test_published_values():
    """Typed from the publisher's file."""
    table = pl.read_parquet(project().raw / "contracts_register_salford" / "2022-07.parquet")
    typed = {
        (2, "Annual Value"): 5015.20,
        (2, "Contract Duration (months)"): 0.3,
        (79, "Annual Value"): 521000,
        (101, "Total Contract Value (including extensions)"): 5200,
        (150, "Total Contract Value (including extensions)"): 418880,
        (150, "How many extensions"): 4,
        (200, "Annual Value"): 4000,
        (200, "Total Contract Value (including extensions)"): 11500,
        (222, "Option to extend (months)"): 12,
        (260, "Contract Duration (months)"): 4,
        (301, "Total Contract Value (including extensions)"): 380000,
        (333, "Annual Value"): 54000,
        (361, "Annual Value"): 75999.30,
    }
    for (number, measure), value in typed.items():
        (found,) = table.filter(line=f"{number:03}", measure=measure)["value"]
        assert found == value, (number, measure)
    assert table.filter(line="079", measure="Contract Duration (months)")["value_text"].item() == "Ongoing"
    assert table.filter(line="150")["title"][0].startswith("Lot 3 Part-time Alternative Provision")


def test_it_is_whole():
    """360 contracts, by process and by size of supplier as counted in the file with another program."""
    table = pl.read_parquet(project().raw / "contracts_register_salford" / "2022-07.parquet")
    contracts = table.unique("line")
    assert contracts.height == 360 and table.height == 5 * 360
    assert dict(contracts.group_by("process").len().iter_rows()) == {
        "CSO Exception": 79,
        "ITT": 74,
        "Mini-Comp": 72,
        "Other": 47,
        "Direct Call-Off": 46,
        "RFQ": 42,
    }
    assert dict(contracts.group_by("is_sme").len().iter_rows()) == {
        "Yes": 181,
        "No": 172,
        "Various": 5,
        "": 2,
    }
    total = table.filter(measure="Total Contract Value (including extensions)")["value"].sum()
    assert total == pytest.approx(1598758515.62, abs=0.005)
