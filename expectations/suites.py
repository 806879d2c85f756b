"""Suites: the rules of one table each, `expectations/raw/<dataset>.yml` and `expectations/marts/<table>.yml`.

```yaml
describes: one sentence on what the suite protects
reads: [council_codes]        # raw suites: other datasets that the SQL below uses (none where absent)
frames:                       # tables derived in SQL for the rules to check; `rows` is the table itself
  england: select year, sum(value) as total from pss_ex1 group by year
rules:
  - id: england_is_plausible  # unique in the suite
    frame: england            # `rows` where absent
    where: year >= 2008       # SQL; the rule then holds for these rows only
    expectation: expect_column_values_to_be_between   # any Great Expectations expectation
    kwargs: {column: total, min_value: 0}
    severity: warning         # shown; where absent the rule is critical, and stops the build
    in_a_workspace: warning   # its severity in the build of a workspace, whose bodies may be small
    may_be_empty: false       # true where a frame holds only offending rows; else nothing to check fails
    why: the reason for the bound, in one sentence
    todo: what to do when it fails
```

What every table must obey follows from its declaration (`declared.py`) and is in no file: columns and types,
at least one row, a key that no two rows share, what is never null, and a value or a symbol for every figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commissioning.base.errors import GateError
from commissioning.base.paths import project
from commissioning.base.sql import literal
from commissioning.base.yamls import read_yaml
from commissioning.expectations.declared import Declared, declared
from commissioning.expectations.engine import expectation

SEVERITIES = ("critical", "warning")


@dataclass(frozen=True)
class Rule:
    """One expectation of a suite; the module's text explains each field."""

    id: str
    expectation: str
    kwargs: Mapping[str, object]
    why: str
    todo: str
    severity: str = "critical"
    frame: str = "rows"
    where: str | None = None
    may_be_empty: bool = False


@dataclass(frozen=True)
class Suite:
    """The rules of one table: those of every table first, then its own."""

    layer: str
    name: str
    describes: str
    frames: Mapping[str, str]
    rules: tuple[Rule, ...]
    reads: tuple[str, ...] = ()


def suite_path(layer: str, name: str) -> Path:
    return project().expectations / layer / f"{name}.yml"


def suite_names(layer: str) -> list[str]:
    """The tables of a layer that have a suite."""
    return sorted(file.stem for file in (project().expectations / layer).glob("*.yml"))


def suite_of(layer: str, name: str) -> Suite:
    """The rules that a table must obey. Raises `GateError` where it has no suite or is declared nowhere."""
    return load_suite(suite_path(layer, name), declared(layer, name))


def load_suite(file: Path, table: Declared) -> Suite:
    """One suite, checked. Raises `GateError` naming the file, the rule and what is wrong with it."""
    entry = read_yaml(
        file, GateError, "The suite of a table", todo="write its rules there; expectations/suites.py says how"
    )
    _check_keys(entry, {"describes", "rules"}, {"reads", "frames"}, file, "the suite")
    odd = [name for name in entry.get("reads", ()) if not re.fullmatch(r"\w+", str(name))]
    if odd:
        raise GateError(
            "The suite reads what is no dataset.", file=file, where="reads", found=odd, todo="mend the suite"
        )
    common_frames, common_rules = of_every_table(file.stem, table)
    frames, own = {**common_frames, **entry.get("frames", {})}, entry.get("frames", {})
    if taken := sorted(set(common_frames) & set(own)):
        raise GateError(
            "A frame has the name of one that every table has.", file=file, found=taken, todo="rename it"
        )
    rules = (*common_rules, *(_load_rule(item, frames, file) for item in entry["rules"]))
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        raise GateError(
            "Two rules have the same id.",
            file=file,
            found=sorted(i for i in set(ids) if ids.count(i) > 1),
            expected="an id for each rule",
        )
    return Suite(
        layer=file.parent.name,
        name=file.stem,
        describes=entry["describes"],
        frames=frames,
        rules=rules,
        reads=tuple(entry.get("reads", ())),
    )


def _check_keys(entry: object, needed: set[str], optional: set[str], file: Path, where: str) -> None:
    todo = "mend the suite; the text of expectations/suites.py explains each key"
    if not isinstance(entry, dict):
        raise GateError(
            "The suite is malformed.",
            file=file,
            where=where,
            expected="a mapping",
            found=repr(entry)[:80],
            todo=todo,
        )
    if needed - {key for key, value in entry.items() if value}:
        missing = sorted(needed - {key for key, value in entry.items() if value})
        raise GateError("The suite lacks a key.", file=file, where=where, expected=missing, todo=todo)
    if set(entry) - needed - optional:
        unknown = sorted(set(entry) - needed - optional)
        raise GateError("The suite has an unknown key.", file=file, where=where, found=unknown, todo=todo)


def _load_rule(entry: object, frames: Mapping[str, str], file: Path) -> Rule:
    where = f"rule {entry.get('id', '?')}" if isinstance(entry, dict) else "a rule"
    needed = {"id", "expectation", "kwargs", "why", "todo"}
    _check_keys(entry, needed, {"severity", "in_a_workspace", "frame", "where", "may_be_empty"}, file, where)
    # The build of a workspace writes it into its copy as the severity.
    rule = Rule(**{key: value for key, value in entry.items() if key != "in_a_workspace"})
    if rule.severity not in SEVERITIES:
        raise GateError(
            "Unknown severity.", file=file, where=where, expected=" or ".join(SEVERITIES), found=rule.severity
        )
    if rule.frame not in {"rows", *frames}:
        raise GateError(
            "The rule names an unknown frame.",
            file=file,
            where=where,
            expected=sorted({"rows", *frames}),
            found=rule.frame,
        )
    try:
        expectation(rule)
    except Exception as error:
        raise GateError(
            "Great Expectations does not accept the rule.",
            file=file,
            where=where,
            expected="an expectation of Great Expectations (expect_...) with its own arguments",
            found=f"{rule.expectation}({dict(rule.kwargs)}): {error}",
            todo="mend `expectation` or `kwargs`",
        ) from error
    return rule


# What every table must obey

COLUMNS = Rule(
    id="columns",
    frame="every_column",
    expectation="expect_column_pair_values_to_be_equal",
    kwargs={"column_A": "declared", "column_B": "found"},
    why="Every later stage selects these columns by name and relies on their types and order.",
    todo="if the change is meant, change the table's one declaration and the stages that read the table",
)
HAS_ROWS = Rule(
    id="table_has_rows",
    expectation="expect_table_row_count_to_be_between",
    kwargs={"min_value": 1},
    why="A table without rows proves nothing, and whatever is made of it is lost without a word.",
    todo="look for what it is made of, which was not read or not joined",
)
KEY = Rule(
    id="key_is_unique",
    frame="repeated_keys",
    may_be_empty=True,
    expectation="expect_column_values_to_be_between",
    kwargs={"column": "rows", "max_value": 1},
    why="Two rows with one key are counted twice in every sum, or leave open which of them holds.",
    todo="find what tells the rows apart, or the join that finds two partners; do not drop one blindly",
)
NEVER_NULL = Rule(
    id="nothing_needed_is_null",
    frame="needed_nulls",
    may_be_empty=True,
    expectation="expect_column_values_to_not_be_null",
    kwargs={"column": "needed"},
    why="Readers join and filter by these columns, so a row without one is lost to them.",
    todo="look for the label or the join that gave nothing",
)
EXPLAINED = Rule(
    id="value_or_symbol",
    frame="unexplained_values",
    may_be_empty=True,
    expectation="expect_column_values_to_not_be_null",
    kwargs={"column": "value_or_symbol"},
    why="A figure is either a number or says why it is not one.",
    todo="open the cell named in source_locator",
)


def of_every_table(name: str, table: Declared) -> tuple[dict[str, str], tuple[Rule, ...]]:
    """The frames and rules that follow from a table's declaration."""
    frames = {COLUMNS.frame: _every_column(name, table.columns), KEY.frame: _repeated_keys(name, table)}
    rules = [COLUMNS, HAS_ROWS, KEY]
    if table.never_null:
        is_null = " or ".join(f'"{column}" is null' for column in table.never_null)
        frames[NEVER_NULL.frame] = f'select null::varchar as needed, * from "{name}" where {is_null}'
        rules.append(NEVER_NULL)
    if table.of_figures:
        frames[EXPLAINED.frame] = (
            "select edition, source_file, source_locator, null::varchar as value_or_symbol "
            f'from "{name}" where (value is null) = (value_symbol is null)'
        )
        rules.append(EXPLAINED)
    return frames, tuple(rules)


def _every_column(name: str, columns: Mapping[str, str]) -> str:
    """Declared and found columns side by side, in the table's order."""
    rows = ", ".join(
        f"({place}, {literal(f'{column} {kind}')})" for place, (column, kind) in enumerate(columns.items(), 1)
    )
    return f"""
        select position, coalesce(declared, '(none)') as declared, coalesce(found, '(none)') as found
        from (values {rows}) as declaration (position, declared)
        full join (
            select row_number() over () as position, column_name || ' ' || column_type as found
            from (describe "{name}")
        ) using (position)
    """


def _repeated_keys(name: str, table: Declared) -> str:
    key = ", ".join(f'"{column}"' for column in table.key)
    places = ", min(source_locator) as one_place, max(source_locator) as another_place"
    return (
        f'select {key}, count(*) as rows{places if table.of_figures else ""} from "{name}" '
        f"group by {key} having count(*) > 1"
    )
