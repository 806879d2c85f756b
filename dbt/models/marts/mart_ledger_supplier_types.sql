-- What sort of supplier a ledger's payments for adult care went to, by route and over all routes; no supplier is named.
with routed as (
    select body, financial_year, route, supplier_type, evidence_grade, payments, amount_gbp
    from {{ ref('stg_ledger__supplier_types') }}
    union all
    select body, financial_year, 'all', supplier_type, evidence_grade, sum(payments), sum(amount_gbp)
    from {{ ref('stg_ledger__supplier_types') }}
    group by body, financial_year, supplier_type, evidence_grade
),

whole as (
    select body, financial_year, route, sum(amount_gbp) as amount_gbp from routed group by body, financial_year, route
)

select
    routed.body,
    bodies.council_id as area_id,
    bodies.body_name as area_name,
    routed.financial_year,
    years.months_held,
    years.months_in_series,
    routed.route,
    routed.route = 'all' as is_total,
    routed.supplier_type,
    routed.evidence_grade,
    cast(routed.payments as bigint) as payments,
    cast(routed.amount_gbp as double) as amount_cash_gbp,
    -- Credits can leave less than nothing to share.
    case when whole.amount_gbp > 0 then cast(routed.amount_gbp as double) / cast(whole.amount_gbp as double) end as share
from routed
inner join whole
    on whole.body = routed.body and whole.financial_year = routed.financial_year and whole.route = routed.route
inner join {{ ref('int_ledger_years') }} as years
    on years.body = routed.body and years.financial_year = routed.financial_year
left join {{ ref('dim_body') }} as bodies on bodies.body = routed.body
