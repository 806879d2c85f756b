"""The gate stops bad data by name, and passes the committed snapshot."""

from __future__ import annotations

import dataclasses
import json
import shutil
import socket

import duckdb
import polars as pl
import pypandoc
import pytest
from conftest import gate_results

from commissioning.base.errors import GateError
from commissioning.base.paths import Project, project
from commissioning.expectations import engine, gate, suites
from commissioning.expectations.declared import Declared
from commissioning.expectations.suites import load_suite
from commissioning.ingest.catalogue import catalogue
from commissioning.site import quality

SUITE = """
describes: Made-up spending of three councils.
frames:
  totals: |
    select client_group, sum(value) filter (where council = 'England') as england,
      sum(value) filter (where council <> 'England') as councils, abs(england - councils) as difference
    from spending group by client_group
  coverage: |
    select client_group, count(distinct council) filter (where council <> 'England') as councils
    from spending group by client_group
rules:
  - id: symbol_is_known
    expectation: expect_column_values_to_be_in_set
    kwargs: {column: value_symbol, value_set: [suppressed]}
    why: Each symbol has one meaning.
    todo: read the publisher's notes on symbols
  - id: value_is_plausible
    where: council <> 'England'
    expectation: expect_column_values_to_be_between
    kwargs: {column: value, min_value: 0, max_value: 1000}
    why: No council spends more than a million.
    todo: check the unit
  - id: councils_are_all_there
    frame: coverage
    expectation: expect_column_values_to_be_between
    kwargs: {column: councils, min_value: 3, max_value: 4}
    why: There are three councils, or four after a division.
    todo: list the councils
  - id: councils_sum_to_england
    frame: totals
    expectation: expect_column_values_to_be_between
    kwargs: {column: difference, max_value: 1}
    why: The councils add up to England.
    todo: look for a council read twice
  - id: value_is_usual
    expectation: expect_column_values_to_be_between
    kwargs: {column: value, max_value: 2000}
    severity: warning
    why: England usually spends less than two million.
    todo: flag the figure
  - id: rows_are_there
    expectation: expect_table_row_count_to_be_between
    kwargs: {min_value: 4, max_value: 100}
    why: Each client group has four figures.
    todo: compare with the file
"""

SPENDING = Declared(
    columns={
        "council": "VARCHAR",
        "client_group": "VARCHAR",
        "value": "DOUBLE",
        "value_symbol": "VARCHAR",
        "source_locator": "VARCHAR",
    },
    key=("council", "client_group"),
    never_null=("council",),
)
COLUMNS = {
    "council": pl.String,
    "client_group": pl.String,
    "value": pl.Float64,
    "value_symbol": pl.String,
    "source_locator": pl.String,
}
GOOD = [
    ("Ashby", "older people", 100.0, None, "Sheet!B2"),
    ("Barton", "older people", 200.0, None, "Sheet!B3"),
    ("Corby", "older people", 300.0, None, "Sheet!B4"),
    ("England", "older people", 600.0, None, "Sheet!B5"),
    ("Ashby", "mental health", 10.0, None, "Sheet!C2"),
    ("Barton", "mental health", 20.0, None, "Sheet!C3"),
    ("Corby", "mental health", None, "suppressed", "Sheet!C4"),
    ("England", "mental health", 30.0, None, "Sheet!C5"),
]


@pytest.fixture
def suite_file(tmp_path):
    file = tmp_path / "raw" / "spending.yml"
    file.parent.mkdir()
    file.write_text(SUITE, encoding="utf-8")
    return file


def run(suite_file, rows):
    with duckdb.connect() as connection:
        connection.register("spending", pl.DataFrame(rows, schema=COLUMNS, orient="row").to_arrow())
        return gate.run_suite(load_suite(suite_file, SPENDING), connection)


def with_row(position, row):
    return [*GOOD[:position], row, *GOOD[position + 1 :]]


def test_good_frame_passes(suite_file):
    result = run(suite_file, GOOD)
    assert [rule.id for rule in result.rules if not rule.success] == []
    assert gate.enforce([result]) == []
    assert (result.rows, len(result.rules)) == (8, 10)
    checked = {rule.id: rule.checked for rule in result.rules}
    assert checked["value_is_plausible"] == 5  # the suppressed figure and England are left out
    assert checked["symbol_is_known"] == 1


BROKEN = {
    "wrong symbol": (
        with_row(6, ("Corby", "mental health", None, "**", "Sheet!C4")),
        ("symbol_is_known", "Sheet!C4", "read the publisher's notes on symbols"),
    ),
    "duplicate key": (
        with_row(1, ("Ashby", "older people", 200.0, None, "Sheet!B3")),
        ("key_is_unique", '"council": "Ashby"', "find what tells the rows apart"),
    ),
    "no council": (
        with_row(4, (None, "mental health", 10.0, None, "Sheet!C2")),
        ("nothing_needed_is_null", "Sheet!C2", "look for the label or the join that gave nothing"),
    ),
    "no rows": (
        [],
        ("table_has_rows", "found: 0", "look for what it is made of"),
    ),
    "out of range": (
        with_row(4, ("Ashby", "mental health", -10.0, None, "Sheet!C2")),
        ("value_is_plausible", "Sheet!C2", "check the unit"),
    ),
    "missing council": (
        GOOD[1:],
        ("councils_are_all_there", '"councils": 2', "list the councils"),
    ),
    "total off": (
        with_row(3, ("England", "older people", 602.0, None, "Sheet!B5")),
        ("councils_sum_to_england", '"england": 602.0', "look for a council read twice"),
    ),
    "too few rows": (
        GOOD[:3],
        ("rows_are_there", "found: 3", "compare with the file"),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_frame_stops(suite_file, case):
    rows, (rule, found, todo) = BROKEN[case]
    result = run(suite_file, rows)
    with pytest.raises(GateError) as stopped:
        gate.enforce([result])
    message = str(stopped.value)
    assert f"raw/spending: {rule}" in stopped.value.where
    part = message.split(f"rule {rule} of raw/spending")[1].split("\n\n")[0]
    assert found in part
    assert f"what to do: {todo}" in part


def test_total_within_tolerance_passes(suite_file):
    rows = with_row(3, ("England", "older people", 600.9, None, "Sheet!B5"))
    assert gate.enforce([run(suite_file, rows)]) == []


def test_warning_does_not_stop(suite_file):
    rows = [(council, group, value and value * 3.5, *rest) for council, group, value, *rest in GOOD]
    rows[2] = ("Corby", "older people", 1000.0, None, "Sheet!B4")
    rows[3] = ("England", "older people", 2050.0, None, "Sheet!B5")
    [(suite, rule)] = gate.enforce([run(suite_file, rows)])
    assert (suite.name, rule.id, rule.unexpected) == ("spending", "value_is_usual", 1)
    assert rule.offending[0]["source_locator"] == "Sheet!B5"


def test_changed_columns_stop(suite_file):
    with duckdb.connect() as connection:
        frame = pl.DataFrame(GOOD, schema=COLUMNS, orient="row").rename({"value": "amount"})
        connection.register("spending", frame.to_arrow())
        result = gate.run_suite(load_suite(suite_file, SPENDING), connection)
    with pytest.raises(GateError) as stopped:
        gate.enforce([result])
    assert '"declared": "value DOUBLE", "found": "amount DOUBLE"' in str(stopped.value)
    assert "raw/spending: councils_sum_to_england" in stopped.value.where  # its SQL could not be run


def test_rule_that_checks_nothing_fails(suite_file):
    suite_file.write_text(
        SUITE.replace("where: council <> 'England'", "where: council = 'Nowhere'"), encoding="utf-8"
    )
    failed = run(suite_file, GOOD).failed("critical")
    assert [(rule.id, rule.observed) for rule in failed] == [
        ("value_is_plausible", "there was no row to check")
    ]


def test_at_most_twenty_rows_are_shown(suite_file):
    rows = GOOD + [(f"Council {n}", "older people", -1.0, None, f"Sheet!B{n}") for n in range(10, 60)]
    rule = next(rule for rule in run(suite_file, rows).rules if rule.id == "value_is_plausible")
    assert (rule.unexpected, len(rule.offending)) == (50, 20)
    assert rule.offending[0]["source_locator"] == "Sheet!B10"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("describes: Made-up", "describes: [", "not YAML"),
        ("severity: warning", "severity: mild", "Unknown severity"),
        ("    why: Each symbol has one meaning.\n", "", "lacks a key"),
        ("    why: Each symbol has one meaning.\n", "    why: ''\n", "lacks a key"),
        ("  totals: |", "  repeated_keys: select 1 as one\n  totals: |", "name of one that every table has"),
        ("frame: totals", "frame: sums", "unknown frame"),
        ("expect_column_values_to_be_in_set", "expect_magic", "does not accept the rule"),
        ("value_set: [suppressed]", "values: [suppressed]", "does not accept the rule"),
        ("id: symbol_is_known", "id: key_is_unique", "same id"),
        ("    todo: check the unit", "    todo: check the unit\n    owner: me", "unknown key"),
        (SUITE, "- a list", "malformed"),
    ],
)
def test_malformed_suite_is_named(suite_file, old, new, message):
    suite_file.write_text(SUITE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GateError, match=message) as refused:
        load_suite(suite_file, SPENDING)
    assert refused.value.file == str(suite_file)


def test_table_without_suite_is_named(tmp_path):
    with pytest.raises(GateError, match="suite of a table is missing"):
        load_suite(tmp_path / "raw" / "unknown.yml", SPENDING)


def test_nothing_is_sent(suite_file, monkeypatch):
    def refuse(*arguments, **keywords):
        raise AssertionError(f"the gate tried to reach {arguments}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine.engine.cache_clear()
    assert gate.enforce([run(suite_file, GOOD)]) == []


def test_results_are_stored_the_same_every_time(suite_file, tmp_path):
    rows = with_row(4, ("Ashby", "mental health", float("inf"), None, "Sheet!C2"))
    [first] = gate.write([run(suite_file, rows)], tmp_path / "first")
    [second] = gate.write([run(suite_file, rows)], tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    assert first == tmp_path / "first" / "raw" / "spending.json"
    json.loads(first.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    [read] = gate.read(tmp_path / "first")
    gate.write([read], tmp_path / "third")
    assert (tmp_path / "third" / "raw" / "spending.json").read_bytes() == first.read_bytes()


def test_quality_pages_say_what_rules_found(suite_file, tmp_path):
    rows = with_row(4, ("Ashby <b> *x*", "mental health", -10.0, None, "Sheet!C2"))
    here = Project(tmp_path)
    gone = here.reports / "quality" / "raw-gone.qmd"
    gone.parent.mkdir(parents=True)
    gone.write_text("a table that is no more", encoding="utf-8")
    written = quality.write(here, [run(suite_file, rows)])
    assert [file.stem for file in written] == ["index", "masking", "reading", "raw-spending"]
    assert not gone.exists()
    pages = {
        file.stem: pypandoc.convert_text(file.read_text("utf-8"), "html", "markdown", ["--wrap=none"])
        for file in written
    }
    assert '<a href="raw-spending.html">spending</a>' in pages["index"]
    page = pages["raw-spending"]
    assert "://" not in page and "<script" not in page and "<b>" not in page
    assert "Ashby &lt;b&gt; *x*" in page
    assert "No council spends more than a million." in page
    assert "What to do: check the unit" in page


def test_marts_are_checked_read_only(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    project.cache_clear()
    suites_of_marts, models = tmp_path / "expectations" / "marts", tmp_path / "dbt" / "models" / "marts"
    for folder in (suites_of_marts, models, tmp_path / "ingest" / "catalogue"):
        folder.mkdir(parents=True)
    (tmp_path / "dbt" / "dbt_project.yml").touch()
    suite = SUITE.replace("from spending", "from mart_spending")
    (suites_of_marts / "mart_spending.yml").write_text(suite, encoding="utf-8")
    columns = [{"name": name, "data_type": kind.lower()} for name, kind in SPENDING.columns.items()]
    model = {"columns": columns, "config": {"meta": {"key": list(SPENDING.key)}}}
    (models / "mart_spending.yml").write_text(json.dumps({"models": [model]}), encoding="utf-8")
    database = tmp_path / "marts.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.register("frame", pl.DataFrame(GOOD, schema=COLUMNS, orient="row").to_arrow())
        connection.execute("create table mart_spending as from frame")
    before = database.read_bytes()
    [result] = gate.check_marts(database)
    assert (result.layer, result.name, result.failed("critical")) == ("marts", "mart_spending", [])
    assert database.read_bytes() == before

    (suites_of_marts / "mart_gone.yml").write_text(suite, encoding="utf-8")
    with pytest.raises(GateError, match="mart that the gate checks is missing") as refused:
        gate.check_marts(database)
    assert refused.value.expected == ["mart_gone"]
    (suites_of_marts / "mart_gone.yml").unlink()

    with duckdb.connect(str(database)) as connection:
        connection.execute("create table mart_new as from mart_spending")
    with pytest.raises(GateError, match="declaration of a mart is missing") as refused:
        gate.check_marts(database)
    assert refused.value.file.endswith("mart_new.yml")
    shutil.copy(models / "mart_spending.yml", models / "mart_new.yml")
    with pytest.raises(GateError, match="suite of a table is missing"):
        gate.check_marts(database)


@pytest.fixture(scope="module")
def snapshot():
    return gate_results("raw", gate.check_raw)


def test_snapshot_passes(snapshot):
    gate.enforce(snapshot)
    assert {"asc_fr", "council_codes", "hmt_gdp_deflator", "nsiamhs", "ons_population", "pss_ex1"} <= {
        result.name for result in snapshot
    }


def test_known_oddities_are_shown(snapshot):
    warnings = {(suite.name, rule.id): rule for suite, rule in gate.enforce(snapshot)}
    [bromley] = warnings["pss_ex1", "share_is_plausible"].offending
    assert (bromley["edition"], bromley["area"], bromley["direct_payments"]) == (
        "2000-01",
        "Bromley",
        11667.0,
    )


def test_every_rule_of_the_snapshot_has_data(snapshot):
    """A rule that looks at no figure proves nothing; only rules on duplicates and gaps may find none."""
    idle = {(s.name, r.id) for s in snapshot for r in s.rules if r.checked == 0}
    may_be = {"key_is_unique", "one_row_a_council", "value_or_symbol", "not_submitted_is_absent"}
    assert {rule for _, rule in idle} <= may_be


def test_every_raw_dataset_has_a_suite():
    held = {dataset.source for dataset in catalogue().values() if dataset.held}
    assert held <= set(suites.suite_names("raw"))


# What is done to the snapshot, and the one rule that must notice.
SPOILT = [
    (
        "pss_ex1",
        "direct_payments_sum_to_england",
        "update pss_ex1 set value = value + 2 where area = 'Bromley' and line_code = 'C5' and edition "
        "= '2000-01'",
    ),
    (
        "pss_ex1",
        "lines_sum_to_group_total",
        "update pss_ex1 set value = value + 2 where area = 'Leeds' and line_code = 'C6' and edition = "
        "'2003-04'",
    ),
    (
        "pss_ex1",
        "councils_sum_to_england",
        "delete from pss_ex1 where area = 'Kent' and edition = '2007-08'",
    ),
    (
        "pss_ex1",
        "direct_payments_sum_to_england",
        "delete from pss_ex1 where upper(area) = 'ENGLAND' and edition = '2007-08'",
    ),
    (
        "pss_ex1",
        "councils_are_all_there",
        "delete from pss_ex1 where area in ('Kent', 'Leeds', 'Devon') and edition = '2012-13'",
    ),
    (
        "pss_ex1",
        "unit_cost_is_spend_over_people",
        "update pss_ex1 set value = value * 1.2 where measure = 'unit cost' and area = 'Kent' and "
        "edition = '2013-14'",
    ),
    (
        "pss_ex1",
        "money_is_plausible",
        "update pss_ex1 set value = value * 1000 where area = 'Essex' and unit = 'GBP thousand' and "
        "edition = '2010-11'",
    ),
    (
        "pss_ex1",
        "key_is_unique",
        "insert into pss_ex1 select * replace ('elsewhere' as source_locator) from pss_ex1 where area "
        "= 'Kent' limit 1",
    ),
    (
        "asc_fr",
        "england_is_the_sum_2016",
        "delete from asc_fr where area_code = '820' and edition = '2016-17'",
    ),
    (
        "asc_fr",
        "england_agrees_with_the_series",
        "update asc_fr set value = value * 1000 where edition = '2014-15'",
    ),
    (
        "asc_fr",
        "series_covers_the_editions",
        "delete from asc_fr where edition = '2017-18'",
    ),
    (
        "asc_fr",
        "reasons_sum_to_total_2021",
        "update asc_fr set value = value + 5 where \"table\" = 'T45' and support_reason = 'Mental "
        "Health Support'",
    ),
    (
        "asc_fr",
        "only_people_are_suppressed",
        "update asc_fr set value_symbol = 'suppressed' where \"table\" = 'T43' and value is null",
    ),
    (
        "asc_fr",
        "few_councils_are_missing_2021",
        "update asc_fr set value = null where area = 'Ashford' or (\"table\" = 'T44' and area = 'Kent')",
    ),
    (
        "ons_population",
        "ages_sum_to_all_ages",
        "update ons_population set value = value + 1 where area_code = 'E06000047' and age = '40' and "
        "year = '2020'",
    ),
    (
        "ons_population",
        "councils_sum_to_england",
        "delete from ons_population where area_code = 'E06000047' and year = '2020'",
    ),
    (
        "ons_population",
        "regions_sum_to_england",
        "delete from ons_population where area_code = 'E12000001' and year = '2024'",
    ),
    (
        "hmt_gdp_deflator",
        "years_are_there",
        "delete from hmt_gdp_deflator where year = '2011-12' and edition = '2026-03'",
    ),
    (
        "hmt_gdp_deflator",
        "prices_move_slowly",
        "update hmt_gdp_deflator set value = value * 1.3 where year = '2011-12'",
    ),
    (
        "nsiamhs",
        "service_groups_sum",
        "update nsiamhs set value = 213.1 where category like 'Psychological therapy%'",
    ),
    (
        "council_codes",
        "councils_of_2024_have_a_code",
        "delete from council_codes where code = '809'",
    ),
]


@pytest.fixture(scope="module")
def tables():
    """The snapshot's tables, in one database that each test leaves as it found it."""
    with duckdb.connect() as connection:
        for name in suites.suite_names("raw"):
            gate._load_raw(name, connection)
        yield connection


@pytest.mark.parametrize(("dataset", "rule", "spoil"), SPOILT, ids=[sql for _, _, sql in SPOILT])
def test_suites_notice_spoilt_data(tables, dataset, rule, spoil):
    suite = suites.suite_of("raw", dataset)
    only = dataclasses.replace(suite, rules=tuple(r for r in suite.rules if r.id == rule))
    tables.execute("begin")
    try:
        tables.execute(spoil)
        result = gate.run_suite(only, tables)
    finally:
        tables.execute("rollback")
    with pytest.raises(GateError):
        gate.enforce([result])
    assert [failed.id for failed in result.failed("critical")] == [rule]


# The marts. They exist once a build has run; the build itself always checks them before publishing.


@pytest.fixture(scope="module")
def marts(built_marts, tmp_path_factory):
    """The marts of this checkout, in a database that each test leaves as it found it."""
    return shutil.copy(built_marts, tmp_path_factory.mktemp("marts") / "marts.duckdb")


def test_every_mart_has_a_suite():
    models = {file.stem for file in (project().dbt / "models" / "marts").glob("*.sql")}
    assert models == set(suites.suite_names("marts"))


def test_marts_pass(marts):
    results = gate_results("marts", lambda: gate.check_marts(marts))
    warnings = {(suite.name, rule.id): rule for suite, rule in gate.enforce(results)}
    assert ("mart_direct_payment_share", "missing_return_is_flagged") not in warnings
    assert {suite for suite, _ in warnings} <= {
        "mart_direct_payment_share",
        "mart_nhs_mental_health_spend",
        "mart_social_care_spend",
    }


# What is done to a mart, and the one rule that must notice.
SPOILT_MARTS = [
    (
        "mart_effect_estimates",
        "no_break_of_responsibility_unmarked",
        "update mart_effect_estimates set breaks_crossed = null where is_primary",
    ),
    (
        "mart_effect_estimates",
        "one_side_crosses_no_break",
        "update mart_effect_estimates set breaks_crossed = 'Free nursing care' where sample = 'one_side'",
    ),
    (
        "mart_effect_estimates",
        "placebo_and_twin_have_the_same_rows",
        "update mart_effect_estimates set n = n + 1 where role = 'placebo_lead'",
    ),
    (
        "mart_effect_estimates",
        "benchmark_on_people_is_that_of_the_community",
        "update mart_effect_estimates set benchmark = 1, could_see_benchmark = minimum_detectable <= 1 "
        "where outcome = 'feeling_safe'",
    ),
    (
        "dim_responsibility_break",
        "breaks_are_all_there",
        "delete from dim_responsibility_break where break_id = 'supporting_people'",
    ),
    (
        "dim_responsibility_break",
        "every_break_is_told",
        "update dim_responsibility_break set what_is_published = null where break_id = 'preserved_rights'",
    ),
    (
        "dim_responsibility_break",
        "breaks_fall_into_their_bases",
        "update dim_responsibility_break set bases = 'C' where break_id = 'free_nursing_care'",
    ),
    (
        "mart_responsibility_bounds",
        "bounds_follow_from_the_amount",
        "update mart_responsibility_bounds set amount_high_cash_gbp = 100000000 where basis = 'C'",
    ),
    (
        "mart_responsibility_bounds",
        "shares_are_those_of_the_series",
        "update mart_responsibility_bounds set share = share + 0.0001 where basis = 'C'",
    ),
    (
        "mart_responsibility_bounds",
        "every_year_since_the_fund_closed_has_bounds",
        "delete from mart_responsibility_bounds where financial_year = '2017-18'",
    ),
    (
        "dim_placement",
        "every_measure_is_placed_by_its_kind",
        "delete from dim_placement where item_kind = 'measure' and item = 'feeling_safe'",
    ),
    (
        "dim_placement",
        "every_measure_is_placed_by_its_kind",
        "update dim_placement set tells = 'outcome' where item_kind = 'measure' and item = 'direct_payments'",
    ),
    (
        "dim_placement",
        "every_placed_measure_is_defined_under_its_name",
        "update dim_placement set item_name = 'Safety' where item = 'feeling_safe'",
    ),
    (
        "dim_placement",
        "every_measure_leads_to_its_definition",
        "update dim_placement set href = 'dictionary.html' where item = 'feeling_safe'",
    ),
    (
        "dim_placement",
        "everything_leads_somewhere",
        "update dim_placement set href = null where item = 'dim_measure'",
    ),
    ("dim_placement", "every_mart_is_placed", "delete from dim_placement where item = 'mart_unit_costs'"),
    (
        "mart_unit_costs",
        "a_printed_cost_has_its_spending",
        "update mart_unit_costs set spend_cash_gbp = null where financial_year = '2009-10'",
    ),
    ("dim_placement", "what_it_tells_is_known", "update dim_placement set tells = 'impact'"),
    ("dim_placement", "briefs_and_measures_tell_something", "update dim_placement set tells = 'reference'"),
    ("dim_placement", "world_is_known", "update dim_placement set world = 'real'"),
    ("dim_placement", "briefs_say_what_they_inform", "update dim_placement set informs = null"),
    ("dim_placement", "briefs_say_what_they_cannot_tell", "update dim_placement set cannot_inform = null"),
    ("dim_decision_lead", "lead_kind_is_known", "update dim_decision_lead set lead_kind = 'hint'"),
    (
        "dim_decision_lead",
        "every_task_has_figure_brief_section_and_gap",
        "delete from dim_decision_lead where decision = 'block' and lead_kind = 'gap'",
    ),
    (
        "dim_decision_lead",
        "every_stage_has_a_task",
        "delete from dim_decision_lead where stage = 'decommission'",
    ),
    ("mart_case_evidence", "design_is_known", "update mart_case_evidence set design_class = 'strong'"),
    (
        "mart_case_evidence",
        "a_case_has_a_source_or_says_that_it_has_none",
        "update mart_case_evidence set locator = null where case_id = 'somerset_micro'",
    ),
    (
        "mart_case_evidence",
        "no_comparison_without_a_comparator",
        "update mart_case_evidence set design_class = 'before_after' where compared_with = 'no comparator'",
    ),
    (
        "dim_framework",
        "what_was_not_read_is_said",
        "update dim_framework set note = null where framework = 'four_worlds'",
    ),
    ("dim_framework", "use_is_known", "update dim_framework set use_as = 'checklist' where use_as = 'menu'"),
    ("dim_framework", "levels_say_whose_they_are", "update dim_framework set levels_from = ''"),
    (
        "dim_framework_element",
        "every_element_has_source_and_locator",
        "update dim_framework_element set locator = ' ' where framework = 'pies_2' and element = 'rules'",
    ),
    (
        "dim_framework_element",
        "every_element_has_source_and_locator",
        "update dim_framework_element set source_url = 'a book' where element = 'pricing'",
    ),
    ("dim_framework_element", "places_are_not_shared", "update dim_framework_element set position = 1"),
    (
        "dim_framework_stage",
        "every_stage_of_ours_is_in_a_published_cycle",
        "delete from dim_framework_stage where stage = 'decommission'",
    ),
    (
        "dim_framework_stage",
        "every_stage_has_source_and_locator",
        "update dim_framework_stage set locator = '' where cycle = 'ncvo'",
    ),
    (
        "dim_basis",
        "every_basis_is_defined",
        "update dim_basis set first_year = '2099-00' where basis = 'B'",
    ),
    (
        "dim_basis",
        "every_basis_is_defined",
        "update dim_basis set quality = null, basis_name = null, numerator_definition = null, "
        "denominator_definition = null, first_year = null, break_before = null where basis = 'C'",
    ),
    (
        "dim_council",
        "current_councils",
        "delete from dim_council where council_id = 'rutland'",
    ),
    (
        "dim_council",
        "codes_are_unique",
        "update dim_council set gss_code = 'E06000001' where region_id = 'london'",
    ),
    (
        "dim_council",
        "links_go_both_ways",
        "update dim_council set predecessors = null where council_id = 'bedford'",
    ),
    (
        "dim_support_setting",
        "settings_are_described",
        "update dim_support_setting set description = null where support_setting = 'meals'",
    ),
    (
        "dim_support_setting",
        "settings_in_use_are_known",
        "delete from dim_support_setting where support_setting = 'home_care'",
    ),
    (
        "dim_support_setting",
        "direct_payments_have_their_route",
        "update dim_support_setting set route = 'council_commissioned'",
    ),
    (
        "dim_client_group",
        "groups_are_described",
        "update dim_client_group set definition = '' where client_group = 'mental_health'",
    ),
    (
        "dim_client_group",
        "groups_in_use_are_known",
        "delete from dim_client_group where client_group = 'learning_disability'",
    ),
    ("dim_body", "names_are_short", "insert into dim_body (body) values ('Devon County')"),
    ("dim_body", "every_ledger_has_its_body", "delete from dim_body where body = 'devon'"),
    ("dim_body", "councils_are_known", "update dim_body set council_id = 'camelot' where body = 'devon'"),
    (
        "dim_council_alias",
        "aliases_are_folded",
        "update dim_council_alias set alias = 'Barnet' where alias = 'barnet'",
    ),
    (
        "dim_council_alias",
        "councils_are_known",
        "insert into dim_council_alias values ('camelot', 'camelot')",
    ),
    (
        "dim_council_alias",
        "every_council_has_a_name",
        "delete from dim_council_alias where council_id = 'devon'",
    ),
    (
        "dim_council_successor",
        "agrees_with_dim_council",
        "update dim_council_successor set successor_id = 'kent' where council_id = 'poole'",
    ),
    (
        "dim_council_successor",
        "old_council_ended_the_day_before",
        "update dim_council_successor set note = null",
    ),
    (
        "dim_measure",
        "every_measure_is_defined",
        "update dim_measure set unit = null where measure = 'direct_payments'",
    ),
    (
        "dim_measure",
        "inputs_have_no_good_direction",
        "update dim_measure set direction_of_good = 'higher' where measure = 'direct_payments'",
    ),
    (
        "dim_measure",
        "figures_stand_in_a_mart",
        "update dim_measure set mart = 'mart_tea' where measure = 'feeling_safe'",
    ),
    (
        "dim_measure",
        "briefs_are_there",
        "update dim_measure set brief = 'who-pours' where measure = 'feeling_safe'",
    ),
    (
        "dim_route",
        "direct_payments_are_choice",
        "update dim_route set family = 'commissioned'",
    ),
    (
        "dim_source",
        "held_has_raw_hash",
        "update dim_source set raw_sha256 = null where edition = '2016-17'",
    ),
    (
        "dim_source",
        "declared_is_explained",
        "update dim_source set why_not_held = null",
    ),
    (
        "mart_claim_check",
        "four_rows",
        "insert into mart_claim_check from mart_claim_check limit 1",
    ),
    (
        "mart_claim_check",
        "every_statement_has_a_verdict",
        "update mart_claim_check set verdict = null",
    ),
    (
        "mart_claim_check",
        "verdict_follows_from_the_figures",
        "update mart_claim_check set verdict = 'reproduced' where claim_id = 'direct_payments_amount'",
    ),
    (
        # Another instrument that differs contradicts nothing.
        "mart_claim_check",
        "verdict_follows_from_the_figures",
        "update mart_claim_check set verdict = 'contradicted' where claim_id = 'direct_payments_amount'",
    ),
    (
        # A share that fits within the rounding of its figures is no near miss.
        "mart_claim_check",
        "verdict_follows_from_the_figures",
        "update mart_claim_check set verdict = 'close' where claim_id = 'direct_payments_share'",
    ),
    (
        "mart_claim_check",
        "direct_services_are_said_to_be_inferred",
        "update mart_claim_check set evidence_grade = 'publisher_definition'",
    ),
    (
        "mart_claim_check",
        "own_year_has_bounds",
        "update mart_claim_check set own_year_low = null",
    ),
    (
        "mart_mental_health_split",
        "share_or_bounds_are_there",
        "update mart_mental_health_split set share_low = null where way_id = 'bounds_outside_council_b'",
    ),
    (
        "mart_mental_health_split",
        "bounds_are_recomputed",
        "update mart_mental_health_split set share_high = share_high - 0.01 "
        "where way_id = 'bounds_outside_council_b'",
    ),
    (
        "mart_mental_health_split",
        "years_are_the_sources_own",
        "update mart_mental_health_split set financial_year = '2014-15' where way_id like 'quoted_ndti_%'",
    ),
    (
        "mart_mental_health_split",
        "money_and_care_are_told_apart",
        "update mart_mental_health_split set share_of = 'money'",
    ),
    (
        "mart_claim_check",
        "fairer_values_agree_with_the_mart",
        "update mart_direct_payment_share set share = share * 2 where basis = 'B' and client_group = "
        "'mental_health'",
    ),
    (
        "mart_mental_health_split",
        "share_follows",
        "update mart_mental_health_split set share = share * 1.01",
    ),
    (
        "mart_mental_health_split",
        "agrees_with_the_mart",
        "delete from mart_direct_payment_share where financial_year = '2017-18' and area_id = 'england'",
    ),
    (
        "mart_mental_health_split",
        "direct_services_are_the_quoted_sum",
        "update mart_mental_health_split set denominator_cash_gbp = denominator_cash_gbp - 2e8",
    ),
    (
        "mart_reconciliation",
        "our_value_is_there",
        "update mart_reconciliation set our_value = null where check_id = 'asc_fr_2017_18_total'",
    ),
    (
        "mart_reconciliation",
        "within_tolerance",
        "update mart_reconciliation set our_value = our_value * 1.05 where check_id = "
        "'pss_ex1_2007_08_adults'",
    ),
    (
        "mart_reconciliation",
        "tolerance_is_small",
        "update mart_reconciliation set tolerance = published_value",
    ),
    (
        "mart_reconciliation",
        "enough_checks",
        "delete from mart_reconciliation where check_id like 'councils%'",
    ),
    (
        "mart_direct_payment_share",
        "key_is_unique",
        "insert into mart_direct_payment_share from mart_direct_payment_share where area_id = 'kent' limit 1",
    ),
    (
        "mart_direct_payment_share",
        "one_figure_is_preferred",
        "update mart_direct_payment_share set is_preferred = true where area_id = 'england'",
    ),
    (
        "mart_direct_payment_share",
        "basis_keeps_to_its_years",
        "update mart_direct_payment_share set basis = 'C' where basis = 'D' and financial_year = '2013-14'",
    ),
    (
        "mart_direct_payment_share",
        "basis_years_are_there",
        "delete from mart_direct_payment_share where financial_year = '2010-11'",
    ),
    (
        "mart_direct_payment_share",
        "areas_are_known",
        "update mart_direct_payment_share set area_id = 'camelot' where area_id = 'kent'",
    ),
    (
        "mart_direct_payment_share",
        "editions_are_held",
        "update mart_direct_payment_share set edition = '2018-19' where edition = '2017-18'",
    ),
    (
        "mart_direct_payment_share",
        "councils_are_all_there",
        "delete from mart_direct_payment_share where area_id in ('kent', 'leeds', 'devon', 'essex', "
        "'surrey')",
    ),
    (
        "mart_direct_payment_share",
        "england_direct_payments_are_plausible",
        "update mart_direct_payment_share set direct_payments_cash_gbp = direct_payments_cash_gbp / "
        "1000 where edition = '2012-13'",
    ),
    (
        "mart_direct_payment_share",
        "england_denominator_is_plausible",
        "update mart_direct_payment_share set denominator_cash_gbp = denominator_cash_gbp * 1000 "
        "where edition = '2017-18'",
    ),
    (
        "mart_direct_payment_share",
        "england_share_of_2011",
        "update mart_direct_payment_share set share = share * 1.02",
    ),
    (
        "mart_direct_payment_share",
        "ages_of_population_sum",
        "update mart_direct_payment_share set adult_population = adult_population + 1 where area_id = 'kent'",
    ),
    (
        "mart_direct_payment_share",
        "councils_sum_to_published",
        "update mart_direct_payment_share set direct_payments_cash_gbp = direct_payments_cash_gbp + "
        "11000 where area_id = 'england' and figure = 'computed' and edition = '2013-14'",
    ),
    (
        "mart_direct_payment_share",
        "councils_nearly_sum_to_published",
        "update mart_direct_payment_share set denominator_cash_gbp = denominator_cash_gbp * 0.9 where "
        "figure = 'computed' and edition = '2021-22'",
    ),
    (
        "mart_direct_payment_share",
        "councils_add_up_to_england",
        "delete from mart_direct_payment_share where area_id = 'kent' and edition = '2014-15'",
    ),
    (
        "mart_direct_payment_share",
        "age_bands_sum",
        "update mart_direct_payment_share set direct_payments_cash_gbp = direct_payments_cash_gbp + 2 "
        "where area_id = 'kent' and age_band = '65+'",
    ),
    (
        "mart_direct_payment_share",
        "client_groups_sum",
        "update mart_direct_payment_share set direct_payments_cash_gbp = direct_payments_cash_gbp + "
        "11000 where area_id = 'kent' and client_group = 'mental_health' and edition = '2007-08'",
    ),
    (
        "mart_direct_payment_share",
        "row_is_consistent",
        "update mart_direct_payment_share set share = null where area_id = 'kent' and edition = '2007-08'",
    ),
    (
        "mart_direct_payment_share",
        "row_is_consistent",
        "update mart_direct_payment_share set direct_payments_per_adult_cash_gbp = 1 where area_id = 'kent'",
    ),
    (
        "mart_direct_payment_share",
        "one_deflator_a_year",
        "update mart_direct_payment_share set denominator_real_gbp = denominator_cash_gbp where "
        "area_id = 'kent'",
    ),
    (
        "mart_direct_payment_share",
        "flags_are_explained",
        "update mart_direct_payment_share set flag_reason = null where flag = 'imputed'",
    ),
    (
        "mart_direct_payment_share",
        "breaks_are_marked",
        "update mart_direct_payment_share set break_before = null where basis = 'C'",
    ),
    (
        "mart_social_care_spend",
        "key_is_unique",
        "insert into mart_social_care_spend from mart_social_care_spend where area_id = 'kent' limit 1",
    ),
    (
        "mart_social_care_spend",
        "provision_sums_to_total",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 11000 where area_id = "
        "'kent' and provision = 'own_provision' and edition = '2011-12'",
    ),
    (
        "mart_social_care_spend",
        "councils_sum_to_published",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 11000 where area_id = "
        "'england' and figure = 'computed' and edition = '2005-06'",
    ),
    (
        "mart_social_care_spend",
        "councils_add_up_to_england",
        "delete from mart_social_care_spend where area_id = 'kent' and edition = '2017-18' and "
        "support_setting = 'home_care'",
    ),
    (
        "mart_social_care_spend",
        "leaves_add_up_to_totals",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 2 where area_id = "
        "'kent' and edition = '2003-04' and support_setting = 'home_care'",
    ),
    (
        "mart_social_care_spend",
        "leaves_add_up_to_totals",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 200 where area_id = "
        "'kent' and edition = '2014-15' and support_setting = 'home_care'",
    ),
    (
        "mart_social_care_spend",
        "leaves_add_up_to_totals",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 2000 where area_id = "
        "'kent' and basis = 'D' and support_setting = 'home_care'",
    ),
    (
        # A part that is in a total only: short-term care, as 2021-22 was read until it was noticed.
        "mart_social_care_spend",
        "leaves_add_up_to_totals",
        "update mart_social_care_spend set grain = 'total', support_setting = 'all' where "
        "support_setting = 'short_term_not_split' and figure = 'published'",
    ),
    (
        # Money of another group under the same name, as asylum seekers were under other adults.
        "mart_social_care_spend",
        "leaves_add_up_to_totals",
        "update mart_social_care_spend set client_group = 'other_adults' "
        "where client_group = 'asylum_seekers'",
    ),
    (
        "mart_social_care_spend",
        "adds_up_marks_leaves",
        "update mart_social_care_spend set adds_up = true where area_id = 'kent' and grain = 'total'",
    ),
    (
        "mart_social_care_spend",
        "reasons_sum_to_settings_2021",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp + 2 where grain = "
        "'by_reason' and client_group = 'mental_health'",
    ),
    (
        "mart_social_care_spend",
        "direct_payments_agree_with_the_shares",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp * 1.1 where area_level = "
        "'council' and support_setting = 'direct_payments'",
    ),
    (
        "mart_social_care_spend",
        "england_total_is_plausible",
        "update mart_social_care_spend set amount_cash_gbp = amount_cash_gbp / 1000",
    ),
    (
        "mart_social_care_spend",
        "missing_amount_is_explained",
        "update mart_social_care_spend set value_symbol = null",
    ),
    (
        "mart_social_care_spend",
        "council_was_in_force",
        "update mart_social_care_spend set area_id = 'cumberland' where area_id = 'leeds'",
    ),
    (
        "mart_social_care_spend",
        "councils_fill_the_same_form",
        "delete from mart_social_care_spend where area_id = 'kent' and support_setting = 'direct_payments'",
    ),
    (
        "mart_social_care_spend",
        "real_is_cash_by_the_deflator",
        "update mart_social_care_spend set amount_real_gbp = amount_cash_gbp",
    ),
    (
        "mart_social_care_spend",
        "route_is_known",
        "update mart_social_care_spend set route = null where support_setting = 'home_care'",
    ),
    (
        "mart_council_outcomes",
        "england_as_printed",
        "update mart_council_outcomes set value = value + 0.1 where area_level = 'england'",
    ),
    (
        "mart_council_outcomes",
        "interval_is_around_value",
        "update mart_council_outcomes set margin_of_error = margin_of_error * 2",
    ),
    (
        "mart_council_outcomes",
        "councils_are_known_and_in_force",
        "update mart_council_outcomes set area_id = 'cumberland' where area_id = 'leeds'",
    ),
    (
        "mart_council_outcomes",
        "value_or_symbol",
        "update mart_council_outcomes set value_symbol = null",
    ),
    (
        "mart_council_outcomes",
        "surveys_cover_the_councils",
        "update mart_council_outcomes set value = null where measure_id = 'feeling_safe' and area_id < "
        "'e' and financial_year = '2017-18'",
    ),
    (
        "mart_choice_and_outcomes",
        "key_is_unique",
        "insert into mart_choice_and_outcomes from mart_choice_and_outcomes where council_id = 'kent' "
        "limit 1",
    ),
    (
        "mart_choice_and_outcomes",
        "councils_are_known_and_in_force",
        "update mart_choice_and_outcomes set council_id = 'bournemouth' where council_id = 'kent'",
    ),
    (
        "mart_choice_and_outcomes",
        "sources_agree",
        "update mart_choice_and_outcomes set direct_payment_spend_share = 0.1 where council_id = 'kent'",
    ),
    (
        "mart_choice_and_outcomes",
        "users_are_there",
        "update mart_choice_and_outcomes set direct_payment_user_share = null where financial_year = "
        "'2024-25'",
    ),
    (
        "mart_outcomes_by_mechanism",
        "interval_is_wilson",
        "update mart_outcomes_by_mechanism set design_effect = 1",
    ),
    (
        "mart_outcomes_by_mechanism",
        "p_values_are_adjusted",
        "update mart_outcomes_by_mechanism set difference_p_holm = difference_p_value / 2",
    ),
    (
        "mart_choice_correlations",
        "key_is_unique",
        "insert into mart_choice_correlations from mart_choice_correlations limit 1",
    ),
    (
        "mart_choice_correlations",
        "correlation_is_inside_its_interval",
        "update mart_choice_correlations set interval_low = interval_low - 0.05",
    ),
    (
        "mart_choice_correlations",
        "sampling_error_is_a_share",
        "update mart_choice_correlations set sampling_error_share = sampling_error_share * 100",
    ),
    (
        "mart_choice_correlations",
        "councils_are_there",
        "update mart_choice_correlations set councils = 153",
    ),
    (
        "mart_outcomes_by_mechanism",
        "one_design_effect_a_question",
        "update mart_outcomes_by_mechanism set design_effect = 1.44 where outcome = 'control' "
        "and mechanism = 'all'",
    ),
    (
        "mart_outcomes_by_mechanism",
        "design_effect_is_plausible",
        "update mart_outcomes_by_mechanism set design_effect = 0.9 where outcome = 'safety'",
    ),
    (
        "mart_outcomes_by_mechanism",
        "evidence_restates_the_same_share",
        "update mart_outcomes_by_mechanism set share = 0.6 where outcome = 'control'",
    ),
    (
        "mart_sds_options",
        "scotland_as_printed",
        "update mart_sds_options set people = people + 5 where option = 'option_3' and area_id = 'scotland'",
    ),
    (
        "mart_sds_options",
        "partnerships_sum_to_scotland",
        "delete from mart_sds_options where area_id = 'fife' and split = 'options_trend' and "
        "financial_year = '2014-15'",
    ),
    (
        "mart_sds_options",
        "exclusive_options_sum_to_one",
        "delete from mart_sds_options where split = 'options_exclusive' and option = 'option_2' and "
        "area_id = 'fife'",
    ),
    (
        "mart_sds_options",
        "people_or_reason",
        "update mart_sds_options set missing_reason = null where area_id = 'midlothian'",
    ),
    (
        "mart_nhs_mental_health_spend",
        "england_as_printed",
        "update mart_nhs_mental_health_spend set amount_cash_gbp = amount_cash_gbp / 1e6 where category ="
        " 'all NHS spend'",
    ),
    (
        "mart_nhs_mental_health_spend",
        "total_is_ccgs_and_specialised",
        "update mart_nhs_mental_health_spend set amount_cash_gbp = amount_cash_gbp * 1.01 where category "
        "= 'specialised commissioning'",
    ),
    (
        "mart_nhs_mental_health_spend",
        "areas_sum_to_england",
        "delete from mart_nhs_mental_health_spend where area_id = 'B2M3M' and financial_year = '2020-21'",
    ),
    (
        "mart_therapy_provider_outcomes",
        "england_as_printed",
        "update mart_therapy_provider_outcomes set recovery_rate = recovery_rate + 0.01",
    ),
    (
        "mart_therapy_provider_outcomes",
        "classes_sum_to_england",
        "delete from mart_therapy_provider_outcomes where provider_class = 'independent_or_voluntary' and"
        " financial_year = '2021-22'",
    ),
    (
        "mart_finance_reconciliation",
        "england_as_printed",
        "update mart_finance_reconciliation set ro3_total_expenditure_cash_gbp = "
        "ro3_total_expenditure_cash_gbp / 1000",
    ),
    (
        "mart_finance_reconciliation",
        "differences_follow",
        "update mart_finance_reconciliation set difference_total_cash_gbp = -difference_total_cash_gbp",
    ),
    (
        "mart_finance_reconciliation",
        "missing_is_explained",
        "update mart_finance_reconciliation set ro3_missing_reason = null where area_id = 'slough'",
    ),
    (
        "mart_finance_reconciliation",
        "lines_are_in_order",
        "update mart_finance_reconciliation set ro3_expenditure_less_other_income_cash_gbp = "
        "ro3_total_expenditure_cash_gbp + 1 where financial_year = '2022-23'",
    ),
    (
        "mart_finance_reconciliation",
        "both_nets_are_there",
        "update mart_finance_reconciliation set relative_difference_net_current = null "
        "where financial_year = '2021-22' and area_id < 'd'",
    ),
    (
        "mart_finance_reconciliation",
        "net_of_asc_fr_follows",
        "update mart_finance_reconciliation set asc_fr_client_contributions_cash_gbp = 0 "
        "where area_id = 'devon'",
    ),
    (
        "mart_finance_reconciliation",
        "net_of_ro3_follows",
        "update mart_finance_reconciliation set ro3_sales_fees_and_charges_cash_gbp = "
        "-ro3_sales_fees_and_charges_cash_gbp where area_id = 'devon'",
    ),
    (
        "mart_finance_reconciliation",
        "net_has_a_source",
        "update mart_finance_reconciliation set ro3_net_source = null where area_id = 'devon'",
    ),
    (
        "mart_finance_reconciliation",
        "england_net_as_printed",
        "update mart_finance_reconciliation set asc_fr_net_total_expenditure_cash_gbp = "
        "asc_fr_net_current_expenditure_cash_gbp where area_level = 'england'",
    ),
    (
        "mart_evidence_findings",
        "every_finding_is_sourced",
        "update mart_evidence_findings set source_url = null where finding_id = 'POET2017'",
    ),
    (
        "mart_evidence_findings",
        "estimates_as_read",
        "update mart_evidence_findings set estimate = 84 where finding_id = 'POET2017'",
    ),
    (
        "mart_evidence_findings",
        "every_study_is_judged",
        "update mart_evidence_findings set risk_of_bias_reason = null where study_id = 'SCIE37'",
    ),
    (
        "mart_evidence_findings",
        "estimate_has_unit",
        "update mart_evidence_findings set unit = null where study_id = 'PHBE2012'",
    ),
    (
        "mart_personal_health_budgets",
        "ways_of_holding_sum",
        "update mart_personal_health_budgets set value = 51 where measure = 'direct payment share'",
    ),
    (
        "mart_personal_health_budgets",
        "england_2023_24",
        "update mart_personal_health_budgets set value = value + 1 where measure = 'people with a PHB'",
    ),
    (
        "mart_direct_payment_comparison",
        "holds_every_share",
        "delete from mart_direct_payment_comparison where area_id = 'kent' and financial_year = '2021-22'",
    ),
    (
        "mart_direct_payment_comparison",
        "ranks_are_sound",
        "update mart_direct_payment_comparison set share_rank = share_rank + 1",
    ),
    (
        "mart_direct_payment_comparison",
        "medians_have_peers",
        "update mart_direct_payment_comparison set peers_with_share = 16 where area_id = 'kent'",
    ),
    (
        "mart_direct_payment_comparison",
        "key_is_unique",
        "insert into mart_direct_payment_comparison select * from mart_direct_payment_comparison limit 1",
    ),
    (
        "mart_council_peers",
        "every_council_has_twenty",
        "delete from mart_council_peers where council_id = 'kent' and peer_rank = 20",
    ),
    (
        "mart_council_peers",
        "peers_are_known",
        "update mart_council_peers set peer_id = 'cumbria' where peer_id = 'cumberland'",
    ),
    (
        "mart_council_peers",
        "rank_follows_distance",
        "update mart_council_peers set peer_rank = 21 - peer_rank",
    ),
    (
        "mart_gaps",
        "every_gap_is_explained",
        "update mart_gaps set reason = null where dataset = 'phs_sds'",
    ),
    (
        "mart_gaps",
        "reasons_are_said_in_words",
        "update mart_gaps set reason = 'see dbt/seeds/ledger_series.csv' where dataset = 'ledger_devon'",
    ),
    (
        "mart_gaps",
        "declared_editions_are_listed",
        "delete from mart_gaps where dataset = 'mhclg_ro3' and gap_level = 'edition'",
    ),
    (
        "mart_gaps",
        "no_gap_has_a_figure",
        "update mart_council_outcomes set value = 1 where area_id = 'hackney'",
    ),
]
MART_CASES = [f"{mart}-{rule}-{case}" for case, (mart, rule, _) in enumerate(SPOILT_MARTS)]


@pytest.mark.parametrize(("mart", "rule", "spoil"), SPOILT_MARTS, ids=MART_CASES)
def test_mart_suites_notice_spoilt_data(marts, mart, rule, spoil):
    suite = suites.suite_of("marts", mart)
    only = dataclasses.replace(suite, rules=tuple(r for r in suite.rules if r.id == rule))
    with duckdb.connect(str(marts)) as connection:
        connection.execute("begin")
        try:
            connection.execute(spoil)
            result = gate.run_suite(only, connection)
        finally:
            connection.execute("rollback")
    with pytest.raises(GateError):
        gate.enforce([result])
    assert [failed.id for failed in result.failed("critical")] == [rule]
    [failed] = result.failed("critical")
    assert "could not be checked" not in str(failed.observed)


WORKBOOKS = (
    "settings_sum_to_total_2021",
    "regions_sum_to_england_2021",
    "councils_nearly_sum_to_england_2021",
    "few_councils_are_missing_2021",
    "reasons_sum_to_total_2021",
    "long_term_agrees_2021",
    "england_agrees_with_the_series",
)


@pytest.mark.parametrize(("off", "fails"), [(0, set()), (5, set(WORKBOOKS[4:6]))])
def test_each_workbook_of_asc_fr_holds_by_itself(off, fails):
    """A made-up workbook of the year after, where two other councils made no return; then one whose tables by
    reason are too high by what those of the year before are too low."""
    suite = suites.suite_of("raw", "asc_fr")
    suite = dataclasses.replace(suite, rules=[rule for rule in suite.rules if rule.id in WORKBOOKS])
    other = "map {'Hackney': 'Camden', 'Camden': 'Hackney', 'Swindon': 'Wiltshire', 'Wiltshire': 'Swindon'}"
    with duckdb.connect() as connection:
        gate._load_raw("asc_fr", connection)
        connection.execute(
            f"""create table codes as select distinct area, area_code from asc_fr
                where edition = '2021-22' and "table" = 'T43' and area in (select unnest(map_keys({other})));
            insert into asc_fr
            select t.* replace (
                '2022-23' as edition, case when year = '2021-22' then '2022-23' else year end as year,
                coalesce(codes.area_code, t.area_code) as area_code, coalesce(codes.area, t.area) as area)
            from asc_fr as t left join codes on codes.area = ({other})[t.area]
            where edition = '2021-22' and ("table" <> 'T4' or year = '2021-22')"""
        )
        connection.execute(
            """update asc_fr set value = value + case edition when '2021-22' then -$off else $off end
            where "table" = 'T45'""",
            {"off": off},
        )
        result = gate.run_suite(suite, connection)
    assert {rule.id for rule in result.rules} == set(WORKBOOKS)
    assert {rule.id for rule in result.rules if not rule.success} == fails
