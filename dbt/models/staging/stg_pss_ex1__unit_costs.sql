-- EX1 2008-09 to 2013-14: numerators (pounds), denominators and unit costs by council and England.
select
    edition,
    year as financial_year,
    case when area_code != '' then 'cassr:' || area_code else 'alias:' || lower(area) end as area_key,
    trim(lower(regexp_replace(
        regexp_replace(
            regexp_replace(line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
            '\s*\(.{0,3}000''?s\)', '', 'i'
        ),
        '\s*at 31 March( 20\d\d)?$', '', 'i'
    ))) as line,
    line as line_as_published,
    line_code,
    measure,
    value,
    case when measure = 'numerator' then value * 1000 end as amount_cash_gbp,
    value_text,
    value_symbol,
    unit,
    source_file,
    source_locator
from {{ source('raw', 'pss_ex1') }}
where
    (edition, "table") in (
        select (edition, published_table) from {{ ref('published_tables') }} where dataset = 'pss_ex1' and role = 'unit_costs'
    )
