"""The gate: Great Expectations over the raw tables after ingest, and over the marts before publishing.

The rules are data (`suites.py`). Great Expectations runs over pandas, since over DuckDB it fails (DESIGN.md).
Its own Data Docs ask ten other hosts for styles and scripts and put the time of day into every path;
`commissioning/site/quality.py` writes plain pages from the stored results instead.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from commissioning.base.errors import DamagedFile, GateError
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import project
from commissioning.base.sql import closed, escaped_pattern, one_select
from commissioning.base.workers import share_out
from commissioning.expectations.engine import engine, expectation
from commissioning.expectations.suites import Rule, Suite, suite_names, suite_of
from commissioning.ingest.catalogue import catalogue

LAYERS = ("raw", "marts")
SHOWN_ROWS = 20
FEW = 8
"""So many tables are checked faster by one process."""
_DETAILS = ("partial_missing_list", "details")


@dataclass(frozen=True)
class RuleResult:
    """What a rule found. `expects` is the expectation in words, `checked` the rows looked at,
    `unexpected` how many break the rule (null for a rule on the table as a whole, which has `observed`),
    `offending` up to 20 of them."""

    id: str
    severity: str
    success: bool
    expects: str
    why: str
    todo: str
    frame: str
    where: str | None = None
    checked: int | None = None
    unexpected: int | None = None
    observed: object = None
    offending: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class SuiteResult:
    """The results of one suite, in the suite's order, and the rows of its table."""

    layer: str
    name: str
    describes: str
    rows: int
    rules: tuple[RuleResult, ...]

    def failed(self, severity: str) -> list[RuleResult]:
        return [rule for rule in self.rules if not rule.success and rule.severity == severity]


# Running


def run_suite(suite: Suite, connection: duckdb.DuckDBPyConnection) -> SuiteResult:
    """Check one table, which `connection` must hold under the suite's name, along with what its SQL reads."""
    table = f'"{suite.name}"'
    rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    frames = {"rows": f"select * from {table}"} | {
        # Grouping gives rows in any order; sorted, the same data give the same stored result.
        name: f"select * from ({sql}) order by all"
        for name, sql in suite.frames.items()
    }
    found = {}
    for frame, where in dict.fromkeys((rule.frame, rule.where) for rule in suite.rules):
        together = [rule for rule in suite.rules if (rule.frame, rule.where) == (frame, where)]
        query = frames[frame] if where is None else f"select * from ({frames[frame]}) where {where}"
        found |= {result.id: result for result in _run_rules(together, query, connection)}
    ordered = tuple(found[rule.id] for rule in suite.rules)
    return SuiteResult(suite.layer, suite.name, suite.describes, rows, ordered)


def _run_rules(rules: Sequence[Rule], query: str, connection: duckdb.DuckDBPyConnection) -> list[RuleResult]:
    """Check rules on one query's rows, each column fetched only where a rule names it."""
    try:
        relation = connection.sql(one_select(query))
        # By way of Arrow, because DuckDB's own conversion makes a Python object of every text.
        frame = relation.select(*_columns_named(rules, relation)).to_arrow_table().to_pandas()
    except duckdb.Error as error:
        return [_broken(rule, f"the SQL failed: {error}") for rule in rules]
    if not len(frame) and all(rule.may_be_empty for rule in rules):
        return [_result(rule, success=True, checked=0, unexpected=0) for rule in rules]
    library, batch, _ = engine()
    expectations = [expectation(rule) for rule in rules]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = batch.get_batch(batch_parameters={"dataframe": frame}).validate(
            library.ExpectationSuite("gate", expectations=expectations),
            result_format={"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_ROWS},
        )
    by_id = {result.expectation_config.meta["id"]: result for result in outcome.results}
    return [_rule_result(rule, by_id[rule.id], relation) for rule in rules]


def _columns_named(rules: Iterable[Rule], relation: duckdb.DuckDBPyRelation) -> list[duckdb.Expression]:
    """The columns that the rules' arguments name, and the first one, so that rows can be counted. Exact
    numbers become doubles, which pandas can compute with."""
    named = set()
    for rule in rules:
        for value in rule.kwargs.values():
            named.update([value] if isinstance(value, str) else value if isinstance(value, list) else [])
    chosen = []
    for position, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True)):
        if position == 0 or name in named:
            column = duckdb.ColumnExpression(name)
            exact = str(kind).startswith(("DECIMAL", "HUGEINT"))
            chosen.append(column.cast("DOUBLE").alias(name) if exact else column)
    return chosen


def _rule_result(rule: Rule, outcome, relation: duckdb.DuckDBPyRelation) -> RuleResult:
    result = outcome.to_json_dict()["result"]
    if "element_count" not in result and "observed_value" not in result:
        return _broken(rule, _exception(outcome))
    checked = unexpected = observed = None
    offending: list[dict] = []
    success = bool(outcome.success)
    if "element_count" in result:
        checked = result["element_count"] - (result.get("missing_count") or 0)
        unexpected = result["unexpected_count"]
        offending = _rows_at(relation, result.get("partial_unexpected_index_list") or [])
        if checked == 0 and not rule.may_be_empty:
            success, observed = False, "there was no row to check"
    else:
        details = {key: result[key] for key in _DETAILS if result.get(key)}
        observed = {"value": result["observed_value"]} | details if details else result["observed_value"]
    return _result(
        rule,
        success=success,
        checked=checked,
        unexpected=unexpected,
        observed=_plain(observed),
        offending=offending,
    )


def _broken(rule: Rule, message: str) -> RuleResult:
    """A rule that could not be checked counts as failed."""
    return _result(rule, success=False, observed=f"the rule could not be checked: {message}")


def _result(rule: Rule, **found: object) -> RuleResult:
    """What was found of a rule, with what the rule says of itself."""
    return RuleResult(
        id=rule.id,
        severity=rule.severity,
        expects=_expects(rule),
        why=rule.why,
        todo=rule.todo,
        frame=rule.frame,
        where=rule.where,
        **found,
    )


def _exception(outcome) -> str:
    information = outcome.exception_info or {}
    reports = [information, *(value for value in information.values() if isinstance(value, dict))]
    return next((r["exception_message"] for r in reports if r.get("exception_message")), "no reason given")


def _rows_at(relation: duckdb.DuckDBPyRelation, positions: Sequence[int]) -> list[dict]:
    """Rows of a query by their position in it, without their empty columns."""
    if not positions:
        return []
    table = relation.to_arrow_table().take(sorted(positions)[:SHOWN_ROWS])
    rows = table.to_pylist()
    return [{key: _plain(value) for key, value in row.items() if value not in (None, "")} for row in rows]


def _expects(rule: Rule) -> str:
    """An expectation in words, e.g. "expect column values to be between: column value, min_value 0"."""
    arguments = ", ".join(f"{name} {as_text(value)}" for name, value in rule.kwargs.items())
    return f"{rule.expectation.replace('_', ' ')}: {arguments}"


def _plain(value: object) -> object:
    """A value as JSON can hold it, the same on every run."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else str(value)


def check_raw(datasets: Iterable[str] | None = None) -> list[SuiteResult]:
    """Check the snapshot's raw tables, all of them where `datasets` is not given.

    Raises `GateError` where a dataset has no suite or a suite no data; rules that fail are in the results.
    """
    held = sorted({dataset.source for dataset in catalogue().values() if dataset.held})
    return _each(_check_raw, [(name,) for name in (held if datasets is None else datasets)])


def _check_raw(name: str) -> list[SuiteResult]:
    suite = suite_of("raw", name)
    with duckdb.connect() as connection:
        for dataset in (name, *suite.reads):
            _load_raw(dataset, connection)
        return [run_suite(suite, closed(connection))]


def _each(check: Callable[..., list[SuiteResult]], tables: list[tuple]) -> list[SuiteResult]:
    """The results of every table, in the order given. Many are shared out among processes, each of which
    takes seconds to import Great Expectations."""
    if len(tables) < FEW:
        return [result for table in tables for result in check(*table)]
    order = [table[-1] for table in tables]
    results = share_out(check, tables, imports=["commissioning.expectations.library"])
    return sorted(results, key=lambda result: order.index(result.name))


def _load_raw(dataset: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Load a dataset under its name. `ledgers` are the monthly tables of every body; their other tables are
    `ledgers_files`, `ledgers_suppliers` and `ledgers_supplier_types`."""
    if dataset == "ledgers":
        for name, table in (
            ("monthly", "ledgers"),
            ("files", "ledgers_files"),
            ("suppliers", "ledgers_suppliers"),
            ("supplier_types", "ledgers_supplier_types"),
        ):
            pattern = f"{escaped_pattern(project().raw)}/ledger_*/{name}.parquet"
            connection.execute(
                f'create table "{table}" as from read_parquet(?, union_by_name = true)', [pattern]
            )
        return
    files = sorted((project().raw / dataset).glob("*.parquet"))
    if not files:
        raise GateError(
            "A raw table that the gate checks is missing.",
            file=project().raw / dataset,
            todo="restore data/raw from git, or run `commissioning ingest`",
        )
    # A table, not a view: several frames read it, and unpacking costs more than holding it.
    connection.execute(
        f'create table "{dataset}" as from read_parquet(?, union_by_name = true)',
        [[escaped_pattern(file) for file in files]],
    )


def check_marts(database: Path, names: Iterable[str] | None = None) -> list[SuiteResult]:
    """Check the marts (`mart_*` and `dim_*`) of a DuckDB file, all of them where `names` is not given.

    Raises `GateError` where a mart has no suite or a suite no mart; rules that fail are in the results.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute("select distinct table_name from information_schema.tables").fetchall()
        held = sorted(name for (name,) in tables)
        marts = [name for name in held if name.startswith(("mart_", "dim_"))]
        absent = sorted(set(suite_names("marts") if names is None else names) - set(held))
        if absent:
            raise GateError(
                "A mart that the gate checks is missing.", file=database, expected=absent, found=marts
            )
        chosen = marts if names is None else names
    return _each(_check_mart, [(database, name) for name in chosen])


def _check_mart(database: Path, name: str) -> list[SuiteResult]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [run_suite(suite_of("marts", name), closed(connection))]


# Judging


def enforce(results: Iterable[SuiteResult]) -> list[tuple[SuiteResult, RuleResult]]:
    """Return the warnings that failed. Raises `GateError` naming every critical rule that failed, its table,
    the offending rows and what to do."""
    results = list(results)
    critical = [(suite, rule) for suite in results for rule in suite.failed("critical")]
    if critical:
        many = "A critical check" if len(critical) == 1 else f"{len(critical)} critical checks"
        raise GateError(
            f"{many} of the data failed; nothing was published.",
            where=", ".join(f"{suite.layer}/{suite.name}: {rule.id}" for suite, rule in critical),
            found="\n\n".join(describe(suite, rule) for suite, rule in critical),
            todo="as said for each rule above; the last good marts are untouched",
        )
    return [(suite, rule) for suite in results for rule in suite.failed("warning")]


def describe(suite: SuiteResult, rule: RuleResult) -> str:
    """A failed rule in a few lines of text: rule, table, bound and its reason, offending rows, what to do."""
    lines = [f"rule {rule.id} of {suite.layer}/{suite.name} ({place(rule)})", f"  expected: {rule.expects}"]
    if rule.unexpected is not None:
        lines.append(f"  found: {rule.unexpected:,} of {rule.checked:,} rows break it")
    if rule.observed is not None:
        lines.append(f"  found: {as_text(rule.observed)}")
    lines += [f"    {json.dumps(row, ensure_ascii=False)}" for row in rule.offending]
    return "\n".join([*lines, f"  why: {rule.why}", f"  what to do: {rule.todo}"])


def place(rule: RuleResult) -> str:
    return f"frame {rule.frame}" + (f", where {rule.where}" if rule.where else "")


def as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# Results on disk


def results_folder() -> Path:
    return project().work / "gate"


def write(results: Iterable[SuiteResult], folder: Path | None = None) -> list[Path]:
    """Store each result as `<folder>/<layer>/<name>.json`: the same results give the same bytes."""
    paths = []
    for result in results:
        path = (folder or results_folder()) / result.layer / f"{result.name}.json"
        replace_text(path, json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")
        paths.append(path)
    return paths


def read(folder: Path | None = None) -> list[SuiteResult]:
    """The stored results, raw tables first, then marts, each in alphabetical order."""
    results = []
    for layer in LAYERS:
        for path in sorted(((folder or results_folder()) / layer).glob("*.json")):
            entry = read_json(path)
            try:
                rules = tuple(RuleResult(**rule) for rule in entry.pop("rules"))
                results.append(SuiteResult(**entry, rules=rules))
            except (KeyError, TypeError) as error:
                raise DamagedFile(path, f"it holds no results of the gate ({error})") from error
    return results
