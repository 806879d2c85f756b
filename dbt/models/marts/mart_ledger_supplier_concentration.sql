-- How many suppliers each route has and how money gathers on them; no supplier is named.
select
    s.body,
    bodies.council_id as area_id,
    bodies.body_name as area_name,
    s.financial_year,
    years.months_held,
    s.route,
    s.route = 'all' as is_total,
    routes.family,
    cast(s.suppliers as integer) as suppliers,
    s.hhi,
    s.top_ten_share,
    -- Next to a year that is not held or cannot show care, every supplier would seem to come or go.
    case when earlier.months_in_series > 0 then cast(s.new_suppliers as integer) end as new_suppliers,
    case when later.months_in_series > 0 then cast(s.leaving_suppliers as integer) end as leaving_suppliers,
    cast(s.median_payment_gbp as double) as median_payment_gbp,
    cast(s.payments as bigint) as payments,
    cast(s.amount_gbp as double) as amount_cash_gbp,
    cast(s.named_amount_gbp as double) as named_amount_cash_gbp,
    s.redacted_share,
    s.person_share
from {{ ref('stg_ledger__suppliers') }} as s
left join {{ ref('routes') }} as routes on routes.route = s.route
left join {{ ref('dim_body') }} as bodies on bodies.body = s.body
inner join {{ ref('int_ledger_years') }} as years
    on years.body = s.body and years.financial_year = s.financial_year
left join {{ ref('int_ledger_years') }} as earlier
    on earlier.body = s.body
    and cast(substr(earlier.financial_year, 1, 4) as integer) = cast(substr(s.financial_year, 1, 4) as integer) - 1
left join {{ ref('int_ledger_years') }} as later
    on later.body = s.body
    and cast(substr(later.financial_year, 1, 4) as integer) = cast(substr(s.financial_year, 1, 4) as integer) + 1
