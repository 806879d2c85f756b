-- What each ledger shows of adult social care, by month and route. Sum the months of a year for the year.
with summed as (
    select
        body, month, financial_year, era, comparability_group, in_series, route, family, support_setting, evidence_grade,
        sum(amount_gbp) as amount_gbp,
        sum(payments) as payments,
        sum(case when payee_class = 'person' then amount_gbp end) as paid_to_people,
        sum(case when payee_class = 'organisation' then amount_gbp end) as paid_to_organisations,
        sum(case when payee_class = 'public_body' then amount_gbp end) as paid_to_public_bodies,
        sum(case when payee_class = 'redacted' then amount_gbp end) as paid_to_redacted,
        sum(case when payee_class = 'unknown' then amount_gbp end) as paid_to_unknown,
        sum(duplicate_payments) as duplicate_payments,
        sum(duplicate_amount_gbp) as duplicate_amount
    from {{ ref('int_ledger_care') }}
    group by
        body, month, financial_year, era, comparability_group, in_series, route, family, support_setting, evidence_grade
)

select
    s.body,
    bodies.council_id as area_id,
    bodies.body_name as area_name,
    s.month,
    s.financial_year,
    years.months_held,
    s.era,
    s.comparability_group,
    s.in_series,
    s.route,
    s.family,
    s.support_setting,
    s.evidence_grade,
    cast(s.amount_gbp as double) as amount_cash_gbp,
    cast(s.amount_gbp as double) * deflators.to_real as amount_real_gbp,
    deflators.real_terms_base_year,
    cast(s.payments as bigint) as payments,
    cast(coalesce(s.paid_to_people, 0) as double) as paid_to_people_gbp,
    cast(coalesce(s.paid_to_organisations, 0) as double) as paid_to_organisations_gbp,
    cast(coalesce(s.paid_to_public_bodies, 0) as double) as paid_to_public_bodies_gbp,
    cast(coalesce(s.paid_to_redacted, 0) as double) as paid_to_redacted_gbp,
    cast(coalesce(s.paid_to_unknown, 0) as double) as paid_to_unknown_gbp,
    case when s.amount_gbp > 0 then cast(coalesce(s.paid_to_redacted, 0) as double) / cast(s.amount_gbp as double) end
        as redacted_share,
    cast(s.duplicate_payments as bigint) as duplicate_payments_left_out,
    cast(s.duplicate_amount as double) as duplicate_amount_left_out_gbp
from summed as s
left join {{ ref('dim_body') }} as bodies on bodies.body = s.body
inner join {{ ref('int_ledger_years') }} as years
    on years.body = s.body and years.financial_year = s.financial_year
left join {{ ref('int_deflators') }} as deflators on deflators.financial_year = s.financial_year
