-- The explorer's measures of adult social care by council, in the publisher's units.
select
    edition,
    year as financial_year,
    'gss:' || area_code as area_key,
    measure_code,
    measure,
    unit,
    value,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'oflog_asc') }}
