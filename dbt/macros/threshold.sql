{# A value of dbt/seeds/thresholds.csv: how much is enough, too few or too far, with the reason beside it there. #}
{% macro threshold(name) -%}
    (select value from {{ ref('thresholds') }} where threshold = '{{ name }}')
{%- endmacro %}
