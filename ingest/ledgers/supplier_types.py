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
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from commissioning.base.paths import Project, project
from commissioning.base.sql import file_pattern
from commissioning.ingest.ledgers import routes
from commissioning.ingest.snapshot import read_lock

SQL = """
with care as materialized (
    select p.financial_year, r.route, p.payee_class, p.client_group is null as has_payee, p.supplier,
        p.amount_gbp,
        -- Numbers as the register writes them; what stands for none, or is damaged, is none.
        case
            when regexp_matches(p.charity_number, '^[0-9]{{6,7}}$') then 'GB-CHC-' || p.charity_number
            when regexp_matches(p.company_number, '^([0-9]{{6,8}}|[A-Z]{{2}}[0-9]{{5}}[0-9A-Z])$')
                then p.company_number
        end as supplier_number
    from payments as p
    inner join ({routes}) as r on {same_label}
    where r.care_scope = 'adult_social_care' and p.is_duplicate_of is null
),
published as (
    select financial_year, route, cast(payee_class as varchar) as payee_class, has_payee,
        cast(supplier as varchar) as supplier, supplier_number, count(*) as payments, sum(amount_gbp) as gbp
    from care
    group by all
),
named as (
    select distinct supplier, supplier_number from published
    where has_payee and payee_class not in ('person', 'redacted') and supplier is not null
),
types as ({types}),
typed as (
    select published.*, types.supplier_type, types.evidence_grade
    from published
    left join types
        on types.supplier is not distinct from published.supplier
        and types.supplier_number is not distinct from published.supplier_number
        and published.has_payee and published.payee_class not in ('person', 'redacted')
),
settled as (
    select financial_year, route, payments, gbp,
        case
            when payee_class = 'person' then 'person'
            when payee_class = 'redacted' then 'withheld'
            when payee_class = 'public_body'
                and coalesce(supplier_type, 'unknown') in ('unknown', 'no_supplier') then 'public'
            when coalesce(supplier_type, 'no_supplier') = 'no_supplier' then 'unknown'
            else supplier_type
        end as supplier_type,
        case
            when payee_class in ('person', 'redacted') then 'payee_class'
            when coalesce(supplier_type, 'unknown') in ('unknown', 'no_supplier') then
                case payee_class when 'public_body' then 'payee_class' else 'none' end
            else evidence_grade
        end as evidence_grade
    from typed
)
select
    '{body}' as body, cast(financial_year as varchar) as financial_year, route, supplier_type, evidence_grade,
    cast(sum(payments) as bigint) as payments, cast(sum(gbp) as decimal(18, 2)) as amount_gbp,
    '{rules}' as rules_sha256
from settled
group by all
order by financial_year, route, supplier_type, evidence_grade
"""
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
    parts = [routes.rules_sha256(project, body), patterns, types_sql(project, "patterns", names), SQL, *lists]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def types_sql(project: Project, patterns: str | None = None, lists: dict[str, str] | None = None) -> str:
    """SQL giving type and evidence of every supplier in `named`, by what contracts use too.

    `patterns` and `lists` are relations; the seed and the raw tables where none are given.
    """
    seed = f"read_csv({file_pattern(patterns_file(project))}, header = true, columns = {PATTERNS})"
    raw = {name: f"read_parquet({file_pattern(project.raw / name)} || '/*.parquet')" for name in LISTS}
    charities, matches = (
        f"({routes.model(project.dbt / 'models' / 'staging' / file, source=_source(lists or raw))})"
        for file in ("stg_charity_company_numbers.sql", "stg_nhsspend__matches.sql")
    )
    return routes.macro(macro_file(project), "supplier_types", "named", patterns or seed, charities, matches)


def _source(tables: dict[str, str]) -> Callable[[str, str], str]:
    return lambda _, name: tables[name]


PATTERNS = (
    "{'priority': 'INTEGER', 'looks_at': 'VARCHAR', 'pattern': 'VARCHAR', 'supplier_type': 'VARCHAR', "
    "'evidence_grade': 'VARCHAR', 'reason': 'VARCHAR'}"
)


def by_type(payments: pl.DataFrame, monthly: pl.DataFrame, body: str) -> pl.DataFrame:
    """The table described at the top of this module, from the same tables as `suppliers.concentration`."""
    sql = SQL.format(
        routes=routes.routes_sql(project(), "monthly"),
        same_label=routes.same_label_sql(project(), "p", "r"),
        types=types_sql(project()),
        body=body,
        rules=rules_sha256(project(), body),
    )
    with duckdb.connect() as connection:
        for name, table in (("payments", payments), ("monthly", monthly)):
            # Texts as they lie in memory: any other form would copy them all.
            connection.register(name, table.to_arrow(compat_level=pl.CompatLevel.newest()))
        return pl.from_arrow(connection.sql(sql).to_arrow_table())
