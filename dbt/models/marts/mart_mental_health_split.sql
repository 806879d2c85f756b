-- Every way that public figures allow to split mental health money by who holds it or who provides. A way has a
-- share, or two bounds where only part of the split is published. Where the figures behind a share are quoted and
-- rounded, the bounds say what they leave open. Ways made of quoted figures are in dbt/seeds/mental_health_ways.csv,
-- the figures they are made of in dbt/seeds/claim_components.csv; a year is given where the source states one.
with components as (
    select * from {{ ref('claim_components') }}
),

quoted as (
    select components.component, sum(figures.amount_cash_gbp) as amount
    from {{ ref('stg_nsiamhs__figures') }} as figures
    inner join components
        on components.quoted_measure = figures.measure
            and coalesce(components.quoted_category, '') in ('', figures.category)
            and coalesce(components.quoted_publication, '') in ('', figures.publication)
            and coalesce(components.quoted_year, '') in ('', figures.year_as_given)
    -- What the reader worked out itself is no figure of the source.
    where coalesce(figures.kind, '') not like 'DERIVED%'
    group by components.component
),

returned as (
    select components.component, shares.direct_payments_cash_gbp as amount
    from {{ ref('mart_direct_payment_share') }} as shares
    inner join components on components.return_basis = shares.basis and components.return_year = shares.financial_year
    where shares.area_id = 'england' and shares.client_group = 'mental_health' and shares.figure = 'published'
),

-- What a figure may have been before it was rounded: half a unit either way for each figure printed.
amounts as (
    select
        component, amount,
        amount - rounded_to_gbp * printed_figures / 2 as low,
        amount + rounded_to_gbp * printed_figures / 2 as high
    from (select * from quoted union all select * from returned)
    inner join components using (component)
),

ways as (
    select
        way_id, split, share_of, financial_year, age_band,
        numerator, upper.amount as numerator_cash_gbp,
        denominator, lower.amount as denominator_cash_gbp,
        upper.amount / lower.amount as share,
        case when coalesce(why_bounds, '') != '' then upper.low / lower.high end as share_low,
        case when coalesce(why_bounds, '') != '' then upper.high / lower.low end as share_high,
        why_bounds, how, evidence_grade, source
    from {{ ref('mental_health_ways') }} as quotes
    inner join amounts as upper on upper.component = quotes.numerator_component
    inner join amounts as lower on lower.component = quotes.denominator_component
    union all
    select
        quotes.way_id, quotes.split, quotes.share_of,
        case quotes.financial_year when 'as given' then figures.year_as_given else quotes.financial_year end,
        quotes.age_band, quotes.numerator, null, quotes.denominator, null,
        case when quotes.is_rest then 1 - figures.share else figures.share end, null, null, quotes.why_bounds,
        quotes.how, quotes.evidence_grade, replace(quotes.source, '{year}', coalesce(figures.year_as_given, ''))
    from {{ ref('mental_health_ways') }} as quotes
    inner join {{ ref('stg_nsiamhs__figures') }} as figures on figures.measure = quotes.quoted_measure
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
)

select
    way_id,
    split,
    share_of,
    nullif(financial_year, '') as financial_year,
    age_band,
    age_band = 'all' as is_total,
    numerator,
    numerator_cash_gbp,
    denominator,
    denominator_cash_gbp,
    share,
    share_low,
    share_high,
    nullif(why_bounds, '') as why_bounds,
    how,
    evidence_grade,
    source
from ways
