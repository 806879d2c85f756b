-- ASC-FR activity: weeks of care, hourly rates and unit costs with conformed labels, money in pounds. The codes of
-- 2016-17 are those of the finance tables of the year, and 2015-16 prints the same line numbers with labels.
with figures as (
    select
        edition,
        year as financial_year,
        "table" as published_table,
        case
            when area_code != '' then 'cassr:' || area_code
            when gss_code != '' then 'gss:' || gss_code
            else 'alias:' || lower(area)
        end as area_key,
        lower(age_band) as age_label,
        lower(care_type) as care_label,
        lower(support_reason) as reason_label,
        lower(support_setting) as setting_label,
        provision as provision_as_published,
        measure,
        unit,
        value,
        case unit when 'GBP thousand' then value * 1000 else value end as amount,
        value_text,
        value_symbol,
        source_file,
        source_locator
    from {{ source('raw', 'asc_fr_activity') }}
)

select
    figures.*,
    coalesce(age.conformed, 'all') as age_band,
    coalesce(reason.conformed, 'all') as client_group,
    case figures.setting_label
        when 'residential and nursing care' then 'residential_and_nursing'
        when 'internal home care provision' then 'home_care'
        when 'external home care provision' then 'home_care'
        else setting.conformed
    end as support_setting,
    case
        when figures.setting_label = 'internal home care provision' then 'own_provision'
        when figures.setting_label = 'external home care provision' then 'provision_by_others'
        when figures.provision_as_published in ('In house provision', 'In house', '3', 'Own provision') then 'own_provision'
        when figures.provision_as_published in ('External provision', 'External', '2', 'Provision by others')
            then 'provision_by_others'
        when figures.provision_as_published in ('Total provision', 'All') then 'all'
    end as provision
from figures
left join {{ ref('asc_fr_labels') }} as age on age.dimension = 'age_band' and age.label = figures.age_label
left join {{ ref('asc_fr_labels') }} as reason
    on reason.dimension = 'support_reason' and reason.label = figures.reason_label
left join {{ ref('asc_fr_labels') }} as setting
    on setting.dimension = 'support_setting' and setting.label = figures.setting_label
