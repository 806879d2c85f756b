-- What estimates hold constant or cluster on, one row a council and year.
with deprivation as (
    select areas.area_id, max(figures.value) as imd_2019_score
    from {{ source('raw', 'imd') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = 'gss:' || figures.area_code
    where figures.year = '2019' and figures.measure = 'IMD - Average score'
    group by areas.area_id
)

select
    years.council_id,
    years.financial_year,
    years.region_id,
    adults.people as adults,
    older.people * 1.0 / adults.people as share_65_plus,
    deprivation.imd_2019_score
from {{ ref('int_council_years') }} as years
left join {{ ref('int_population') }} as adults
    on adults.area_level = 'council' and adults.area_id = years.council_id
    and adults.financial_year = years.financial_year and adults.age_band = 'all'
left join {{ ref('int_population') }} as older
    on older.area_level = 'council' and older.area_id = years.council_id
    and older.financial_year = years.financial_year and older.age_band = '65+'
left join deprivation on deprivation.area_id = years.council_id
