-- Every estimate of the analysis plan: its choices, its size with errors, what it could have seen, and its verdict.
with against_arithmetic as (
    -- Against pounds handed on at random, by the less favourable of the ways to hand them on.
    select outcome, denominator, exposure, max(p_value) as p_value
    from {{ ref('int_effect_compositions') }}
    where form = 'share'
    group by all
),

-- Of the people whom the survey speaks for, those who get support in the community (care homes are in it too).
surveyed as (
    select sum(value) filter (where category = 'Community') / sum(value) as share_in_community
    from {{ ref('stg_ascs') }}
    where
        published_table = 'T6' and breakdown in ('Support Setting', 'SupportSetting')
        and statistic = 'eligible population (weighted)'
),

estimates as (
    select
        s.*,
        o.question, {{ outcome_as_measured('o.outcome_name', 's.denominator') }} as outcome_name, o.unit, o.default_form,
        -- Ten more in a hundred of the people supported in the community are fewer in a hundred of those surveyed.
        o.benchmark * case when e.counts = 'community' and o.weight_base = 'respondents' then surveyed.share_in_community else 1 end
            as benchmark,
        -- An outcome of spending is on a basis too.
        case
            when s.outcome in ('long_term_support', 'commissioned_pounds', 'residential_care_share')
                then case when length(e.basis) = 1 then e.basis else 'C' end
        end as outcome_basis,
        e.exposure_name, e.basis, e.step_name,
        d.grade,
        ties.share_a_part and s.lag = 0 as is_mechanical,
        case when r.specification_id is not null and s.design = 'fixed_effects' then against_arithmetic.p_value end as p_value_arithmetic,
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
    -- A figure without its parts leaves is_mechanical null, which the contract refuses.
    left join {{ ref('int_effect_ties') }} as ties
        on ties.outcome = s.outcome and ties.denominator = s.denominator and ties.exposure = s.exposure
    left join against_arithmetic
        on against_arithmetic.outcome = s.outcome and against_arithmetic.denominator = s.denominator
        and against_arithmetic.exposure = s.exposure and s.lag = 0 and s.role = 'estimate'
    left join {{ ref('int_effect_references') }} as r on r.specification_id = s.specification_id
    cross join surveyed
),

-- Breaks of responsibility between the first and the last year compared, of the share's figures or the outcome's.
crossed as (
    select
        spans.specification_id,
        string_agg(distinct breaks.short_name, '; ' order by breaks.short_name) as breaks_crossed
    from (
        select specification_id, basis, first_year as from_year, last_year as to_year from estimates where grade = 'within'
        union all
        select specification_id, outcome_basis, first_year + lag, last_year + lag from estimates where grade = 'within'
    ) as spans
    inner join {{ ref('responsibility_breaks') }} as breaks on list_contains(string_split(breaks.bases, ' '), spans.basis)
    inner join {{ ref('responsibility_break_years') }} as years
        on years.break_id = breaks.break_id and years.changes_figures
        and cast(left(years.financial_year, 4) as integer) between spans.from_year + 1 and spans.to_year
    where breaks.is_covariate
    group by spans.specification_id
),

-- What error in the share allows: the slope, over every reliability from the floor to one.
with_error as (
    select
        *,
        case when reliability_floor > 0 then least(interval_low, interval_low / reliability_floor) end as interval_low_with_error,
        case when reliability_floor > 0 then greatest(interval_high, interval_high / reliability_floor) end as interval_high_with_error,
        case when reliability_even > 0 then minimum_detectable / reliability_even end as minimum_detectable_with_error
    from estimates
),

-- Holm (1979) over the primary estimates: the smallest p times all of them, the next times one fewer, never falling.
-- One that is tied by arithmetic comes with its p against that.
ordered as (
    select
        specification_id, p_value,
        p_value * (count(*) over () + 1 - row_number() over (order by p_value, specification_id)) as raised,
        row_number() over (order by p_value, specification_id) as place
    from (
        select specification_id, case when is_mechanical then coalesce(p_value_arithmetic, 1) else p_value end as p_value
        from estimates where is_primary
    )
),

holm as (
    select specification_id, least(1, max(raised) over (order by place)) as p_value_holm
    from ordered
)

select
    with_error.specification_id,
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
    p_value_arithmetic,
    holm.p_value_holm,
    cast(n as integer) as n,
    cast(clusters as integer) as clusters,
    effective_clusters,
    cast(years as integer) as years,
    {{ financial_year('first_year') }} as first_year,
    {{ financial_year('last_year') }} as last_year,
    crossed.breaks_crossed,
    outcome_mean,
    minimum_detectable,
    reliability_even,
    reliability_floor,
    interval_low_with_error,
    interval_high_with_error,
    minimum_detectable_with_error,
    benchmark,
    case when benchmark is not null then coalesce(minimum_detectable_with_error <= benchmark, false) end as could_see_benchmark,
    case
        when is_mechanical then 'tied by arithmetic'
        when interval_low > 0 or interval_high < 0 then 'association'
        when interval_low_with_error > -benchmark and interval_high_with_error < benchmark then 'smaller than the benchmark'
        else 'cannot tell'
    end as verdict,
    library_estimate,
    library_standard_error
from with_error
left join holm on holm.specification_id = with_error.specification_id
left join crossed on crossed.specification_id = with_error.specification_id
