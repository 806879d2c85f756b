-- What is not money: turnover of the workforce, and councils' answers on contracts handed back and on waits.
with turnover as (
    select
        areas.area_level, areas.area_id, figures.financial_year, 'workforce_turnover' as resource,
        figures.value as quantity, figures.value_symbol, figures.edition,
        'the publisher gives no figure' as missing_reason, 'oflog_asc' as dataset
    from {{ ref('stg_oflog_asc') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.measure_code = 'ASC7'
),

answers as (
    select
        areas.area_level, areas.area_id, figures.financial_year,
        case figures.measure
            when 'home care contracts handed back' then 'contracts_handed_back'
            when 'hours of home care a week handed back' then 'hours_handed_back'
            when 'median wait for an assessment' then 'wait_for_assessment'
            when 'median wait for care to start' then 'wait_for_care'
        end as resource,
        figures.value as quantity, figures.value_symbol, figures.edition,
        case
            when figures.value_text = 'Not held' then 'the council said that it does not hold the figure'
            when figures.value_text = 'Cost exceeded' then 'the council said that finding the figure would cost too much'
            when figures.response = 'refused' then 'the newsroom marks the answer as refused, for cost or another reason'
            when figures.response in ('no answer', 'no') then 'the council did not answer this question'
            else 'the council answered without a figure'
        end as missing_reason,
        'bbc_sdu_care' as dataset
    from {{ ref('stg_bbc_sdu_care') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.country = 'England'
)

select * from turnover
union all select * from answers
