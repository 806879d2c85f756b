-- Months of each financial year that a ledger holds, how many of them belong to its care series, and what is odd about
-- a stretch of the series that begins in the year.
select
    held.body,
    held.financial_year,
    cast(count(*) as integer) as months_held,
    cast(count(case when series.in_series then 1 end) as integer) as months_in_series,
    {{ joined_texts(
        'case when series.in_series and series.first_month = held.month then series.note end', '; ', 'held.month'
    ) }} as note
from (select distinct body, month, financial_year from {{ ref('stg_ledger__monthly') }}) as held
inner join {{ ref('ledger_series') }} as series
    on series.body = held.body
    and held.month >= series.first_month
    and (series.last_month is null or held.month <= series.last_month)
group by held.body, held.financial_year
