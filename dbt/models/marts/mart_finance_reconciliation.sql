-- The two returns of adult social care spending side by side: ASC-FR (NHS England) and RO3 (MHCLG), never spliced.
with ro3 as (
    select
        areas.area_level,
        areas.area_id,
        figures.financial_year,
        max(figures.amount_cash_gbp) filter (where measure = 'total_expenditure') as total_expenditure,
        max(figures.amount_cash_gbp) filter (where measure = 'other_income') as other_income,
        max(figures.amount_cash_gbp) filter (where measure = 'net_current_expenditure') as net_current,
        max(figures.value_symbol) filter (where measure = 'total_expenditure') as symbol
    from {{ ref('stg_mhclg_ro3') }} as figures
    left join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.line_code = 'RO3-asctot'
    group by all
),

-- Workbooks that print totals give two years by council, and a series of England for those before; of two editions of
-- a year the later one counts.
asc_fr as (
    select
        areas.area_level,
        areas.area_id,
        cells.financial_year,
        max(cells.amount_cash_gbp) filter (
            where measures.expenditure_type = 'gross_total_cost' and measures.provision = 'all'
        ) as total_expenditure,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'gross_current_expenditure') as gross_current,
        'workbook ' || cells.edition as source
    from {{ ref('stg_asc_fr') }} as cells
    inner join {{ ref('published_tables') }} as tables
        on {{ is_printed_in('cells', 'tables', 'asc_fr', ['spending', 'totals', 'series']) }}
    inner join {{ ref('asc_fr_measures') }} as measures on measures.measure = cells.measure
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = cells.area_key
    where
        -- Tables that print all care and nothing else.
        tables.grain = 'total' and coalesce(tables.care_type, '') = ''
        and cells.price_basis != 'Real Terms'
        and areas.area_level in ('council', 'england')
    group by areas.area_level, areas.area_id, cells.financial_year, cells.edition
    qualify cells.edition = max(cells.edition) over (partition by areas.area_level, areas.area_id, cells.financial_year)
),

published as (
    select
        'england' as area_level, 'england' as area_id, financial_year,
        round(max(amount_gbp_billion) filter (where measure = 'total_expenditure') * 1e9) as total_expenditure,
        round(max(amount_gbp_billion) filter (where measure = 'gross_current_expenditure') * 1e9) as gross_current,
        'overview, rounded' as source
    from {{ ref('asc_fr_england_published') }}
    group by financial_year
),

-- The workbook's cells come before the overview's rounded figures.
both_asc_fr as (
    select
        coalesce(asc_fr.area_level, published.area_level) as area_level,
        coalesce(asc_fr.area_id, published.area_id) as area_id,
        coalesce(asc_fr.financial_year, published.financial_year) as financial_year,
        coalesce(asc_fr.total_expenditure, published.total_expenditure) as total_expenditure,
        coalesce(asc_fr.gross_current, published.gross_current) as gross_current,
        case
            when asc_fr.total_expenditure is not null and asc_fr.gross_current is null and published.gross_current is not null
                then asc_fr.source || '; gross current expenditure from the ' || published.source
            when asc_fr.gross_current is not null and asc_fr.total_expenditure is null and published.total_expenditure is not null
                then asc_fr.source || '; total expenditure from the ' || published.source
            else coalesce(asc_fr.source, published.source)
        end as source
    from asc_fr
    full outer join published
        on published.area_id = asc_fr.area_id and published.financial_year = asc_fr.financial_year
),

-- From the first year that ASC-FR gives in all (councils: in a workbook held; England: in the overview) to the last of
-- either return.
spans as (
    select
        (select min(financial_year) from asc_fr where area_level = 'council') as first_of_councils,
        (select min(financial_year) from published) as first_of_england,
        greatest((select max(financial_year) from ro3), (select max(financial_year) from both_asc_fr)) as last_year
),

council_years as (
    select 'council' as area_level, council_id as area_id, financial_year
    from {{ ref('int_council_years') }}
    cross join spans
    where financial_year between first_of_councils and last_year
    union all
    select distinct 'england', 'england', financial_year
    from {{ ref('int_council_years') }}
    cross join spans
    where financial_year between first_of_england and last_year
)

select
    y.area_level,
    y.area_id,
    names.area_name,
    y.financial_year,
    asc_fr.total_expenditure as asc_fr_total_expenditure_cash_gbp,
    asc_fr.gross_current as asc_fr_gross_current_expenditure_cash_gbp,
    asc_fr.source as asc_fr_source,
    ro3.total_expenditure as ro3_total_expenditure_cash_gbp,
    ro3.total_expenditure - ro3.other_income as ro3_expenditure_less_other_income_cash_gbp,
    ro3.net_current as ro3_net_current_expenditure_cash_gbp,
    ro3.total_expenditure - asc_fr.total_expenditure as difference_total_cash_gbp,
    ro3.total_expenditure / asc_fr.total_expenditure - 1 as relative_difference_total,
    (ro3.total_expenditure - ro3.other_income) / asc_fr.gross_current - 1 as relative_difference_gross_current,
    case
        when asc_fr.total_expenditure is not null and ro3.total_expenditure is not null then 'total expenditure'
        when asc_fr.gross_current is not null and ro3.total_expenditure is not null then 'gross current expenditure only'
        else 'none'
    end as comparison,
    case
        when asc_fr.total_expenditure is null and asc_fr.gross_current is null then
            case
                when y.financial_year in (select financial_year from asc_fr) then 'no return made'
                when y.financial_year in (
                    select edition from {{ ref('dim_source') }} where dataset = 'asc_fr' and status = 'declared'
                ) then 'the ASC-FR edition exists and is not held'
                else 'not in the editions held'
            end
        when asc_fr.total_expenditure is null then 'the edition held gives gross current expenditure only'
    end as asc_fr_missing_reason,
    case
        when ro3.total_expenditure is null and y.financial_year not in (select financial_year from ro3)
            then 'the RO3 edition exists and is not held'
        when ro3.total_expenditure is null then 'no return made, or not certified, when the release was made'
    end as ro3_missing_reason
from council_years as y
inner join {{ ref('int_areas') }} as names on names.area_level = y.area_level and names.area_id = y.area_id
left join both_asc_fr as asc_fr
    on asc_fr.area_level = y.area_level and asc_fr.area_id = y.area_id and asc_fr.financial_year = y.financial_year
left join ro3 on ro3.area_level = y.area_level and ro3.area_id = y.area_id and ro3.financial_year = y.financial_year
