-- Spending on adult social care, by area, on the dimensions that each return gives.
with cells as (
    select
        *,
        case provision when 'all' then 'total' else provision end as provision_name,
        case grain when 'split' then 'leaf' else grain end as grain_name
    from {{ ref('int_spend_cells') }}
    where grain != 'share'
),

published as (
    select
        area_level, area_id, financial_year, dataset, edition, basis, expenditure_type, client_group, age_band,
        care_type, support_setting, provision_name, grain_name,
        'published' as figure,
        {{ exact_sum('amount_cash_gbp') }} as amount_cash_gbp,
        count(amount_cash_gbp) as cells_summed,
        count(*) - count(amount_cash_gbp) as cells_missing,
        min(value_symbol) as value_symbol,
        min(evidence_grade) as evidence_grade,
        1 as councils_expected,
        case when count(amount_cash_gbp) > 0 then 1 else 0 end as councils_reporting
    from cells
    group by all
),

-- Sums of the councils that are visible, beside the publisher's own totals where there are any.
rolled_up as (
    select
        areas.area_level, areas.area_id, cells.financial_year, dataset, edition, basis, expenditure_type, client_group,
        age_band, care_type, support_setting, provision_name, grain_name,
        'computed' as figure,
        {{ exact_sum('amount_cash_gbp') }} as amount_cash_gbp,
        count(amount_cash_gbp) as cells_summed,
        count(*) - count(amount_cash_gbp) as cells_missing,
        cast(null as varchar) as value_symbol,
        min(evidence_grade) as evidence_grade,
        count(distinct case when amount_cash_gbp is not null then cells.area_id end) as councils_reporting
    from cells
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = cells.area_id and in_force.financial_year = cells.financial_year
    cross join lateral (
        select 'england' as area_level, 'england' as area_id
        union all select 'region', in_force.region_id
        union all select 'class', in_force.class_id
    ) as areas
    where cells.area_level = 'council' and cells.grain_name = 'leaf'
    group by all
),

expected as (
    {{ councils_expected() }}
),

together as (
    select * from published
    union all
    select
        rolled_up.* exclude (councils_reporting), expected.councils_expected, rolled_up.councils_reporting
    from rolled_up
    inner join expected
        on expected.area_level = rolled_up.area_level
        and expected.area_id = rolled_up.area_id
        and expected.financial_year = rolled_up.financial_year
)

select
    t.area_level,
    t.area_id,
    areas.area_name,
    t.financial_year,
    t.dataset,
    t.edition,
    t.basis,
    t.expenditure_type,
    t.client_group,
    t.age_band,
    t.care_type,
    t.support_setting,
    t.provision_name as provision,
    t.grain_name as grain,
    t.figure,
    t.grain_name = 'leaf' and t.provision_name = 'total' as adds_up,
    case
        when t.support_setting = 'all' then null
        when t.support_setting = 'direct_payments' then 'direct_payment'
        when t.provision_name = 'own_provision' then 'in_house'
        when t.provision_name = 'provision_by_others' then 'external_provision'
        when t.provision_name = 'grants' then 'grant'
        else settings.route
    end as route,
    t.evidence_grade,
    t.amount_cash_gbp,
    t.amount_cash_gbp * deflators.to_real as amount_real_gbp,
    deflators.real_terms_base_year,
    t.value_symbol,
    cast(t.cells_summed as integer) as cells_summed,
    cast(t.cells_missing as integer) as cells_missing,
    cast(case when t.area_level = 'council' or t.figure = 'computed' then t.councils_expected end as integer)
        as councils_expected,
    cast(case when t.area_level = 'council' or t.figure = 'computed' then t.councils_reporting end as integer)
        as councils_reporting
from together as t
inner join {{ ref('int_areas') }} as areas on areas.area_level = t.area_level and areas.area_id = t.area_id
inner join {{ ref('int_deflators') }} as deflators on deflators.financial_year = t.financial_year
left join {{ ref('support_settings') }} as settings on settings.support_setting = t.support_setting
