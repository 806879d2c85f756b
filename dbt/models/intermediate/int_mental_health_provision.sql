-- Who provides council-commissioned mental health support, England, direct payments left out: by year, basis and
-- age band, services only (assessment and care management is social work, and is not bought).
select
    financial_year,
    basis,
    age_band,
    care_type,
    {{ exact_sum("case when provision = 'own_provision' then amount_cash_gbp end") }} as own_gbp,
    {{ exact_sum("case when provision in ('provision_by_others', 'grants') then amount_cash_gbp end") }} as others_gbp,
    {{ exact_sum('amount_cash_gbp') }} as total_gbp,
    min(edition) as edition,
    min(dataset) as dataset
from {{ ref('mart_social_care_spend') }}
where
    area_id = 'england'
    and client_group = 'mental_health'
    and grain = 'leaf'
    and figure = 'computed'
    and provision != 'total'
    and basis in ('A', 'C')
    and care_type in ('all', 'long_term')
    and support_setting not in ('direct_payments', 'assessment', 'supporting_people')
group by financial_year, basis, age_band, care_type
