-- Estimates whose outcome and share have a part in common, against what that alone makes: other councils' pounds.
with estimates as (
    select
        c.*, o.question, {{ outcome_as_measured('o.outcome_name', 'c.denominator') }} as outcome_name, e.exposure_name, e.basis,
        case when c.form = 'share' then e.step_name else 'a tenth more direct payments' end as step_name,
        case when c.form = 'share' then o.unit else 'per cent of the ratio' end as unit,
        case when c.form = 'share' then o.benchmark end as benchmark,
        c.interval_low > 0 as is_above,
        c.interval_high < 0 as is_below
    from {{ ref('int_effect_compositions') }} as c
    inner join {{ ref('effect_outcomes') }} as o on o.outcome = c.outcome
    inner join {{ ref('effect_exposures') }} as e on e.exposure = c.exposure
)

select
    estimates.question,
    estimates.outcome,
    estimates.outcome_name,
    estimates.denominator,
    estimates.exposure,
    estimates.exposure_name,
    estimates.basis,
    estimates.form,
    estimates.null_model,
    primaries.outcome is not null as is_primary,
    estimates.step_name,
    estimates.unit,
    estimates.estimate,
    estimates.null_mean,
    estimates.null_low,
    estimates.null_high,
    estimates.excess,
    estimates.standard_error,
    estimates.interval_low,
    estimates.interval_high,
    estimates.p_value,
    estimates.effective_clusters,
    cast(estimates.councils as integer) as councils,
    cast(estimates.years as integer) as years,
    cast(estimates.councils_with_gaps as integer) as councils_with_gaps,
    cast(estimates.noughts as integer) as noughts,
    cast(estimates.councils_with_noughts as integer) as councils_with_noughts,
    estimates.benchmark,
    case
        when bool_and(is_above) over same or bool_and(is_below) over same then 'association'
        when bool_and(estimates.interval_low > -estimates.benchmark and estimates.interval_high < estimates.benchmark) over same
            then 'smaller than the benchmark'
        else 'cannot tell'
    end as verdict
from estimates
left join (select outcome, denominator, exposure from {{ ref('mart_effect_estimates') }} where is_primary) as primaries
    on primaries.outcome = estimates.outcome and primaries.denominator = estimates.denominator
    and primaries.exposure = estimates.exposure and estimates.form = 'share'
window same as (partition by estimates.outcome, estimates.denominator, estimates.exposure, estimates.form)
