"""`commissioning ledger inspect` and `add` give a right reading or a clear question."""

from __future__ import annotations

import pytest
import yaml
from typer.testing import CliRunner

from commissioning.base.errors import LedgerError
from commissioning.cli import app
from commissioning.ingest.ledgers import bodies, lake

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
    file = file.with_name("spend.csv")
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


@pytest.mark.parametrize(
    ("texts", "options", "said"),
    [
        ([GOOD.splitlines()[1] + "\n"], (), "No payment can be read"),
        ([GOOD.replace("1200.50", "n/a").replace("(35.00)", "?")], (), "amount unreadable"),
        ([GOOD, GOOD.replace("17/05", "05/17").replace("28/05", "05/28")], (), "day and month differently"),
        ([GOOD], ("--amount", "Nett"), "No file has this heading"),
    ],
)
def test_files_that_make_no_ledger_are_refused_and_nothing_is_written(
    tmp_path, own_project, texts, options, said
):
    bodies.bodies.cache_clear()
    files = [tmp_path / f"spend-{number}.csv" for number in range(len(texts))]
    for path, text in zip(files, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=said):
        run("add", *map(str, files), "--body", "madeup", *options)
    assert not (own_project.root / "ingest" / "ledgers" / "madeup.yml").exists()
    assert not (own_project.cache / "ledger_madeup").exists()
    bodies.bodies.cache_clear()


def test_the_heading_of_the_amount_may_be_written_in_any_case(file, own_project):
    bodies.bodies.cache_clear()
    assert "2 payments" in run("add", str(file), "--body", "madeup", "--amount", "net amount")
    bodies.bodies.cache_clear()


def test_two_files_of_one_name_are_refused(file):
    other = file.parent / "more" / file.name
    other.parent.mkdir()
    other.write_text(GOOD, encoding="utf-8")
    with pytest.raises(LedgerError, match="Two files have one name"):
        run("add", str(file), str(other), "--body", "madeup")


def test_files_that_an_ingest_leaves_out_are_named(file, own_project, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    bodies.bodies.cache_clear()
    run("add", str(file), "--body", "madeup")
    folder = own_project.cache / "ledger_madeup"
    (folder / "june.csv").write_text(GOOD, encoding="utf-8")
    (folder / "notes.txt").write_text("not of payments", encoding="utf-8")
    said = run("ingest", "madeup")
    assert "madeup: not read" in said and said.endswith("does not fit: june.csv")
    bodies.bodies.cache_clear()


@pytest.mark.parametrize("command", [("inspect",), ("add", "--body", "madeup")])
def test_a_folder_is_answered_with_what_to_name(tmp_path, command):
    with pytest.raises(LedgerError, match="This is a folder") as caught:
        run(*command, str(tmp_path))
    assert f"{tmp_path}/*.csv" in caught.value.todo


def test_inspect_names_the_lines_that_it_rejects_and_no_dates_that_are_not_there(file):
    file.write_text(GOOD.replace("1200.50", "n/a").replace("(35.00)", "?"), encoding="utf-8")
    said = run("inspect", str(file))
    assert "rejected: amount unreadable │ 2 (line 3, 4)" in said
    assert "None" not in said and "First payments" not in said


def test_a_ledger_outside_the_catalogue_has_no_snapshot():
    with pytest.raises(LedgerError, match="none of them") as caught:
        run("snapshot", "hyndburn")
    assert "docs/adding.md" in caught.value.todo and "devon" in caught.value.expected


def test_an_unknown_body_is_named_with_those_known():
    with pytest.raises(LedgerError, match="no ledger of a body 'atlantis'") as caught:
        run("ingest", "atlantis")
    assert "devon" in str(caught.value)
