-- People with long-term support by how it is delivered, ASC-FR: one row a printed count. Which tables print them is in
-- dbt/seeds/published_tables.csv, what each heading stands for in delivery_mechanism_labels.csv.
select
    areas.area_level,
    areas.area_id,
    people.edition,
    people.financial_year,
    coalesce(people.age_band, 'all') as age_band,
    labels.mechanism,
    nullif(labels.place, '') as place,
    mechanisms.has_direct_payment,
    people.value as people,
    people.value_symbol
from {{ ref('stg_asc_fr') }} as people
inner join {{ ref('published_tables') }} as tables
    on {{ is_printed_in('people', 'tables', 'asc_fr', ['people']) }}
inner join {{ ref('int_area_keys') }} as areas on areas.area_key = people.area_key
left join {{ ref('delivery_mechanism_labels') }} as labels
    on labels.dataset = 'asc_fr' and coalesce(labels.label, '') = people.setting_as_published
left join {{ ref('delivery_mechanisms') }} as mechanisms on mechanisms.mechanism = labels.mechanism
