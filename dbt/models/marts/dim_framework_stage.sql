-- What each published commissioning cycle calls its stages, beside the stage of ours that it covers.
select
    names.cycle, names.maker, names.position, names.published_stage, names.stage, stages.element_name as stage_name,
    names.source_title, names.source_url, names.locator, names.licence
from {{ ref('framework_stage_names') }} as names
inner join {{ ref('framework_elements') }} as stages
    on stages.framework = 'commissioning_cycle' and stages.element = names.stage
