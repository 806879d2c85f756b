-- Which rules fit which labels of a ledger, and from which month to which.
select
    labels.*,
    rules.priority, rules.care_scope, rules.route, rules.support_setting, rules.evidence_grade,
    coalesce(rules.first_month, date '1900-01-01') as from_month, coalesce(rules.last_month, date '2999-12-01') as to_month
from (
    select distinct body, department, expense_area, expense_code, expense_label, transaction_prefix
    from raw.ledger_monthly
) as labels
inner join seeds.route_rules as rules
    on rules.body = labels.body
    and lower(concat_ws(' > ', nullif(trim(department), ''), nullif(trim(expense_area), ''))) like coalesce(area_like, '%')
    and coalesce(lower(trim(expense_code)), '') like coalesce(code_like::varchar, '%')
    and coalesce(lower(trim(expense_label)), '') like coalesce(label_like, '%')
    and coalesce(lower(transaction_prefix), '') like coalesce(prefix_like, '%')
