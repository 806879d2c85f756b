"""A register's rows are read by their headings; what cannot be read is named with its line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from commissioning.base.errors import ContractsError
from commissioning.base.paths import project
from commissioning.cli import app
from commissioning.ingest.contracts import reader

HEADER = (
    "Contract Reference,Contract Title,Supplier Name,Total Contract Value,"
    "Start Date,End Date,SME,Company Number"
)
GOOD = 'C1,Home care,Acme Care Ltd,"£120,000.50",01/04/2020,31/03/2023,Yes,1234567'


def read(tmp_path, *lines: str, encoding: str = "utf-8", name: str = "register.csv"):
    path = tmp_path / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return reader.read([path])


def test_a_register_is_read(tmp_path):
    found = read(tmp_path, "Contracts of Alderbury,,", HEADER, GOOD, ",,,,,,,")
    (process,), (award,) = found.processes.to_dicts(), found.awards.to_dicts()
    assert process["title"] == "Home care" and process["value"] == 120000.5 and process["currency"] == "GBP"
    assert str(process["contract_start"]) == "2020-04-01" and str(process["contract_end"]) == "2023-03-31"
    assert award["supplier_number"] == "GB-COH-01234567" and award["is_small"] is True
    assert award["source_position"] == "line 3"
    assert found.accounts[0].furniture == {"above the headings": 1, "headings": 1, "blank": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD.replace('"£120,000.50"', "about 5"), "a value is no amount of money: xxxxx 9"),
        (GOOD.replace("01/04/2020", "2020-04-31"), "a date is none that is known: 9999-99-99"),
        (GOOD + ",more", "9 cells under 8 headings"),
        (GOOD.replace("£120,000.50", "--5"), "a value is no amount of money: --9"),
        (GOOD.replace("£120,000.50", "-£-5"), "a value is no amount of money: -£-9"),
        (GOOD.replace("£120,000.50", "12,50"), "a value is no amount of money: 99,99"),
        (GOOD.replace("£120,000.50", "9" * 400), "a value is too large to be true"),
        (GOOD.replace("Home care", "a" * 40_000), "a cell of more than 32,767 characters"),
        (",,,5,,,,", "neither title nor supplier"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_reject_with_its_line(tmp_path, line, reason):
    found = read(tmp_path, HEADER, GOOD, line)
    assert found.rejects.select("source_position", "reason").row(0) == ("line 3", reason)
    assert found.processes.height == 1


def test_a_quotation_mark_that_is_not_closed_is_named(tmp_path):
    with pytest.raises(ContractsError, match="no CSV that can be read"):
        read(tmp_path, HEADER, GOOD, GOOD.replace("Home care", '"Home care'), GOOD)
    long = GOOD.replace("Home care", '"Home' + "\n" * 25 + 'care"')
    found = read(tmp_path, HEADER, long, GOOD, name="b.csv")
    assert "quotation mark" in found.rejects["reason"][0] and found.processes.height == 1


def test_the_value_of_a_reject_is_counted(tmp_path):
    found = read(tmp_path, HEADER, GOOD.replace("01/04/2020", "soon"))
    assert found.accounts[0].money["rejected"]["GBP"] == 120000.5


def test_a_person_is_masked_and_a_company_is_not(tmp_path):
    sole = GOOD.replace("Acme Care Ltd", "Jane Smith").replace("1234567", "")
    found = read(tmp_path, HEADER, GOOD, sole)
    assert found.awards["supplier"].to_list() == ["Acme Care Ltd", "[person]"]


def test_two_columns_that_could_be_one_field_are_a_question(tmp_path):
    with pytest.raises(ContractsError, match="Two columns of a register could be one field"):
        read(tmp_path, HEADER + ",Contract Value", GOOD + ",5")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_encodings_of_spreadsheets_are_read(tmp_path, encoding):
    assert read(tmp_path, HEADER, GOOD, encoding=encoding).processes["value"].to_list() == [120000.5]


@pytest.mark.mirror
@pytest.mark.skipif(project().mirror is None, reason="no mirror of publishers' originals on this machine")
def test_salfords_register_is_read_and_its_odd_rows_are_named():
    found = reader.read([project().mirror / "contracts_register_salford" / "2022-07" / "2022-07.csv.gz"])
    (account,) = found.accounts
    assert account.read == 360 and account.count["loaded"] == 356
    assert found.rejects["source_position"].to_list() == ["line 80", "line 106", "line 118", "line 219"]


@pytest.mark.parametrize("bidders", ["nan", "inf", "1e30", "2.5", "-1"])
def test_bidders_that_are_no_count_are_a_reject(tmp_path, bidders):
    found = read(tmp_path, HEADER + ",Number of bidders", GOOD + ",3", f"{GOOD},{bidders}")
    assert found.processes["bidders"].to_list() == [3]
    assert found.rejects["reason"][0].startswith("a count is no")


@pytest.mark.parametrize("number", ["Not applicable", "Sole trader", "No", "0", "00000000", "1234567"])
def test_no_number_unmasks_a_person_with_a_title(tmp_path, number):
    line = GOOD.replace("Acme Care Ltd", "Mrs Zelda Example").replace("1234567", number)
    (award,) = read(tmp_path, HEADER, line).awards.to_dicts()
    assert award["supplier"] == "[person]"


@pytest.mark.parametrize("number", ["Not applicable", "0", "00000000"])
def test_junk_is_no_number(tmp_path, number):
    line = GOOD.replace("Acme Care Ltd", "Jane Smith").replace("1234567", "")
    (award,) = read(tmp_path, HEADER + ",Charity Number", f"{line},{number}").awards.to_dicts()
    assert (award["supplier"], award["supplier_number"]) == ("[person]", None)


def test_every_text_is_without_addresses_and_names_with_a_title(tmp_path):
    line = "z@ref.example,Care for Mrs Zelda Example,Acme Care Ltd,5,,,,,z@dep.example 01632 960001"
    (process,) = read(tmp_path, HEADER + ",Department", line).processes.to_dicts()
    assert process["reference"] == "[e-mail]" and process["title"] == "Care for [person]"
    assert process["department"] == "[e-mail] [telephone]"


def test_a_run_with_too_much_rejected_writes_nothing(tmp_path):
    path, out = tmp_path / "r.csv", tmp_path / "out"
    path.write_text("\n".join([HEADER, GOOD, GOOD.replace("01/04/2020", "soon")]))
    command = ["contracts", "read", str(path), "--out", str(out)]
    assert CliRunner().invoke(app, command).exit_code == 1 and not out.exists()
    assert CliRunner().invoke(app, [*command, "--allow-rejected", "1"]).exit_code == 0 and out.exists()


def test_total_lines_are_set_aside_and_said(tmp_path):
    lines = [HEADER, GOOD, ",Grand Total,,120000.50,,,,", "Total,,,120000.50,,,,", ",,Total,120000.50,,,,"]
    found = read(tmp_path, *lines)
    (account,) = found.accounts
    assert found.processes.height == 1 and account.furniture["total line"] == 3
    assert account.notes == [
        "total lines set aside: line 3, £120,000.50; line 4, £120,000.50; line 5, £120,000.50"
    ]


def test_a_contract_whose_title_begins_with_total_is_no_total(tmp_path):
    line = GOOD.replace("C1", "").replace("Home care", "Total facilities management")
    assert read(tmp_path, HEADER, line).processes.height == 1


@pytest.mark.parametrize(
    ("heading", "pounds"),
    [
        ("Total Contract Value (£000)", 120_000),
        ("Total Contract Value £000s", 120_000),
        ("Total Contract Value (£'000)", 120_000),
        ("Total Contract Value (£m)", 120_000_000),
        ("Total Contract Value (£)", 120),
    ],
)
def test_a_unit_in_a_heading_counts_and_is_said(tmp_path, heading, pounds):
    line = GOOD.replace('"£120,000.50"', "120")
    found = read(tmp_path, HEADER.replace("Total Contract Value", heading), line)
    assert found.processes["value"].to_list() == [pounds]
    assert found.accounts[0].money["loaded"]["GBP"] == pounds
    said = [note for note in found.accounts[0].notes if "pounds" in note]
    assert len(said) == (pounds != 120)


def test_a_unit_above_the_headings_counts(tmp_path):
    line = GOOD.replace('"£120,000.50"', "120")
    assert read(tmp_path, "All values in £000s", HEADER, line).processes["value"].to_list() == [120_000]


def test_headings_that_are_not_read_are_named(tmp_path):
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join([HEADER + ",Colour,", GOOD + ",blue,"]))
    assert reader.read([path]).accounts[0].notes == ["headings not read: 'Colour'"]
    said = CliRunner().invoke(app, ["contracts", "read", str(path), "--out", str(tmp_path / "out")]).output
    assert "headings not read: 'Colour'" in said and "lines set aside: headings 1" in said
