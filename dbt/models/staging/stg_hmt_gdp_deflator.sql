-- GDP deflator by financial year from the latest edition held; editions are on different base years and are
-- never mixed. `base_year` is the year that reads 100.
select
    year as financial_year,
    edition,
    value as deflator,
    is_forecast = 'true' as is_forecast,
    substr(unit, strpos(unit, ',') + 2, 7) as base_year,
    source_file,
    source_locator
from {{ source('raw', 'hmt_gdp_deflator') }}
where
    series = 'GDP deflator'
    and length(year) = 7
    and edition = (select max(edition) from {{ source('raw', 'hmt_gdp_deflator') }})
