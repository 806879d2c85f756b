-- The two returns of adult social care spending side by side: ASC-FR (NHS England) and RO3 (MHCLG), never spliced.
with ro3 as (
    select
        areas.area_level,
        areas.area_id,
        figures.financial_year,
        max(figures.amount_cash_gbp) filter (where measure = 'total_expenditure') as total_expenditure,
        max(figures.amount_cash_gbp) filter (where measure = 'other_income') as other_income,
        max(figures.amount_cash_gbp) filter (where measure = 'sales_fees_and_charges') as fees,
        max(figures.amount_cash_gbp) filter (where measure = 'net_current_expenditure') as net_current,
        'RO3 ' || figures.edition as net_source,
        max(figures.value_symbol) filter (where measure = 'total_expenditure') as symbol
    from {{ ref('stg_mhclg_ro3') }} as figures
    left join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.line_code = 'RO3-asctot'
    group by all
),

-- Net alone, as a third party's table of the outturn has it, where RO3 itself is not held.
outturn as (
    select
        areas.area_level, areas.area_id, figures.financial_year, figures.amount_cash_gbp as net_current,
        'multi-year table, derived' as net_source
    from {{ ref('stg_mhclg_ro_multi') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where
        figures.service = 'Adult_Social_Care' and figures.amount_cash_gbp is not null
        and figures.financial_year not in (select financial_year from ro3)
),

-- Workbooks that print totals give two years by council, and a series of England for those before. A year's own edition
-- counts, as it alone prints income; then one that prints net, before a series; then the later one.
asc_fr as (
    select
        areas.area_level,
        areas.area_id,
        cells.financial_year,
        max(cells.amount_cash_gbp) filter (
            where measures.expenditure_type = 'gross_total_cost' and measures.provision = 'all'
        ) as total_expenditure,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'gross_current_expenditure') as gross_current,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'net_total_expenditure') as net_total,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'gross_total_expenditure') as gross_total,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'client_contributions') as contributions_printed,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'capital_charges') as capital_printed,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'nhs_income') as nhs_income,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'joint_arrangements_income') as joint_income,
        max(cells.amount_cash_gbp) filter (where measures.expenditure_type = 'other_income') as other_income,
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
    qualify
        row_number() over (
            partition by areas.area_level, areas.area_id, cells.financial_year
            order by cells.edition = cells.financial_year desc, net_total is not null desc, cells.edition desc
        ) = 1
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
        asc_fr.net_total,
        -- The year before the workbook's own is printed without its parts, and they are what its totals differ by.
        coalesce(asc_fr.contributions_printed, asc_fr.gross_total - asc_fr.net_total) as contributions,
        coalesce(asc_fr.capital_printed, asc_fr.gross_total - asc_fr.gross_current) as capital,
        asc_fr.nhs_income,
        asc_fr.joint_income,
        asc_fr.other_income,
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
),

-- Net expenditure of ASC-FR has capital charges in it, which RO3's has not.
side_by_side as (
    select
        y.*, asc_fr.* exclude (area_level, area_id, financial_year), asc_fr.net_total - asc_fr.capital as asc_fr_net_current,
        ro3.total_expenditure as ro3_total, ro3.other_income as ro3_other_income, ro3.fees as ro3_fees,
        coalesce(ro3.net_current, outturn.net_current) as ro3_net_current,
        case when ro3.net_current is not null then ro3.net_source else outturn.net_source end as ro3_net_source
    from council_years as y
    left join both_asc_fr as asc_fr
        on asc_fr.area_level = y.area_level and asc_fr.area_id = y.area_id and asc_fr.financial_year = y.financial_year
    left join ro3 on ro3.area_level = y.area_level and ro3.area_id = y.area_id and ro3.financial_year = y.financial_year
    left join outturn
        on outturn.area_level = y.area_level and outturn.area_id = y.area_id and outturn.financial_year = y.financial_year
)

select
    y.area_level,
    y.area_id,
    names.area_name,
    y.financial_year,
    y.total_expenditure as asc_fr_total_expenditure_cash_gbp,
    y.gross_current as asc_fr_gross_current_expenditure_cash_gbp,
    y.net_total as asc_fr_net_total_expenditure_cash_gbp,
    y.capital as asc_fr_capital_charges_cash_gbp,
    y.asc_fr_net_current as asc_fr_net_current_expenditure_cash_gbp,
    y.contributions as asc_fr_client_contributions_cash_gbp,
    y.nhs_income as asc_fr_nhs_income_cash_gbp,
    y.joint_income as asc_fr_joint_arrangements_income_cash_gbp,
    y.other_income as asc_fr_other_income_cash_gbp,
    y.source as asc_fr_source,
    y.ro3_total as ro3_total_expenditure_cash_gbp,
    y.ro3_total - y.ro3_other_income as ro3_expenditure_less_other_income_cash_gbp,
    y.ro3_fees as ro3_sales_fees_and_charges_cash_gbp,
    y.ro3_net_current as ro3_net_current_expenditure_cash_gbp,
    y.ro3_net_source,
    y.ro3_total - y.total_expenditure as difference_total_cash_gbp,
    y.ro3_total / y.total_expenditure - 1 as relative_difference_total,
    (y.ro3_total - y.ro3_other_income) / y.gross_current - 1 as relative_difference_gross_current,
    y.ro3_net_current - y.asc_fr_net_current as difference_net_current_cash_gbp,
    y.ro3_net_current / y.asc_fr_net_current - 1 as relative_difference_net_current,
    case
        when y.total_expenditure is not null and y.ro3_total is not null then 'total expenditure'
        when y.gross_current is not null and y.ro3_total is not null then 'gross current expenditure only'
        when y.asc_fr_net_current is not null and y.ro3_net_current is not null then 'net current expenditure only'
        else 'none'
    end as comparison,
    case
        when y.total_expenditure is null and y.gross_current is null then
            case
                when y.financial_year in (select financial_year from asc_fr) then 'no return made'
                when y.financial_year in (
                    select edition from {{ ref('dim_source') }} where dataset = 'asc_fr' and status = 'declared'
                ) then 'the ASC-FR edition exists and is not held'
                else 'not in the editions held'
            end
        when y.total_expenditure is null then 'the edition held gives gross current expenditure only'
    end as asc_fr_missing_reason,
    case
        when y.ro3_total is null and y.financial_year not in (select financial_year from ro3)
            then 'the RO3 edition exists and is not held'
        when y.ro3_total is null then 'no return made in time for the release'
    end as ro3_missing_reason
from side_by_side as y
inner join {{ ref('int_areas') }} as names on names.area_level = y.area_level and names.area_id = y.area_id
