-- Talking therapies: recovery by class of provider. Rates are of sums, over providers with every count visible; a
-- percentage is never averaged.
with counts as (
    select
        financial_year, org_type, org_code, org_name,
        max(value) filter (where measure = 'referrals_received') as referrals,
        max(value) filter (where measure = 'finished_course_treatment') as finished,
        max(value) filter (where measure = 'not_at_caseness') as not_at_caseness,
        max(value) filter (where measure = 'recovery') as recovered,
        max(value) filter (where measure = 'reliable_recovery') as reliably_recovered,
        max(value) filter (where measure = 'improvement') as improved
    from {{ ref('stg_nhse_talking_therapies') }}
    where statistic = 'count' and org_type in ('england', 'provider')
    group by all
),

by_code as (
    select rule, provider_class, evidence_grade from {{ ref('provider_classes') }} where rule_kind = 'org_code'
),

by_pattern as (
    select rule, provider_class, evidence_grade from {{ ref('provider_classes') }} where rule_kind = 'pattern'
),

classed as (
    select
        counts.*,
        case
            when counts.org_type = 'england' then 'all'
            else coalesce(by_code.provider_class, by_pattern.provider_class, 'unknown')
        end as provider_class,
        case when counts.org_type = 'england' then 'publisher_definition'
            else coalesce(by_code.evidence_grade, by_pattern.evidence_grade, 'assumed') end as evidence_grade,
        counts.finished is not null and counts.not_at_caseness is not null and counts.recovered is not null as is_complete
    from counts
    left join by_code on by_code.rule = counts.org_code
    left join by_pattern on by_code.rule is null and regexp_matches(counts.org_code, by_pattern.rule)
)

select
    financial_year,
    provider_class,
    provider_class = 'all' as is_total,
    min(evidence_grade) as evidence_grade,
    cast(case when provider_class != 'all' then count(*) end as integer) as providers,
    cast(count(*) filter (where not is_complete) as integer) as providers_left_out,
    cast(sum(referrals) as bigint) as referrals_received,
    cast(sum(finished) as bigint) as courses_finished,
    cast(sum(recovered) filter (where is_complete) as bigint) as recovered,
    cast(sum(finished - not_at_caseness) filter (where is_complete) as bigint) as eligible_to_recover,
    sum(recovered) filter (where is_complete) / sum(finished - not_at_caseness) filter (where is_complete) as recovery_rate,
    sum(reliably_recovered) filter (where is_complete and reliably_recovered is not null)
    / sum(finished - not_at_caseness) filter (where is_complete and reliably_recovered is not null) as reliable_recovery_rate,
    sum(finished) filter (where referrals is not null) / sum(referrals) filter (where finished is not null)
        as finished_per_referral
from classed
group by financial_year, provider_class
