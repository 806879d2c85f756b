-- Every month of a ledger belongs to one stretch of dbt/seeds/ledger_series.csv. Rows returned belong to none or several.
select held.body, held.month, count(series.body) as stretches
from (select distinct body, month from {{ ref('stg_ledger__monthly') }}) as held
left join {{ ref('ledger_series') }} as series
    on series.body = held.body
    and held.month >= series.first_month
    and (series.last_month is null or held.month <= series.last_month)
group by held.body, held.month
having count(series.body) != 1
