-- Payments for adult social care by month, label and payee class, with their route.
select
    payments.body,
    payments.month,
    payments.financial_year,
    series.era,
    series.comparability_group,
    series.in_series,
    payments.payee_class,
    routes.route,
    families.family,
    routes.support_setting,
    routes.evidence_grade,
    payments.amount_gbp,
    payments.payments,
    payments.duplicate_payments,
    payments.duplicate_amount_gbp
from {{ ref('stg_ledger__monthly') }} as payments
inner join {{ ref('int_ledger_routes') }} as routes
    on {{ same_ledger_label('payments', 'routes') }}
inner join {{ ref('routes') }} as families on families.route = routes.route
inner join {{ ref('ledger_series') }} as series
    on series.body = payments.body
    and payments.month >= series.first_month
    and (series.last_month is null or payments.month <= series.last_month)
where routes.care_scope = 'adult_social_care'
