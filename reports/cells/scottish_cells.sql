-- Scotland's benchmarking framework by council area, money in pounds; `part` is the indicator and what of it the cell is.
select
    r.*, places.partnership_id as area_id, r.indicator || ' ' || r.figure_part as part,
    r.value * case r.unit when 'GBP thousand' then 1000 else 1 end as amount
from (select * exclude (part), part as figure_part from raw.lgbf) as r
inner join seeds.scottish_partnership_aliases as places on places.alias = lower(r.area)
