-- Choice beside outcomes, one row a council and year: direct payment shares, outcomes, spending, deprivation, age.
-- Gaps stay gaps.
with years as (
    select council_id, financial_year, region_id, class_id
    from {{ ref('int_council_years') }}
    -- From the first year of the share that outcomes are held against to the last year of an outcome.
    where
        financial_year >= (select first_year from {{ ref('bases') }} where basis = 'C')
        and financial_year <= (select max(financial_year) from {{ ref('mart_council_outcomes') }})
),

spend as (
    select
        area_id, financial_year,
        max(share) filter (where age_band = 'all') as spend_share,
        max(share) filter (where age_band = '18-64') as spend_share_18_64,
        max(share) filter (where age_band = '65+') as spend_share_65_plus,
        max(denominator_real_gbp) filter (where age_band = 'all') as long_term_support_real_gbp,
        max(adult_population) filter (where age_band = 'all') as adults,
        max(flag) filter (where age_band = 'all') as flag
    from {{ ref('mart_direct_payment_share') }}
    where area_level = 'council' and basis = 'C' and client_group = 'all'
    group by all
),

outcomes as (
    select
        area_id, financial_year,
        {% for measure in ['control_over_daily_life', 'quality_of_life', 'adjusted_quality_of_life', 'satisfaction_with_care', 'feeling_safe', 'users_social_contact'] %}
        max(value) filter (where measure_id = '{{ measure }}') as {{ measure }},
        max(margin_of_error) filter (where measure_id = '{{ measure }}') as {{ measure }}_margin,
        {% endfor %}
        max(comparability_group) filter (where measure_id = 'control_over_daily_life') as survey_comparability_group
    from {{ ref('mart_council_outcomes') }}
    where area_level = 'council'
    group by all
),

population as (
    select
        area_id, financial_year,
        max(people) filter (where age_band = '65+') * 1.0 / max(people) filter (where age_band = 'all') as share_65_plus
    from {{ ref('int_population') }}
    where area_level = 'council'
    group by all
),

deprivation as (
    select
        areas.area_id,
        max(figures.value) filter (where figures.year = '2019' and measure = 'IMD - Average score') as imd_2019_score,
        max(figures.value) filter (where figures.year = '2025' and measure = 'imd2025_average_score') as imd_2025_score
    from {{ source('raw', 'imd') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = 'gss:' || figures.area_code
    group by areas.area_id
),

peers as (
    select
        pairs.council_id, spend.financial_year,
        case
            when count(spend.spend_share) >= {{ threshold('peers_for_a_median') }} then median(spend.spend_share)
        end as peer_median_spend_share
    from {{ ref('mart_council_peers') }} as pairs
    inner join spend on spend.area_id = pairs.peer_id
    where pairs.peer_rank <= {{ threshold('peers_of_a_council') }}
    group by all
)

select
    years.council_id,
    names.area_name as council_name,
    years.financial_year,
    years.region_id,
    years.class_id,
    spend.spend_share as direct_payment_spend_share,
    spend.spend_share_18_64 as direct_payment_spend_share_18_64,
    spend.spend_share_65_plus as direct_payment_spend_share_65_plus,
    peers.peer_median_spend_share,
    users.share as direct_payment_user_share,
    users.share_low as direct_payment_user_share_low,
    users.share_high as direct_payment_user_share_high,
    users.figure as direct_payment_user_share_figure,
    users.comparability_group as direct_payment_user_share_group,
    outcomes.control_over_daily_life,
    outcomes.control_over_daily_life_margin,
    outcomes.quality_of_life,
    outcomes.quality_of_life_margin,
    outcomes.adjusted_quality_of_life,
    outcomes.adjusted_quality_of_life_margin,
    outcomes.satisfaction_with_care,
    outcomes.satisfaction_with_care_margin,
    outcomes.feeling_safe,
    outcomes.feeling_safe_margin,
    outcomes.users_social_contact,
    outcomes.users_social_contact_margin,
    outcomes.survey_comparability_group,
    spend.long_term_support_real_gbp / spend.adults as long_term_support_per_adult_real_gbp,
    population.share_65_plus as share_of_adults_65_plus,
    deprivation.imd_2019_score,
    deprivation.imd_2025_score,
    spend.flag
from years
inner join {{ ref('int_areas') }} as names on names.area_level = 'council' and names.area_id = years.council_id
left join spend on spend.area_id = years.council_id and spend.financial_year = years.financial_year
left join outcomes on outcomes.area_id = years.council_id and outcomes.financial_year = years.financial_year
left join {{ ref('int_users_with_direct_payment') }} as users
    on users.area_level = 'council' and users.area_id = years.council_id and users.financial_year = years.financial_year
left join population on population.area_id = years.council_id and population.financial_year = years.financial_year
left join deprivation on deprivation.area_id = years.council_id
left join peers on peers.council_id = years.council_id and peers.financial_year = years.financial_year
