-- Revenue outturn RO3: adult social care by authority, in pounds. A year that came out twice counts once
-- (dbt/seeds/superseded_editions.csv).
select
    figures.edition,
    figures.year as financial_year,
    case when figures.authority_code = 'Eng' then 'gss:E92000001' else 'gss:' || figures.gss_code end as area_key,
    figures.line_code,
    measures.measure,
    figures.value * 1000 as amount_cash_gbp,
    figures.value_text,
    figures.value_symbol,
    figures.source_file,
    figures.source_locator
from {{ source('raw', 'mhclg_ro3') }} as figures
left join {{ ref('outturn_measures') }} as measures on measures.heading = figures.measure
where
    figures.edition not in (select edition from {{ ref('superseded_editions') }} where dataset = 'mhclg_ro3')
    and (figures.authority_code = 'Eng' or (figures.class in ('UA', 'MD', 'LB', 'SC') and figures.authority_code like 'E%'))
