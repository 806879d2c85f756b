-- Net current expenditure by service, in pounds, of authorities and England: a third party's table.
select
    edition,
    year as financial_year,
    'gss:' || gss_code as area_key,
    part,
    service,
    value * 1000 as amount_cash_gbp,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'mhclg_ro_multi') }}
where part in ('England', 'authority')
