-- Correlations over the councils of Scotland of the share of self-directed support (basis S) with what people said, with
-- the grades of services and with what care cost, each with its 95% interval (Fisher): with all councils, and without those whose share is flagged.
{% set outcomes = [
    'quality_of_life_percent', 'independence_percent', 'had_a_say_percent', 'carers_supported_percent',
    'services_graded_good_percent', 'home_care_hour_cash_gbp', 'care_home_week_cash_gbp'
] %}
with figures as (
    {% for outcome in outcomes %}
    select
        financial_year, '{{ outcome | replace("_percent", "") | replace("_cash_gbp", "") }}' as outcome, share, flag,
        {{ outcome }} as value
    from {{ ref('mart_sds_share') }}
    where area_level = 'council' and share is not null and {{ outcome }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

samples as (
    select *, 'all councils' as sample from figures
    union all
    select *, 'without flagged' from figures where flag is null
),

together as (
    select outcome, sample, financial_year, count(*) as councils, corr(share, value) as correlation
    from samples
    group by all
    having count(*) > 3
)

select
    outcome,
    sample,
    financial_year,
    cast(councils as integer) as councils,
    round(correlation, 9) as correlation,
    round(tanh(atanh(correlation) - 1.96 / sqrt(councils - 3)), 9) as interval_low,
    round(tanh(atanh(correlation) + 1.96 / sqrt(councils - 3)), 9) as interval_high
from together
