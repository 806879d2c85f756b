-- Outcomes framework figures of councils, regions and England: one row an area, year and measure, the best edition
-- of each statistic (2024-25 before 2020-21 before third-party copies).
with resolved as (
    select figures.*, areas.area_level, areas.area_id
    from {{ ref('stg_ascof') }} as figures
    left join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where figures.published_level in ('england', 'region', 'council') and figures.disaggregation = ''
),

picked as (
    select
        *,
        row_number() over (
            partition by measure_id, financial_year, area_level, area_id, statistic
            order by preference, edition
        ) as choice
    from resolved
)

select
    area_level,
    area_id,
    min(area_key) filter (where area_id is null) as orphan_key,
    financial_year,
    measure_id,
    max(comparability_group) as comparability_group,
    max(value) filter (where statistic = 'outcome') as value,
    max(value_symbol) filter (where statistic = 'outcome') as value_symbol,
    max(value) filter (where statistic = 'margin of error') as margin_of_error,
    max(value) filter (where statistic = 'base') as base,
    max(value) filter (where statistic = 'numerator') as numerator,
    max(value) filter (where statistic = 'denominator') as denominator,
    max(edition) filter (where statistic = 'outcome') as edition
from picked
where choice = 1
group by area_level, area_id, financial_year, measure_id
