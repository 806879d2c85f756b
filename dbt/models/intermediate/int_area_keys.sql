-- Every code and name that a return uses for a council, class, region or England.
select 'cassr:' || code as area_key, 'council' as area_level, council_id as area_id
from {{ ref('council_codes') }} where scheme = 'cassr'
union all
select 'gss:' || code, 'council', council_id
from {{ ref('council_codes') }} where scheme = 'gss'
union all
select 'alias:' || alias, 'council', council_id from {{ ref('council_aliases') }}
union all
select 'alias:' || alias, area_level, area_id from {{ ref('area_aliases') }}
union all
select distinct 'gss:' || gss_code, area_level, area_id from {{ ref('area_aliases') }} where gss_code is not null
