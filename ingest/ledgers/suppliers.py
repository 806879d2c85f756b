"""Concentration of suppliers by body, financial year and route: counted in the lake, no supplier named.

| column | meaning |
|---|---|
| `body`, `financial_year`, `route` | route by `dbt/seeds/route_rules.csv`; `all` is all adult social care |
| `payments`, `amount_gbp` | lines and pounds of adult social care, without flagged duplicates |
| `named_amount_gbp` | of these pounds, paid to suppliers that are named and are not people |
| `redacted_share`, `person_share` | share of the pounds paid to redacted payees, and to people |
| `suppliers` | named suppliers paid in the year; people are one class, client groups none: not counted |
| `hhi` | Herfindahl-Hirschman index, 0 to 1, of the named pounds; suppliers above zero |
| `top_ten_share` | share of the named pounds, suppliers above zero, that went to the ten largest |
| `new_suppliers` | of `suppliers`, paid in no earlier year under this route; null in the first year |
| `leaving_suppliers` | of `suppliers`, paid in no later year under this route; null in the last year |
| `median_payment_gbp` | median line above zero, whoever was paid |
| `route_rules_sha256` | hash of the body's rules that it was counted with |

Spellings of one supplier are brought together where they differ in case, spaces, punctuation and in
`LTD`, `LIMITED` or `PLC` at the end. Years are years of the ledger that the rules class as care; years in
which the ledger holds only some months are counted as they are.
"""

from __future__ import annotations

import duckdb
import polars as pl

from commissioning.base.paths import project
from commissioning.ingest.ledgers import routes

SQL = """
with care as materialized (
    select p.financial_year, r.route, p.payee_class, p.client_group is null as has_payee, p.supplier,
        p.amount_gbp
    from payments as p
    inner join ({routes}) as r on {same_label}
    where r.care_scope = 'adult_social_care' and p.is_duplicate_of is null
),
-- Added up by name as published, so that each name is brought to its plain spelling once.
published as (
    select financial_year, route, payee_class, has_payee, supplier,
        count(*) as payments, sum(amount_gbp) as gbp
    from care
    group by financial_year, route, payee_class, has_payee, supplier
),
named as (
    select financial_year, route, payee_class, payments, gbp,
        case when payee_class in ('organisation', 'public_body', 'unknown') and has_payee then
            regexp_replace(
                trim(regexp_replace(upper(supplier), '[^A-Z0-9&]+', ' ', 'g')), ' (LTD|LIMITED|PLC)$', ''
            )
        end as supplier
    from published
),
routed as (
    select * from named
    union all
    select financial_year, 'all' as route, payee_class, payments, gbp, supplier from named
),
medians as (
    select financial_year, coalesce(route, 'all') as route,
        median(cast(amount_gbp as double)) as median_payment_gbp
    from care
    where amount_gbp > 0
    group by grouping sets ((financial_year, route), (financial_year))
),
lines as (
    select financial_year, route, sum(payments) as payments, sum(gbp) as amount_gbp,
        sum(case when supplier is not null then gbp else 0 end) as named_amount_gbp,
        sum(case when payee_class = 'redacted' then gbp else 0 end) as redacted_gbp,
        sum(case when payee_class = 'person' then gbp else 0 end) as person_gbp
    from routed
    group by financial_year, route
),
paid as (
    select financial_year, route, supplier, sum(gbp) as gbp
    from routed
    where supplier is not null
    group by financial_year, route, supplier
),
ranked as (
    select paid.*,
        min(financial_year) over (partition by route, supplier) as first_year,
        max(financial_year) over (partition by route, supplier) as last_year,
        row_number() over (partition by financial_year, route order by gbp desc, supplier) as place,
        sum(case when gbp > 0 then gbp else 0 end) over (partition by financial_year, route) as above_zero_gbp
    from paid
),
shared as (
    select ranked.*, case when gbp > 0 then cast(gbp as double) / cast(above_zero_gbp as double) end as share
    from ranked
),
counted as (
    select financial_year, route, count(*) as suppliers,
        sum(cast(share * share as decimal(18, 15))) as hhi,
        sum(case when place <= 10 then cast(share as decimal(18, 15)) end) as top_ten_share,
        count(*) filter (where first_year = financial_year) as new_suppliers,
        count(*) filter (where last_year = financial_year) as leaving_suppliers
    from shared
    group by financial_year, route
),
ends as (
    select route, min(financial_year) as first_year, max(financial_year) as last_year
    from lines
    group by route
)
select
    '{body}' as body, financial_year, route, cast(payments as bigint) as payments,
    cast(amount_gbp as decimal(18, 2)) as amount_gbp,
    cast(named_amount_gbp as decimal(18, 2)) as named_amount_gbp,
    case when amount_gbp > 0 then cast(redacted_gbp / amount_gbp as double) end as redacted_share,
    case when amount_gbp > 0 then cast(person_gbp / amount_gbp as double) end as person_share,
    coalesce(suppliers, 0) as suppliers,
    cast(hhi as double) as hhi,
    cast(top_ten_share as double) as top_ten_share,
    case when financial_year > first_year then coalesce(new_suppliers, 0) end as new_suppliers,
    case when financial_year < last_year then coalesce(leaving_suppliers, 0) end as leaving_suppliers,
    median_payment_gbp,
    '{rules}' as route_rules_sha256
from lines
left join medians using (financial_year, route)
left join counted using (financial_year, route)
inner join ends using (route)
order by financial_year, route
"""


def concentration(payments: pl.DataFrame, monthly: pl.DataFrame, body: str) -> pl.DataFrame:
    """The table described at the top of this module, from a body's payments in the lake (with `month` and
    `transaction_prefix`) and the same by month, whose labels are looked up in the rules."""
    sql = SQL.format(
        routes=routes.routes_sql(project(), "monthly"),
        same_label=routes.same_label_sql(project(), "p", "r"),
        body=body,
        rules=routes.rules_sha256(project(), body),
    )
    with duckdb.connect() as connection:
        for name, table in (("payments", payments), ("monthly", monthly)):
            # Texts as they lie in memory: any other form would copy them all.
            connection.register(name, table.to_arrow(compat_level=pl.CompatLevel.newest()))
        return pl.from_arrow(connection.sql(sql).to_arrow_table())
