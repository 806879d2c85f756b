-- Every label that holds a word of care is classed by a rule, as unlabelled or as something else if need be. Rows
-- returned have no rule: add one to dbt/seeds/route_rules.csv.
select
    payments.body, payments.department, payments.expense_area, payments.expense_code, payments.expense_label,
    min(payments.month) as first_month, sum(payments.payments) as payments, sum(payments.amount_gbp) as amount_gbp
from {{ ref('stg_ledger__monthly') }} as payments
inner join {{ ref('ledger_care_words') }} as words on lower(payments.expense_label) like words.label_like
left join {{ ref('int_ledger_routes') }} as routes
    on {{ same_ledger_label('payments', 'routes') }}
where routes.rule_id is null
group by
    payments.body, payments.department, payments.expense_area, payments.expense_code, payments.expense_label
order by amount_gbp desc nulls last
