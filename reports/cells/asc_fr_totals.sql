-- ASC-FR totals: the workbook's tables, and the publisher's overview, typed from its page into a seed.
select
    asc_fr.*, case when "table" = 'T5' then 'total expenditure' else 'gross current expenditure' end as part
from asc_fr
where
    edition = '2021-22'
    and (("table" = 'T5' and measure = 'Total') or ("table" = 'T3' and measure = 'Gross Current Expenditure'))
union all by name
select
    'asc_fr' as dataset, '2023-24' as edition, financial_year as year, 'england' as area_id, 'england' as area_level,
    replace(measure, '_', ' ') as part, round(amount_gbp_billion * 1e9) as amount, amount_gbp_billion as value,
    amount_gbp_billion::varchar as value_text, 'GBP billion' as unit,
    'dbt/seeds/asc_fr_england_published.csv' as source_file,
    locator || ' (' || source || ')' as source_locator
from seeds.asc_fr_england_published
