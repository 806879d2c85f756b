"""What the README, the docs and the data page show works, and the files that they name are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from commissioning.build.drawing import with_drawing

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "reports" / "data.qmd",
]
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


def test_the_code_of_the_data_page_runs_beside_what_one_downloads(built_marts, tmp_path, monkeypatch, capsys):
    """The database alone, and the ZIP unpacked: no folder of the project."""
    (tmp_path / "commissioning.duckdb").symlink_to(built_marts)
    (tmp_path / "parquet").symlink_to(built_marts.parent / "parquet")
    monkeypatch.chdir(tmp_path)
    query = (ROOT / "reports" / "data.qmd").read_text(encoding="utf-8").split("## Query")[1]
    blocks = re.findall(r"^```(python|sql)\n(.*?)^```", query, re.M | re.S)
    assert [kind for kind, _ in blocks] == ["python", "sql", "python"]
    for kind, code in blocks:
        if kind == "python":
            exec(code, {})
        else:
            assert len(duckdb.sql(code).fetchall()) > 1
            duckdb.sql("detach evidence")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_file_that_is_named_is_there(page):
    """Those under folders that are committed; `NAME` and `<...>` stand for the reader's own."""
    folders = "ingest|dbt|expectations|reports|commissioning|tests|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", page.read_text(encoding="utf-8"))
    built = ("reports/_site/", "reports/_generated/")
    missing = [n for n in named if "NAME" not in n and not n.startswith(built) and not (ROOT / n).exists()]
    assert missing == []


def test_the_drawing_is_that_of_the_steps():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert with_drawing(page) == page, "draw it anew: python -m commissioning.build.drawing"


def test_every_model_and_module_that_is_named_is_there():
    """Names without a folder: models of dbt, and files of Python."""
    held = {file.stem for kind in ("sql", "py") for file in (ROOT / "dbt" / "models").rglob(f"*.{kind}")}
    folders = ("commissioning", "ingest", "expectations", "tests")
    held |= {file.name for folder in folders for file in (ROOT / folder).rglob("*.py")}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`((?:stg|int|mart|dim)_\w+|\w+\.py)`", text)
        assert set(named) <= held, page.name


def test_dbt_works_by_itself(tmp_path):
    """With nothing set: what it would be told by a build has a default."""
    rest = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "COMMISSIONING_"))}
    dbt = Path(sys.executable).with_name("dbt")
    kept = ("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs")
    ended = subprocess.run([dbt, "parse", *kept], cwd=ROOT / "dbt", env=rest, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
