-- Councils that went on under their own name on new boundaries: part of their area went to another council, or came
-- from one. Figures before and after are of different areas, so no line joins them and no difference is taken.
with changes as (
    select s.council_id, s.date as changed_on, 'smaller' as became, s.note
    from {{ ref('council_successors') }} as s
    inner join {{ ref('councils') }} as c on c.council_id = s.council_id
    where c.end_date is null or c.end_date >= s.date
    union all
    select s.successor_id, s.date, 'larger', s.note
    from {{ ref('council_successors') }} as s
    inner join {{ ref('councils') }} as c on c.council_id = s.successor_id
    where c.start_date is null or c.start_date < s.date
)

select
    council_id,
    changed_on,
    -- A financial year begins on 1 April: a change on that day holds for the whole of the year that begins.
    {{ financial_year('year(changed_on) - case when month(changed_on) < 4 then 1 else 0 end') }} as first_financial_year,
    -- Gains and losses of one day together are neither: the area is another one.
    case when count(distinct became) = 1 then max(became) else 'other' end as became,
    nullif(string_agg(distinct note, '; ' order by note), '') as note
from changes
group by council_id, changed_on
