-- Ledgers: payments for adult social care by month, label and route, each label with the first of the rules that fit
-- it. A cell is the sum of a month; the payments themselves stay in the lake.
select
    'ledger_' || body as dataset, 'payments' as edition, body, body as area_id, 'council' as area_level,
    financial_year as year, route, support_setting, evidence_grade, in_series, route as part,
    sum(amount_gbp)::double as amount, sum(amount_gbp)::double as value, sum(amount_gbp)::varchar as value_text,
    'GBP' as unit, 'data/raw/ledger_' || body || '/monthly.parquet' as source_file,
    strftime(month, '%Y-%m') || ', ' || coalesce(expense_code || ' ', '') || coalesce(expense_label, 'no label') || ' ('
    || support_setting || ', ' || evidence_grade || ')' as source_locator
from (
    select
        m.*, any_value(series.in_series) as in_series,
        arg_min(struct_pack(care_scope := r.care_scope, route := r.route, support_setting := r.support_setting,
            evidence_grade := r.evidence_grade), r.priority) as rule
    from (
        select
            body, financial_year, month, department, expense_area, expense_code, expense_label, transaction_prefix,
            sum(amount_gbp) as amount_gbp
        from raw.ledger_monthly
        group by all
    ) as m
    inner join ledger_rules as r
        on r.body = m.body and m.month between r.from_month and r.to_month
        and r.department is not distinct from m.department and r.expense_area is not distinct from m.expense_area
        and r.expense_code is not distinct from m.expense_code and r.expense_label is not distinct from m.expense_label
        and r.transaction_prefix is not distinct from m.transaction_prefix
    inner join seeds.ledger_series as series
        on series.body = m.body and m.month between series.first_month and coalesce(series.last_month, date '2999-12-01')
    group by all
), lateral (select rule.care_scope, rule.route, rule.support_setting, rule.evidence_grade)
where care_scope = 'adult_social_care'
group by body, financial_year, month, expense_code, expense_label, route, support_setting, evidence_grade, in_series
