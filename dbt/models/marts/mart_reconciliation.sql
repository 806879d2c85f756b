-- Totals that publishers print, beside the same totals from our rows, with the difference that remains. Which of our
-- rows answer a total is in dbt/seeds/reconciliation_checks.csv: an empty cell there fits any row.
{% set narrowed_by = [
    'financial_year', 'area_level', 'figure', 'grain', 'expenditure_type', 'basis', 'client_group', 'age_band',
    'care_type', 'support_setting',
] %}
with shares as (
    select * from {{ ref('mart_direct_payment_share') }} where area_id = 'england'
),

figures as (
    select
        'spend' as our_mart, 'spending' as amount, edition, financial_year, area_level, figure, grain, expenditure_type,
        basis, client_group, age_band, care_type, support_setting, amount_cash_gbp
    from {{ ref('mart_social_care_spend') }}
    union all
    {% for amount, column in [('direct_payments', 'direct_payments_cash_gbp'), ('denominator', 'denominator_cash_gbp')] %}
    select
        'direct_payment_share', '{{ amount }}', edition, financial_year, area_level, figure, null, null,
        basis, client_group, age_band, null, null, {{ column }}
    from shares
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

summed as (
    select checks.check_id, checks.share_of, {{ exact_sum('figures.amount_cash_gbp') }} as our_sum
    from {{ ref('reconciliation_checks') }} as checks
    inner join figures
        on figures.our_mart = checks.our_mart
            and figures.amount = checks.amount
            and figures.edition = checks.edition
            {% for column in narrowed_by %}
            and coalesce(checks.{{ column }}, '') in ('', figures.{{ column }})
            {% endfor %}
    group by checks.check_id, checks.share_of
),

ours as (
    select summed.check_id, case when coalesce(summed.share_of, '') = '' then summed.our_sum else summed.our_sum / whole.our_sum end as our_value
    from summed
    left join summed as whole on whole.check_id = summed.share_of
    union all
    -- Every year of the old sheets: councils' direct payments against the England sheet, by client group.
    select 'councils_' || replace(edition, '-', '_') || '_' || client_group, direct_payments_cash_gbp
    from shares where basis = 'A' and figure = 'computed' and client_group != 'all'
),

checks as (
    select check_id, what, publisher_place, published_value, unit, tolerance, reason
    from {{ ref('reconciliation_checks') }}
    union all
    select
        'councils_' || replace(edition, '-', '_') || '_' || client_group,
        'EX1 ' || edition || ': direct payments, ' || replace(client_group, '_', ' ') || ', councils',
        'England sheet or column, direct payments line',
        direct_payments_cash_gbp, 'GBP', 1, 'None'
    from shares where basis = 'A' and figure = 'published' and client_group != 'all'
)

select
    checks.check_id,
    checks.what,
    checks.publisher_place,
    checks.unit,
    checks.published_value,
    ours.our_value,
    ours.our_value - checks.published_value as difference,
    checks.tolerance,
    abs(ours.our_value - checks.published_value) <= checks.tolerance as is_within_tolerance,
    checks.reason
from checks
left join ours on ours.check_id = checks.check_id
