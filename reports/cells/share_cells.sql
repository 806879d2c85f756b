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
-- C: long-term support, by reason, age and setting; 2021-22 by setting (T43, T44), England by reason beside it (T45).
select
    'C' as basis, asc_fr.* exclude (client_group),
    case when "table" in ('T43', 'T44') then 'all' else client_group end as client_group,
    "table" in ('expenditure by council', 'totals', 'gross current expenditure') as rolls_up,
    case
        when "table" like 'T%' then case when is_direct_payment then 'direct payments' else 'all support' end
        when is_direct_payment then 'direct payments and all support'
        else 'all support'
    end as part
from asc_fr
where
    (
        edition = '2014-15' and "table" = 'expenditure by council' and measure = 'Gross current expenditure'
        and care_type = 'Long term' and support_reason != 'Total'
        and lower(support_setting) not in ('total', 'fairer charging income')
    )
    or (
        edition = '2016-17' and "table" = 'totals' and measure = 'GROSSCURRENTEXPENDITURE' and care_type = '2'
        and area_level = 'council' and detail like '%DataType_KEY=1'
    )
    or (edition = '2017-18' and "table" = 'gross current expenditure' and care_type = 'Long Term Care')
    or (edition = '2021-22' and "table" in ('T43', 'T44') and (is_direct_payment or support_setting = 'Total'))
    or (edition = '2021-22' and "table" = 'T45' and age != 'all' and (is_direct_payment or support_setting = 'Total'))
union all by name
-- D: bridging lines, the services of the older return.
select
    'D' as basis, asc_fr.* exclude (client_group), 'all' as client_group, true as rolls_up,
    case when lower(detail) like '%direct payments%' then 'direct payments and all support' else 'all support' end as part
from asc_fr
where
    "table" = 'bridging' and measure in ('Gross total cost: total expenditure', 'Expenditure')
    and not regexp_matches(lower(detail), 'grand total|non personal social services|non-pss')
    and detail != 'service=Total expenditure'
