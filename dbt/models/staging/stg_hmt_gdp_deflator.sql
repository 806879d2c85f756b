-- GDP deflator by financial year: the latest edition held, as an index with its base year in words.
with series as (
    select
        year as financial_year,
        edition,
        value as deflator,
        is_forecast = 'true' as is_forecast,
        substr(unit, strpos(unit, ',') + 2, 7) as base_year,
        source_file,
        source_locator,
        row_number() over (partition by year order by edition desc) as newest
    from {{ source('raw', 'hmt_gdp_deflator') }}
    where series = 'GDP deflator' and length(year) = 7 and year >= '1994-95'
)

select financial_year, edition, deflator, is_forecast, base_year, source_file, source_locator
from series
where newest = 1 and edition = '2026-03'
