-- Measures, typed by what they tell: input (resources), output (activity), outcome (a result).
select measure, measure_name, kind, unit, direction_of_good, definition, dataset, review_by
from {{ ref('measures') }}
