-- Elements of the frameworks, each with the place in its source, and the levels on which a team may rate it.
select
    elements.framework, frameworks.framework_name, elements.element, elements.position, elements.theme,
    elements.element_name, elements.description, frameworks.levels, elements.is_current,
    elements.source_title, elements.source_url, elements.locator, elements.licence
from {{ ref('framework_elements') }} as elements
inner join {{ ref('dim_framework') }} as frameworks on frameworks.framework = elements.framework
