-- The GDP deflator, CPI and CPIH by financial year from the latest edition held, each on its publisher's base.
select
    series as price_index,
    year as financial_year,
    edition,
    value as index_value,
    substr(unit, strpos(unit, ',') + 2) as index_base,
    is_forecast = 'true' as is_forecast,
    source_file,
    source_locator
from {{ source('raw', 'hmt_gdp_deflator') }}
where
    length(year) = 7
    and edition = (select max(edition) from {{ source('raw', 'hmt_gdp_deflator') }})
