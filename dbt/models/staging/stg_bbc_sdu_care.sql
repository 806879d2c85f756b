-- Councils' answers on contracts handed back and median waits, of four nations.
select
    edition,
    year as financial_year,
    'alias:' || lower(area) as area_key,
    area,
    country,
    response,
    measure,
    unit,
    value_text,
    value,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'bbc_sdu_care') }}
