"""What the README, the docs and the data page show works, and the files that they name are there."""

from __future__ import annotations

import re

import duckdb
import pytest
from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "reports" / "data.qmd"]
QUERIES = [
    pytest.param(sql, id=f"{page.name}-{n}")
    for page in PAGES
    for n, sql in enumerate(
        re.findall(r'\.sql\("""(.*?)"""\)', page.read_text(encoding="utf-8"), re.S)
        + re.findall(r"^(from evidence\..*?);$", page.read_text(encoding="utf-8"), re.M)
    )
]


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_that_is_shown_finds_rows(built_marts, sql):
    with duckdb.connect(str(built_marts), read_only=True) as marts:
        assert len(marts.sql(sql.replace("evidence.", "")).fetchall()) > 1


def test_the_readme_and_the_data_page_show_queries():
    assert {param.id.partition("-")[0] for param in QUERIES} == {"README.md", "data.qmd"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_file_that_is_named_is_there(page):
    """Those under folders that are committed; `NAME` and `<...>` stand for the reader's own."""
    folders = "ingest|dbt|expectations|reports|commissioning|tests|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", page.read_text(encoding="utf-8"))
    built = ("reports/_site/", "reports/_generated/")
    missing = [n for n in named if "NAME" not in n and not n.startswith(built) and not (ROOT / n).exists()]
    assert missing == []
