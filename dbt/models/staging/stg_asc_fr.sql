-- ASC-FR: every figure with conformed labels beside the published ones and money in pounds. What the raw table packs
-- into `detail` is in columns of its own. Which tables are read for what is in dbt/seeds/published_tables.csv.
with unpacked as (
    select
        *,
        {{ packed('detail', 'data_type|DataType_KEY') }} as data_type,
        {{ packed('detail', 'service') }} as service,
        {{ packed('detail', 'price_basis') }} as price_basis,
        {{ packed('detail', 'provision') }} as provision_as_published,
        {{ packed('detail', 'purpose|Purpose_KEY') }} as purpose,
        {{ packed('detail', 'CarerSupportType_KEY') }} as carer_support
    from {{ source('raw', 'asc_fr') }}
),

figures as (
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
        -- Short-term support comes by purpose, and support to carers by kind, in place of a setting.
        case
            when support_setting != '' then lower(support_setting)
            when purpose != '' then 'purpose ' || lower(purpose)
            when carer_support != '' then 'carer support ' || carer_support
            else ''
        end as setting_label,
        support_setting as setting_as_published,
        data_type,
        lower(service) as service,
        price_basis,
        provision_as_published,
        measure,
        unit,
        value,
        case unit when 'GBP thousand' then value * 1000 when 'GBP' then value end as amount_cash_gbp,
        value_text,
        value_symbol,
        source_file,
        source_locator
    from unpacked
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
