-- Residents aged 18 and over by single year of age, England and councils as they were in the financial year.
select
    r.* exclude (year), years.financial_year as year,
    case
        when r.area_code = 'E92000001' then 'england'
        when moved.gss_code is not null then moved.council_id
        else gss.council_id
    end as area_id,
    'adult residents' as part, r.value as amount
from raw.ons_population as r
inner join seeds.population_years as years on years.population_year = r.year
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.area_code
left join seeds.population_areas as moved on moved.population_year = r.year and moved.gss_code = r.area_code
where r.age != 'All ages' and replace(r.age, '+', '')::integer >= 18
