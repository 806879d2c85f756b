-- Scotland's benchmarking framework: every figure of a care indicator, money in pounds.
select
    edition,
    year as financial_year,
    lower(area) as alias,
    indicator,
    part,
    title,
    value,
    case unit when 'GBP thousand' then value * 1000 else value end as amount,
    value_text,
    value_symbol,
    unit,
    source_file,
    source_locator
from {{ source('raw', 'lgbf') }}
