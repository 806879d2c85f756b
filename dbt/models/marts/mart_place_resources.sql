-- A place's resources from every source, side by side. No row is a sum over resources: they count the same pounds.
with figures as (
    select
        area_level, area_id, financial_year, resource, part, is_total, amount_cash_gbp,
        cast(null as double) as quantity, value_symbol, edition, covers,
        case
            when amount_cash_gbp is not null then null
            when dataset in ('mhclg_rsx', 'mhclg_ro_multi')
                then 'no return in time for the release held'
            else 'shown as not available by the publisher'
        end as missing_reason,
        dataset, months_held
    from {{ ref('int_place_money') }}
    union all
    select
        area_level, area_id, financial_year, resource, 'All' as part, false as is_total, null as amount_cash_gbp,
        quantity, value_symbol, edition, 'this_council' as covers,
        case when quantity is null then missing_reason end as missing_reason, dataset, null as months_held
    from {{ ref('int_place_counts') }}
),

-- Every place has a row for each resource that no source here gives by council.
nowhere as (
    select
        places.area_level, places.area_id, 'no year' as financial_year, resources.resource, 'All' as part, false as is_total,
        cast(null as double) as amount_cash_gbp, cast(null as double) as quantity,
        cast(null as varchar) as value_symbol, cast(null as varchar) as edition, 'this_council' as covers,
        'no source here gives it by council' as missing_reason, resources.dataset, null as months_held
    from (
        select 'council' as area_level, council_id as area_id from {{ ref('dim_council') }} where is_current
        union all
        select 'england', 'england'
    ) as places
    cross join {{ ref('place_resources') }} as resources
    where resources.comes_from is not null
),

together as (
    select * from figures
    union all
    select * from nowhere
),

-- What may not be added to a resource, in words.
pairs as (
    select resource, other_resource_name as name from {{ ref('dim_place_overlap') }} where relation != 'apart'
    union all
    select other_resource, resource_name from {{ ref('dim_place_overlap') }} where relation != 'apart'
),

shared as (
    select resource, string_agg(name, '; ' order by name) as overlaps_with from pairs group by resource
)

select
    t.area_level,
    t.area_id,
    areas.area_name,
    t.financial_year,
    case
        when t.financial_year = 'no year' then 'none'
        when try_cast(t.financial_year as integer) is not null then 'calendar'
        else 'financial'
    end as year_kind,
    t.resource,
    resources.resource_name,
    resources.kind,
    t.part,
    t.is_total,
    case when t.is_total then null else resources.sum_group end as sum_group,
    case
        when t.financial_year = 'no year' then 'no_source'
        when t.missing_reason is not null then 'no_figure'
        else 'shown'
    end as status,
    t.amount_cash_gbp,
    t.amount_cash_gbp * deflators.to_real as amount_real_gbp,
    deflators.real_terms_base_year,
    t.quantity,
    resources.quantity_unit,
    t.value_symbol,
    t.missing_reason,
    t.covers,
    t.months_held,
    t.dataset,
    t.edition,
    sources.provenance,
    resources.reported_by,
    resources.comes_from,
    shared.overlaps_with
from together as t
inner join {{ ref('place_resources') }} as resources on resources.resource = t.resource
left join {{ ref('int_areas') }} as areas on areas.area_level = t.area_level and areas.area_id = t.area_id
left join {{ ref('int_deflators') }} as deflators
    on deflators.financial_year = t.financial_year and t.amount_cash_gbp is not null
left join {{ ref('dim_source') }} as sources on sources.source_id = t.dataset || '/' || t.edition
left join shared on shared.resource = t.resource
