-- Every council, region and class that a return names is known to the seeds. Rows returned are the orphans.
select dataset, edition, area_key, count(*) as cells
from {{ ref('int_spend_cells') }}
where area_id is null
group by all
