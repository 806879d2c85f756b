-- A measure of choice beside an outcome of the same or a neighbouring year, one row a council, year, pair and way of
-- measuring the outcome. What the estimates read.
with exposures as (
    select *, cast(left(financial_year, 4) as integer) as starts from {{ ref('int_effect_exposures') }}
),

outcomes as (
    select *, cast(left(financial_year, 4) as integer) as starts from {{ ref('int_effect_outcomes') }}
)

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
    2020 in (exposures.starts, outcomes.starts) as is_2020_21
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
    on councils.council_id = exposures.council_id and councils.financial_year = exposures.financial_year
