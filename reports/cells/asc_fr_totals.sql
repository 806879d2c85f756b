-- ASC-FR totals: tables that print nothing else, and the publisher's overview, typed from its page into a seed.
select
    asc_fr.*,
    case measures.expenditure_type when 'gross_total_cost' then 'total expenditure' else replace(measures.expenditure_type, '_', ' ') end as part
from asc_fr
inner join seeds.published_tables as tables
    on tables.dataset = 'asc_fr' and tables.role in ('spending', 'totals') and tables.grain = 'total' and tables.care_type is null
    and tables.edition = asc_fr.edition and tables.published_table = asc_fr."table"
inner join seeds.asc_fr_measures as measures on measures.measure = asc_fr.measure and measures.provision = 'all'
union all by name
select
    'asc_fr' as dataset, '2023-24' as edition, financial_year as year, 'england' as area_id, 'england' as area_level,
    replace(measure, '_', ' ') as part, round(amount_gbp_billion * 1e9) as amount, amount_gbp_billion as value,
    amount_gbp_billion::varchar as value_text, 'GBP billion' as unit,
    'dbt/seeds/asc_fr_england_published.csv' as source_file,
    locator || ' (' || source || ')' as source_locator
from seeds.asc_fr_england_published
