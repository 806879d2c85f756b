-- Who provides mental health support in the unit-cost files, which split part of it: see dbt/seeds/provision_bounds.csv.
select
    ex1.*,
    case
        when lines.provision = 'provision_by_others' then 'by others'
        when lines.provision = 'own_provision' then 'own provision'
        when bounds.provided_by = 'others' then 'by others, not split'
        else 'home care, not split'
    end as part
from ex1
inner join seeds.pss_ex1_unit_cost_lines as lines on lines.line = trim(lower(regexp_replace(
    regexp_replace(ex1.line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
    '\s*\(.{0,3}000''?s\)', '', 'i'
)))
inner join seeds.provision_bounds as bounds on bounds.support_setting = lines.support_setting
where
    measure = 'numerator' and "table" = 'unit costs' and lines.client_group = 'mental_health'
    and (bounds.provided_by = 'split') = (lines.provision != 'total')
