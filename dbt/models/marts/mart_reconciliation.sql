-- Totals that publishers print, beside the same totals from our rows, with the difference that remains.
with spend as (
    select * from {{ ref('mart_social_care_spend') }} where area_id = 'england'
),

shares as (
    select * from {{ ref('mart_direct_payment_share') }} where area_id = 'england'
),

asc_fr_all_care as (
    select edition, {{ exact_sum('amount_cash_gbp') }} as total, {{ exact_sum("case when care_type = 'long_term' then amount_cash_gbp end") }} as long_term
    from spend
    where
        dataset = 'asc_fr' and basis = 'C' and expenditure_type = 'gross_current_expenditure'
        and figure = 'computed' and grain = 'leaf'
    group by edition
),

ours as (
    select 'asc_fr_2014_15_parts' as check_id, total as our_value from asc_fr_all_care where edition = '2014-15'
    union all
    select 'asc_fr_2014_15_total', {{ exact_sum('amount_cash_gbp') }}
    from {{ ref('mart_social_care_spend') }}
    where
        edition = '2014-15' and area_level = 'council' and expenditure_type = 'gross_current_expenditure'
        and grain = 'total' and care_type = 'total'
    union all
    select 'asc_fr_2016_17_total', total from asc_fr_all_care where edition = '2016-17'
    union all
    select 'asc_fr_2016_17_long_term', long_term / total from asc_fr_all_care where edition = '2016-17'
    union all
    select 'asc_fr_2017_18_total', total from asc_fr_all_care where edition = '2017-18'
    union all
    select 'asc_fr_2021_22_councils', long_term from asc_fr_all_care where edition = '2021-22'
    union all
    select 'asc_fr_2021_22_long_term', {{ exact_sum('amount_cash_gbp') }}
    from spend
    where edition = '2021-22' and figure = 'published' and grain = 'leaf' and care_type = 'long_term'
    union all
    select 'asc_fr_2021_22_total', amount_cash_gbp
    from spend
    where edition = '2021-22' and figure = 'published' and grain = 'total' and care_type = 'total'
        and expenditure_type = 'gross_current_expenditure' and financial_year = '2021-22'
    union all
    select 'pss_ex1_2007_08_adults', {{ exact_sum('amount_cash_gbp') }}
    from spend
    where edition = '2007-08' and figure = 'computed' and grain = 'leaf'
    union all
    select 'pss_ex1_2013_14_direct_payments', {{ exact_sum('amount_cash_gbp') }}
    from spend
    where edition = '2013-14' and figure = 'computed' and grain = 'leaf' and support_setting = 'direct_payments'
    union all
    select 'pss_ex1_2008_09_direct_payments', {{ exact_sum('amount_cash_gbp') }}
    from spend
    where edition = '2008-09' and figure = 'computed' and grain = 'leaf' and support_setting = 'direct_payments'
    union all
    select 'pss_ex1_2013_14_press', direct_payments_cash_gbp
    from shares
    where edition = '2013-14' and basis = 'B' and client_group = 'all' and figure = 'published'
    union all
    select 'asc_fr_2014_15_bridging', denominator_cash_gbp
    from shares
    where edition = '2014-15' and financial_year = '2014-15' and basis = 'D' and age_band = 'all' and figure = 'computed'
    union all
    select 'asc_fr_2013_14_bridging', direct_payments_cash_gbp
    from shares
    where edition = '2014-15' and financial_year = '2013-14' and basis = 'D' and age_band = 'all' and figure = 'computed'
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
