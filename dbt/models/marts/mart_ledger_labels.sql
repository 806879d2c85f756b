-- Every care-related label of the ledgers, with the rule that classes it and why: labels of adult social care, and labels
-- that hold a word of care and are something else.
select
    payments.body,
    routes.rule_id,
    coalesce(payments.expense_code, '') as expense_code,
    coalesce(payments.expense_label, '') as expense_label,
    routes.care_scope,
    routes.support_setting,
    routes.route,
    routes.evidence_grade,
    routes.reason,
    min(payments.month) as first_month,
    max(payments.month) as last_month,
    cast(sum(payments.payments) as bigint) as payments,
    cast(sum(payments.amount_gbp) as double) as amount_cash_gbp
from {{ ref('stg_ledger__monthly') }} as payments
inner join {{ ref('int_ledger_routes') }} as routes
    on {{ same_ledger_label('payments', 'routes') }}
where
    routes.care_scope = 'adult_social_care'
    or exists (
        select 1 from {{ ref('ledger_care_words') }} as words
        where lower(payments.expense_label) like words.label_like
    )
group by
    payments.body, routes.rule_id, coalesce(payments.expense_code, ''), coalesce(payments.expense_label, ''),
    routes.care_scope, routes.support_setting, routes.route, routes.evidence_grade, routes.reason
