-- By how much the design widens the margins of a question, from the cells of survey_margin_cells.
select question_code, sum(power(margin / 1.96, 2)) * max(base) / sum(share * (100 - share)) as design_effect
from (
    select
        question_code, answer,
        max(amount) filter (where statistic = 'margin of error') as margin,
        max(amount) filter (where statistic = 'percentage') as share,
        max(max(amount) filter (where statistic = 'respondents')) over (partition by question_code) as base
    from survey_margin_cells
    group by question_code, answer
)
where answer != ''
group by question_code
