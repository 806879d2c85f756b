-- EX1 2000-01 to 2007-08: spending lines by council, class and England, in pounds.
select
    edition,
    year as financial_year,
    "table" as published_table,
    case when area_code != '' then 'cassr:' || area_code else 'alias:' || lower(area) end as area_key,
    lower(section) as section,
    trim(lower(regexp_replace(line, '\(\s*lines.*$', '', 'i'))) as line,
    line as line_as_published,
    measure,
    value * 1000 as amount_cash_gbp,
    value_text,
    value_symbol,
    unit,
    source_file,
    source_locator
from {{ source('raw', 'pss_ex1') }}
where
    (edition, "table") in (
        select (edition, published_table) from {{ ref('published_tables') }} where dataset = 'pss_ex1' and role = 'spending'
    )
