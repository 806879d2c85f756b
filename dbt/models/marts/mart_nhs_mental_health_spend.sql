-- NHS spending on mental health in England, by clinical commissioning group and wider area, category and year.
with spend as (
    select
        area_level,
        case when area_level = 'england' then 'england' else area_code end as area_id,
        case when area_level = 'england' then 'England' else area end as area_name,
        financial_year,
        published_table as category,
        is_planned,
        value,
        value_symbol,
        detail
    from {{ ref('stg_nhse_mh_dashboard') }}
    where measure in ('spend', 'reported spend') and published_table != 'national totals'
),

national as (
    select
        'england' as area_level, 'england' as area_id, financial_year,
        case
            when category like 'NHSE Specialised%' then 'specialised commissioning'
            else 'all NHS spend'
        end as category,
        is_planned, value, value_symbol, cast(null as varchar) as quarters
    from {{ ref('stg_nhse_mh_dashboard') }}
    where published_table = 'national totals' and measure = 'spend' and category not like 'Local CCG%'
),

local as (
    select
        area_level, area_id, financial_year,
        case category when 'total spend' then 'all CCG spend' else category end as category,
        is_planned,
        -- Out of area placements come by quarter.
        {{ exact_sum('value') }} as value,
        case when count(value) = 0 then min(value_symbol) end as value_symbol,
        string_agg(detail, ', ' order by detail) filter (where detail != '' and value is not null) as quarters
    from spend
    group by all
),

-- One area is printed under another's name in one sheet: the name most sheets give.
names as (
    select area_id, mode(area_name) as area_name from spend group by area_id
),

together as (
    select * from local
    union all
    select * from national
)

select
    t.area_level,
    t.area_id,
    names.area_name,
    t.financial_year,
    t.category,
    t.category in ('all CCG spend', 'all NHS spend') as is_total,
    case when t.is_planned then 'planned' else 'actual' end as stage,
    t.value as amount_cash_gbp,
    t.value * deflators.to_real as amount_real_gbp,
    deflators.real_terms_base_year,
    t.value_symbol,
    coalesce(
        notes.note,
        case when t.quarters is not null and t.quarters != 'Q1, Q2, Q3, Q4' then 'Only ' || t.quarters end
    ) as note
from together as t
left join {{ ref('nhs_spend_notes') }} as notes
    on notes.category = t.category and notes.financial_year = t.financial_year
left join names on names.area_id = t.area_id
inner join {{ ref('int_deflators') }} as deflators on deflators.financial_year = t.financial_year
