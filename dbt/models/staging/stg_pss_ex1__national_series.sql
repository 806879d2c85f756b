-- EX1 national series of gross current expenditure, England, 1994-95 on, in pounds.
select
    edition,
    year as financial_year,
    lower(section) as section,
    line,
    value * 1000 as amount_cash_gbp,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'pss_ex1') }}
where "table" = 'gross current expenditure national series'
