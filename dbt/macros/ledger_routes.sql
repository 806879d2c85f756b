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
Nothing here is dbt's own, so the macro also renders outside dbt (see commissioning/ledger_routes.py).
-#}
select
    body, month, department, expense_area, expense_code, expense_label, transaction_prefix,
    rule_id, care_scope, support_setting, route, evidence_grade, reason
from (
    select
        labels.body, labels.month, labels.department, labels.expense_area, labels.expense_code, labels.expense_label,
        labels.transaction_prefix,
        rules.rule_id, rules.care_scope, rules.support_setting, rules.route, rules.evidence_grade, rules.reason,
        row_number() over (
            partition by
                labels.body, labels.month, labels.department, labels.expense_area, labels.expense_code,
                labels.expense_label, labels.transaction_prefix
            order by rules.priority, rules.rule_id
        ) as place
    from (
        select distinct
            body, month, department, expense_area, expense_code, expense_label, transaction_prefix,
            lower(concat_ws(' > ', nullif(trim(department), ''), nullif(trim(expense_area), ''))) as area
        from {{ payments }}
    ) as labels
    inner join {{ rules }} as rules
        on rules.body = labels.body
        and (rules.first_month is null or labels.month >= rules.first_month)
        and (rules.last_month is null or labels.month <= rules.last_month)
        and (rules.area_like is null or labels.area like rules.area_like)
        and (rules.code_like is null or lower(trim(labels.expense_code)) like rules.code_like)
        and (rules.label_like is null or lower(trim(labels.expense_label)) like rules.label_like)
        and (rules.prefix_like is null or lower(labels.transaction_prefix) like rules.prefix_like)
) as fitting
where place = 1
{%- endmacro %}

{% macro same_ledger_label(left, right) -%}
{{ left }}.body = {{ right }}.body
and {{ left }}.month = {{ right }}.month
{%- for column in ['department', 'expense_area', 'expense_code', 'expense_label', 'transaction_prefix'] %}
and {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
{%- endfor %}
{%- endmacro %}
