-- Adult Social Care Survey 2020-21 by how support is delivered.
select distinct r.*, outcomes.outcome, r.value / 100 as amount, r.category as part, design.design_effect
from raw.ascs as r
inner join seeds.ascs_outcomes as outcomes
    on outcomes.question_code = split_part(r.question, ' - ', 1)
    and (outcomes.answer = r.answer or r.statistic = 'respondents')
inner join survey_design as design on design.question_code = outcomes.question_code
where r.breakdown = 'Mechanism of delivery' and r.category != 'Not Applicable'
