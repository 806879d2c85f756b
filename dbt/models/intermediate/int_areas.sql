-- Every area that the marts know, with its name.
select 'council' as area_level, council_id as area_id, council_name as area_name from {{ ref('councils') }}
union all
select distinct 'region', regions.area_id, councils.region
from {{ ref('councils') }} as councils
inner join {{ ref('area_aliases') }} as regions on regions.alias = lower(councils.region)
union all
select distinct 'class', replace(lower(class), ' ', '-'), class from {{ ref('council_classes') }}
union all
select 'england', 'england', 'England'
