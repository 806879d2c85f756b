-- What goes into the marts of ledgers comes out, for every body: files and their lines and pounds, months and pounds of adult
-- social care, and years of suppliers. Rows returned are bodies of which something is lost or there twice.
with counted as (
    select 'accounting, in' as side, body, count(*) as n, sum(lines_read) as m, sum(loaded_gbp) as gbp
    from {{ ref('stg_ledger__files') }} group by body
    union all
    select 'accounting, out', body, count(*), sum(lines_read), sum(cast(loaded_gbp as decimal(38, 2)))
    from {{ ref('mart_ledger_accounting') }} group by body
    union all
    select 'care, in', payments.body, count(distinct payments.month), sum(payments.payments), sum(payments.amount_gbp)
    from {{ ref('stg_ledger__monthly') }} as payments
    inner join {{ ref('int_ledger_routes') }} as routes
        on {{ same_ledger_label('payments', 'routes') }}
    where routes.care_scope = 'adult_social_care'
    group by payments.body
    union all
    select 'care, out', body, count(distinct month), sum(payments), sum(cast(amount_cash_gbp as decimal(38, 2)))
    from {{ ref('mart_ledger_spend_by_route') }} group by body
    union all
    select 'suppliers, in', body, count(*), sum(suppliers), sum(cast(amount_gbp as decimal(38, 2)))
    from {{ ref('stg_ledger__suppliers') }} group by body
    union all
    select 'suppliers, out', body, count(*), sum(suppliers), sum(cast(amount_cash_gbp as decimal(38, 2)))
    from {{ ref('mart_ledger_supplier_concentration') }} group by body
    union all
    select 'years, in', body, count(distinct financial_year), 0, 0 from {{ ref('stg_ledger__monthly') }} group by body
    union all
    select 'years, out', body, count(distinct financial_year), 0, 0 from {{ ref('mart_ledger_coverage') }} group by body
)

select split_part(side, ',', 1) as what, body, count(*) as sides, min(n) as fewest, max(n) as most, min(gbp) as least, max(gbp) as greatest
from counted
group by split_part(side, ',', 1), body
having count(*) <> 2 or min(n) <> max(n) or min(m) <> max(m) or min(gbp) <> max(gbp)
