-- Every line, reason, setting, age band, care type, service and way of delivery that a return prints is conformed. Rows
-- returned are not.
select 'pss_ex1' as dataset, s.edition, s.line as label
from {{ ref('stg_pss_ex1__spend') }} as s
inner join {{ ref('pss_ex1_sections') }} as sections on sections.section = s.section
left join {{ ref('pss_ex1_lines') }} as lines on lines.line = s.line
where lines.line is null
group by all
union all
select 'asc_fr', edition, concat_ws(' / ', published_table, age_label, care_label, reason_label, setting_label)
from {{ ref('stg_asc_fr') }}
where
    (edition, published_table) in (
        select (edition, published_table) from {{ ref('published_tables') }}
        where dataset = 'asc_fr' and role in ('spending', 'totals', 'series')
    )
    and (
        (age_label != '' and age_band is null)
        or (care_label not in ('', 'total') and care_type is null)
        or (reason_label != '' and support_reason is null)
        or (setting_label != '' and support_setting is null)
    )
group by all
union all
select 'asc_fr', figures.edition, figures.service
from {{ ref('stg_asc_fr') }} as figures
inner join {{ ref('published_tables') }} as tables
    on {{ is_printed_in('figures', 'tables', 'asc_fr', ['bridging']) }}
inner join {{ ref('asc_fr_measures') }} as measures on measures.measure = figures.measure
left join {{ ref('bridging_services') }} as services on services.service = figures.service
where services.service is null
group by all
union all
select 'asc_fr', edition, 'a way of delivery' from {{ ref('int_people_by_mechanism') }} where mechanism is null
group by all
