-- What every measure, mart, brief and section of a council's page tells, and whom it serves at which stage of the cycle.
select
    placed.item_kind, placed.item, placed.item_name, placed.tells, placed.stage, stages.element_name as stage_name,
    stages.position as stage_position, placed.world, nullif(placed.href, '') as href,
    nullif(placed.informs, '') as informs, nullif(placed.cannot_inform, '') as cannot_inform
from {{ ref('placements') }} as placed
inner join {{ ref('framework_elements') }} as stages
    on stages.framework = 'commissioning_cycle' and stages.element = placed.stage
