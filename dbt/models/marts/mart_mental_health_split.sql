-- Every way that public figures allow to split mental health money by who holds it or who provides.
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
        ) as direct_services,
        count(*) filter (
            where publication like 'NHS Confederation%Figure 1' and measure = 'investment by service group'
            and kind not like 'DERIVED%'
        ) as service_groups
    from figures
),

returned as (
    select direct_payments_cash_gbp
    from {{ ref('mart_direct_payment_share') }}
    where
        area_id = 'england' and financial_year = '2011-12' and basis = 'B' and client_group = 'mental_health'
        and figure = 'published'
),

ways as (
    select
        'claimed_over_direct_services' as way_id, 'direct_payments' as split, '2011-12' as financial_year,
        'all' as age_band,
        'Direct payments as the blog gives them' as numerator, claimed_payments as numerator_cash_gbp,
        'Direct services: the eight service groups printed in a factsheet' as denominator,
        direct_services as denominator_cash_gbp,
        claimed_payments / direct_services as share,
        'computed from quoted figures' as how,
        'NHS Confederation Mental Health Network factsheet, January 2014, figure 1, quoting the National Survey of Investment 2011-12'
            as source
    from quoted
    union all
    select
        'claimed_over_total_investment', 'direct_payments', '2011-12', 'all',
        'Direct payments as the blog gives them', claimed_payments,
        'Total reported investment in adult mental health', total_investment,
        claimed_payments / total_investment, 'computed from quoted figures',
        'NHS Confederation Mental Health Network factsheet, January 2014, quoting the National Survey of Investment 2011-12'
    from quoted
    union all
    select
        'returned_over_direct_services', 'direct_payments', '2011-12', '18-64',
        'Direct payments in the council return', returned.direct_payments_cash_gbp,
        'Direct services: the eight service groups printed in a factsheet', quoted.direct_services,
        returned.direct_payments_cash_gbp / quoted.direct_services, 'computed from a return and quoted figures',
        'PSS EX1 unit costs 2011-12; NHS Confederation Mental Health Network factsheet, January 2014'
    from quoted cross join returned
    union all
    select
        'returned_over_total_investment', 'direct_payments', '2011-12', '18-64',
        'Direct payments in the council return', returned.direct_payments_cash_gbp,
        'Total reported investment in adult mental health', quoted.total_investment,
        returned.direct_payments_cash_gbp / quoted.total_investment, 'computed from a return and quoted figures',
        'PSS EX1 unit costs 2011-12; NHS Confederation Mental Health Network factsheet, January 2014'
    from quoted cross join returned
    union all
    select
        'council_support_' || lower(basis), 'direct_payments', financial_year, age_band,
        'Direct payments for mental health', direct_payments_cash_gbp,
        'Council spending on mental health, basis ' || basis, denominator_cash_gbp,
        share, 'computed from returns',
        case basis when 'C' then 'ASC-FR ' else 'PSS EX1 ' end || edition
    from {{ ref('mart_direct_payment_share') }}
    where area_id = 'england' and client_group = 'mental_health' and is_preferred
    union all
    select
        'commissioned_outside_council_' || lower(basis), 'provider', financial_year, age_band,
        'Provision by others and grants', others_gbp,
        'Council-commissioned mental health services without direct payments, basis ' || basis, total_gbp,
        others_gbp / total_gbp, 'computed from returns',
        case basis when 'C' then 'ASC-FR ' else 'PSS EX1 ' end || edition
    from {{ ref('int_mental_health_provision') }}
    union all
    select
        'claimed_share_in_nhs', 'provider', '2011-12', 'all',
        'Spent in the NHS, as the blog gives it', null, 'All mental health spending, as the blog gives it', null,
        share, 'claim under test', 'Blog post under test'
    from figures where measure = 'share of total spent in the NHS'
    union all
    select
        'claimed_share_to_non_statutory', 'provider', '2011-12', 'all',
        'Spent on non-statutory providers, as the blog gives it', null, 'Direct payments for mental health', null,
        share, 'claim under test', 'Blog post under test'
    from figures where measure = 'share of Direct Payments spent on non-statutory providers'
    union all
    select
        'quoted_nhs_providers_2012_13', 'provider', '2012-13', 'all',
        'NHS providers (what is left beside the quoted share of non-NHS providers)', null,
        'Mental health spending of primary care trusts', null,
        1 - share, 'computed from a quoted share', 'Nuffield Trust, as quoted by a secondary source'
    from figures where measure = 'non-NHS providers share of NHS (PCT) mental health spend'
    union all
    select
        'quoted_nhs_trusts_2015_16', 'provider', '2015-16', 'all',
        'NHS mental health trusts', null, 'Mental health care', null,
        share, 'quoted share', 'King''s Fund'
    from figures where measure = 'share of mental health care provided by NHS mental health trusts'
    union all
    select
        case measure when 'traditional spend on NHS services' then 'quoted_ndti_nhs' else 'quoted_ndti_outside' end,
        'provider', '2014-15', 'all',
        case measure
            when 'traditional spend on NHS services' then 'Traditional spending on NHS services'
            else 'Personal budget spending outside the public sector'
        end, null, 'Not stated', null,
        share, 'quoted share', 'National Development Team for Inclusion, opinion article of January 2015 (year of the data not stated)'
    from figures where measure in ('traditional spend on NHS services', 'personal budget spend outside public sector')
)

select
    way_id,
    split,
    financial_year,
    age_band,
    numerator,
    numerator_cash_gbp,
    denominator,
    denominator_cash_gbp,
    share,
    how,
    source
from ways
