-- What NHS bodies paid to companies and charities: the value of a body's payments with its share, and the accounts.
select
    s.dataset, s.edition, s.record, s.body_code as area_id, s.years as year, s.supplied_by as part,
    s.value, s.value_text, s.unit, s.source_file, s.source_locator,
    case s.record when 'accounts' then s.value * 1000 else s.value / 100 end as amount,
    whole.value * 1000000 as of_amount
from raw.nhsspend as s
left join raw.nhsspend as whole
    on whole.record = s.record and whole.body_code = s.body_code and whole.supplied_by = s.supplied_by
    and whole.measure = 'value of payments'
where s.record <> 'match' and s.measure in ('share of value', 'healthcare bought')
