-- How many suppliers each route has and how money gathers on them; no supplier is named.
select
    s.body,
    councils.council_id as area_id,
    councils.council_name as area_name,
    s.financial_year,
    years.months_held,
    s.route,
    s.route = 'all' as is_total,
    routes.family,
    cast(s.suppliers as integer) as suppliers,
    s.hhi,
    s.top_ten_share,
    cast(s.new_suppliers as integer) as new_suppliers,
    cast(s.leaving_suppliers as integer) as leaving_suppliers,
    cast(s.median_payment_gbp as double) as median_payment_gbp,
    cast(s.payments as bigint) as payments,
    cast(s.amount_gbp as double) as amount_cash_gbp,
    cast(s.named_amount_gbp as double) as named_amount_cash_gbp,
    s.redacted_share,
    s.person_share
from {{ ref('stg_ledger__suppliers') }} as s
left join {{ ref('routes') }} as routes on routes.route = s.route
inner join {{ ref('dim_council') }} as councils on councils.council_id = s.body
inner join {{ ref('int_ledger_years') }} as years
    on years.body = s.body and years.financial_year = s.financial_year
