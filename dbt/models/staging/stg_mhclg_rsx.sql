-- Revenue outturn summary: spending by service, in pounds, of councils and England. A year that came out twice counts
-- once (dbt/seeds/superseded_editions.csv).
select
    figures.edition,
    figures.year as financial_year,
    'gss:' || figures.gss_code as area_key,
    figures.part,
    figures.service_code,
    figures.service,
    measures.measure,
    figures.value * 1000 as amount_cash_gbp,
    figures.value_symbol,
    figures.source_file,
    figures.source_locator
from {{ source('raw', 'mhclg_rsx') }} as figures
inner join {{ ref('outturn_measures') }} as measures on measures.heading = figures.measure
where
    figures.edition not in (select edition from {{ ref('superseded_editions') }} where dataset = 'mhclg_rsx')
    and (figures.part = 'England' or (figures.part = 'authority' and figures.class in ('UA', 'MD', 'LB', 'SC')))
    and measures.measure in ('total_expenditure', 'total_income', 'net_current_expenditure')
