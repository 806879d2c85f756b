-- Councils with adult social services responsibilities in England, past and present.
with codes as (
    select
        council_id,
        max(code) filter (where scheme = 'cassr' and valid_to is null) as cassr_code,
        max(code) filter (where scheme = 'gss' and valid_to is null) as gss_code,
        string_agg(distinct code, ' ' order by code) filter (where scheme = 'cassr') as cassr_codes_all,
        string_agg(distinct code, ' ' order by code) filter (where scheme = 'gss') as gss_codes_all
    from {{ ref('council_codes') }}
    group by council_id
),

later as (
    select council_id, string_agg(successor_id, ' ' order by successor_id) as successors
    from {{ ref('council_successors') }} group by council_id
),

earlier as (
    select successor_id as council_id, string_agg(council_id, ' ' order by council_id) as predecessors
    from {{ ref('council_successors') }} group by successor_id
)

select
    c.council_id,
    c.council_name,
    c.class,
    replace(lower(c.class), ' ', '-') as class_id,
    c.region,
    regions.area_id as region_id,
    codes.cassr_code,
    codes.gss_code,
    codes.cassr_codes_all,
    codes.gss_codes_all,
    c.start_date,
    c.end_date,
    c.end_date is null as is_current,
    later.successors,
    earlier.predecessors,
    small.reason as why_too_small
from {{ ref('councils') }} as c
left join {{ ref('area_aliases') }} as regions on regions.alias = lower(c.region)
left join codes on codes.council_id = c.council_id
left join later on later.council_id = c.council_id
left join earlier on earlier.council_id = c.council_id
left join {{ ref('small_councils') }} as small on small.council_id = c.council_id
