-- Which resources of a place count the same pound: a judgement for every pair of resources that are money.
select
    pairs.resource,
    resources.resource_name,
    pairs.other_resource,
    others.resource_name as other_resource_name,
    pairs.relation,
    pairs.reason
from {{ ref('place_resource_overlaps') }} as pairs
inner join {{ ref('place_resources') }} as resources on resources.resource = pairs.resource
inner join {{ ref('place_resources') }} as others on others.resource = pairs.other_resource
