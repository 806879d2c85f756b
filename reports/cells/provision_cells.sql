-- Who provides, in money without direct payments: long-term support of ASC-FR 2014-15, services of EX1.
select
    'C' as basis, lines.* exclude (expenditure_type, provision, setting, lists_lines),
    case provision when 'own_provision' then 'own provision' when 'grants' then 'grants' else 'provision by others' end as part
from asc_fr_long_term as lines
where
    lists_lines and expenditure_type = 'gross_total_cost' and provision != 'all'
    and client_group != 'total' and not is_direct_payment and setting not in ('total', 'income')
union all by name
select
    'A' as basis, ex1.*, sections.client_group, sections.age_band as age,
    case measure when 'own provision excluding capital charges' then 'own provision' else 'provision by others' end as part
from ex1
inner join seeds.pss_ex1_sections as sections on sections.section = lower(ex1.section)
inner join seeds.pss_ex1_lines as lines
    on lines.line = trim(lower(regexp_replace(ex1.line, '\(\s*lines.*$', '', 'i'))) and lines.role = 'part'
where
    measure in ('own provision excluding capital charges', 'provision by others excluding capital charges')
    and lines.support_setting not in ('direct_payments', 'assessment', 'supporting_people')
