-- How the estimates of one outcome on one measure of choice spread over every defensible choice, and how often a world
-- without any association would give as much. Measures are never pooled, nor denominators of an outcome, lags, designs
-- within and between councils, or mechanical ties. A placebo's twin is one estimate a design, for comparison: it has no curve.
with specifications as (
    select
        e.question, e.role, e.outcome, e.outcome_name, e.denominator, e.exposure, e.exposure_name, e.grade, e.is_mechanical, e.lag, e.unit, e.benchmark,
        e.specification_id, e.estimate, e.interval_low, e.interval_high, e.minimum_detectable,
        e.could_see_benchmark, e.standard_error, e.is_primary, e.p_value_bootstrap,
        -- The width of the interval in standard errors tells which t the estimate must pass.
        (e.interval_high - e.interval_low) / 2 / e.standard_error as critical,
        s.null_t, s.null_estimate
    from {{ ref('mart_effect_estimates') }} as e
    inner join {{ ref('int_effect_specifications') }} as s on s.specification_id = e.specification_id
    where e.role != 'placebo_lead_twin'
),

observed as (
    select
        question, role, outcome, outcome_name, denominator, exposure, exposure_name, grade, is_mechanical, lag, unit, benchmark,
        count(*) as specifications,
        avg(case when estimate > 0 then 1.0 else 0 end) as share_positive,
        avg(case when estimate < 0 then 1.0 else 0 end) as share_negative,
        avg(case when interval_low > 0 then 1.0 else 0 end) as share_clear_positive,
        avg(case when interval_high < 0 then 1.0 else 0 end) as share_clear_negative,
        min(estimate) as estimate_lowest,
        quantile_cont(estimate, 0.1) as estimate_p10,
        median(estimate) as estimate_median,
        quantile_cont(estimate, 0.9) as estimate_p90,
        max(estimate) as estimate_highest,
        min(minimum_detectable) as minimum_detectable_smallest,
        median(minimum_detectable) as minimum_detectable_median,
        avg(case when could_see_benchmark then 1.0 when benchmark is not null then 0 end) as share_could_see_benchmark
    from specifications
    group by all
),

draws as (
    select
        outcome, denominator, exposure, role, grade, is_mechanical, lag, critical,
        unnest(null_estimate) as estimate,
        unnest(null_t) as t,
        unnest(range(1, len(null_t) + 1)) as draw
    from specifications
),

by_draw as (
    select
        outcome, denominator, exposure, role, grade, is_mechanical, lag, draw,
        median(estimate) as estimate_median,
        avg(case when abs(t) > critical then 1.0 else 0 end) as share_clear
    from draws
    group by all
),

chances as (
    select
        observed.outcome, observed.denominator, observed.exposure, observed.role, observed.grade, observed.is_mechanical, observed.lag,
        (1.0 + count(*) filter (where abs(by_draw.estimate_median) >= abs(observed.estimate_median))) / (1 + count(*)) as p_value_median,
        (1.0 + count(*) filter (where by_draw.share_clear >= observed.share_clear_positive + observed.share_clear_negative))
        / (1 + count(*)) as p_value_clear
    from observed
    inner join by_draw
        on by_draw.outcome = observed.outcome and by_draw.denominator = observed.denominator and by_draw.exposure = observed.exposure
        and by_draw.role = observed.role and by_draw.grade = observed.grade and by_draw.is_mechanical = observed.is_mechanical and by_draw.lag = observed.lag
    group by all
)

select
    observed.question,
    observed.role,
    observed.outcome,
    observed.outcome_name,
    observed.denominator,
    observed.exposure,
    observed.exposure_name,
    observed.grade,
    observed.is_mechanical,
    cast(observed.lag as integer) as lag,
    observed.unit,
    cast(observed.specifications as integer) as specifications,
    observed.share_positive,
    observed.share_negative,
    observed.share_clear_positive,
    observed.share_clear_negative,
    observed.estimate_lowest,
    observed.estimate_p10,
    observed.estimate_median,
    observed.estimate_p90,
    observed.estimate_highest,
    observed.minimum_detectable_smallest,
    observed.minimum_detectable_median,
    observed.benchmark,
    observed.share_could_see_benchmark,
    chances.p_value_median,
    chances.p_value_clear
from observed
inner join chances
    on chances.outcome = observed.outcome and chances.denominator = observed.denominator and chances.exposure = observed.exposure
    and chances.role = observed.role and chances.grade = observed.grade and chances.is_mechanical = observed.is_mechanical and chances.lag = observed.lag
