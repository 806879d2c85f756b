-- Correlations over councils of the direct payment share, of spending (basis C) and of people, with what the survey's
-- answers were: of one year, and of the changes between two. Each with its 95% interval (Fisher) and with how much of
-- what differs in the outcome is the survey's own sampling error, which hides any association that there is.
{% set outcomes = ['control_over_daily_life', 'quality_of_life', 'adjusted_quality_of_life', 'satisfaction_with_care', 'feeling_safe'] %}
with shares as (
    select
        council_id, financial_year, 'spending' as share_of, direct_payment_spend_share as share, 'basis C' as share_group
    from {{ ref('mart_choice_and_outcomes') }}
    union all
    select
        council_id, financial_year, 'people', direct_payment_user_share, direct_payment_user_share_group
    from {{ ref('mart_choice_and_outcomes') }}
),

figures as (
    {% for outcome in outcomes %}
    select
        years.financial_year, '{{ outcome }}' as outcome, shares.share_of, shares.share, shares.share_group,
        years.{{ outcome }} as value, years.{{ outcome }}_margin / 1.96 as error, measured.comparability_group,
        boundaries.boundary_id
    from {{ ref('mart_choice_and_outcomes') }} as years
    inner join shares on shares.council_id = years.council_id and shares.financial_year = years.financial_year
    -- Of the outcome, not of the survey: adjusted quality of life has had another formula since 2020-21.
    inner join {{ ref('mart_council_outcomes') }} as measured
        on measured.area_level = 'council' and measured.area_id = years.council_id
        and measured.financial_year = years.financial_year and measured.measure_id = '{{ outcome }}'
    inner join {{ ref('int_council_boundaries') }} as boundaries
        on boundaries.council_id = years.council_id and boundaries.financial_year = years.financial_year
    where
        shares.share is not null and years.{{ outcome }} is not null
        -- The survey of that year was voluntary, and few councils took part.
        and years.financial_year != '2020-21'
        -- Left out by the analysis plan: too few people for a survey's percentage.
        and years.council_id not in (select council_id from {{ ref('small_councils') }})
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

pairs as (
    select
        'level' as kind, 'none' as from_year, financial_year, outcome, share_of,
        share, value, power(error, 2) as error_variance
    from figures
    union all
    select
        'change', earlier.financial_year, later.financial_year, later.outcome, later.share_of,
        later.share - earlier.share, later.value - earlier.value,
        power(earlier.error, 2) + power(later.error, 2)
    from figures as later
    -- A council whose boundaries changed on the way is two places, whatever it is called.
    inner join figures as earlier
        on earlier.boundary_id = later.boundary_id and earlier.outcome = later.outcome and earlier.share_of = later.share_of
        and earlier.financial_year < later.financial_year
        and earlier.comparability_group = later.comparability_group and earlier.share_group = later.share_group
),

together as (
    select
        kind, from_year, financial_year, outcome, share_of, count(*) as councils, corr(share, value) as correlation,
        case when count(error_variance) = count(*) then avg(error_variance) / var_samp(value) end as error_share
    from pairs
    group by all
    having count(*) > 3
)

select
    outcome,
    share_of,
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
