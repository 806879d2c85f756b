-- A measure of choice beside an outcome of the same or a neighbouring year, one row a council, year, pair and way of
-- measuring the outcome. What the estimates read. A council here is one on its boundaries (int_council_boundaries), so
-- that no change crosses a change of them.
with exposures as (
    select
        exposures.* exclude (council_id),
        exposures.council_id as office_id,
        boundaries.boundary_id as council_id,
        cast(left(exposures.financial_year, 4) as integer) as starts
    from {{ ref('int_effect_exposures') }} as exposures
    inner join {{ ref('int_council_boundaries') }} as boundaries
        on boundaries.council_id = exposures.council_id and boundaries.financial_year = exposures.financial_year
),

outcomes as (
    select
        outcomes.* exclude (council_id),
        boundaries.boundary_id as council_id,
        cast(left(outcomes.financial_year, 4) as integer) as starts
    from {{ ref('int_effect_outcomes') }} as outcomes
    inner join {{ ref('int_council_boundaries') }} as boundaries
        on boundaries.council_id = outcomes.council_id and boundaries.financial_year = outcomes.financial_year
),

paired as (
    select
        pairs.outcome,
        pairs.exposure,
        pairs.lag,
        pairs.role,
        outcomes.denominator,
        outcomes.prices,
        outcomes.edition,
        exposures.council_id,
        exposures.starts as exposure_year,
        outcomes.comparability_group,
        councils.region_id,
        exposures.value as share,
        outcomes.value as outcome_value,
        outcomes.margin_of_error,
        outcomes.base,
        councils.adults,
        councils.share_65_plus,
        councils.imd_2019_score,
        exposures.is_flagged,
        exposures.is_approximate,
        2020 in (exposures.starts, outcomes.starts) as is_2020_21,
        -- Which breaks of responsibility came before, of the share's figures and of the outcome's.
        100 * coalesce(sides.side, 0) + coalesce(outcome_sides.side, 0) as side_of_breaks
    from {{ ref('effect_pairs') }} as pairs
    inner join {{ ref('effect_exposures') }} as measures on measures.exposure = pairs.exposure
    inner join exposures on exposures.exposure = pairs.exposure
    inner join outcomes
        on outcomes.outcome = pairs.outcome
        and outcomes.council_id = exposures.council_id
        and outcomes.starts = exposures.starts + pairs.lag
        -- A mix of settings is held against the share of its own basis, or against people's share on basis C.
        and (
            pairs.outcome != 'residential_care_share'
            or outcomes.comparability_group = case when measures.basis in ('A', 'B', 'C', 'D') then measures.basis else 'C' end
        )
    left join {{ ref('int_effect_councils') }} as councils
        on councils.council_id = exposures.office_id and councils.financial_year = exposures.financial_year
    left join {{ ref('int_responsibility_sides') }} as sides
        on sides.basis = measures.basis and sides.financial_year = exposures.financial_year
    left join {{ ref('int_responsibility_sides') }} as outcome_sides
        on outcome_sides.basis = outcomes.comparability_group and outcome_sides.financial_year = outcomes.financial_year
),

-- A placebo and its twin (the outcome of the share's own year) are asked of the same councils in the same years, so
-- that a difference between them is none of the rows. A year counts where both outcomes are comparable.
shared as (
    select outcome, exposure, denominator, prices, edition, council_id, exposure_year
    from paired
    where role in ('placebo_lead', 'placebo_lead_twin')
    group by all
    having count(distinct role) = 2 and count(distinct comparability_group) = 1
)

select paired.*
from paired
left join shared
    on paired.role in ('placebo_lead', 'placebo_lead_twin')
    and shared.outcome = paired.outcome and shared.exposure = paired.exposure and shared.denominator = paired.denominator
    and shared.prices = paired.prices and shared.edition = paired.edition and shared.council_id = paired.council_id
    and shared.exposure_year = paired.exposure_year
where paired.role not in ('placebo_lead', 'placebo_lead_twin') or shared.council_id is not null
