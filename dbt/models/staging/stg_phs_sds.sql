-- Self-directed support, Scotland: numbers, rates and percentages by partnership, one row a published figure.
select
    edition,
    year as financial_year,
    "table" as published_table,
    lower(area) as alias,
    lower(replace(replace(option, ' Only', ''), ' ', '_')) as option,
    option like '% Only' as is_exclusive,
    client_group,
    provider_type,
    case age_group when '' then 'All Ages' else age_group end as age_group,
    measure,
    detail,
    carried_from,
    value,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'phs_sds') }}
