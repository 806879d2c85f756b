-- Findings of evaluations and reviews, with what each source states and nothing more. How far a study can be trusted,
-- and how sure the findings of a domain are together, are judgements of ours (evidence_studies, evidence_certainty).
with figures as (
    select
        finding_id,
        -- The first figure that the source states, with its own unit and subject.
        arg_min(value, source_locator) filter (where statistic = 'estimate' and part not in ('comparator', '')) as estimate,
        arg_min(unit, source_locator) filter (where statistic = 'estimate' and part not in ('comparator', '')) as unit,
        arg_min(part, source_locator) filter (where statistic = 'estimate' and part not in ('comparator', ''))
            as estimate_of,
        max(value) filter (where statistic = 'estimate' and part = 'comparator') as comparator_value,
        max(value) filter (where statistic = 'interval or p value') as p_value,
        -- A study's size as one number: the first of these that its source states.
        coalesce(
            max(value) filter (where statistic = 'n' and part = 'respondents'),
            max(value) filter (where statistic = 'n' and part = 'holders'),
            max(value) filter (where statistic = 'n' and part = 'holders and carers'),
            max(value) filter (where statistic = 'n' and part = 'recruited'),
            max(value) filter (where statistic = 'n' and part = 'structured interviews'),
            max(value) filter (where statistic = 'n' and part = 'studies')
        ) as n,
        max(value_text) filter (where statistic = 'n' and value is not null) as n_as_stated,
        max(source_url) as source_url,
        max(source_place) as source_place
    from {{ source('raw', 'evidence') }}
    group by finding_id
)

select
    register.finding_id,
    register.study_id,
    register.study_name,
    studies.study_group,
    studies.study_group_name,
    register.citation,
    cast(register.study_year as varchar) as study_year,
    register.country,
    register.design,
    register.design_class,
    register.population,
    register.client_group,
    register.intervention,
    register.intervention_class,
    register.comparator,
    register.comparator_class,
    register.outcome,
    register.outcome_domain,
    certainty.domain_name,
    register.direction,
    register.significance,
    register.finding,
    nullif(figures.estimate_of, '') as estimate_of,
    figures.estimate,
    figures.comparator_value,
    nullif(figures.unit, '') as unit,
    figures.p_value,
    cast(figures.n as bigint) as n,
    figures.n_as_stated,
    register.limits_stated,
    studies.risk_of_bias,
    studies.risk_of_bias_reason,
    certainty.certainty,
    certainty.certainty_reason,
    register.reading,
    register.reading = 'primary' as read_at_source,
    register.restates_ascs,
    register.note,
    figures.source_url,
    figures.source_place
from {{ ref('evidence_register') }} as register
left join figures on figures.finding_id = register.finding_id
left join {{ ref('evidence_studies') }} as studies on studies.study_id = register.study_id
left join {{ ref('evidence_certainty') }} as certainty on certainty.outcome_domain = register.outcome_domain
