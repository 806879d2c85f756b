-- ASC-FR bridging tables (lines of the older return), 2013-14 to 2015-16, in pounds.
select
    edition,
    year as financial_year,
    case
        when area_code != '' then 'cassr:' || area_code
        else 'alias:' || lower(area)
    end as area_key,
    age_band,
    detail,
    measure,
    value * 1000 as amount_cash_gbp,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'asc_fr') }}
where "table" = 'bridging'
