-- Revenue outturn RO3: total adult social care by authority, in pounds. The latest release of a year.
with latest as (
    select year, max(edition) filter (where edition not like '%first-release') as edition
    from {{ source('raw', 'mhclg_ro3') }}
    group by year
)

select
    figures.edition,
    figures.year as financial_year,
    case when figures.authority_code = 'Eng' then 'gss:E92000001' else 'gss:' || figures.gss_code end as area_key,
    figures.line_code,
    figures.measure,
    figures.value * 1000 as amount_cash_gbp,
    figures.value_text,
    figures.value_symbol,
    figures.source_file,
    figures.source_locator
from {{ source('raw', 'mhclg_ro3') }} as figures
inner join latest on latest.year = figures.year and latest.edition = figures.edition
where
    figures.authority_code = 'Eng'
    or (figures.class in ('UA', 'MD', 'LB', 'SC') and figures.authority_code like 'E%')
