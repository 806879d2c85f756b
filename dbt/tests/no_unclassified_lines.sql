-- Every line, reason, setting, age band and care type that a return prints is conformed. Rows returned are not.
select 'pss_ex1' as dataset, s.edition, s.line as label
from {{ ref('stg_pss_ex1__spend') }} as s
inner join {{ ref('pss_ex1_sections') }} as sections on sections.section = s.section
left join {{ ref('pss_ex1_lines') }} as lines on lines.line = s.line
where lines.line is null
group by all
union all
select 'asc_fr', edition, concat_ws(' / ', age_label, care_label, reason_label, setting_label)
from {{ ref('stg_asc_fr__spend') }}
where
    (age_label != '' and age_band is null)
    or (care_label not in ('', 'total') and care_type is null)
    or (reason_label != '' and support_reason is null)
    or (setting_label != '' and support_setting is null)
group by all
