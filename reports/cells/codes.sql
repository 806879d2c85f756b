-- Which area a row is about, by the code that the publisher prints.
select code as area_code, council_id as area_id from seeds.council_codes where scheme = 'cassr'
