-- From what a commissioner has to do, to the figures, briefs, sections of council pages and gaps that serve it.
select
    leads.decision, leads.decision_position, leads.question, leads.stage, stages.element_name as stage_name, leads.world,
    leads.position, leads.lead_kind, leads.label, leads.href, leads.tells
from {{ ref('decision_leads') }} as leads
inner join {{ ref('framework_elements') }} as stages
    on stages.framework = 'commissioning_cycle' and stages.element = leads.stage
