-- Persons by area and adult age band at mid-year. Single years of age are summed; nothing is estimated.
with figures as (
    select area_code as gss_code, year as population_year, area, age, edition, value
    from {{ source('raw', 'ons_population') }}
    where age != 'All ages'
),

banded as (
    select
        gss_code,
        population_year,
        min(area) as area,
        case
            when cast(replace(age, '+', '') as integer) < 18 then '0-17'
            when cast(replace(age, '+', '') as integer) < 65 then '18-64'
            else '65+'
        end as age_band,
        sum(value) as people
    from figures
    group by gss_code, population_year, age_band
)

select gss_code, cast(population_year as integer) as population_year, area, age_band, cast(people as bigint) as people
from banded
