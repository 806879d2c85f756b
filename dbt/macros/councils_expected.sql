{% macro councils_expected() -%}
{#- How many councils England, a region or a class has in a year: what its figures are summed over. -#}
select 'england' as area_level, 'england' as area_id, financial_year, count(*) as councils_expected
    from {{ ref('int_council_years') }} group by financial_year
    union all
    select 'region', region_id, financial_year, count(*) from {{ ref('int_council_years') }} group by all
    union all
    select 'class', class_id, financial_year, count(*) from {{ ref('int_council_years') }} group by all
{%- endmacro %}
