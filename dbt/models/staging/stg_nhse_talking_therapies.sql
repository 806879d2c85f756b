-- NHS Talking Therapies: annual counts by organisation.
select
    edition,
    year as financial_year,
    case org_type when 'England' then 'england' else lower(replace(org_type, ' ', '_')) end as org_type,
    org_code,
    org_name,
    measure,
    statistic,
    case unit when 'per cent' then value / 100 else value end as value,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'nhse_talking_therapies') }}
