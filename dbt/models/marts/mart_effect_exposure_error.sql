-- Primary outcomes over the change for which choice was measured twice: as if without error, over every reliability
-- that the two measures allow, and with one measure as the other's instrument.
select
    o.question,
    e.outcome,
    {{ outcome_as_measured('o.outcome_name', 'e.denominator') }} as outcome_name,
    e.denominator,
    e.exposure,
    m.exposure_name,
    e.form,
    e.instrument,
    {{ financial_year('e.first_year') }} as first_financial_year,
    {{ financial_year('e.last_year') }} as last_financial_year,
    ties.share_a_part as is_mechanical,
    m.step_name,
    o.unit,
    e.estimate,
    e.standard_error,
    e.interval_low,
    e.interval_high,
    e.minimum_detectable,
    e.first_stage_f,
    e.is_weak,
    e.correlation,
    e.reliability_even,
    e.reliability_floor,
    cast(e.councils as integer) as councils,
    e.effective_clusters,
    o.benchmark,
    case
        when e.form = 'plain' then 'not judged'
        when ties.share_a_part then 'tied by arithmetic'
        when e.is_weak then 'instrument too weak'
        when e.interval_low > 0 or e.interval_high < 0 then 'association'
        when e.interval_low > -o.benchmark and e.interval_high < o.benchmark then 'smaller than the benchmark'
        else 'cannot tell'
    end as verdict
from {{ ref('int_effect_exposure_errors') }} as e
inner join {{ ref('effect_outcomes') }} as o on o.outcome = e.outcome
inner join {{ ref('effect_exposures') }} as m on m.exposure = e.exposure
-- What moves the estimate is the instrument, where there is one.
left join {{ ref('int_effect_ties') }} as ties
    on ties.outcome = e.outcome and ties.denominator = e.denominator and ties.exposure = coalesce(e.instrument, e.exposure)
