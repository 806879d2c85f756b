-- Revenue outturn RO3: total adult social care, of a year that came out twice the later release; and, of years whose RO3
-- is not held, its net as a third party's table has it.
select
    r.*, coalesce(gss.council_id, case when r.authority_code = 'Eng' then 'england' end) as area_id, r.value * 1000 as amount,
    replace(measures.measure, '_', ' ') as part
from raw.mhclg_ro3 as r
inner join seeds.outturn_measures as measures on measures.heading = r.measure
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.gss_code
where
    line_code = 'RO3-asctot'
    and measures.measure in ('total_expenditure', 'sales_fees_and_charges', 'other_income', 'net_current_expenditure')
    and edition not in (select edition from seeds.superseded_editions where dataset = 'mhclg_ro3')
    and (authority_code = 'Eng' or (class in ('UA', 'MD', 'LB', 'SC') and authority_code like 'E%'))
union all by name
select
    r.* replace ('net current expenditure' as part),
    coalesce(gss.council_id, case when r.part = 'England' then 'england' end) as area_id, r.value * 1000 as amount
from raw.mhclg_ro_multi as r
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.gss_code
where
    r.service = 'Adult_Social_Care' and r.part in ('authority', 'England')
    and r.year not in (select year from raw.mhclg_ro3)
