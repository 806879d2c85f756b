"""Seeds of printed tables, headings and lines: each is printed and said once, and no edition is missed."""

from __future__ import annotations

import csv

import duckdb
import pytest
from conftest import ROOT

from commissioning.base.sql import file_pattern

SEEDS = ROOT / "dbt" / "seeds"


@pytest.fixture(scope="module")
def raw():
    """The snapshot, one view a dataset, and the seeds as texts, an empty cell as an empty text."""
    with duckdb.connect() as db:
        for name in ("asc_fr", "ascs", "phs_sds", "pss_ex1"):
            pattern = f"{file_pattern(ROOT / 'data' / 'raw' / name)} || '/*.parquet'"
            db.execute(f"create view {name} as from read_parquet({pattern}, union_by_name = true)")
        for name in KEYS:
            file = file_pattern(SEEDS / f"{name}.csv")
            db.execute(f"create view {name} as from read_csv({file}, header = true, all_varchar = true)")
        yield db


KEYS = {
    "published_tables": ("dataset", "edition", "published_table", "care_type"),
    "grain_exceptions": ("published_table", "priority"),
    "asc_fr_measures": ("measure",),
    "asc_fr_labels": ("dimension", "label"),
    "bridging_services": ("service",),
    "delivery_mechanisms": ("mechanism",),
    "delivery_mechanism_labels": ("dataset", "label"),
    "nhs_spend_notes": ("category", "financial_year"),
}


@pytest.mark.parametrize("name", KEYS)
def test_each_is_said_once(name):
    rows = list(csv.DictReader((SEEDS / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    keys = [tuple(row[column] for column in KEYS[name]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(row["reason"] for row in rows if "reason" in row)


UNPRINTED = {
    "a table": """
        select dataset, edition, published_table from published_tables
        where (edition, published_table) not in (
            select (edition, "table") from asc_fr union select (edition, "table") from pss_ex1
            union select (edition, "table") from phs_sds
        )
    """,
    "a heading": "select measure from asc_fr_measures where measure not in (select measure from asc_fr)",
    "a service": """
        select service from bridging_services
        where service not in (select lower(regexp_extract(detail, '(?:^|; )service=([^;]*)', 1)) from asc_fr)
    """,
    "a way of delivery": """
        select dataset, label from delivery_mechanism_labels
        where (dataset, coalesce(label, '')) not in (
            select ('asc_fr', support_setting) from asc_fr union select ('ascs', category) from ascs
        )
    """,
}


@pytest.mark.parametrize("what", UNPRINTED)
def test_what_a_seed_names_is_printed(raw, what):
    assert raw.sql(UNPRINTED[what]).fetchall() == []


@pytest.mark.parametrize("dataset", ["asc_fr", "pss_ex1"])
def test_no_edition_that_is_held_goes_unread(raw, dataset):
    """An edition of which no table is named would be held, and be in no figure."""
    unread = f"""
        select distinct edition from {dataset}
        where edition not in (select edition from published_tables where dataset = '{dataset}')
    """
    assert raw.sql(unread).fetchall() == []


def test_the_next_edition_asks_for_two_seeds():
    """Rows that name the dataset and its last year are what an edition adds by hand. What a council reported
    wrongly (figure_flags) is found out later: no edition asks for it."""
    last = max(path.stem for path in (ROOT / "data" / "raw" / "asc_fr").glob("*.parquet"))
    named = set()
    for path in SEEDS.glob("*.csv"):
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            if last in row.values() and ({"asc_fr", "independent_living_fund"} & set(row.values())):
                named.add(path.stem)
    assert named - {"figure_flags"} == {"published_tables", "responsibility_break_years"}
