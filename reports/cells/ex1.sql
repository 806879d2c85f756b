-- PSS EX1 with the area that each row is about, in pounds.
select
    r.*, coalesce(codes.area_id, names.area_id) as area_id,
    case when codes.area_id is not null then 'council' else names.area_level end as area_level,
    r.value * 1000 as amount
from raw.pss_ex1 as r
left join codes on codes.area_code = r.area_code
left join names on names.alias = lower(r.area)
