-- Every measure, typed by what it tells: input (resources), output (activity), outcome (a result).
select
    measure, measure_name, kind, unit, direction_of_good, definition, source, dataset, mart, found_by,
    nullif(brief, '') as brief, review_by
from {{ ref('measures') }}
union all
select
    measure_id, measure_name, kind, unit, direction_of_good, definition, source, 'ascof', 'mart_council_outcomes',
    format('measure_id = ''{}''', measure_id), nullif(brief, ''), review_by
from {{ ref('ascof_measures') }}
