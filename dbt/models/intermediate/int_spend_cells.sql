-- Every published spending figure that the marts use, one row a publisher's cell, on conformed dimensions.
-- `grain` says what a figure is: `leaf` figures add up without double counting; `total` figures are the
-- publisher's own totals over the dimension that reads `all`.
with ex1 as (
    select
        'pss_ex1' as dataset,
        s.edition,
        s.financial_year,
        s.area_key,
        'A' as basis,
        case s.measure
            when 'gross current expenditure' then 'gross_current_expenditure' else 'gross_total_cost_excluding_capital'
        end as expenditure_type,
        sections.client_group,
        sections.age_band,
        'all' as care_type,
        case when lines.role = 'part' or lines.role = 'supporting_people' then lines.support_setting else 'all' end
            as support_setting,
        case s.measure
            when 'own provision excluding capital charges' then 'own_provision'
            when 'provision by others excluding capital charges' then 'provision_by_others'
            else 'all'
        end as provision,
        case when lines.role in ('part', 'supporting_people') then 'leaf' else lines.role end as grain,
        'publisher_definition' as evidence_grade,
        s.amount_cash_gbp, s.value_text, s.value_symbol, s.source_file, s.source_locator
    from {{ ref('stg_pss_ex1__spend') }} as s
    inner join {{ ref('pss_ex1_sections') }} as sections on sections.section = s.section
    left join {{ ref('pss_ex1_lines') }} as lines on lines.line = s.line
    -- Out of scope: unaccompanied children, and the total of asylum seekers that includes them.
    where lines.role is null or lines.role != 'out_of_scope'
),

unit_costs as (
    select
        'pss_ex1' as dataset,
        u.edition,
        u.financial_year,
        u.area_key,
        'B' as basis,
        'gross_total_cost' as expenditure_type,
        lines.client_group,
        case lines.client_group when 'older_people' then '65+' when 'not_split' then 'all' when 'all' then 'all' else '18-64' end
            as age_band,
        'all' as care_type,
        lines.support_setting,
        case lines.provision when 'total' then 'all' else lines.provision end as provision,
        case
            when lines.provision != 'total' then 'split'
            when lines.used_in in ('spend', 'spend and share') then 'leaf'
            when lines.used_in = 'share' then 'share'
            else 'total'
        end as grain,
        'publisher_definition' as evidence_grade,
        u.amount_cash_gbp, u.value_text, u.value_symbol, u.source_file, u.source_locator
    from {{ ref('stg_pss_ex1__unit_costs') }} as u
    inner join {{ ref('pss_ex1_unit_cost_lines') }} as lines on lines.line = u.line
    where u.measure = 'numerator'
),

-- What each printed table and heading is comes from dbt/seeds/published_tables.csv and asc_fr_measures.csv.
asc_fr as (
    select
        'asc_fr' as dataset,
        figures.edition,
        figures.financial_year,
        figures.area_key,
        'C' as basis,
        measures.expenditure_type,
        coalesce(nullif(tables.client_group, ''), case figures.support_reason when 'total' then 'all' else figures.support_reason end)
            as client_group,
        coalesce(figures.age_band, 'all') as age_band,
        case when figures.reason_label = 'adult social care' then 'total' else coalesce(figures.care_type, 'total') end
            as care_type,
        coalesce(
            nullif(tables.support_setting, ''),
            case figures.support_setting when 'total' then 'all' else figures.support_setting end,
            'not_split'
        ) as support_setting,
        measures.provision,
        tables.published_table,
        tables.grain as grain_of_parts,
        tables.grain_of_totals,
        -- A figure is a total where anything that its table splits reads as all of it.
        (coalesce(tables.client_group, '') = '' and figures.support_reason = 'total')
            or (coalesce(tables.support_setting, '') = '' and figures.support_setting = 'total')
            or figures.age_label = 'total' as is_total,
        figures.reason_label,
        figures.setting_label,
        figures.evidence_grade,
        figures.amount_cash_gbp, figures.value_text, figures.value_symbol, figures.source_file, figures.source_locator
    from {{ ref('stg_asc_fr') }} as figures
    inner join {{ ref('published_tables') }} as tables
        on {{ is_printed_in('figures', 'tables', 'asc_fr', ['spending']) }}
    inner join {{ ref('asc_fr_measures') }} as measures on measures.measure = figures.measure
    where coalesce(figures.support_setting, '') != 'income' and coalesce(figures.age_band, '') != 'unused'
),

-- Where a table prints totals among its lines, or lines twice, dbt/seeds/grain_exceptions.csv tells which.
asc_fr_grained as (
    select
        *,
        coalesce(
            (
                select arg_min(exceptions.grain, exceptions.priority)
                from {{ ref('grain_exceptions') }} as exceptions
                where
                    exceptions.published_table = asc_fr.published_table
                    and coalesce(exceptions.reason_label, '') in ('', asc_fr.reason_label)
                    and case exceptions.setting_label
                        when 'none printed' then asc_fr.setting_label = ''
                        else coalesce(exceptions.setting_label, '') in ('', asc_fr.setting_label)
                    end
                    and coalesce(exceptions.care_type, '') in ('', asc_fr.care_type)
                    and coalesce(exceptions.client_group, '') in ('', asc_fr.client_group)
                    and coalesce(exceptions.support_setting, '') in ('', asc_fr.support_setting)
            ),
            case when is_total then grain_of_totals else grain_of_parts end
        ) as grain
    from asc_fr
),

-- Lines of the older return: dbt/seeds/bridging_services.csv says what each is.
bridging as (
    select
        'asc_fr' as dataset,
        figures.edition,
        figures.financial_year,
        figures.area_key,
        'D' as basis,
        measures.expenditure_type,
        tables.client_group,
        coalesce(figures.age_band, 'all') as age_band,
        'all' as care_type,
        services.support_setting,
        measures.provision,
        services.grain,
        figures.evidence_grade,
        figures.amount_cash_gbp, figures.value_text, figures.value_symbol, figures.source_file, figures.source_locator
    from {{ ref('stg_asc_fr') }} as figures
    inner join {{ ref('published_tables') }} as tables
        on {{ is_printed_in('figures', 'tables', 'asc_fr', ['bridging']) }}
    inner join {{ ref('asc_fr_measures') }} as measures on measures.measure = figures.measure
    left join {{ ref('bridging_services') }} as services on services.service = figures.service
    where services.grain is distinct from 'out_of_scope'
),

together as (
    select * from ex1
    union all
    select * from unit_costs
    union all
    select
        dataset, edition, financial_year, area_key, basis, expenditure_type, client_group, age_band, care_type,
        support_setting, provision, grain, evidence_grade,
        amount_cash_gbp, value_text, value_symbol, source_file, source_locator
    from asc_fr_grained
    where grain != 'repeat'
    union all
    select * from bridging
)

select
    together.*,
    areas.area_level,
    areas.area_id
from together
left join {{ ref('int_area_keys') }} as areas on areas.area_key = together.area_key
