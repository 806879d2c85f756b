-- By how much the survey's design widens the margins of each question's answers over a simple random sample's: the
-- variances that the publisher's margins (all 18 councils) imply over those of a simple sample of as many respondents,
-- summed over the answers (Rao and Scott 1981). A single answer's margin is too coarsely rounded for one of its own.
with average as (
    select * from {{ ref('stg_ascs') }} where breakdown = '18 CASSR Average'
),

answers as (
    select
        question_code, answer,
        max(value) filter (where statistic = 'percentage') as share,
        max(value) filter (where statistic = 'margin of error') / 100 as margin
    from average
    where answer != ''
    group by all
),

bases as (
    select question_code, max(value) as respondents from average where statistic = 'respondents' group by all
)

select
    answers.question_code,
    count(*) as answers,
    max(bases.respondents) as respondents,
    round(sum(power(margin / 1.96, 2)) / sum(share * (1 - share) / bases.respondents), 10) as design_effect
from answers
inner join bases on bases.question_code = answers.question_code
where share is not null and margin is not null
group by all
