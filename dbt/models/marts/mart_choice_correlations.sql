-- Correlations over councils of the direct payment share of spending (basis C) with what the survey's answers were: of
-- one year, and of the changes between two. Each with its 95% interval (Fisher) and with how much of what differs in
-- the outcome is the survey's own sampling error, which hides any association that there is.
{% set outcomes = ['control_over_daily_life', 'quality_of_life', 'adjusted_quality_of_life', 'satisfaction_with_care', 'feeling_safe'] %}
with figures as (
    {% for outcome in outcomes %}
    select
        years.council_id, years.financial_year, '{{ outcome }}' as outcome, years.direct_payment_spend_share as share,
        years.{{ outcome }} as value, years.{{ outcome }}_margin / 1.96 as error, measured.comparability_group
    from {{ ref('mart_choice_and_outcomes') }} as years
    -- Of the outcome, not of the survey: adjusted quality of life has had another formula since 2020-21.
    inner join {{ ref('mart_council_outcomes') }} as measured
        on measured.area_level = 'council' and measured.area_id = years.council_id
        and measured.financial_year = years.financial_year and measured.measure_id = '{{ outcome }}'
    where
        years.direct_payment_spend_share is not null and years.{{ outcome }} is not null
        -- Left out by the analysis plan: too few people for a survey's percentage.
        and years.council_id not in (select council_id from {{ ref('small_councils') }})
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A council whose bounds changed on the way is two places, whatever it is called.
moved as (
    select council_id, {{ financial_year('extract(year from date)') }} as first_year from {{ ref('council_successors') }}
),

pairs as (
    select
        'level' as kind, 'none' as from_year, financial_year, outcome,
        share, value, power(error, 2) as error_variance
    from figures
    union all
    select
        'change', earlier.financial_year, later.financial_year, later.outcome,
        later.share - earlier.share, later.value - earlier.value,
        power(earlier.error, 2) + power(later.error, 2)
    from figures as later
    inner join figures as earlier
        on earlier.council_id = later.council_id and earlier.outcome = later.outcome
        and earlier.financial_year < later.financial_year
        and earlier.comparability_group = later.comparability_group
    where not exists (
        select 1 from moved
        where
            moved.council_id = later.council_id
            and moved.first_year > earlier.financial_year and moved.first_year <= later.financial_year
    )
),

together as (
    select
        kind, from_year, financial_year, outcome, count(*) as councils, corr(share, value) as correlation,
        case when count(error_variance) = count(*) then avg(error_variance) / var_samp(value) end as error_share
    from pairs
    group by all
    having count(*) > 3
)

select
    outcome,
    kind,
    from_year,
    financial_year,
    cast(councils as integer) as councils,
    round(correlation, 9) as correlation,
    round(tanh(atanh(correlation) - 1.96 / sqrt(councils - 3)), 9) as interval_low,
    round(tanh(atanh(correlation) + 1.96 / sqrt(councils - 3)), 9) as interval_high,
    round(error_share, 9) as sampling_error_share,
    round(sqrt(greatest(0, 1 - error_share)), 9) as largest_visible_correlation
from together
