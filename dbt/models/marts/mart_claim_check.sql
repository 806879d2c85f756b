-- The blog's four statements: what is claimed, what public figures give, and the verdict by rule.
with ways as (
    select * from {{ ref('mart_mental_health_split') }}
),

returned as (
    select numerator_cash_gbp as amount from ways where way_id = 'returned_over_direct_services'
),

one as (
    select
        max(share) filter (where way_id = 'claimed_over_direct_services') as claimed_direct,
        max(share) filter (where way_id = 'claimed_over_total_investment') as claimed_total,
        max(share) filter (where way_id = 'returned_over_direct_services') as returned_direct,
        max(share) filter (where way_id = 'returned_over_total_investment') as returned_total,
        max(numerator_cash_gbp) filter (where way_id = 'claimed_over_direct_services') as claimed_amount,
        max(denominator_cash_gbp) filter (where way_id = 'claimed_over_direct_services') as direct_services,
        max(denominator_cash_gbp) filter (where way_id = 'claimed_over_total_investment') as total_investment,
        max(share) filter (where way_id = 'quoted_nhs_providers_2012_13') as nhs_2012_13,
        max(share) filter (where way_id = 'quoted_nhs_trusts_2015_16') as nhs_2015_16,
        max(share) filter (where way_id = 'council_support_b' and financial_year = '2011-12') as of_council_support,
        max(share) filter (
            where way_id = 'commissioned_outside_council_c' and financial_year = '2014-15' and age_band = '18-64'
        ) as outside_2014_15,
        max(share) filter (
            where way_id = 'commissioned_outside_council_a' and financial_year = '2005-06'
        ) as outside_2005_06
    from ways
),

checked as (
    select
        claims.*,
        case claim_id
            when 'direct_payments_amount' then returned.amount
            when 'direct_payments_share' then one.claimed_direct
        end as computed_value,
        case claim_id
            when 'direct_payments_amount' then format(
                'Council return 2011-12, direct payments to adults under 65 with mental health needs: £{:.2f} million against £{:.1f} million claimed',
                returned.amount / 1e6, one.claimed_amount / 1e6
            )
            when 'direct_payments_share' then format(
                '£{:.1f} million / £{:,.0f} million (direct services) = {:.3f}%; / £{:,.0f} million (all investment) = {:.2f}%; with the return''s amount {:.2f}% and {:.2f}%',
                one.claimed_amount / 1e6, one.direct_services / 1e6, one.claimed_direct * 100,
                one.total_investment / 1e6, one.claimed_total * 100, one.returned_direct * 100, one.returned_total * 100
            )
            when 'share_spent_in_nhs' then format(
                'Nothing to compute from. Quoted elsewhere: 100% - 24% non-NHS = {:.0f}% in 2012-13; about {:.0f}% with mental health trusts in 2015-16',
                one.nhs_2012_13 * 100, one.nhs_2015_16 * 100
            )
            else 'Nothing to compute from: no return or survey held records what direct payments buy'
        end as arithmetic,
        case claim_id
            when 'direct_payments_amount' then returned.amount
            when 'direct_payments_share' then one.of_council_support
            when 'share_spent_in_nhs' then null
            else one.outside_2014_15
        end as fairer_value,
        case claim_id
            when 'direct_payments_amount' then 'GBP'
            when 'share_spent_in_nhs' then null
            else 'share'
        end as fairer_unit,
        case claim_id
            when 'direct_payments_amount' then 'PSS EX1 2011-12, direct payments, mental health, 18-64'
            when 'direct_payments_share' then 'PSS EX1 2011-12, basis B, mental health, 18-64'
            when 'share_spent_in_nhs' then null
            else 'ASC-FR 2014-15, long-term mental health support without direct payments, 18-64: share to providers other than the council'
        end as fairer_source
    from {{ ref('claims') }} as claims
    cross join one
    cross join returned
)

select
    claim_order,
    claim_id,
    claim,
    claimed_value,
    claimed_unit,
    computed_value,
    computed_value / claimed_value - 1 as relative_difference,
    arithmetic,
    case
        when computed_value is null then 'not reproducible'
        when abs(computed_value / claimed_value - 1) <= 0.0005 then 'reproduced'
        when abs(computed_value / claimed_value - 1) <= tolerance_close then 'close'
        else 'contradicted'
    end as verdict,
    why,
    fairer_comparison,
    fairer_value,
    fairer_unit,
    fairer_source
from checked
