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
            when lines.used_in like 'spend%' then 'leaf'
            when lines.used_in = 'share' then 'share'
            else 'total'
        end as grain,
        'publisher_definition' as evidence_grade,
        u.amount_cash_gbp, u.value_text, u.value_symbol, u.source_file, u.source_locator
    from {{ ref('stg_pss_ex1__unit_costs') }} as u
    inner join {{ ref('pss_ex1_unit_cost_lines') }} as lines on lines.line = u.line
    where u.measure = 'numerator'
),

asc_fr as (
    select
        'asc_fr' as dataset,
        edition,
        financial_year,
        area_key,
        'C' as basis,
        case
            when measure in ('Gross current expenditure', 'GROSSCURRENTEXPENDITURE', 'Gross Current Expenditure')
                or published_table in ('gross current expenditure', 'T14', 'T46')
                then 'gross_current_expenditure'
            else 'gross_total_cost'
        end as expenditure_type,
        case
            when support_reason = 'total' or (support_reason is null and published_table in ('T3', 'T5', 'T14', 'T43', 'T44'))
                then 'all'
            else support_reason
        end as client_group,
        coalesce(age_band, 'all') as age_band,
        case when reason_label = 'adult social care' then 'total' else coalesce(care_type, 'total') end as care_type,
        case
            when published_table = 'T14' and care_type = 'short_term' then 'short_term_not_split'
            when support_setting = 'total' or published_table in ('T3', 'T5', 'T14') then 'all'
            else coalesce(support_setting, 'not_split')
        end as support_setting,
        case
            when measure ilike '%own provision' then 'own_provision'
            when measure ilike '%provision by others' then 'provision_by_others'
            when measure ilike '%grants to voluntary org%' then 'grants'
            else 'all'
        end as provision,
        published_table,
        reason_label,
        setting_label,
        age_label,
        evidence_grade,
        measure,
        amount_cash_gbp, value_text, value_symbol, source_file, source_locator
    from {{ ref('stg_asc_fr__spend') }}
    where
        measure in (
            'Gross current expenditure', 'GROSSCURRENTEXPENDITURE', 'Gross Current Expenditure',
            'Gross total cost: own provision', 'Gross total cost: provision by others',
            'Gross total cost: grants to voluntary org', 'Gross total cost: total expenditure',
            'Own Provision', 'Provision by Others', 'Grants to Voluntary Organisations', 'Total'
        )
        and published_table not in ('T3', 'T4')
        and coalesce(support_setting, '') != 'income'
        and coalesce(age_band, '') != 'unused'
),

asc_fr_grained as (
    select
        *,
        case
            -- 2014-15 prints totals of reasons, settings and both, and "other" lines twice.
            when published_table = 'expenditure by council' and reason_label = 'adult social care' then 'total'
            when published_table = 'expenditure by council' and setting_label = 'short and long term total' then 'repeat'
            when published_table = 'expenditure by council' and care_type = 'other' and client_group = 'all' then 'repeat'
            -- Carers are one of four reasons under social support: their own total is not that of the group.
            when published_table = 'expenditure by council' and care_type = 'other' and client_group = 'social_support'
                and reason_label = 'social support: support to carer'
                then case when support_setting = 'all' then 'repeat' else 'leaf' end
            when published_table = 'expenditure by council' and care_type = 'other'
                then case when setting_label = '' then 'leaf' else 'repeat' end
            when published_table = 'T45' then case
                when age_band = 'all' or client_group = 'all' or support_setting = 'all' then 'repeat' else 'by_reason'
            end
            -- 2021-22 gives short-term care as one figure a council: a total of parts that are not published is a leaf.
            when support_setting = 'short_term_not_split' then 'leaf'
            when client_group = 'all' and support_setting = 'all' then 'total'
            when published_table = 'expenditure by council' and (client_group = 'all' or support_setting = 'all') then 'total'
            -- 2021-22: T43 and T44 are leaves by setting (all reasons), T45 England by reason.
            when published_table in ('T43', 'T44') then case when support_setting = 'all' then 'total' else 'leaf' end
            when published_table = 'T46' then case when reason_label = 'total' then 'total' else 'leaf' end
            else 'leaf'
        end as grain
    from asc_fr
),

bridging as (
    select
        'asc_fr' as dataset,
        edition,
        financial_year,
        area_key,
        'D' as basis,
        'gross_total_cost' as expenditure_type,
        'all' as client_group,
        case
            when lower(age_band) like '%18 to 64' then '18-64'
            when lower(age_band) like '%65 and over' then '65+'
            else 'all'
        end as age_band,
        'all' as care_type,
        case
            when lower(detail) like '%direct payments%' then 'direct_payments'
            when lower(detail) like '%assessment%' then 'assessment'
            when lower(detail) like '%residential%' then 'residential_and_nursing'
            when lower(detail) like '%home care%' then 'home_care'
            when lower(detail) like '%community-based%' then 'community_based'
            when lower(detail) like '%total expenditure%' or lower(detail) like '%grand total%' then 'all'
            else 'other_services'
        end as support_setting,
        'all' as provision,
        case
            when lower(detail) like '%grand total%' or detail = 'service=Total expenditure' then 'total' else 'leaf'
        end as grain,
        'publisher_definition' as evidence_grade,
        amount_cash_gbp, value_text, value_symbol, source_file, source_locator
    from {{ ref('stg_asc_fr__bridging') }}
    where
        measure in ('Gross total cost: total expenditure', 'Expenditure')
        and lower(detail) not like '%non personal social services%'
        and lower(detail) not like '%non-pss%'
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
