"""`commissioning ledger inspect` reads a file of a body nobody prepared for, or asks."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from commissioning.base.errors import LedgerError
from commissioning.cli import app

# The Treasury's columns as health bodies write them: title rows, months in words, brackets, a total.
HEALTH_BODY = """\
NHS Nowhere Integrated Care Board,,,,,,,
"Spend over £25,000, April 2024",,,,,,,
,,,,,,,
Department Family,Entity,Date,Expense Type,Expense Area,Supplier,Transaction Number,AP Amount (£)
DEPARTMENT OF HEALTH,NHS NOWHERE ICB,01-Apr-24,Fully funded,CHC,SUNNY CARE LTD,1,"£31,200.50"
DEPARTMENT OF HEALTH,NHS NOWHERE ICB,02-Apr-24,PHB,CHC,MRS JANE EXAMPLE,2,"(25,100.00)"
DEPARTMENT OF HEALTH,NHS NOWHERE ICB,30-Apr-24,Acute,[block],ANY NHS FOUNDATION TRUST,3,"1,250,000.00"
,,,,,,Total,"1,256,100.50"
"""


def inspect(tmp_path, text: str):
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="cp1252")
    return CliRunner().invoke(app, ["ledger", "inspect", str(file)], env={"COLUMNS": "200"})


def test_a_health_bodys_file_is_read_and_people_are_masked(tmp_path):
    result = inspect(tmp_path, HEALTH_BODY)
    assert result.exit_code == 0, result.exception
    assert "3, £1,256,100.50" in result.output and "set aside: total" in result.output
    assert "[person]" in result.output and "JANE" not in result.output


def test_two_columns_of_amounts_are_a_question(tmp_path):
    result = inspect(tmp_path, "Date,Supplier,Net,Gross\n13/04/2023,ACME LTD,100.00,120.00\n")
    with pytest.raises(LedgerError, match="Two columns could be the amount"):
        raise result.exception
