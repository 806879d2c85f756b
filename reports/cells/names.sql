-- Which area a row is about, by the name that the publisher prints.
select alias, council_id as area_id, 'council' as area_level from seeds.council_aliases
union all
select alias, area_id, area_level from seeds.area_aliases
