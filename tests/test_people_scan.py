"""Nobody is named in what is committed or published of ledgers and contracts.

Every text of the snapshot, of the marts and of the site (tables of its pages, CSV and JSON) is looked at by
the rules that mask labels (`payees.masked_labels`), and every supplier that no register numbers by those that
class payees. So this finds what was written by older rules or came another way, and not what the rules cannot
tell.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from conftest import ROOT

from commissioning.ingest.ledgers import payees

RAW = ROOT / "data" / "raw"
SITE = ROOT / "reports" / "_site"
LONGEST = 80
"""Letters of a label or name. What is longer is a sentence that we or a publisher wrote."""
WORD = re.compile(r"[A-Za-z]{2}")
NO_NAME = re.compile(r"\d{5}|_|://")
"""Places in a file, ids and addresses."""
NO_NAMES = {
    # Charities, companies and a district that are called like people. A register names them.
    *("STELLA MARIS", "CHRISTIAN AID", "SUE RYDER", "DIANA AWARD", "WILLIAM SIMPSONS", "PENNY APPEAL"),
    *("Y SORT-IT", "JAMES HIRONS", "BRAVO VICTOR", "MARIE CURIE", "OSCAR NOTTINGHAM", "ANTHONY NOLAN"),
    *("DAISY APPEAL", "DR KERSHAWS HOSPICE", "DR GRAHAM'S HOMES KALIMPONG (UK)", "Amber Valley"),
    "P F Cusack (Tool Supplies) Ltd",
    # No names at all: testing of appliances, a statistic, a unit, a kind of support, what a series is of.
    *("PAT testing", "p value", "GBP per client per week"),
    "Long-term community support not named elsewhere, day care among it",
    *(
        f"Council-commissioned mental health services without direct payments, basis {basis}"
        for basis in "ABC"
    ),
    # Whoever compiled a source that is cited, in the title of that source.
    "David Kane (charity-lookups), from the registers of charities",
}
PLACES = {"place", "source_locator", "source_file", "sha256", "address", "cite_as", "value_text"}
"""Columns of where a figure is from and of the figure itself."""
TABLE_CELL = re.compile(r"<t[dh][^>]*>([^<]{3,200})</t[dh]>")
JSON_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
NAMED = re.compile(r"\b(?:Mr|Mrs|Miss|Mx)\.? [A-Z]|[\w.+-]+@[\w-]+\.\w+|\bExors of\b")


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def told(texts: Iterable[str]) -> dict[str, str]:
    """Texts in which a person is told, as they would be masked."""
    short = {text for text in texts if text and len(text) <= LONGEST}
    likely = [text for text in sorted(short) if WORD.search(text) and not NO_NAME.search(text)]
    masked = payees.masked_labels(pl.Series(likely, dtype=pl.String))
    return {text: mask for text, mask in masked.items() if text not in NO_NAMES}


def people_among(suppliers: pl.Series) -> list[str]:
    """Names of suppliers that would be classed as people's."""
    classed = payees.classify(suppliers.drop_nulls().cast(pl.String).unique())
    people = classed.filter(pl.col("payee_class") == "person", pl.col("supplier") != payees.PERSON)
    return people["supplier"].to_list()


def test_no_text_of_the_snapshot_names_a_person():
    texts: set[str] = set()
    for file in sorted(RAW.rglob("*.parquet")):
        table = pl.scan_parquet(file, glob=False)
        kinds = table.collect_schema()
        if file.parent.name.startswith("ledger_"):
            assert not {"supplier", "payee", "payee_id"} & set(kinds), file
        wanted = [name for name, kind in kinds.items() if kind == pl.String and name not in PLACES]
        for column in table.select(wanted).collect():
            texts.update(column.drop_nulls().unique())
    assert not told(texts)


def test_neither_the_search_nor_a_pdf_names_a_person():
    """Titles and descriptions that the search shows, and every text that a PDF has as itself."""
    file = SITE / "search-index.js"
    if not file.exists():
        pytest.skip("no site is built here")
    index = json.loads(file.read_text("utf-8").partition("=")[2].strip().rstrip(";"))
    shown = {text for entry in index["entries"] for text in (entry[0], entry[3]) if text}
    assert len(shown) > LONGEST and not told(shown)
    assert not [text for text in shown if NAMED.search(text)]
    files = sorted(SITE.glob("*.pdf"))
    if not shutil.which("pdftotext") or not files:
        return
    for pdf in files:
        printed = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
        assert len(printed) > LONGEST and not [n for n in NAMED.findall(printed) if n not in NO_NAMES], pdf


def test_no_supplier_without_a_registers_number_is_a_person():
    register = pl.read_parquet(RAW / "contracts_register_salford" / "2022-07.parquet")
    notices = pl.read_parquet(next((RAW / "contracts_finder").glob("*.parquet")))
    unnumbered = register.filter(pl.col("company_number").is_null() | (pl.col("company_number") == ""))
    assert not people_among(unnumbered["supplier"]) and not people_among(notices["suppliers"])


def test_no_text_of_the_marts_names_a_person(marts):
    columns = marts.sql(
        "select table_name, column_name from duckdb_columns() "
        "where data_type = 'VARCHAR' and not internal and schema_name = 'main'"
    ).fetchall()
    assert {"expense_label", "title", "supplier_names"} <= {column for _, column in columns}
    texts = {
        text
        for table, column in columns
        if column not in PLACES
        for (text,) in marts.execute(
            f'select distinct "{column}" from "{table}" where length("{column}") between 3 and {LONGEST}'
        ).fetchall()
    }
    assert not told(texts)


def cells_of_csv(files: Iterable[Path]) -> Iterator[str]:
    """The texts of CSV files. Files of one header are read as one, as there are hundreds."""
    alike: dict[bytes, list[bytes]] = defaultdict(list)
    for file in files:
        header, _, rest = file.read_bytes().partition(b"\n")
        alike[header].append(rest)
    for header, parts in alike.items():
        table = pl.read_csv(b"\n".join([header, *parts]), infer_schema=False)
        for column in table:
            if column.name not in PLACES:
                distinct = column.drop_nulls().unique()
                yield from distinct.filter(distinct.str.contains(WORD.pattern))


def test_no_table_or_download_of_the_site_names_a_person():
    if not (SITE / "index.html").exists():
        pytest.skip("no site is built here")
    texts = set(cells_of_csv(SITE.rglob("*.csv")))
    assert len(texts) > LONGEST
    for kind, cell in (("html", TABLE_CELL), ("json", JSON_TEXT)):
        found = {text for file in SITE.rglob(f"*.{kind}") for text in cell.findall(file.read_text("utf-8"))}
        assert found, kind
        texts |= {html.unescape(text) for text in found}
    assert not told(texts)
    assert not [text for text in texts if NAMED.search(text) and text not in NO_NAMES]
