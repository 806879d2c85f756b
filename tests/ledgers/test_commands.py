"""`commissioning ledger inspect` and `add` give a right reading or a clear question."""

from __future__ import annotations

import pytest
import yaml
from typer.testing import CliRunner

from commissioning.cli import app
from commissioning.errors import LedgerError
from ingest.ledgers import bodies, lake

GOOD = (
    "Payments over £500,,,\n"
    "Date Paid,Net Amount,Supplier Name,Transaction Number\n"
    "17/05/2021,1200.50,ACME CARE LTD,T1\n"
    "28/05/2021,(35.00),MRS JANE EXAMPLE,T2\n"
    ",1165.50,,\n"
)


def run(*arguments: str) -> str:
    outcome = CliRunner().invoke(app, ["ledger", *arguments])
    if outcome.exception and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == 0, outcome.output
    return " ".join(outcome.output.split())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "spend-2021-05.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_inspect_says_what_it_understood_and_shows_no_person(file):
    said = run("inspect", str(file))
    for word in (
        "utf-8",
        "line 2",
        "Net Amount",
        "dd/mm/yyyy",
        "net",
        "£1,165.50",
        "the total under the table",
    ):
        assert word in said, word
    assert "[person]" in said and "JANE" not in said


def test_inspect_asks_where_it_cannot_tell(file):
    file.write_text("Date,Net,Gross,Supplier\n17/05/2021,10,12,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="Two columns could be the amount") as caught:
        run("inspect", str(file))
    assert "'Net', 'Gross'" in str(caught.value) and "columns: {amount: Net}" in str(caught.value)


def test_inspect_shows_no_name_where_there_is_no_header(file):
    file.write_text("17/05/2021,10,MRS JANE EXAMPLE\n28/05/2021,12,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="No header was found") as caught:
        run("inspect", str(file))
    assert "EXAMPLE" not in str(caught.value) and "<date> | <number> | <text>" in str(caught.value)


def test_a_body_is_added_and_can_be_ingested(file, own_project, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    bodies.bodies.cache_clear()
    second = file.with_name("spend-2021-06.csv")
    second.write_text(GOOD.replace("/05/2021", "/06/2021").replace("T", "U"), encoding="utf-8")
    said = run("add", str(file), str(second), "--body", "madeup", "--publisher", "Made-up Council")
    assert "2 files, 4 payments" in said
    entry = yaml.safe_load(
        (own_project.root / "ingest" / "ledgers" / "madeup.yml").read_text(encoding="utf-8")
    )
    assert entry["files"] == "spend-2021-0*.csv" and entry["amount_kind"] == "net"
    assert entry["transaction_numbers"] == "line" and entry["date_order"] == "day first"
    assert (
        "madeup 0." in run("ingest", "madeup")
        and lake.scan(bodies.body_named("madeup")).collect().height == 4
    )
    bodies.bodies.cache_clear()


def test_nothing_is_written_where_a_file_is_a_question(file, own_project):
    bodies.bodies.cache_clear()
    file.write_text("Date,Amount,Supplier\n01/05/2021,10,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="order of day and month"):
        run("add", str(file), "--body", "madeup")
    assert not (own_project.root / "ingest" / "ledgers" / "madeup.yml").exists()
    assert "1 payments" in run("add", str(file), "--body", "madeup", "--date-order", "day first")
    bodies.bodies.cache_clear()


def test_a_name_that_is_taken_or_malformed_is_refused(file):
    for name in ("devon", "../devon", "Devon County"):
        with pytest.raises(LedgerError, match="name is"):
            run("add", str(file), "--body", name)


def test_an_unknown_body_is_named_with_those_known():
    with pytest.raises(LedgerError, match="no ledger of a body 'atlantis'") as caught:
        run("ingest", "atlantis")
    assert "devon" in str(caught.value)
