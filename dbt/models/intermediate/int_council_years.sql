-- One row a council and financial year in which the council was responsible for adult social services on the
-- year's last day, with its region and class in that year.
with years as (
    select
        {{ financial_year('y') }} as financial_year,
        make_date(y, 4, 1) as starts,
        make_date(y + 1, 3, 31) as ends
    from (select unnest(range(2000, 2026)) as y) as numbers
)

select
    councils.council_id,
    years.financial_year,
    regions.area_id as region_id,
    replace(lower(through_time.class), ' ', '-') as class_id
from {{ ref('councils') }} as councils
inner join years
    on (councils.start_date is null or councils.start_date <= years.starts)
    and (councils.end_date is null or councils.end_date >= years.ends)
left join {{ ref('area_aliases') }} as regions on regions.alias = lower(councils.region)
left join {{ ref('council_classes') }} as through_time
    on through_time.council_id = councils.council_id
    and (through_time.valid_from is null or through_time.valid_from <= years.ends)
    and (through_time.valid_to is null or through_time.valid_to >= years.ends)
