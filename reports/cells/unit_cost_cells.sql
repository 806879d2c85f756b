-- What an hour, a week or a person's care cost, as printed, with the spending and units that are printed beside it.
-- EX1: dbt/seeds/pss_ex1_unit_cost_measures.csv says what each line is; in 2008-09 people are expressed for the whole year.
select
    ex1.* exclude (amount), measures.client_group,
    case measures.client_group when 'older_people' then '65+' when 'all' then 'all' else '18-64' end as age,
    measures.support_setting as setting, measures.provision as who, measures.cost_unit, measures.part,
    ex1.value as amount
from ex1
inner join seeds.pss_ex1_unit_cost_measures as measures
    on measures.line = trim(lower(regexp_replace(
        regexp_replace(
            regexp_replace(ex1.line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
            '\s*\(.{0,3}000''?s\)', '', 'i'
        ),
        '\s*at 31 March( 20\d\d)?$', '', 'i'
    )))
    and (ex1.edition != '2008-09' or coalesce(measures.code_2008_09, ex1.line_code) = ex1.line_code)
where
    ex1."table" = 'unit costs'
    and measures.part = case ex1.measure when 'numerator' then 'spend' when 'denominator' then 'units' else 'unit_cost' end
union all by name
-- ASC-FR 2021-22: tables 51, 52 and 55.
select
    asc_fr.* exclude (client_group, amount), 'all' as client_group,
    case lower(support_setting)
        when 'residential and nursing' then 'residential_and_nursing' when 'home care' then 'home_care' else lower(support_setting)
    end as setting,
    case regexp_extract(detail, 'provision=([^;]*)', 1)
        when 'In House' then 'own_provision' when 'External' then 'provision_by_others' else 'all'
    end as who,
    case unit when 'GBP per hour' then unit else 'GBP per week of care' end as cost_unit, 'unit_cost' as part, value as amount
from asc_fr
where "table" in ('T51', 'T52', 'T55')
union all by name
-- Direct payments of the year, in pounds, and the people who had one at its end.
select
    asc_fr.* exclude (client_group), 'all' as client_group, 'direct_payments' as setting, 'all' as who,
    'GBP per person per week' as cost_unit, 'spend' as part
from asc_fr
where "table" in ('T43', 'T44') and is_direct_payment
union all by name
select
    asc_fr.* exclude (client_group, amount), 'all' as client_group, 'direct_payments' as setting, 'all' as who,
    'GBP per person per week' as cost_unit, 'units' as part, value as amount
from asc_fr
inner join seeds.delivery_mechanism_labels as labels on labels.dataset = 'asc_fr' and labels.label = asc_fr.support_setting
inner join seeds.delivery_mechanisms as mechanisms on mechanisms.mechanism = labels.mechanism
where "table" = 'T38' and mechanisms.has_direct_payment
