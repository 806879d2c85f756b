-- What cash of each financial year is worth at prices of the index's base year.
select
    financial_year,
    100 / deflator as to_real,
    base_year as real_terms_base_year,
    is_forecast
from {{ ref('stg_hmt_gdp_deflator') }}
