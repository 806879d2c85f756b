-- What people said in the Adult Social Care Survey 2020-21, by how their support is delivered, with intervals that
-- we compute: Wilson, 95%, on the respondents over the question's own design effect, which the publisher's margins
-- for all volunteer councils imply. Eighteen comparisons are made with the council-managed budget, and some would leave
-- zero out by chance: each has a p value (two shares, pooled, on the same bases) and Holm's, adjusted for all of them.
with answers as (
    select *
    from {{ ref('stg_ascs') }}
    where
        (breakdown = 'Mechanism of delivery' and category != 'Not Applicable')
        or breakdown = '18 CASSR Average'
),

shares as (
    select
        outcomes.outcome,
        outcomes.outcome_name,
        outcomes.question_code,
        outcomes.direction_of_good,
        answers.financial_year,
        answers.breakdown,
        answers.category,
        sum(answers.value) as share,
        count(*) as answers_summed
    from answers
    inner join {{ ref('ascs_outcomes') }} as outcomes
        on outcomes.question_code = answers.question_code and outcomes.answer = answers.answer
    where answers.statistic = 'percentage'
    group by all
),

bases as (
    select question_code, breakdown, category, max(value) as respondents
    from answers
    where statistic = 'respondents'
    group by all
),

based as (
    select
        shares.*, bases.respondents, design.design_effect,
        bases.respondents / design.design_effect as effective_base
    from shares
    inner join {{ ref('int_survey_design') }} as design on design.question_code = shares.question_code
    inner join bases
        on bases.question_code = shares.question_code
        and bases.breakdown = shares.breakdown
        and bases.category = shares.category
),

named as (
    select
        based.*,
        labels.mechanism,
        mechanisms.mechanism_name,
        nullif(mechanisms.route, '') as route,
        {{ wilson('share', 'effective_base', '-') }} as low,
        {{ wilson('share', 'effective_base', '+') }} as high
    from based
    left join {{ ref('delivery_mechanism_labels') }} as labels on labels.dataset = 'ascs' and labels.label = based.category
    left join {{ ref('delivery_mechanisms') }} as mechanisms on mechanisms.mechanism = labels.mechanism
),

compared as (
    select
        n.*,
        managed.share as managed_share,
        managed.low as managed_low,
        managed.high as managed_high,
        managed.effective_base as managed_base,
        (n.share * n.effective_base + managed.share * managed.effective_base)
            / (n.effective_base + managed.effective_base) as pooled
    from named as n
    left join named as managed
        on managed.outcome = n.outcome
        and managed.mechanism = 'managed_personal_budget'
        and n.mechanism not in ('managed_personal_budget', 'all')
),

deviates as (
    select
        *,
        (share - managed_share) / sqrt(pooled * (1 - pooled) * (1 / effective_base + 1 / managed_base)) as z
    from compared
),

tested as (
    select *, case when z is not null then {{ two_sided_p('z') }} end as p_value from deviates
),

ranked as (
    select
        *,
        p_value * (count(p_value) over () + 1 - row_number() over (order by p_value nulls last, outcome, mechanism))
            as p_times_left
    from tested
)

select
    n.financial_year,
    n.outcome,
    n.outcome_name,
    n.question_code,
    n.mechanism,
    n.mechanism = 'all' as is_total,
    case n.mechanism when 'all' then 'All 18 councils' else n.mechanism_name end as mechanism_name,
    n.route,
    round(n.share, 6) as share,
    cast(n.respondents as integer) as respondents,
    round(n.low, 6) as interval_low,
    round(n.high, 6) as interval_high,
    -- Newcombe (1998), method 10: the two Wilson intervals put together.
    round(n.share - n.managed_share, 6) as difference_from_managed,
    round(n.share - n.managed_share - sqrt(power(n.share - n.low, 2) + power(n.managed_high - n.managed_share, 2)), 6)
        as difference_low,
    round(n.share - n.managed_share + sqrt(power(n.high - n.share, 2) + power(n.managed_share - n.managed_low, 2)), 6)
        as difference_high,
    round(n.p_value, 9) as difference_p_value,
    -- Holm (1979): the smallest p times all comparisons, the next times one less, never below the one before.
    case when n.p_value is not null then
        round(least(1, max(n.p_times_left) over (order by n.p_value nulls last, n.outcome, n.mechanism)), 9)
    end as difference_p_holm,
    n.design_effect,
    n.direction_of_good
from ranked as n
