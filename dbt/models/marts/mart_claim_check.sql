-- The blog's four statements: what is claimed, what public figures give, and the verdict by rule. Every figure is
-- printed rounded, so a claim is held against the range that its own rounding and that of the figures leave open. Which
-- way of mart_mental_health_split a claim is held against is in dbt/seeds/claims.csv.
with ways as (
    select * from {{ ref('mart_mental_health_split') }}
),

one as (
    select
        max(share) filter (where way_id = 'claimed_over_direct_services') as claimed_direct,
        max(share_low) filter (where way_id = 'claimed_over_direct_services') as claimed_direct_low,
        max(share_high) filter (where way_id = 'claimed_over_direct_services') as claimed_direct_high,
        max(share) filter (where way_id = 'claimed_over_total_investment') as claimed_total,
        max(share) filter (where way_id = 'returned_over_direct_services') as returned_direct,
        max(share) filter (where way_id = 'returned_over_total_investment') as returned_total,
        max(numerator_cash_gbp) filter (where way_id = 'claimed_over_direct_services') as claimed_amount,
        max(numerator_cash_gbp) filter (where way_id = 'returned_over_direct_services') as returned_amount,
        max(denominator_cash_gbp) filter (where way_id = 'claimed_over_direct_services') as direct_services,
        max(denominator_cash_gbp) filter (where way_id = 'claimed_over_total_investment') as total_investment,
        max(share) filter (where way_id = 'quoted_nhs_providers_2012_13') as nhs_2012_13,
        max(share) filter (where way_id = 'quoted_nhs_trusts') as nhs_trusts
    from ways
),

returned as (
    select rounded_to_gbp * printed_figures / 2 as either_way_gbp
    from {{ ref('claim_components') }}
    where component = 'returned_payments'
),

-- The nearest that open figures come to the NHS's share: another year, one region, and only what is labelled so.
nearest as (
    select
        any_value(financial_year) as financial_year,
        {{ exact_sum("case when is_nhs then amount_cash_gbp else 0 end") }} as nhs_gbp,
        {{ exact_sum("amount_cash_gbp") }} as labelled_gbp,
        {{ exact_sum("case when is_nhs and payment_form = 'contract_baseline' then amount_cash_gbp else 0 end") }}
            as baseline_gbp,
        {{ exact_sum("case when is_nhs and payment_form = 'not_said' then amount_cash_gbp else 0 end") }} as no_form_gbp
    from (
        select *, provider_sector in ('nhs_trust', 'other_nhs') as is_nhs from {{ ref('mart_nhs_provider_share') }}
        where area_id = 'london' and programme_area = 'mental_health'
    ) as payments
),

reported as (
    select spend.amount_cash_gbp as reported_gbp
    from {{ ref('mart_nhs_mental_health_spend') }} as spend
    inner join nearest on nearest.financial_year = spend.financial_year
    where
        spend.area_level = 'region' and spend.area_name = 'LONDON' and spend.category = 'all CCG spend'
        and spend.stage = 'actual'
),

checked as (
    select
        claims.*,
        case when claim_id = 'share_spent_in_nhs' then nearest.nhs_gbp / nullif(nearest.labelled_gbp, 0) end as nearest_value,
        case when claim_id = 'share_spent_in_nhs' then format(
            'London, {}, payments over £25,000 whose label says mental health, psychological therapies or dementia: £{:.1f} million to NHS bodies / £{:.1f} million = {:.1f}%. These are {:.0f}% of the mental health spending that the groups reported. Of the NHS''s part {:.1f}% is labelled contract baseline, {:.1f}% says no form, and no label says block',
            nearest.financial_year, nearest.nhs_gbp / 1e6, nearest.labelled_gbp / 1e6,
            nearest.nhs_gbp / nearest.labelled_gbp * 100, nearest.labelled_gbp / reported.reported_gbp * 100,
            nearest.baseline_gbp / nearest.nhs_gbp * 100, nearest.no_form_gbp / nearest.nhs_gbp * 100
        ) end as nearest_arithmetic,
        claimed_value - rounded_to / 2 as claimed_low,
        claimed_value + rounded_to / 2 as claimed_high,
        case claimed_unit when 'GBP' then computed.numerator_cash_gbp else computed.share end as computed_value,
        case claimed_unit when 'GBP' then computed.numerator_cash_gbp - returned.either_way_gbp else computed.share_low end
            as computed_low,
        case claimed_unit when 'GBP' then computed.numerator_cash_gbp + returned.either_way_gbp else computed.share_high end
            as computed_high,
        case claim_id
            when 'direct_payments_amount' then format(
                'Council return 2011-12, direct payments to adults under 65 with mental health needs: £{:.2f} million against £{:.1f} million claimed',
                one.returned_amount / 1e6, one.claimed_amount / 1e6
            )
            when 'direct_payments_share' then format(
                '£{:.1f} million / £{:,.0f} million (eight service groups, by inference direct services) = {:.3f}%, and with the rounding of both {:.3f}% to {:.3f}%; / £{:,.0f} million (all investment) = {:.2f}%; with the return''s amount {:.2f}% and {:.2f}%',
                one.claimed_amount / 1e6, one.direct_services / 1e6, one.claimed_direct * 100,
                one.claimed_direct_low * 100, one.claimed_direct_high * 100,
                one.total_investment / 1e6, one.claimed_total * 100, one.returned_direct * 100, one.returned_total * 100
            )
            when 'share_spent_in_nhs' then format(
                'Nothing to compute from. Quoted elsewhere, of money: 100% - {:.0f}% non-NHS = {:.0f}% in 2012-13. Of care, not money, and for no year: about {:.0f}% with mental health trusts',
                (1 - one.nhs_2012_13) * 100, one.nhs_2012_13 * 100, one.nhs_trusts * 100
            )
            else 'Nothing to compute from: no return or survey held records what kind of provider direct payments go to'
        end as arithmetic,
        case claimed_unit when 'GBP' then fairer.numerator_cash_gbp else fairer.share end as fairer_value,
        case when coalesce(fairer_way, '') != '' then claimed_unit end as fairer_unit,
        own_year.share_low as own_year_low,
        own_year.share_high as own_year_high
    from {{ ref('claims') }} as claims
    cross join one
    cross join returned
    cross join nearest
    left join reported on true
    left join ways as computed on computed.way_id = claims.computed_way
    left join ways as fairer
        on fairer.way_id = claims.fairer_way
            and fairer.financial_year = claims.fairer_year
            and fairer.age_band = claims.fairer_age_band
    left join ways as own_year
        on own_year.way_id = claims.own_year_way and own_year.financial_year = claims.own_year
)

select
    claim_order,
    claim_id,
    claim,
    claimed_value,
    claimed_low,
    claimed_high,
    claimed_unit,
    computed_value,
    computed_low,
    computed_high,
    computed_value / claimed_value - 1 as relative_difference,
    arithmetic,
    case
        when computed_value is null then 'not reproducible'
        when computed_value between claimed_low and claimed_high then 'reproduced'
        when computed_high >= claimed_low and computed_low <= claimed_high then 'consistent'
        when abs(computed_value / claimed_value - 1) <= tolerance_close then 'close'
        when compared_with = 'same source' then 'contradicted'
        else 'differs from another source'
    end as verdict,
    compared_with,
    evidence_grade,
    why,
    fairer_comparison,
    fairer_value,
    fairer_unit,
    nullif(fairer_source, '') as fairer_source,
    own_year_low,
    own_year_high,
    nullif(own_year_source, '') as own_year_source,
    nearest_value,
    nearest_value / claimed_value - 1 as nearest_difference,
    case
        when nearest_value is null then null
        when abs(nearest_value / claimed_value - 1) <= tolerance_close then 'close'
        else 'not close'
    end as nearest_verdict,
    nearest_arithmetic
from checked
