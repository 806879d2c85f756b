-- Whether an outcome and an exposure share a part: then those of one year are tied by arithmetic, whatever people do.
-- So say the definitions in the seed effect_parts.
select
    outcomes.figure as outcome,
    outcomes.divided_by as denominator,
    exposures.figure as exposure,
    bool_or(outcomes.part = exposures.part) as share_a_part
from {{ ref('effect_parts') }} as outcomes
cross join {{ ref('effect_parts') }} as exposures
where outcomes.kind = 'outcome' and exposures.kind = 'exposure'
group by all
