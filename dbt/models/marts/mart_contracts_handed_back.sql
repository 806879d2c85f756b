-- Home care contracts that providers handed back, by nation and year: sums of the councils that gave a figure.
select
    edition,
    financial_year,
    lower(replace(country, ' ', '_')) as country_id,
    any_value(country) as country,
    count(*) filter (where measure = 'home care contracts handed back') as councils_asked,
    count(value) filter (where measure = 'home care contracts handed back') as councils_with_a_figure,
    count(*) filter (where measure = 'home care contracts handed back' and value = 0) as councils_with_none,
    sum(value) filter (where measure = 'home care contracts handed back') as contracts,
    count(value) filter (where measure = 'hours of home care a week handed back') as councils_with_hours,
    sum(value) filter (where measure = 'hours of home care a week handed back') as hours_a_week
from {{ ref('stg_bbc_sdu_care') }}
group by edition, financial_year, country_id
