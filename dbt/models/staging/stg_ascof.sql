-- Outcomes framework: every figure with our measure id and comparability group, the best edition of each year. A code
-- alone does not say which measure is meant: the numbering changed in 2023-24.
with coded as (
    select
        figures.edition,
        figures.year as financial_year,
        coalesce(titles.code, figures.measure_code) as code,
        editions.numbering,
        editions.preference,
        figures.area_code,
        figures.area,
        figures.area_level,
        figures.disaggregation,
        figures.statistic,
        figures.unit,
        figures.value,
        figures.value_text,
        figures.value_symbol,
        figures.source_file,
        figures.source_locator
    from {{ source('raw', 'ascof') }} as figures
    inner join {{ ref('ascof_editions') }} as editions on editions.edition = figures.edition
    left join {{ ref('ascof_titles') }} as titles
        on titles.edition = figures.edition
        and titles.published_table = figures."table"
        and titles.measure = figures.measure
),

named as (
    select
        coded.*,
        renumbering.measure_id,
        renumbering.comparability_group
    from coded
    left join {{ ref('ascof_renumbering') }} as renumbering
        on renumbering.numbering = coded.numbering
        and renumbering.code = coded.code
        and coded.financial_year between renumbering.first_year and renumbering.last_year
)

select
    * exclude (area_level),
    lower(area_level) as published_level,
    case
        when area_level = 'England' then 'alias:england'
        when area_level = 'Council' and area_code like 'E%' and length(area_code) = 9 then 'gss:' || area_code
        when area_level = 'Council' then 'cassr:' || area_code
        else 'alias:' || lower(area)
    end as area_key
from named
-- One joint row of two councils, in one measure only, belongs to neither.
where area != 'Cornwall and Isles of Scilly'
