"""Every table is declared once, and the gate stops one that is not as it was declared."""

from __future__ import annotations

import dataclasses
import re
import shutil

import duckdb
import pytest
import yaml

from commissioning.base.errors import GateError
from commissioning.base.paths import project
from commissioning.expectations import gate, suites
from commissioning.expectations.declared import declared
from commissioning.ingest.catalogue import catalogue

RAW = sorted({dataset.source for dataset in catalogue().values() if dataset.held})
MARTS = suites.suite_names("marts")


@pytest.fixture(scope="module")
def raw():
    """One row of every raw table, in one database that each test leaves as it found it."""
    with duckdb.connect() as connection:
        for name in RAW:
            gate._load_raw(name, connection)
            connection.execute(f"create or replace table {name} as from {name} limit 1")
        yield connection


@pytest.fixture(scope="module")
def marts(built_marts, tmp_path_factory):
    file = shutil.copy(built_marts, tmp_path_factory.mktemp("marts") / "marts.duckdb")
    with duckdb.connect(str(file)) as connection:
        yield connection


@pytest.fixture
def table(request, layer, name):
    """A table that the test may spoil."""
    connection = request.getfixturevalue(layer)
    connection.execute("begin")
    yield connection
    connection.execute("rollback")


EVERY = pytest.mark.parametrize(
    ("layer", "name"),
    [*(("raw", name) for name in RAW), *(("marts", name) for name in MARTS)],
    ids=lambda value: value,
)


def failures(connection, layer: str, name: str) -> dict[str, gate.RuleResult]:
    """What the rules of every table say of one."""
    suite = suites.suite_of(layer, name)
    common = {rule.id for rule in suites.of_every_table(name, declared(layer, name))[1]}
    only = dataclasses.replace(suite, rules=tuple(rule for rule in suite.rules if rule.id in common))
    return {rule.id: rule for rule in gate.run_suite(only, connection).failed("critical")}


@EVERY
def test_a_table_is_as_it_is_declared(table, layer, name):
    assert failures(table, layer, name) == {}


@EVERY
def test_a_row_given_twice_is_found(table, layer, name):
    other_place = " replace ('elsewhere' as source_locator)" if declared(layer, name).of_figures else ""
    table.execute(f"insert into {name} select *{other_place} from {name} limit 1")
    found = failures(table, layer, name)
    assert list(found) == ["key_is_unique"]
    assert [row["rows"] for row in found["key_is_unique"].offending] == [2]


@EVERY
def test_a_table_without_rows_is_found(table, layer, name):
    table.execute(f"delete from {name}")
    assert list(failures(table, layer, name)) == ["table_has_rows"]


DRIFT = {
    "a column renamed": ("alter table {t} rename {last} to other", "other"),
    "a column lost": ("alter table {t} drop {last}", "(none)"),
    "a column more": ("alter table {t} add one_more integer", "one_more INTEGER"),
    "another type": ("alter table {t} alter {last} type blob using null", "BLOB"),
    "another order": (
        "create or replace table {t} as select {last}, * exclude ({last}) from {t}",
        "declared",
    ),
}


@pytest.mark.parametrize("drift", DRIFT)
@pytest.mark.parametrize(
    ("layer", "name"), [("raw", "imd"), ("raw", "ledgers"), ("marts", "mart_council_peers")]
)
def test_columns_that_drift_from_their_declaration_stop_the_gate(table, layer, name, drift):
    sql, said = DRIFT[drift]
    table.execute(sql.format(t=name, last=list(declared(layer, name).columns)[-1]))
    suite = suites.suite_of(layer, name)
    with pytest.raises(GateError) as stopped:
        gate.enforce([gate.run_suite(suite, table)])
    assert f"{layer}/{name}: columns" in stopped.value.where
    assert said in stopped.value.found


@pytest.mark.parametrize("name", [name for name in MARTS if declared("marts", name).never_null])
@pytest.mark.parametrize("layer", ["marts"])
def test_a_null_where_none_may_be_is_found(table, layer, name):
    for column in declared(layer, name).never_null:
        # The tables carry the constraint themselves, and a copy of a table carries none.
        table.execute(
            f"create or replace table {name} as select * replace (null as {column}) from {name} limit 1"
        )
        assert "nothing_needed_is_null" in failures(table, layer, name)


def test_a_figure_with_neither_value_nor_symbol_is_found(raw):
    raw.execute("begin")
    raw.execute("update imd set value = null, value_symbol = null")
    assert list(failures(raw, "raw", "imd")) == ["value_or_symbol"]
    raw.execute("rollback")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: [route]", "keys: [route]", "'key'"),
        ("key: [route]", "key: [road]", "road"),
        ("data_type: varchar, ", "", "'data_type'"),
        ("models:", "model:", "the keys models"),
        ("models:", "models: [", "is not YAML"),
    ],
)
def test_a_faulty_declaration_is_named(own_project, old, new, said):
    file = own_project.dbt / "models" / "marts" / "dim_route.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GateError) as refused:
        suites.suite_of("marts", "dim_route")
    assert refused.value.file == str(file)
    assert said in str(refused.value)


def test_every_mart_has_a_model_a_declaration_and_a_suite():
    models = project().dbt / "models" / "marts"
    assert {file.stem for file in models.glob("*.sql")} == {file.stem for file in models.glob("*.yml")}
    assert {file.stem for file in models.glob("*.sql")} == set(MARTS)


def test_a_reason_that_names_a_rise_and_a_fall_has_the_rule_s_bounds():
    """The reason said 60 per cent both ways, where the rule stops a fall of 40."""
    said = re.compile(r"ris\w+ (?:or falls? )?by more than (\d+) per cent(?:, or falls? by more than (\d+))?")
    found = {}
    for file in sorted((project().root / "expectations").rglob("*.yml")):
        for rule in yaml.safe_load(file.read_text(encoding="utf-8")).get("rules", ()):
            kwargs, words = rule.get("kwargs", {}), said.search(rule.get("why", ""))
            if words and {"min_value", "max_value"} <= kwargs.keys():
                rise = int(words[1])
                found[rule["id"]] = (1 - int(words[2] or rise) / 100, 1 + rise / 100) == pytest.approx(
                    (kwargs["min_value"], kwargs["max_value"])
                )
    assert found == {"council_denominator_is_steady": True}
