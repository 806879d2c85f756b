"""Tables of the ledger commands in narrow terminals: numbers stay whole, words are broken and never cut."""

from __future__ import annotations

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from commissioning.base.paths import Project
from commissioning.cli import app
from commissioning.commands import ledger_report

SPENT = (
    "Payment Date,Supplier Name,Directorate,Amount,Expense Type\n"
    "15/04/2024,Oakhill Residential And Nursing Homes (Northern) Ltd,Neighbourhoods,1234567.89,"
    "Independent sector residential placements\n"
    "16/04/2024,\x1b[31mFern\x1b[0m Care Ltd,Neighbourhoods,-12.50,Spot purchase\n"
)


@pytest.fixture
def narrow(monkeypatch):
    def columns(width: int) -> None:
        monkeypatch.setattr(ledger_report.console, "_width", width)

    return columns


@pytest.mark.parametrize("width", [60, 80])
def test_first_payments_are_whole(tmp_path, narrow, width):
    narrow(width)
    file = tmp_path / "spent.csv"
    file.write_text(SPENT, encoding="utf-8")
    done = CliRunner().invoke(app, ["ledger", "inspect", str(file)])
    assert done.exit_code == 0, done.output
    table = done.output.partition("First payments")[2].partition("payees:")[0]
    lines = table.splitlines()[1:]
    assert all(len(line) <= width for line in lines)
    assert "\u2026" not in table and "2024-04-15" in table and "1,234,567.89" in table
    # Every letter of the longest name is there, whatever the lines it is broken over.
    for word in ("Oakhill", "Homes", "Ltd", "purchase"):
        assert word in table


def test_no_cell_of_a_file_commands_the_terminal(tmp_path):
    file = tmp_path / "spent.csv"
    file.write_text(SPENT, encoding="utf-8")
    done = CliRunner().invoke(app, ["ledger", "inspect", str(file)])
    assert "\x1b" not in done.output and "Care Ltd" in done.output


@pytest.mark.parametrize("width", [60, 80])
def test_a_comparison_shows_every_digit(built_marts, monkeypatch, narrow, width):
    class Built(Project):
        database = built_marts

    narrow(width)
    monkeypatch.setattr("commissioning.base.paths.project", lambda: Built(ROOT))
    done = CliRunner().invoke(app, ["ledger", "compare", "devon", "leeds"])
    assert done.exit_code == 0, done.output
    assert "\u2026" not in done.output
    assert all(len(line) <= width for line in done.output.splitlines()[1:])
