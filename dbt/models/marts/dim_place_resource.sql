-- Resources for adults' lives in a place: what each counts, who reports it, and where it would come from.
select
    resource,
    resource_name,
    kind,
    reported_by,
    dataset,
    quantity_unit as unit,
    sum_group,
    what_it_counts,
    comes_from,
    position
from {{ ref('place_resources') }}
