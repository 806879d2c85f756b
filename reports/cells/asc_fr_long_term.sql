-- ASC-FR's cells of spending on long-term support. A table that prints reasons lists every line; one that does not, and
-- the cut by reason beside it, are counted by the totals that they print.
select
    asc_fr.* exclude (client_group), coalesce(tables.client_group, asc_fr.client_group) as client_group,
    measures.expenditure_type, measures.provision, settings.conformed as setting,
    tables.client_group is null and tables.grain = 'leaf' as lists_lines
from asc_fr
inner join seeds.published_tables as tables
    on tables.dataset = 'asc_fr' and tables.role = 'spending' and tables.care_type is null
    and tables.edition = asc_fr.edition and tables.published_table = asc_fr."table"
    and (tables.data_type is null or asc_fr.detail like '%DataType_KEY=' || tables.data_type)
inner join seeds.asc_fr_measures as measures on measures.measure = asc_fr.measure
left join seeds.asc_fr_labels as cares on cares.dimension = 'care_type' and cares.label = lower(asc_fr.care_type)
left join seeds.asc_fr_labels as settings on settings.dimension = 'support_setting' and settings.label = lower(asc_fr.support_setting)
where coalesce(cares.conformed, 'long_term') = 'long_term' and area_level is not null
