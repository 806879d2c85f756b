-- Who provides, in money without direct payments: long-term support of ASC-FR 2014-15, services of EX1.
select
    'C' as basis, asc_fr.*,
    case measure
        when 'Gross total cost: own provision' then 'own provision'
        when 'Gross total cost: grants to voluntary org' then 'grants'
        else 'provision by others'
    end as part
from asc_fr
where
    edition = '2014-15' and "table" = 'expenditure by council' and care_type = 'Long term' and support_reason != 'Total'
    and measure in (
        'Gross total cost: own provision', 'Gross total cost: provision by others', 'Gross total cost: grants to voluntary org'
    )
    and not is_direct_payment and lower(support_setting) not in ('total', 'fairer charging income')
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
