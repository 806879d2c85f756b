"""Figures beside a number, year by year or on other terms: of the same parts, and what is flagged says so."""

from __future__ import annotations

import copy
import json
import re

import duckdb
import pytest
from conftest import ROOT

from commissioning.base.paths import Project
from commissioning.numbers import headlines, queries

REGISTER = headlines.register(Project(ROOT))
YEAR = re.compile(r"20\d\d-\d\d")
SAID = re.compile(r"\(.*\b(?:of \d+|only|without|no figure)\b.*\)")
"""How a row says that it is of fewer parts than the others."""
MORE_PARTS = {
    "nhs_courses_": "Classes of provider add up to everyone's courses; a class without courses has no row.",
}


def related(entry: dict) -> list[dict]:
    """What stands beside a number: figures that help to judge it, and itself on other terms."""
    choices = entry["alternatives"] if isinstance(entry["alternatives"], list) else []
    return [*entry["related"], *choices]


def sums(tree) -> list[dict]:
    """The sums in what a query selects, each with its filter."""
    if isinstance(tree, list):
        return [found for part in tree for found in sums(part)]
    if not isinstance(tree, dict) or tree.get("class") == "SUBQUERY":
        return []
    own = [tree] if tree.get("function_name") == "sum" and tree.get("class") == "FUNCTION" else []
    return own or sums(list(tree.values()))


def counting(sql: str) -> list[str]:
    """For each sum that a query of years gives: the query with how many figures it adds up in its place."""
    tree = queries.parsed(sql)
    select = tree["statements"][0]["node"]
    if select.get("type") != "SELECT_NODE" or len(select["select_list"]) != 2:
        return []
    found = []
    for one in sums(select["select_list"][1]):
        counted = copy.deepcopy(tree)
        counted["statements"][0]["node"]["select_list"][1] = {**one, "function_name": "count"}
        if "qualified_name" in one:
            counted["statements"][0]["node"]["select_list"][1]["qualified_name"] = {"path": ["count"]}
        made = queries._parser().execute("select json_deserialize_sql(?::json)", [json.dumps(counted)])
        found.append(made.fetchone()[0])
    return found


def of_fewer_parts(db, sql: str) -> list[tuple[str, int]]:
    """The years of a query whose sum is of fewer figures than another year's, and that do not say so."""
    short = []
    for query in counting(sql):
        rows = [(str(what), count) for what, count in db.execute(query).fetchall() if count]
        if rows and all(YEAR.match(what) for what, _ in rows):
            most = max(count for _, count in rows)
            short += [(what, count) for what, count in rows if count < most and not SAID.search(what)]
    return short


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def test_a_series_adds_up_the_same_parts_in_every_year_or_says_which(marts):
    found = {
        f"{name}: {figure['label']}": short
        for name, entry in REGISTER.items()
        for figure in related(entry)
        if not name.startswith(tuple(MORE_PARTS))
        if (short := of_fewer_parts(marts, figure["sql"]))
    }
    assert found == {}


def unmarked(db, sql: str) -> list[str]:
    """The years of one place's figures that the mart flags and the list shows without a word of it."""
    if "mart_sds_share" in sql and not re.search(r"\bshare\b", sql):
        return []  # Its flags are of the share (mart_sds_share.yml).
    behind = queries.rows_behind(sql)
    result = behind and db.execute(behind)
    columns = [column[0] for column in result.description] if result else []
    if not {"flag", "financial_year"} <= set(columns):
        return []
    rows = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    if len({row.get("area_id") for row in rows}) > 1:
        return []
    flagged = {row["financial_year"] for row in rows if row["flag"]}
    terms = [str(row[0]) for row in db.execute(sql).fetchall() if row[1] is not None]
    years = [term for term in terms if YEAR.match(term)]
    return [term for term in years if term[:7] in flagged and "flagged" not in term]


def test_a_flagged_year_is_marked_or_left_out_of_a_series(marts):
    found = {
        f"{name}: {figure['label']}": shown
        for name, entry in REGISTER.items()
        for figure in related(entry)
        if (shown := unmarked(marts, figure["sql"]))
    }
    assert found == {}
