-- Every way that public figures allow to split mental health money by who holds it or who provides. A way has a
-- share, or two bounds where only part of the split is published. Where the figures behind a share are quoted and
-- rounded, the bounds say what they leave open. A year is given where the source states one.
with figures as (
    select * from {{ ref('stg_nsiamhs__figures') }}
),

quoted as (
    select
        max(amount_cash_gbp) filter (where measure = 'Direct Payments for mental health') as claimed_payments,
        max(amount_cash_gbp) filter (where measure = 'total investment' and category = 'England, adults 18-64' and year_as_given = '2011-12')
            as total_investment,
        sum(amount_cash_gbp) filter (
            where publication like 'NHS Confederation%Figure 1' and measure = 'investment by service group'
            and kind not like 'DERIVED%'
        ) as direct_services
    from figures
),

returned as (
    select direct_payments_cash_gbp as returned_payments
    from {{ ref('mart_direct_payment_share') }}
    where
        area_id = 'england' and financial_year = '2011-12' and basis = 'B' and client_group = 'mental_health'
        and figure = 'published'
),

-- What a figure may have been before it was rounded: half a unit either way for each figure printed.
parts as (
    select component, rounded_to_gbp * printed_figures / 2 as either_way_gbp from {{ ref('claim_components') }}
),

amounts as (
    select component, amount, amount - either_way_gbp as low, amount + either_way_gbp as high
    from (select * from quoted cross join returned)
    unpivot (amount for component in (claimed_payments, total_investment, direct_services, returned_payments))
    inner join parts using (component)
),

shares_of_claim as (
    select
        'claimed_over_direct_services' as way_id, 'claimed_payments' as numerator_is, 'direct_services' as denominator_is,
        'all' as age_band, 'inferred' as evidence_grade,
        'NHS Confederation Mental Health Network factsheet, January 2014, figure 1, quoting the National Survey of Investment 2011-12'
            as source
    union all
    select
        'claimed_over_total_investment', 'claimed_payments', 'total_investment', 'all', 'publisher_definition',
        'NHS Confederation Mental Health Network factsheet, January 2014, quoting the National Survey of Investment 2011-12'
    union all
    select
        'returned_over_direct_services', 'returned_payments', 'direct_services', '18-64', 'inferred',
        'PSS EX1 unit costs 2011-12; NHS Confederation Mental Health Network factsheet, January 2014'
    union all
    select
        'returned_over_total_investment', 'returned_payments', 'total_investment', '18-64', 'publisher_definition',
        'PSS EX1 unit costs 2011-12; NHS Confederation Mental Health Network factsheet, January 2014'
),

ways as (
    select
        way_id, 'direct_payments' as split, 'money' as share_of, '2011-12' as financial_year, age_band,
        case numerator_is
            when 'claimed_payments' then 'Direct payments as the blog gives them' else 'Direct payments in the council return'
        end as numerator,
        numerator.amount as numerator_cash_gbp,
        case denominator_is
            when 'direct_services' then 'Direct services: the eight service groups printed in a factsheet'
            else 'Total reported investment in adult mental health'
        end as denominator,
        denominator.amount as denominator_cash_gbp,
        numerator.amount / denominator.amount as share,
        numerator.low / denominator.high as share_low,
        numerator.high / denominator.low as share_high,
        'rounding of the figures' as why_bounds,
        case numerator_is
            when 'claimed_payments' then 'computed from quoted figures' else 'computed from a return and quoted figures'
        end as how,
        evidence_grade,
        source
    from shares_of_claim
    inner join amounts as numerator on numerator.component = shares_of_claim.numerator_is
    inner join amounts as denominator on denominator.component = shares_of_claim.denominator_is
    union all
    select
        'council_support_' || lower(basis), 'direct_payments', 'money', financial_year, age_band,
        'Direct payments for mental health', direct_payments_cash_gbp,
        'Council spending on mental health, basis ' || basis || case basis
            when 'A' then ' (all services)' when 'B' then ' (services with a unit cost)'
            when 'C' then ' (long-term support)' when 'D' then ' (lines of the older return)'
        end, denominator_cash_gbp,
        share, null, null, null, 'computed from returns', 'publisher_definition',
        case basis when 'C' then 'ASC-FR ' else 'PSS EX1 ' end || edition
    from {{ ref('mart_direct_payment_share') }}
    where area_id = 'england' and client_group = 'mental_health' and is_preferred
    union all
    select
        'commissioned_outside_council_' || lower(basis), 'provider', 'money', financial_year, age_band,
        'Provision by others and grants', others_gbp,
        'Council-commissioned mental health services without direct payments, basis ' || basis, total_gbp,
        others_gbp / total_gbp, null, null, null, 'computed from returns', 'publisher_definition',
        case basis when 'C' then 'ASC-FR ' else 'PSS EX1 ' end || edition
    from {{ ref('int_mental_health_provision') }}
    union all
    -- The unit-cost files split only part of the services: no share, but a lowest and a highest.
    select
        'bounds_outside_council_b', 'provider', 'money', financial_year, '18-64',
        'Provision by others: care homes without nursing and day care as split, nursing care, and none or all of home care', null,
        'Council-commissioned mental health services without direct payments, basis B', total_gbp,
        null, outside_low_gbp / total_gbp, outside_high_gbp / total_gbp,
        'home care is not split, and nursing care counts as provided by others',
        'bounds computed from returns', 'inferred', 'PSS EX1 unit costs ' || edition
    from {{ ref('int_mental_health_provision_bounds') }}
    union all
    select
        'eight_groups_over_total_investment', 'service', 'money', '2011-12', 'all',
        'The eight service groups printed in a factsheet', direct_services,
        'Total reported investment in adult mental health', total_investment,
        direct_services / total_investment, null, null, null, 'computed from quoted figures', 'inferred',
        'NHS Confederation Mental Health Network factsheet, January 2014, quoting the National Survey of Investment 2011-12'
    from quoted
    union all
    select
        'quoted_direct_services', 'service', 'money', year_as_given, 'all', 'Direct services', null,
        'Reported investment in adult mental health', null, share, null, null, null, 'quoted share', 'publisher_definition',
        'National Survey of Investment ' || year_as_given || ', as quoted by a secondary source'
    from figures where measure = 'direct services share of reported investment'
    union all
    select
        'claimed_share_in_nhs', 'provider', 'money', '2011-12', 'all',
        'Spent in the NHS, as the blog gives it', null, 'All mental health spending, as the blog gives it', null,
        share, null, null, null, 'claim under test', 'publisher_definition', 'Blog post under test'
    from figures where measure = 'share of total spent in the NHS'
    union all
    select
        'claimed_share_to_non_statutory', 'provider', 'money', '2011-12', 'all',
        'Spent on non-statutory providers, as the blog gives it', null, 'Direct payments for mental health', null,
        share, null, null, null, 'claim under test', 'publisher_definition', 'Blog post under test'
    from figures where measure = 'share of Direct Payments spent on non-statutory providers'
    union all
    select
        'quoted_nhs_providers_2012_13', 'provider', 'money', '2012-13', 'all',
        'NHS providers (what is left beside the quoted share of non-NHS providers)', null,
        'Mental health spending of primary care trusts', null,
        1 - share, null, null, null, 'computed from a quoted share', 'inferred', 'Nuffield Trust, as quoted by a secondary source'
    from figures where measure = 'non-NHS providers share of NHS (PCT) mental health spend'
    union all
    select
        'quoted_nhs_trusts', 'provider', 'care', null, 'all',
        'NHS mental health trusts', null, 'Mental health care', null,
        share, null, null, null, 'quoted share', 'publisher_definition',
        'King''s Fund, press release of October 2016 (neither the year nor the source of the share is stated)'
    from figures where measure = 'share of mental health care provided by NHS mental health trusts'
    union all
    select
        case measure when 'traditional spend on NHS services' then 'quoted_ndti_nhs' else 'quoted_ndti_outside' end,
        'provider', 'money', null, 'all',
        case measure
            when 'traditional spend on NHS services' then 'Traditional spending on NHS services'
            else 'Personal budget spending outside the public sector'
        end, null, 'Not stated', null,
        share, null, null, null, 'quoted share', 'publisher_definition',
        'National Development Team for Inclusion, opinion article of January 2015 (year of the data not stated)'
    from figures where measure in ('traditional spend on NHS services', 'personal budget spend outside public sector')
)

select
    way_id,
    split,
    share_of,
    financial_year,
    age_band,
    age_band = 'all' as is_total,
    numerator,
    numerator_cash_gbp,
    denominator,
    denominator_cash_gbp,
    share,
    share_low,
    share_high,
    why_bounds,
    how,
    evidence_grade,
    source
from ways
