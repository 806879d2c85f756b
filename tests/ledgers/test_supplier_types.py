"""Payments by type of supplier: made-up payments, and the hash of the rules they are counted with."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal

import polars as pl
import pytest

from commissioning.base.paths import project
from commissioning.ingest.ledgers import counts, reader, supplier_types
from commissioning.ingest.ledgers.aggregate import MONTHLY_KEY

CARE = {"expense_area": "Adult and Community Services", "expense_code": "6401"}
PAYMENTS = [
    # supplier, class, charity number, company number, pounds
    ("Alderbury Fellowship", "organisation", "1234567", "Not yet available", 10),
    ("Bramford Care Ltd", "organisation", "N/A", "01234567", 20),
    ("[person]", "person", None, None, 30),
    ("REDACTED", "redacted", None, None, 40),
    ("Somewhere Authority", "public_body", None, None, 50),
    ("Carrick", "unknown", "12N/A34", "", 60),
    ("ABBEYFIELD SOCIETY", "organisation", None, None, 70),
]


@pytest.fixture(scope="module")
def counted() -> pl.DataFrame:
    rows = [
        {
            **dict.fromkeys(MONTHLY_KEY),
            "body": "devon",
            "month": dt.date(2016, 5, 1),
            "financial_year": "2016-17",
            **CARE,
            "payee_class": kind,
            "supplier": supplier,
            "charity_number": charity,
            "company_number": company,
            "amount_gbp": Decimal(pounds),
            "source_file": "a.csv",
            "is_duplicate_of": None,
        }
        for supplier, kind, charity, company, pounds in PAYMENTS
    ]
    texts = dict.fromkeys([*MONTHLY_KEY, "charity_number", "company_number", "is_duplicate_of"], pl.String)
    payments = pl.DataFrame(rows, schema_overrides=texts | {"month": pl.Date, "amount_gbp": reader.MONEY})
    with counts.care(payments, payments) as care:
        return supplier_types.by_type(care, "devon")


def test_number_then_audited_name_then_form_then_class(counted):
    found = {
        (row["supplier_type"], row["evidence_grade"]): int(row["amount_gbp"])
        for row in counted.iter_rows(named=True)
    }
    assert found == {
        ("voluntary", "publisher_number"): 10,
        ("private", "name_pattern"): 20,
        ("person", "payee_class"): 30,
        ("withheld", "payee_class"): 40,
        ("public", "payee_class"): 50,
        ("unknown", "none"): 60,
        ("voluntary", "audited_match"): 70,
    }


def test_rules_have_one_hash_wherever_they_lie(tmp_path, monkeypatch):
    here = supplier_types.rules_sha256(project(), "leeds")
    for folder in ("dbt/seeds", "dbt/macros", "dbt/models/staging"):
        shutil.copytree(project().root / folder, tmp_path / "it's elsewhere" / folder)

    class Elsewhere(type(project())):
        dbt = tmp_path / "it's elsewhere" / "dbt"
        raw = tmp_path / "it's elsewhere" / "raw"

    assert supplier_types.rules_sha256(Elsewhere(project().root), "leeds") == here


def test_another_pattern_is_another_hash(tmp_path):
    shutil.copytree(project().dbt, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))

    class Other(type(project())):
        dbt = tmp_path / "dbt"

    other = Other(project().root)
    assert supplier_types.rules_sha256(other, "leeds") == supplier_types.rules_sha256(project(), "leeds")
    patterns = supplier_types.patterns_file(other)
    patterns.write_text(patterns.read_text(encoding="utf-8").replace("HOSPICE", "HOSPICES"), encoding="utf-8")
    assert supplier_types.rules_sha256(other, "leeds") != supplier_types.rules_sha256(project(), "leeds")


def test_wakefield_by_number():
    """Counted from the files with the csv module, the rules of routes applied by hand: care of 2018-19, and
    of it beside a charity's number. Numbers of societies and of companies that are charities come on top.
    """
    table = pl.read_parquet(project().raw / "ledger_wakefield" / "supplier_types.parquet")
    year = table.filter(financial_year="2018-19")
    by_number = year.filter(evidence_grade="publisher_number")["amount_gbp"].sum()
    assert year["amount_gbp"].sum() == Decimal("50093462.15")
    assert Decimal("14909840.78") <= by_number <= Decimal("1.1") * Decimal("14909840.78")
