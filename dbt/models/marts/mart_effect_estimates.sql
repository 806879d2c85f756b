-- Every estimate of the analysis plan: its choices, its size with errors, what it could have seen, and its verdict.
with estimates as (
    select
        s.*,
        o.question, o.outcome_name, o.unit, o.benchmark, o.default_form,
        e.exposure_name, e.basis, e.step_name,
        d.grade,
        -- All of the support holds the direct payments themselves.
        p.is_mechanical or s.denominator = 'all_support' as is_mechanical,
        r.specification_id is not null as is_reference,
        r.p_value_region, r.p_value_shuffled, r.library_estimate, r.library_standard_error,
        coalesce(
            r.specification_id is not null
            and s.design = 'fixed_effects' and s.exposure = 'spend_c' and s.lag = 0 and s.role = 'estimate'
            and o.order_in_question = 1,
            false
        ) as is_primary
    from {{ ref('int_effect_specifications') }} as s
    inner join {{ ref('effect_outcomes') }} as o on o.outcome = s.outcome
    inner join {{ ref('effect_exposures') }} as e on e.exposure = s.exposure
    inner join {{ ref('effect_designs') }} as d on d.design = s.design
    inner join {{ ref('effect_pairs') }} as p
        on p.outcome = s.outcome and p.exposure = s.exposure and p.lag = s.lag and p.role = s.role
    left join {{ ref('int_effect_references') }} as r on r.specification_id = s.specification_id
),

-- Holm (1979) over the primary estimates: the smallest p times all of them, the next times one fewer, never falling.
ordered as (
    select
        specification_id, p_value,
        p_value * (count(*) over () + 1 - row_number() over (order by p_value, specification_id)) as raised,
        row_number() over (order by p_value, specification_id) as place
    from estimates
    where is_primary
),

holm as (
    select specification_id, least(1, max(raised) over (order by place)) as p_value_holm
    from ordered
)

select
    estimates.specification_id,
    question,
    role,
    outcome,
    outcome_name,
    denominator,
    prices,
    edition,
    exposure,
    exposure_name,
    basis,
    cast(lag as integer) as lag,
    design,
    grade,
    sample,
    weights,
    form,
    covariates,
    is_mechanical,
    is_reference,
    is_primary,
    step_name,
    unit,
    estimate,
    standard_error,
    interval_low,
    interval_high,
    p_value,
    p_value_bootstrap,
    p_value_region,
    p_value_shuffled,
    holm.p_value_holm,
    cast(n as integer) as n,
    cast(clusters as integer) as clusters,
    effective_clusters,
    cast(years as integer) as years,
    outcome_mean,
    minimum_detectable,
    benchmark,
    minimum_detectable <= benchmark as could_see_benchmark,
    case
        when interval_low > 0 or interval_high < 0 then 'association'
        when interval_low > -benchmark and interval_high < benchmark then 'smaller than the benchmark'
        else 'cannot tell'
    end as verdict,
    library_estimate,
    library_standard_error
from estimates
left join holm on holm.specification_id = estimates.specification_id
