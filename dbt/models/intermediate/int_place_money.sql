-- Money of a place from every source that gives it by council: one row a resource, part and year, each source apart.
with summary as (
    select
        areas.area_level, areas.area_id, figures.financial_year,
        case figures.measure when 'total_expenditure' then 'services_gross' else 'services_net' end as resource,
        services.part, services.service_code = 'RSX-totsx' as is_total,
        figures.amount_cash_gbp, figures.value_symbol, figures.edition, 'this_council' as covers
    from {{ ref('stg_mhclg_rsx') }} as figures
    inner join {{ ref('place_services') }} as services on services.service_code = figures.service_code
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.measure in ('total_expenditure', 'net_current_expenditure')
),

-- Only where the summary is not held: where both are, the summary is the publisher's own.
derived as (
    select
        areas.area_level, areas.area_id, figures.financial_year,
        'services_net_derived' as resource, services.part, services.service_code = 'RSX-totsx' as is_total,
        figures.amount_cash_gbp, figures.value_symbol, figures.edition, 'this_council' as covers
    from {{ ref('stg_mhclg_ro_multi') }} as figures
    inner join {{ ref('place_services') }} as services on services.multi_year_name = figures.service
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.financial_year not in (select financial_year from summary)
),

england_published as (
    select distinct financial_year from {{ ref('mart_social_care_spend') }}
    where basis = 'C' and expenditure_type = 'gross_current_expenditure' and adds_up
        and area_level = 'england' and figure = 'published'
),

settings as (
    select
        spend.area_level, spend.area_id, spend.financial_year,
        'care_by_setting' as resource, names.support_setting_name as part, false as is_total,
        {{ exact_sum('spend.amount_cash_gbp') }} as amount_cash_gbp,
        case when count(spend.amount_cash_gbp) = 0 then min(spend.value_symbol) end as value_symbol,
        spend.edition, 'this_council' as covers
    from {{ ref('mart_social_care_spend') }} as spend
    inner join {{ ref('dim_support_setting') }} as names on names.support_setting = spend.support_setting
    where
        spend.basis = 'C' and spend.expenditure_type = 'gross_current_expenditure' and spend.adds_up
        and (
            (spend.area_level = 'council' and spend.figure = 'published')
            -- England as published where it is, and otherwise the sum of the councils that are visible.
            or (
                spend.area_level = 'england'
                and (spend.figure = 'published') = (spend.financial_year in (select financial_year from england_published))
            )
        )
    group by all
),

direct_payments as (
    select
        area_level, area_id, financial_year,
        'direct_payments' as resource, 'Long-term support' as part, false as is_total,
        direct_payments_cash_gbp as amount_cash_gbp,
        case when direct_payments_cash_gbp is null then 'not_available' end as value_symbol,
        edition, 'this_council' as covers
    from {{ ref('mart_direct_payment_share') }}
    where
        basis = 'C' and client_group = 'all' and age_band = 'all' and is_preferred
        and area_level in ('council', 'england')
),

-- Whole years of a ledger that can be compared, by route. A workspace's body may be no council, and is no place here.
ledgers as (
    select
        'council' as area_level, payments.area_id, payments.financial_year,
        'ledger_care' as resource, routes.route_name as part, false as is_total,
        {{ exact_sum('payments.amount_cash_gbp') }} as amount_cash_gbp, cast(null as varchar) as value_symbol,
        'payments' as edition, 'this_council' as covers,
        'ledger_' || payments.body as dataset
    from {{ ref('mart_ledger_spend_by_route') }} as payments
    inner join {{ ref('dim_route') }} as routes on routes.route = payments.route
    inner join {{ ref('int_ledger_years') }} as years
        on years.body = payments.body and years.financial_year = payments.financial_year
    where payments.in_series and years.months_in_series = 12 and payments.area_id is not null
    group by all
),

grants as (
    select
        'council' as area_level, 'devon' as area_id, calendar_year as financial_year,
        'grants' as resource, money as part, false as is_total,
        {{ exact_sum('value') }} as amount_cash_gbp, cast(null as varchar) as value_symbol, edition, 'this_council' as covers
    from {{ ref('stg_devon_grants') }}
    where measure = 'amount'
    group by all
),

nhs as (
    select
        'council' as area_level, areas.council_id as area_id, spend.financial_year,
        'nhs_mental_health' as resource, spend.area_name as part, false as is_total,
        spend.amount_cash_gbp, spend.value_symbol,
        (select max(edition) from {{ ref('stg_nhse_mh_dashboard') }}) as edition, areas.covers
    from {{ ref('mart_nhs_mental_health_spend') }} as spend
    inner join {{ ref('place_nhs_areas') }} as areas on areas.nhs_area = spend.area_id
    where spend.area_level = 'ccg' and spend.category = 'all CCG spend' and spend.stage = 'actual'
),

-- A commissioner's payments over 25,000 pounds by programme area, in the months that are held.
nhs_payments as (
    select
        'council' as area_level, areas.council_id as area_id, payments.financial_year, 'nhs_payments' as resource,
        payments.area_name || ': ' || replace(payments.programme_area, '_', ' ') as part, false as is_total,
        {{ exact_sum('payments.amount_cash_gbp') }} as amount_cash_gbp, cast(null as varchar) as value_symbol,
        (select max(edition) from {{ ref('stg_nhs_ccg_ledger') }}) as edition, areas.covers,
        'nhs_ccg_ledger' as dataset,
        nullif(max(payments.months_held), max(payments.months_in_year)) as months_held
    from {{ ref('mart_nhs_provider_share') }} as payments
    inner join {{ ref('place_nhs_areas') }} as areas on areas.nhs_area = payments.area_id
    where payments.area_level = 'ccg'
    group by all
),

whole_years as (
    select *, 'mhclg_rsx' as dataset from summary
    union all select *, 'mhclg_ro_multi' from derived
    union all select *, 'asc_fr' from settings
    union all select *, 'asc_fr' from direct_payments
    union all select * from ledgers
    union all select *, 'devon_grants' from grants
    union all select *, 'nhse_mh_dashboard' from nhs
)

select *, cast(null as integer) as months_held from whole_years
union all select * from nhs_payments
