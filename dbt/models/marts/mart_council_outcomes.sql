-- Outcomes framework by council, region and England, with intervals, peers and place among councils.
with figures as (
    select outcomes.*
    from {{ ref('int_ascof') }} as outcomes
    left join {{ ref('int_council_years') }} as in_force
        on outcomes.area_level = 'council'
        and in_force.council_id = outcomes.area_id
        and in_force.financial_year = outcomes.financial_year
    -- Councils that did not exist in the year are printed as not applicable.
    where outcomes.area_level != 'council' or in_force.council_id is not null or outcomes.value is not null
),

england as (
    select financial_year, measure_id, value as england_value from figures where area_level = 'england'
),

ranked as (
    select
        area_id, financial_year, measure_id,
        percent_rank() over (partition by financial_year, measure_id order by value) as percentile
    from figures
    where area_level = 'council' and value is not null
),

peers as (
    select
        pairs.council_id as area_id, figures.financial_year, figures.measure_id,
        median(figures.value) as peer_median,
        count(figures.value) as peers_with_value
    from {{ ref('mart_council_peers') }} as pairs
    inner join figures on figures.area_level = 'council' and figures.area_id = pairs.peer_id
    where pairs.peer_rank <= {{ threshold('peers_of_a_council') }}
    group by all
)

select
    f.area_level,
    f.area_id,
    names.area_name,
    f.financial_year,
    f.measure_id,
    measures.measure_name,
    measures.kind,
    measures.unit,
    measures.direction_of_good,
    f.comparability_group,
    f.value,
    f.value_symbol,
    f.margin_of_error,
    f.value - f.margin_of_error as interval_low,
    f.value + f.margin_of_error as interval_high,
    cast(f.base as bigint) as base,
    f.numerator,
    f.denominator,
    england.england_value,
    -- Too few peers make no median.
    case when peers.peers_with_value >= {{ threshold('peers_for_a_median') }} then peers.peer_median end as peer_median,
    cast(peers.peers_with_value as integer) as peers_with_value,
    ranked.percentile,
    f.edition
from figures as f
left join {{ ref('int_areas') }} as names on names.area_level = f.area_level and names.area_id = f.area_id
left join {{ ref('ascof_measures') }} as measures on measures.measure_id = f.measure_id
left join england on england.financial_year = f.financial_year and england.measure_id = f.measure_id
left join peers
    on f.area_level = 'council' and peers.area_id = f.area_id and peers.financial_year = f.financial_year
    and peers.measure_id = f.measure_id
left join ranked
    on f.area_level = 'council' and ranked.area_id = f.area_id and ranked.financial_year = f.financial_year
    and ranked.measure_id = f.measure_id
