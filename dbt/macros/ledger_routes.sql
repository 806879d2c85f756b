{% macro ledger_routes(payments, rules) -%}
{#-
The route of every label of a ledger: the first rule of `rules` (dbt/seeds/route_rules.csv) that fits it.

`payments` is any relation with the columns body, month (first day of the month, a date), department, expense_area,
expense_code, expense_label and transaction_prefix: the snapshot's monthly table, or payments of the lake. The result has
these seven columns, one row for each combination that a rule fits, and the rule's rule_id, care_scope,
support_setting, route, evidence_grade and reason. A combination that no rule fits is not care and has no row.
Join back with the macro same_ledger_label.

A rule fits where body and month are its own and each pattern that it gives is LIKE the text in small letters.
area_like is held against department and expense area joined by ' > ' (either alone where the other is missing). Of
several rules that fit, the one of lowest priority wins; no two rules of a body share a priority.
Nothing here is dbt's own, so the macro also renders outside dbt (see ingest/ledgers/routes.py).
-#}
with combinations as (
    select distinct body, month, department, expense_area, expense_code, expense_label, transaction_prefix
    from {{ payments }}
),

-- Patterns are held against each label once, not once a month.
labels as (
    select
        body, department, expense_area, expense_code, expense_label, transaction_prefix,
        lower(concat_ws(' > ', nullif(trim(department), ''), nullif(trim(expense_area), ''))) as area,
        lower(trim(expense_code)) as code,
        lower(trim(expense_label)) as label,
        lower(transaction_prefix) as prefix
    from (
        select distinct body, department, expense_area, expense_code, expense_label, transaction_prefix
        from combinations
    ) as seen
),

fitting as (
    select
        labels.body, labels.department, labels.expense_area, labels.expense_code, labels.expense_label,
        labels.transaction_prefix, rules.rule_id, rules.priority, rules.first_month, rules.last_month, rules.care_scope,
        rules.support_setting, rules.route, rules.evidence_grade, rules.reason
    from labels
    inner join {{ rules }} as rules
        on rules.body = labels.body
        and (rules.area_like is null or labels.area like rules.area_like)
        and (rules.code_like is null or labels.code like rules.code_like)
        and (rules.label_like is null or labels.label like rules.label_like)
        and (rules.prefix_like is null or labels.prefix like rules.prefix_like)
),

placed as (
    select
        combinations.body, combinations.month, combinations.department, combinations.expense_area,
        combinations.expense_code, combinations.expense_label, combinations.transaction_prefix,
        fitting.rule_id, fitting.care_scope, fitting.support_setting, fitting.route, fitting.evidence_grade,
        fitting.reason,
        row_number() over (
            partition by
                combinations.body, combinations.month, combinations.department, combinations.expense_area,
                combinations.expense_code, combinations.expense_label, combinations.transaction_prefix
            order by fitting.priority, fitting.rule_id
        ) as place
    from combinations
    inner join fitting
        on fitting.body = combinations.body
        and fitting.department is not distinct from combinations.department
        and fitting.expense_area is not distinct from combinations.expense_area
        and fitting.expense_code is not distinct from combinations.expense_code
        and fitting.expense_label is not distinct from combinations.expense_label
        and fitting.transaction_prefix is not distinct from combinations.transaction_prefix
        and (fitting.first_month is null or combinations.month >= fitting.first_month)
        and (fitting.last_month is null or combinations.month <= fitting.last_month)
)

select
    body, month, department, expense_area, expense_code, expense_label, transaction_prefix,
    rule_id, care_scope, support_setting, route, evidence_grade, reason
from placed
where place = 1
{%- endmacro %}

{% macro same_ledger_label(left, right) -%}
{{ left }}.body = {{ right }}.body
and {{ left }}.month = {{ right }}.month
{%- for column in ['department', 'expense_area', 'expense_code', 'expense_label', 'transaction_prefix'] %}
and {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
{%- endfor %}
{%- endmacro %}
