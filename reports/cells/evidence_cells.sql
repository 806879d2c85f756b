-- Findings of studies: one cell each (the first that is not empty), with the reading that the register gives it.
select
    r.*, register.study_id, studies.study_group, register.reading, register.client_group, register.outcome, register.direction,
    register.direction as part
from (
    select *, row_number() over (
        partition by finding_id order by value_text = '', statistic, part, regexp_extract(source_locator, '\d+')::integer, source_locator
    ) as n
    from raw.evidence
) as r
inner join seeds.evidence_register as register on register.finding_id = r.finding_id
inner join seeds.evidence_studies as studies on studies.study_id = register.study_id
where r.n = 1 and not register.restates_ascs
