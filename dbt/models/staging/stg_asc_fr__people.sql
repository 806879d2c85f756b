-- ASC-FR 2021-22, table T38: people with long-term support by how it is delivered (rounded to 5 by the publisher).
select
    edition,
    year as financial_year,
    case
        when gss_code like 'E12%' or gss_code like 'E92%' then 'gss:' || gss_code
        when area_code != '' then 'cassr:' || area_code
        else 'alias:' || lower(area)
    end as area_key,
    age_band,
    support_setting as mechanism,
    value as people,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'asc_fr') }}
where "table" = 'T38'
