-- Adult Social Care Survey 2020-21, questions shown, all 18 councils together: what each question's design effect is made of.
select distinct r.*, outcomes.question_code, r.value as amount, r.statistic as part
from raw.ascs as r
inner join (select distinct question_code from seeds.ascs_outcomes) as outcomes
    on outcomes.question_code = split_part(r.question, ' - ', 1)
where r.breakdown = '18 CASSR Average' and r.statistic in ('percentage', 'respondents', 'margin of error')
