-- People with long-term support by how it is delivered, councils to England (rounded to 5 by the publisher).
select
    people.area_level,
    people.area_id,
    names.area_name,
    people.financial_year,
    people.age_band,
    people.mechanism,
    people.age_band = 'all' or people.mechanism = 'all' as is_total,
    cast(people.people as bigint) as people,
    people.value_symbol
from {{ ref('int_people_by_mechanism') }} as people
inner join {{ ref('int_areas') }} as names on names.area_level = people.area_level and names.area_id = people.area_id
