"""The route rules: what a rule means, on made-up labels, and what the seed must keep to."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project
from commissioning.ingest.ledgers import routes

PROJECT = Project(ROOT)
RULES = list(csv.DictReader(routes.rules_file(PROJECT).open(encoding="utf-8")))
HEAD = list(RULES[0])
TYPES = {"month": "DATE", "priority": "INTEGER", "first_month": "DATE", "last_month": "DATE"}


def declared(names: list[str]) -> str:
    return ", ".join(f"{name} {TYPES.get(name, 'VARCHAR')}" for name in names)


def routed(payments: list[dict], rules: list[dict]) -> dict[str, str]:
    """Rule of each payment by its label; a payment without a rule is absent."""
    names = [
        "body",
        "month",
        "department",
        "expense_area",
        "expense_code",
        "expense_label",
        "transaction_prefix",
    ]
    with duckdb.connect() as db:
        db.execute(f"create table payments ({declared(names)})")
        for row in payments:
            row = {"body": "a", "month": "2015-04-01", **row}
            db.execute("insert into payments values (?, ?, ?, ?, ?, ?, ?)", [row.get(n) for n in names])
        db.execute(f"create table rules ({declared(HEAD)})")
        for place, row in enumerate(rules):
            row = {"body": "a", "rule_id": str(place), "priority": place, **row}
            db.execute(f"insert into rules values ({', '.join('?' * len(HEAD))})", [row.get(n) for n in HEAD])
        found = routes.routes_sql(PROJECT, "payments", "rules")
        return dict(db.execute(f"select expense_label, rule_id from ({found})").fetchall())


def test_the_lowest_priority_wins():
    rules = [{"priority": 20, "label_like": "care%"}, {"priority": 10, "label_like": "% block%"}]
    assert routed([{"expense_label": "Care Block"}, {"expense_label": "Care Spot"}], rules) == {
        "Care Block": "1",
        "Care Spot": "0",
    }


def test_a_label_without_a_rule_is_not_care():
    assert routed([{"expense_label": "Road salt"}], [{"label_like": "care%"}]) == {}


def test_rules_are_of_one_body_and_its_months():
    rules = [{"first_month": "2015-04-01", "last_month": "2016-03-01"}]
    inside = [
        {"expense_label": "first", "month": "2015-04-01"},
        {"expense_label": "last", "month": "2016-03-01"},
    ]
    outside = [
        {"expense_label": "before", "month": "2015-03-01"},
        {"expense_label": "after", "month": "2016-04-01"},
        {"expense_label": "another's", "body": "b"},
    ]
    assert set(routed(inside + outside, rules)) == {"first", "last"}


def test_the_area_is_department_and_area_whichever_is_there():
    rules = [{"area_like": "adults > homes"}, {"area_like": "adults"}, {"area_like": "homes"}]
    payments = [
        {"expense_label": "both", "department": "Adults", "expense_area": "Homes"},
        {"expense_label": "department", "department": " Adults "},
        {"expense_label": "area", "department": "", "expense_area": "HOMES"},
        {"expense_label": "neither"},
    ]
    assert routed(payments, rules) == {"both": "0", "department": "1", "area": "2"}


def test_code_and_prefix_must_fit_too():
    rules = [{"code_like": "5701", "prefix_like": "cfadres%"}, {"code_like": "57%"}]
    payments = [
        {"expense_label": "homes", "expense_code": "5701", "transaction_prefix": "CFADRES"},
        {"expense_label": "other system", "expense_code": "5701", "transaction_prefix": "P"},
        {"expense_label": "no prefix", "expense_code": "5702"},
        {"expense_label": "no code", "transaction_prefix": "CFADRES"},
    ]
    assert routed(payments, rules) == {"homes": "0", "other system": "1", "no prefix": "1"}


def test_labels_that_differ_in_nulls_join_back_to_their_own_route():
    with duckdb.connect() as db:
        db.execute("""create table p as select 'a' as body, date '2015-04-01' as month, d as department,
            null as expense_area, c as expense_code, 'x' as expense_label, null as transaction_prefix
            from (values ('A', null), (null, '1')) as t(d, c)""")
        rows = db.execute(
            f"select count(*) from p as l join p as r on {routes.same_label_sql(PROJECT, 'l', 'r')}"
        ).fetchone()
    assert rows == (2,)


def copy_in(folder: Path) -> Project:
    """A project whose dbt lies in `folder`; `Project` itself would take the checkout's, and write there."""

    class Copy(Project):
        dbt = folder / "dbt"

    return Copy(folder)


def test_a_macro_that_needs_dbt_is_a_named_error(tmp_path):
    macros = tmp_path / "dbt" / "macros"
    macros.mkdir(parents=True)
    (macros / "ledger_routes.sql").write_text("{% macro other() %}{{ ref('x') }}{% endmacro %}")
    with pytest.raises(CommissioningError, match="cannot be rendered outside dbt"):
        routes.routes_sql(copy_in(tmp_path), "payments", "rules")


def test_the_hash_changes_with_a_rule_and_not_with_line_ends(tmp_path):
    for name in ("dbt/seeds", "dbt/macros"):
        (tmp_path / name).mkdir(parents=True)
    copy = copy_in(tmp_path)
    rules = routes.rules_file(PROJECT).read_bytes()
    routes.macro_file(copy).write_bytes(routes.macro_file(PROJECT).read_bytes())
    hashes = []
    for text in (rules, rules.replace(b"\n", b"\r\n"), rules.replace(b",spot,", b",block,", 1)):
        routes.rules_file(copy).write_bytes(text)
        hashes.append(routes.rules_sha256(copy, "devon"))
    assert hashes[0] == hashes[1] == routes.rules_sha256(PROJECT, "devon")
    assert hashes[2] != hashes[0]


def test_the_hash_changes_with_the_macro_and_not_with_its_comments(tmp_path):
    copy = copy_in(tmp_path)
    for file in (routes.rules_file, routes.macro_file):
        file(copy).parent.mkdir(parents=True)
        file(copy).write_bytes(file(PROJECT).read_bytes())
    macro = routes.macro_file(PROJECT).read_text(encoding="utf-8")
    routes.macro_file(copy).write_text(
        macro.replace("{#-", "{#- Another word.", 1).replace("-- ", "-- So: ", 1)
    )
    assert routes.rules_sha256(copy, "devon") == routes.rules_sha256(PROJECT, "devon")
    routes.macro_file(copy).write_text(macro.replace("priority", "rule_id"))
    assert routes.rules_sha256(copy, "devon") != routes.rules_sha256(PROJECT, "devon")


def test_every_rule_gives_a_reason_and_a_known_route():
    known = {r["route"] for r in csv.DictReader((ROOT / "dbt/seeds/routes.csv").open(encoding="utf-8"))}
    settings = {
        r["support_setting"]
        for r in csv.DictReader((ROOT / "dbt/seeds/support_settings.csv").open(encoding="utf-8"))
    }
    grades = {"publisher_definition", "ledger_label", "inferred", "assumed"}
    for rule in RULES:
        assert rule["reason"].strip(), rule
        if rule["care_scope"] == "adult_social_care":
            assert rule["route"] in known and rule["support_setting"] in settings, rule
            assert rule["evidence_grade"] in grades, rule
        else:
            assert rule["care_scope"] == "other", rule
            assert not (rule["route"] or rule["support_setting"] or rule["evidence_grade"]), rule


def test_patterns_can_match_text_in_small_letters_and_hold_no_backslash():
    for rule in RULES:
        for name in ("area_like", "code_like", "label_like", "prefix_like"):
            # An underscore fits any sign. It is meant at the end, for the two letters of a client group.
            pattern = rule[name].removesuffix(" __")
            assert pattern == pattern.lower() and "\\" not in pattern and "_" not in pattern, rule
