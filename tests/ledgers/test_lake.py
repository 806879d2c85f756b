"""The lake reads what changed, flags what was published twice, and is replaced whole or not at all."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from commissioning.base.errors import BusyError, CommissioningError, LedgerError, OriginalError
from commissioning.base.paths import Project
from commissioning.ingest.ledgers import bodies, lake, payees, reader, removing

YAML = """
body: madeup
title: Spend over £500
publisher: Nobody
licence: none
files: "*.csv"
date_order: day first
transaction_numbers: {numbers}
"""
HEADER = "Date,Amount,Supplier,Expense Code,Expense Area,Transaction Number\n"
MAY = HEADER + (
    "17/05/2021,1200.50,ACME CARE LTD,7401,Adults,T1\n"
    "18/05/2021,100.00,JANE EXAMPLE,7401,Adults,T2\n"
    "01/06/2021,55.00,ACME CARE LTD,7401,Adults,T3\n"
    "01/06/2021,55.00,ACME CARE LTD,7401,Adults,T3\n"
)
JUNE = HEADER + (
    "01/06/2021,55.00,REDACTED,7401,Adults,T3\n"
    "02/06/2021,60.00,ACME CARE LTD,7401,Adults,T4\n"
    "03/06/2021,60.00,ACME CARE LTD,7401,Adults,\n"
    "03/06/2021,60.00,ACME CARE LTD,7401,Adults,\n"
    "05/04/2022,70.00,BIRCH HOUSE,7401,Adults,T5\n"
)


@pytest.fixture
def body(own_project, monkeypatch):
    """A body of two files in a project of its own, whose number stands for a document."""
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    return describe(own_project, "document")


def describe(here, numbers: str) -> bodies.Body:
    file = here.root / "ingest" / "ledgers" / "madeup.yml"
    file.write_text(YAML.format(numbers=numbers), encoding="utf-8")
    folder = here.cache / "ledger_madeup"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2021-05.csv").write_text(MAY, encoding="utf-8")
    (folder / "2021-06.csv.gz").write_bytes(gzip.compress(JUNE.encode()))
    return bodies.load_body(file)


def flags(body) -> dict[tuple, str]:
    found = lake.scan(body).filter(pl.col("is_duplicate_of").is_not_null()).collect()
    return {
        (row["source_file"], row["source_line"]): row["is_duplicate_of"]
        for row in found.iter_rows(named=True)
    }


def test_the_lake_holds_every_payment_once_with_people_masked(body):
    done = lake.ingest(body)
    assert (done.read, done.unchanged, done.payments) == (2, 0, 9)
    payments = lake.scan(body).collect()
    assert payments.columns == list(lake.LAKE) and payments.height == 9
    assert dict(payments.schema)["amount_gbp"] == reader.MONEY
    assert payments["amount_gbp"].sum() == Decimal("1715.50")
    assert payees.PERSON in payments["supplier"] and "JANE EXAMPLE" not in payments["supplier"]
    assert sorted(p.name for p in lake.body_folder(body).iterdir()) == [
        "financial_year=2021-22",
        "financial_year=2022-23",
    ]


def test_the_feeding_system_is_told_once_in_the_lake(body):
    lake.ingest(body)
    assert lake.scan(body).collect()["transaction_prefix"].null_count() == 9
    body = replace(body, transaction_prefix="^[A-Z]+")
    lake.ingest(body)
    held = lake.scan(body).collect()
    expected = held["transaction_id"].str.extract("(^[A-Z]+)", 1)
    assert held["transaction_prefix"].cast(pl.String).to_list() == expected.to_list()
    assert expected.drop_nulls().unique().to_list() == ["T"]


def test_a_lake_of_an_older_version_is_named_and_read_again(body):
    lake.ingest(body)
    for file in lake.body_folder(body).glob("*/payments.parquet"):
        pl.read_parquet(file, glob=False).drop("transaction_prefix").write_parquet(file)
    with pytest.raises(LedgerError, match="older version") as caught:
        lake.scan(body)
    assert "transaction_prefix" in str(caught.value) and "ledger ingest" in str(caught.value)
    memory = lake.read_memory(body) | {"rules": "of the older version"}
    lake.memory_path(body).write_text(json.dumps(memory), encoding="utf-8")
    assert lake.ingest(body).read == 2
    assert lake.scan(body).collect().height == 9


def test_where_a_number_is_a_document_only_another_file_repeats_a_payment(body):
    """June's one T3 repeats May's first; May's second T3 is a line of the same document. Lines without a
    number are never taken for duplicates."""
    lake.ingest(body)
    assert flags(body) == {("2021-06.csv", 2): "2021-05.csv:4"}


def test_where_a_number_is_a_line_a_repeat_in_the_file_is_one_too(body, own_project):
    body = describe(own_project, "line")
    lake.ingest(body)
    assert flags(body) == {("2021-05.csv", 5): "2021-05.csv:4", ("2021-06.csv", 2): "2021-05.csv:4"}


def test_an_era_may_number_documents_where_the_ledger_numbers_lines(own_project):
    body = replace(
        describe(own_project, "line"),
        eras=(
            {"era": "old"},
            {"era": "new", "from": dt.date(2021, 6, 1), "transaction_numbers": "document"},
        ),
    )
    lake.ingest(body)
    assert flags(body) == {("2021-06.csv", 2): "2021-05.csv:4"}


BARE = "Date,Amount,Supplier\n" + "".join(
    f"{day:02}/05/2021,{day}.50,HOME {day} LTD\n" for day in range(1, 9)
)


def put(here, files: dict[str, str]) -> bodies.Body:
    """A body of these files, whose payments have no number."""
    body = replace(describe(here, "none"), files="*")
    folder = here.cache / body.folder
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return body


def test_a_file_that_repeats_another_but_for_one_cell_counts_once(own_project):
    body = put(
        own_project,
        {
            "may.csv": BARE,
            "may-again.csv": BARE,
            "may-mended.csv": BARE.replace("3.50,HOME 3", "3.50,HOUSE 3"),
        },
    )
    lake.ingest(body)
    flagged = flags(body)
    assert len(flagged) == 8 + 7, "the one that differs stays a payment"
    assert flagged["may.csv", 2] == "may-again.csv:2" and ("may.csv", 4) in flagged
    assert ("may-mended.csv", 4) not in flagged


def test_files_that_share_some_payments_are_not_one(own_project):
    """Equal weekly payments, and a file of which a third stands in another, are payments."""
    june = BARE.replace("/05/", "/06/")
    shared = "".join(BARE.splitlines(keepends=True)[1:5])
    body = put(own_project, {"may.csv": BARE, "june.csv": june + shared})
    lake.ingest(body)
    assert flags(body) == {}


def test_payments_to_people_are_no_evidence_of_a_copy(own_project):
    """Masked, they are equal wherever an amount is: two homes' residents are not one another."""
    people = ("JANE EXAMPLE", "MARY SAMPLE", "ANN PATTERN")
    files = {
        f"{n}.csv": "Date,Amount,Supplier\n" + "".join(f"17/05/2021,100.00,MRS {p}{n}\n" for p in people)
        for n in ("A", "B")
    }
    body = put(own_project, files)
    lake.ingest(body)
    assert lake.scan(body).collect()["payee_class"].unique().to_list() == ["person"] and flags(body) == {}


def test_only_what_changed_is_read_and_flags_follow(body, own_project, monkeypatch):
    lake.ingest(body)
    assert lake.ingest(body).read == 0
    june = own_project.cache / "ledger_madeup" / "2021-06.csv.gz"
    june.write_bytes(gzip.compress(JUNE.encode(), mtime=1))
    assert lake.ingest(body).read == 0, "the same content under another time is not read again"
    june.write_bytes(gzip.compress(JUNE.replace(",T3\n", ",T9\n").encode()))
    read = []
    original = lake._open
    monkeypatch.setattr(lake, "_open", lambda file, **how: read.append(file.path) or original(file, **how))
    done = lake.ingest(body)
    assert read == ["ledger_madeup/2021-06.csv"] and (done.read, done.unchanged, done.payments) == (1, 1, 9)
    assert flags(body) == {}


def test_step_by_step_gives_the_same_as_at_once(body, own_project):
    june = own_project.cache / "ledger_madeup" / "2021-06.csv.gz"
    later = june.read_bytes()
    june.unlink()
    lake.ingest(body)
    june.write_bytes(later)
    lake.ingest(body)
    stepwise = {p.name: p.read_bytes() for p in sorted(lake.body_folder(body).rglob("*.parquet"))}
    lake.memory_path(body).unlink()
    lake.ingest(body)
    assert {p.name: p.read_bytes() for p in sorted(lake.body_folder(body).rglob("*.parquet"))} == stepwise


def test_a_file_that_is_gone_takes_its_payments_along(body, own_project):
    lake.ingest(body)
    (own_project.cache / "ledger_madeup" / "2021-05.csv").unlink()
    assert lake.ingest(body).gone == 1
    assert lake.scan(body).collect().height == 5 and flags(body) == {}


def test_held_rows_written_early_change_nothing(body, monkeypatch):
    lake.ingest(body)
    whole = lake.scan(body).collect()
    lake.memory_path(body).unlink()
    monkeypatch.setattr(lake, "HELD_ROWS", 0)
    lake.ingest(body)
    assert lake.scan(body).collect().equals(whole)


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError])
def test_stopped_at_any_file_the_lake_is_as_it_was(body, own_project, monkeypatch, trouble):
    lake.ingest(body)
    before = {p: p.read_bytes() for p in lake.workspace().lake.rglob("*") if p.is_file()}
    (own_project.cache / "ledger_madeup" / "2021-07.csv").write_text(
        MAY.replace("T1", "T7"), encoding="utf-8"
    )

    def stop(line):
        raise trouble("stopped")

    with pytest.raises(trouble):
        lake.ingest(body, progress=stop)
    assert {p: p.read_bytes() for p in lake.workspace().lake.rglob("*") if p.is_file()} == before
    assert lake.ingest(body).read == 1


def test_killed_between_the_two_renames_the_old_payments_come_back(body):
    lake.ingest(body)
    aside = lake._aside(body)
    aside.parent.mkdir(exist_ok=True)
    lake.body_folder(body).rename(aside)
    assert lake.ingest(body).read == 0
    assert lake.scan(body).collect().height == 9


def beside(body, here) -> bodies.Body:
    """Another body with the same files."""
    other = replace(body, body="another")
    shutil.copytree(here.cache / body.folder, here.cache / other.folder)
    return other


def test_two_bodies_fill_one_lake_at_a_time(body, own_project):
    """A second body's ingest, in the middle of the first one's, leaves the first one's staging alone."""
    other = beside(body, own_project)

    def meanwhile(line):
        lake.ingest(other)

    assert lake.ingest(body, progress=meanwhile).payments == 9
    assert lake.scan(body).collect().height == lake.scan(other).collect().height == 9


HOLD = """
import sys
from pathlib import Path
from commissioning.base.lock import only_one
with only_one(Path(sys.argv[1]), "held", todo="wait"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_fills_a_body_and_is_named(body, own_project):
    lock = lake.lock_path(body)
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="madeup") as busy:
            lake.ingest(body)
        assert f"process {other.pid}" in str(busy.value) and not lake.body_folder(body).exists()
        assert lake.ingest(beside(body, own_project)).read == 2, "another body is not in the way"
        other.kill()
    assert lake.ingest(body).read == 2, "a dead process holds nothing"


@pytest.mark.parametrize("address", ["s3://bucket/lake", "https://example.org/lake", "file:///lake"])
def test_an_address_is_no_folder_of_a_lake(tmp_path, monkeypatch, address):
    monkeypatch.setenv("COMMISSIONING_LAKE", address)
    with pytest.raises(CommissioningError, match="COMMISSIONING_LAKE") as refused:
        _ = Project(tmp_path).lake
    assert address in str(refused.value)


def test_what_is_not_there_is_named(body, own_project):
    with pytest.raises(LedgerError, match="ledger ingest madeup"):
        lake.scan(body)
    for file in (own_project.cache / "ledger_madeup").iterdir():
        file.unlink()
    with pytest.raises(OriginalError, match="no file of this ledger"):
        lake.ingest(body)


def test_a_file_that_is_not_the_catalogues_is_refused(own_project):
    body = bodies.load_body(own_project.root / "ingest" / "ledgers" / "bradford.yml")
    folder = own_project.cache / body.folder
    folder.mkdir(parents=True)
    for file in bodies.dataset_of(body).held[0].files:
        (own_project.cache / file.path).write_text(MAY, encoding="utf-8")
    with pytest.raises(OriginalError, match="not the one in the catalogue"):
        lake.ingest(body)
    assert not lake.body_folder(body).exists()


# Taken out


def test_a_body_whose_files_are_gone_is_said_to_stay_and_goes_on_command(body, own_project):
    lake.ingest(body)
    shutil.rmtree(own_project.cache / "ledger_madeup")
    assert [gone.body for gone in removing.without_files([body])] == ["madeup"]
    assert removing.held() == ["madeup"] and removing.payments_of(body) == 9
    assert removing.remove("madeup") == 9
    assert removing.held() == [] and removing.payments_of(body) == 0
    assert not lake.memory_path(body).exists() and not lake.accounting(body)
    with pytest.raises(LedgerError, match="holds no payment of this ledger") as caught:
        removing.remove("madeup")
    assert caught.value.expected == "no body at all"
    describe(own_project, "document")
    assert lake.ingest(body).read == 2
