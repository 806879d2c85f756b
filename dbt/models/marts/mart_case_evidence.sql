-- Cases that are often told of commissioning: what is claimed, by whom, and compared with what.
select
    case_id, position, case_name, place, status, nullif(claim, '') as claim, nullif(claimed_by, '') as claimed_by,
    nullif(claim_year, '') as claim_year, nullif(compared_with, '') as compared_with, design_class, cannot_tell,
    nullif(source_title, '') as source_title, nullif(source_url, '') as source_url, nullif(locator, '') as locator
from {{ ref('evidence_cases') }}
