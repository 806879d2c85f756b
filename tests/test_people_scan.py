"""Nobody is named in what is committed or published of ledgers and contracts.

A label, title or supplier is looked at by the rules that mask them (`payees.masked_labels`), so this finds
what was written by older rules or came another way, and not what the rules cannot tell.
"""

from __future__ import annotations

import html
import re

import duckdb
import polars as pl
import pytest
from conftest import ROOT

from commissioning.ingest.ledgers import payees

RAW = ROOT / "data" / "raw"
LEDGERS = sorted(RAW.glob("ledger_*"))
LABELS = (*payees.LABELS, "client_group")
NO_NAMES = {"PAT testing", "P F Cusack (Tool Supplies) Ltd"}
"""Testing of appliances, and a company: looked at by a person."""
CELL = re.compile(r"<td[^>]*>([^<]{3,200})</td>")
NAMED = re.compile(r"\b(?:Mr|Mrs|Miss|Mx)\.? [A-Z]|[\w.+-]+@[\w-]+\.\w+|\bExors of\b")


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def found_in(texts: pl.Series) -> dict[str, str]:
    """Texts in which a person is told, as they would be masked."""
    masked = payees.masked_labels(texts.drop_nulls().cast(pl.String).unique())
    return {text: mask for text, mask in masked.items() if text not in NO_NAMES}


@pytest.mark.parametrize("folder", LEDGERS, ids=lambda folder: folder.name)
def test_no_label_of_the_snapshot_is_a_person(folder):
    for file in ("monthly", "suppliers", "supplier_types"):
        table = pl.read_parquet(folder / f"{file}.parquet")
        held = [name for name in LABELS if name in table.columns]
        assert not {"supplier", "payee", "payee_id"} & set(table.columns)
        for name in held:
            assert not found_in(table[name]), name


def test_no_contract_of_the_snapshot_names_a_person():
    register = pl.read_parquet(RAW / "contracts_register_salford" / "2022-07.parquet")
    notices = next((RAW / "contracts_finder").glob("*.parquet"))
    found = pl.read_parquet(notices)
    assert not found_in(register["title"]) and not found_in(found["title"])
    unnumbered = register.filter(pl.col("company_number").is_null() | (pl.col("company_number") == ""))
    assert not found_in(unnumbered["supplier"]) and not found_in(found["suppliers"])


def test_no_mart_of_ledgers_and_contracts_names_a_person(marts):
    for table, column in (
        ("mart_ledger_labels", "expense_label"),
        ("mart_contracts", "title"),
        ("mart_contracts", "supplier_names"),
        ("mart_contracts", "buyer"),
    ):
        rows = marts.sql(f"select distinct {column} from {table} where {column} is not null").fetchall()
        assert rows and not found_in(pl.Series([row[0] for row in rows])), (table, column)


def test_no_table_of_the_site_names_a_person():
    site = ROOT / "reports" / "_site"
    if not (site / "index.html").exists():
        pytest.skip("no site is built here")
    cells = {cell for page in site.glob("*.html") for cell in CELL.findall(page.read_text(encoding="utf-8"))}
    named = sorted(cell for cell in map(html.unescape, cells) if NAMED.search(cell))
    assert not named
