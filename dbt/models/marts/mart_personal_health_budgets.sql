-- Personal health budgets as published: people, how the money is held, and one commissioner's spending.
select
    period,
    year as financial_year,
    nullif(quarter, '') as quarter,
    span,
    area as area_name,
    measure,
    value,
    case unit when 'GBP m' then 'GBP million' else unit end as unit,
    publication,
    kind as reading,
    nullif(remark, '') as note,
    source_url,
    source_locator
from {{ source('raw', 'nhse_phb') }}
