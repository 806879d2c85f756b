-- ASC-FR: every spending line by area, reason, age and setting, conformed labels beside the published ones,
-- in pounds. 2016-17 keeps data type 1 only (the mandatory return).
with figures as (
    select
        edition,
        year as financial_year,
        "table" as published_table,
        case
            when gss_code like 'E12%' or gss_code like 'E92%' then 'gss:' || gss_code
            when area_code != '' then 'cassr:' || area_code
            else 'alias:' || lower(area)
        end as area_key,
        lower(age_band) as age_label,
        lower(care_type) as care_label,
        lower(support_reason) as reason_label,
        case
            when support_setting != '' then lower(support_setting)
            when detail like 'Purpose_KEY=2;%' or detail like 'purpose=To Max%' then 'to maximise independence'
            when detail like 'Purpose_KEY=1;%' or detail like 'purpose=Other Short%' then 'other short term'
            when detail like '%CarerSupportType_KEY=1;%' then 'community: direct payments'
            when detail like '%CarerSupportType_KEY=2;%' then 'community: other'
            else ''
        end as setting_label,
        detail,
        measure,
        unit,
        value * case unit when 'GBP thousand' then 1000 else 1 end as amount_cash_gbp,
        value_text,
        value_symbol,
        source_file,
        source_locator
    from {{ source('raw', 'asc_fr') }}
    where
        unit in ('GBP', 'GBP thousand')
        and (
            (edition = '2014-15' and "table" = 'expenditure by council')
            or (edition = '2016-17' and "table" = 'totals' and detail like '%DataType_KEY=1')
            or (edition = '2017-18' and "table" = 'gross current expenditure')
            or (edition = '2021-22' and "table" in ('T3', 'T4', 'T5', 'T14', 'T43', 'T44', 'T45', 'T46'))
        )
)

select
    figures.*,
    age.conformed as age_band,
    care.conformed as care_type,
    reason.conformed as support_reason,
    setting.conformed as support_setting,
    case
        when 'inferred' in (age.evidence_grade, care.evidence_grade, reason.evidence_grade, setting.evidence_grade)
            then 'inferred'
        else 'publisher_definition'
    end as evidence_grade
from figures
left join {{ ref('asc_fr_labels') }} as age on age.dimension = 'age_band' and age.label = figures.age_label
left join {{ ref('asc_fr_labels') }} as care on care.dimension = 'care_type' and care.label = figures.care_label
left join {{ ref('asc_fr_labels') }} as reason
    on reason.dimension = 'support_reason' and reason.label = figures.reason_label
left join {{ ref('asc_fr_labels') }} as setting
    on setting.dimension = 'support_setting' and setting.label = figures.setting_label
