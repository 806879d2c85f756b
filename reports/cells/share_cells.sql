-- Direct payments and all support, by basis. `rolls_up` cells belong to their own client group and to all of them.
-- `part` says what a cell counts in; where all support has no line of its own, direct payments count in it too.
-- A: line 5 of a client group's section is direct payments, line 11 its total without Supporting People.
select
    'A' as basis, ex1.*, sections.client_group, sections.age_band as age, true as rolls_up,
    case when regexp_matches(line_code, '^[B-F]5$') then 'direct payments' else 'all support' end as part
from ex1
inner join seeds.pss_ex1_sections as sections on sections.section = lower(ex1.section)
where
    measure = 'gross current expenditure' and regexp_matches(line_code, '^[B-F](5|11)$')
    and "table" in ('council sheet', 'gross current expenditure by council')
    and sections.client_group in ('older_people', 'physical_disability', 'learning_disability', 'mental_health')
union all by name
-- B: numerators of unit costs. Residential and nursing care comes by client group only.
select
    'B' as basis, ex1.*, lines.client_group,
    case lines.client_group when 'older_people' then '65+' when 'all' then 'all' when 'not_split' then 'all' else '18-64' end as age,
    lines.support_setting = 'residential_and_nursing' or lines.client_group = 'not_split' as rolls_up,
    case lines.support_setting when 'direct_payments' then 'direct payments and all support' else 'all support' end as part
from ex1
inner join seeds.pss_ex1_unit_cost_lines as lines on lines.line = trim(lower(regexp_replace(
    regexp_replace(ex1.line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
    '\s*\(.{0,3}000''?s\)', '', 'i'
)))
where
    measure = 'numerator' and "table" = 'unit costs' and lines.provision = 'total'
    and lines.support_setting in ('direct_payments', 'residential_and_nursing', 'home_care', 'day_care', 'meals')
union all by name
-- C: long-term support, by reason, age and setting; where councils come by setting alone, England by reason beside them.
select
    'C' as basis, lines.* exclude (expenditure_type, provision, setting, lists_lines), lists_lines as rolls_up,
    case
        when not lists_lines and is_direct_payment then 'direct payments'
        when is_direct_payment then 'direct payments and all support'
        else 'all support'
    end as part
from asc_fr_long_term as lines
where
    expenditure_type = 'gross_current_expenditure'
    and case
        when lists_lines then client_group != 'total' and setting not in ('total', 'income')
        else age != 'all' and setting in ('total', 'direct_payments')
    end
union all by name
-- D: bridging lines, the services of the older return.
select
    'D' as basis, asc_fr.* exclude (client_group), 'all' as client_group, true as rolls_up,
    case services.support_setting when 'direct_payments' then 'direct payments and all support' else 'all support' end as part
from asc_fr
inner join seeds.published_tables as tables
    on tables.dataset = 'asc_fr' and tables.role = 'bridging'
    and tables.edition = asc_fr.edition and tables.published_table = asc_fr."table"
inner join seeds.asc_fr_measures as measures on measures.measure = asc_fr.measure
inner join seeds.bridging_services as services
    on services.service = lower(regexp_extract(detail, '(?:^|; )service=([^;]*)', 1)) and services.grain = 'leaf'
