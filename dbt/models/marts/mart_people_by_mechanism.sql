-- People with long-term support by how it is delivered, ASC-FR 2021-22, councils to England (rounded to 5).
select
    areas.area_level,
    areas.area_id,
    names.area_name,
    people.financial_year,
    case people.age_band when '18 to 64' then '18-64' when '65 and over' then '65+' else 'all' end as age_band,
    case
        when people.mechanism = '' then 'all'
        when people.mechanism = 'Nursing' then 'nursing'
        when people.mechanism = 'Residential' then 'residential'
        when people.mechanism = 'Total' then 'all'
        when people.mechanism like 'Prison%' then lower(replace(people.mechanism, ' ', '_'))
        when people.mechanism like '%Direct Payment Only' then 'direct_payment_only'
        when people.mechanism like '%Part Direct Payment' then 'part_direct_payment'
        when people.mechanism like '%Managed Personal Budget' then 'managed_personal_budget'
        when people.mechanism like '%Commissioned Support Only' then 'council_commissioned_only'
    end as mechanism,
    people.age_band not in ('18 to 64', '65 and over') or people.mechanism in ('', 'Total') as is_total,
    cast(people.people as bigint) as people,
    people.value_symbol
from {{ ref('stg_asc_fr__people') }} as people
inner join {{ ref('int_area_keys') }} as areas on areas.area_key = people.area_key
inner join {{ ref('int_areas') }} as names on names.area_level = areas.area_level and names.area_id = areas.area_id
