-- Self-directed support in Scotland as a share of social work spending on adults, by council and year, with what people
-- said and what care cost beside it. Basis S: direct payments and managed personalised budgets together, so it is never
-- joined with England's bases A to D.
with wide as (
    select
        places.partnership_id as area_id,
        figures.financial_year,
        any_value(figures.edition) as edition,
        max(amount) filter (where indicator = 'SW2' and part = 'numerator') as sds_spend_cash_gbp,
        max(amount) filter (where indicator = 'SW2' and part = 'denominator') as social_work_spend_cash_gbp,
        max(amount) filter (where indicator = 'SW2' and part = 'indicator') / 100 as published_share,
        max(amount) filter (where indicator = 'SW4b') as quality_of_life_percent,
        max(amount) filter (where indicator = 'SW4c') as independence_percent,
        max(amount) filter (where indicator = 'SW4d') as had_a_say_percent,
        max(amount) filter (where indicator = 'SW4e') as carers_supported_percent,
        max(amount) filter (where indicator = 'SW7') as services_graded_good_percent,
        max(amount) filter (where indicator = 'SW1' and part = 'indicator') as home_care_hour_cash_gbp,
        max(amount) filter (where indicator = 'SW1' and part = 'numerator') as home_care_spend_cash_gbp,
        max(amount) filter (where indicator = 'SW1' and part = 'denominator') as home_care_hours,
        max(amount) filter (where indicator = 'SW5' and part = 'indicator') as care_home_week_cash_gbp,
        max(amount) filter (where indicator = 'SW5' and part = 'numerator') as care_home_spend_cash_gbp,
        max(amount) filter (where indicator = 'SW5' and part = 'denominator') as care_home_residents,
        max(source_file) filter (where indicator = 'SW2' and part = 'indicator') as source_file,
        max(source_locator) filter (where indicator = 'SW2' and part = 'indicator') as source_locator
    from {{ ref('stg_lgbf') }} as figures
    inner join {{ ref('scottish_partnership_aliases') }} as places on places.alias = figures.alias
    group by all
    -- Indicators start and end in different years; the mart has the years of the share.
    having count(*) filter (where indicator = 'SW2') > 0
)

select
    case wide.area_id when 'scotland' then 'scotland' else 'council' end as area_level,
    wide.area_id,
    names.partnership_name as area_name,
    wide.financial_year,
    'S' as basis,
    wide.edition,
    wide.sds_spend_cash_gbp,
    wide.social_work_spend_cash_gbp,
    wide.sds_spend_cash_gbp / nullif(wide.social_work_spend_cash_gbp, 0) as share,
    wide.published_share,
    wide.quality_of_life_percent,
    wide.independence_percent,
    wide.had_a_say_percent,
    wide.carers_supported_percent,
    wide.services_graded_good_percent,
    wide.home_care_spend_cash_gbp,
    wide.home_care_hours,
    wide.home_care_hour_cash_gbp,
    wide.home_care_hour_cash_gbp * deflators.to_real as home_care_hour_real_gbp,
    wide.care_home_spend_cash_gbp,
    wide.care_home_residents,
    wide.care_home_week_cash_gbp,
    wide.care_home_week_cash_gbp * deflators.to_real as care_home_week_real_gbp,
    deflators.real_terms_base_year,
    flags.flag,
    flags.reason as flag_reason,
    wide.source_file,
    wide.source_locator
from wide
inner join {{ ref('scottish_partnerships') }} as names on names.partnership_id = wide.area_id
left join {{ ref('int_deflators') }} as deflators on deflators.financial_year = wide.financial_year
left join {{ ref('sds_share_flags') }} as flags
    on flags.area_id = wide.area_id and wide.financial_year between flags.first_year and flags.last_year
