-- NHS mental health dashboard: money in pounds, shares as fractions, areas that existed at the end of 2021-22.
select
    edition,
    year as financial_year,
    "table" as published_table,
    area_code,
    area,
    case area_level when 'National' then 'england' else lower(area_level) end as area_level,
    category,
    replace(measure, 'planned ', '') as measure,
    measure like 'planned %' as is_planned,
    detail,
    unit,
    value * case unit when 'GBP million' then 1e6 else 1 end as value,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'nhse_mh_dashboard') }}
where coalesce(successor_code, '') = ''
