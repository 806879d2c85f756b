-- A place's resources: revenue outturn by service (the release that counts, and the derived table), turnover of the care
-- workforce, councils' answers on waits and contracts handed back, and grants. Pounds, per cent, days or contracts.
select
    r.*, coalesce(codes.council_id, case when r.part = 'England' then 'england' end) as area_id, r.value * 1000 as amount,
    services.part as of_service, measures.measure as counts
from raw.mhclg_rsx as r
inner join seeds.place_services as services on services.service_code = r.service_code
inner join seeds.outturn_measures as measures on measures.heading = r.measure
left join seeds.council_codes as codes on codes.scheme = 'gss' and codes.code = r.gss_code
where
    r.part in ('authority', 'England') and measures.measure in ('total_expenditure', 'net_current_expenditure')
    and r.edition not in (select edition from seeds.superseded_editions where dataset = 'mhclg_rsx')
union all by name
select
    r.*, coalesce(codes.council_id, case when r.part = 'England' then 'england' end) as area_id, r.value * 1000 as amount,
    services.part as of_service, 'net_current_expenditure_derived' as counts
from raw.mhclg_ro_multi as r
inner join seeds.place_services as services on services.multi_year_name = r.service
left join seeds.council_codes as codes on codes.scheme = 'gss' and codes.code = r.gss_code
where r.part in ('authority', 'England')
union all by name
select r.*, codes.council_id as area_id, r.value as amount, r.measure_code as part, 'All' as of_service, 'measure' as counts
from raw.oflog_asc as r
inner join seeds.council_codes as codes on codes.scheme = 'gss' and codes.code = r.area_code
union all by name
select r.*, names.council_id as area_id, r.value as amount, r.measure as part, 'All' as of_service, 'answer' as counts
from raw.bbc_sdu_care as r
inner join seeds.council_aliases as names on names.alias = lower(r.area)
where r.country = 'England'
union all by name
select r.*, 'devon' as area_id, r.value as amount, r.money as part, 'All' as of_service, 'grants' as counts
from raw.devon_grants as r
where r.cut = 'service' and r.measure = 'amount'
