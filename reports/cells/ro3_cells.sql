-- Revenue outturn RO3: total adult social care, the last release of a year.
select
    r.*, coalesce(gss.council_id, case when r.authority_code = 'Eng' then 'england' end) as area_id, r.value * 1000 as amount,
    case
        when measure like 'Total Expenditure%' then 'total expenditure'
        when measure like 'Other Income%' then 'other income'
        else 'net current expenditure'
    end as part
from raw.mhclg_ro3 as r
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.gss_code
where
    line_code = 'RO3-asctot' and edition not like '%first-release'
    and regexp_matches(measure, '^(Total Expenditure|Other Income|Net Current)')
    and (authority_code = 'Eng' or (class in ('UA', 'MD', 'LB', 'SC') and authority_code like 'E%'))
