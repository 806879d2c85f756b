-- Residents by area, financial year and age band, councils as they were in the year; `all` is 18 and over.
with by_council as (
    select
        years.financial_year,
        bands.population_year,
        case when overrides.gss_code is not null then overrides.council_id else codes.council_id end as council_id,
        bands.age_band,
        bands.people
    from {{ ref('stg_ons_population__bands') }} as bands
    inner join {{ ref('population_years') }} as years on years.population_year = bands.population_year
    left join {{ ref('population_areas') }} as overrides
        on overrides.population_year = bands.population_year and overrides.gss_code = bands.gss_code
    left join {{ ref('council_codes') }} as codes on codes.scheme = 'gss' and codes.code = bands.gss_code
    where bands.gss_code not like 'E12%' and bands.gss_code not like 'E92%'
),

councils as (
    select by_council.financial_year, population_year, by_council.council_id, age_band, sum(people) as people
    from by_council
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = by_council.council_id and in_force.financial_year = by_council.financial_year
    group by all
),

wider as (
    select years.financial_year, bands.population_year, areas.area_level, areas.area_id, bands.age_band, bands.people
    from {{ ref('stg_ons_population__bands') }} as bands
    inner join {{ ref('population_years') }} as years on years.population_year = bands.population_year
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = 'gss:' || bands.gss_code
    where areas.area_level in ('region', 'england')
),

classes as (
    -- Only where every council of the class has an estimate.
    select
        in_force.financial_year, max(population_year) as population_year, in_force.class_id as area_id,
        bands.age_band, sum(people) as people
    from {{ ref('int_council_years') }} as in_force
    cross join (select distinct age_band from councils) as bands
    left join councils
        on councils.council_id = in_force.council_id
        and councils.financial_year = in_force.financial_year
        and councils.age_band = bands.age_band
    group by in_force.financial_year, in_force.class_id, bands.age_band
    having count(people) = count(*)
),

banded as (
    select financial_year, population_year, 'council' as area_level, council_id as area_id, age_band, people from councils
    union all
    select financial_year, population_year, area_level, area_id, age_band, people from wider
    union all
    select financial_year, population_year, 'class', area_id, age_band, people from classes
)

select financial_year, population_year, area_level, area_id, age_band, cast(people as bigint) as people
from banded
where age_band != '0-17'
union all
select financial_year, population_year, area_level, area_id, 'all', cast(sum(people) as bigint)
from banded
where age_band != '0-17'
group by financial_year, population_year, area_level, area_id
