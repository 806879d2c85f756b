-- Revenue outturn summary: spending by service, in pounds, of councils and England. The latest release of a year.
with latest as (
    select year, max(edition) filter (where edition not like '%first-release') as edition
    from {{ source('raw', 'mhclg_rsx') }}
    group by year
)

select
    figures.edition,
    figures.year as financial_year,
    'gss:' || figures.gss_code as area_key,
    figures.part,
    figures.service_code,
    figures.service,
    case
        when figures.measure like '%(C3 %' then 'total_expenditure'
        when figures.measure like '%(C6 %' then 'total_income'
        when figures.measure like '%(C7 %' then 'net_current_expenditure'
    end as measure,
    figures.value * 1000 as amount_cash_gbp,
    figures.value_symbol,
    figures.source_file,
    figures.source_locator
from {{ source('raw', 'mhclg_rsx') }} as figures
inner join latest on latest.year = figures.year and latest.edition = figures.edition
where
    (figures.part = 'England' or (figures.part = 'authority' and figures.class in ('UA', 'MD', 'LB', 'SC')))
    and (figures.measure like '%(C3 %' or figures.measure like '%(C6 %' or figures.measure like '%(C7 %')
