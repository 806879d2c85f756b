"""Payments for adult care by type of supplier: counted in the lake, no supplier named.

| column | meaning |
|---|---|
| `body`, `financial_year`, `route` | route by `dbt/seeds/route_rules.csv` |
| `supplier_type` | by `dbt/seeds/supplier_types.csv`; `withheld` where the publisher withholds the payee |
| `evidence_grade` | publisher_number, audited_match, name_pattern, payee_class or none |
| `payments`, `amount_gbp` | lines and pounds of adult social care, without flagged duplicates |
| `rules_sha256` | hash of the rules and lists that it was counted with |

A payee that is a person by the form of its name or by the publisher's mark is `person`. Then the macro
`supplier_types` holds number and name against the patterns, the list of charities' company numbers and the
audited names of charities, as it does for contracts. What it leaves open is `public` where the class of the
payee says so, else `unknown`. What was booked to a group of clients under its name is `unknown` as well, as
nobody knows whom it was paid to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from commissioning.base.paths import Project, project
from commissioning.base.sql import file_pattern, literal
from commissioning.ingest.ledgers import counts, routes
from commissioning.ingest.snapshot import read_lock

LISTS = ("charity_company_numbers", "nhsspend")
"""Datasets of the snapshot that tell which numbers and names are charities'."""


def macro_file(project: Project) -> Path:
    return project.dbt / "macros" / "supplier_types.sql"


def patterns_file(project: Project) -> Path:
    return project.dbt / "seeds" / "supplier_type_patterns.csv"


def rules_sha256(project: Project, body: str) -> str:
    """One hash over a body's rules of routes, those of suppliers, their SQL, and the lists of charities."""
    lists = [entry["sha256"] for name, entry in sorted(read_lock().items()) if name.split("/")[0] in LISTS]
    patterns = patterns_file(project).read_text(encoding="utf-8")
    # By names in place of the relations: where they lie on this machine is no part of a rule.
    names = dict.fromkeys(LISTS, "list")
    types = types_sql(project, "patterns", names)
    parts = [routes.rules_sha256(project, body), patterns, types, _applied(project), *lists]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _applied(project: Project) -> str:
    """The SQL that counts, with names in the place of what differs from body to body. It is written as when
    the first table was counted, the braces of its patterns twice: the same rules keep the same hash."""
    care = counts.sql(project, "care", "payments", "{routes}", "{same_label}")
    sql = counts.sql(project, "supplier_types", care, "{types}", "'{body}'", "'{rules}'")
    return "\n" + re.sub(r"\{([0-9,]+)\}", r"{{\1}}", sql) + "\n"


def types_sql(project: Project, patterns: str | None = None, lists: dict[str, str] | None = None) -> str:
    """SQL giving type and evidence of every supplier in `named`, by what contracts use too.

    `patterns` and `lists` are relations; the seed and the raw tables where none are given.
    """
    charities, matches = (f"({sql})" for sql in lists_sql(project, lists).values())
    return types_by(project, patterns or patterns_relation(project), charities, matches)


def types_by(
    project: Project, patterns: str, charities: str, matches: str, engine: str = counts.DUCKDB
) -> str:
    """The same where the lists are relations as the staging models make them."""
    named = "named", patterns, charities, matches
    return routes.macro(macro_file(project), "supplier_types", *named, engine=engine)


def patterns_relation(project: Project) -> str:
    """The seed as a DuckDB relation with the types that dbt gives it."""
    return f"read_csv({file_pattern(patterns_file(project))}, header = true, columns = {PATTERNS})"


def lists_sql(project: Project, lists: dict[str, str] | None = None) -> dict[str, str]:
    """The staging models' SQL of both lists: charities' company numbers, and names of charities."""
    raw = {name: f"read_parquet({file_pattern(project.raw / name)} || '/*.parquet')" for name in LISTS}
    staging = project.dbt / "models" / "staging"
    files = ("stg_charity_company_numbers.sql", "stg_nhsspend__matches.sql")
    return {
        name: routes.model(staging / file, source=_source(lists or raw))
        for name, file in zip(LISTS, files, strict=True)
    }


def _source(tables: dict[str, str]) -> Callable[[str, str], str]:
    return lambda _, name: tables[name]


PATTERNS = (
    "{'priority': 'INTEGER', 'looks_at': 'VARCHAR', 'pattern': 'VARCHAR', 'supplier_type': 'VARCHAR', "
    "'evidence_grade': 'VARCHAR', 'reason': 'VARCHAR'}"
)


def by_type(care: duckdb.DuckDBPyConnection, body: str) -> pl.DataFrame:
    """The table described at the top of this module, from a body's payments for care (`counts.care`)."""
    here = project()
    rules = literal(rules_sha256(here, body))
    sql = counts.from_care(here, "supplier_types", types_sql(here), literal(body), rules)
    return pl.from_arrow(care.sql(sql).to_arrow_table())
