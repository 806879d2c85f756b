-- Two rules of a body with one priority could both fit a label: the order would be chance.
select body, priority, count(*) as rules
from {{ ref('route_rules') }}
group by body, priority
having count(*) > 1
