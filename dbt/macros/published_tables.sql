{% macro is_printed_in(figures, tables, dataset, roles) -%}
{#- Whether a figure is of a table that dbt/seeds/published_tables.csv gives one of the roles; an empty cell of the seed
    fits any figure. -#}
{{ tables }}.dataset = '{{ dataset }}'
        and {{ tables }}.role in ('{{ roles | join("', '") }}')
        and {{ tables }}.edition = {{ figures }}.edition
        and {{ tables }}.published_table = {{ figures }}.published_table
        and coalesce({{ tables }}.data_type, '') in ('', {{ figures }}.data_type)
        and coalesce({{ tables }}.care_type, '') in ('', {{ figures }}.care_type)
{%- endmacro %}
