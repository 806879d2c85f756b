{% macro packed(column, name) -%}
{#- One part of a packed text such as `service=Direct Payments; data_type=Mandatory`; empty where it has none. Of a part
    that editions name differently, the names are joined by `|`. -#}
regexp_extract({{ column }}, '(?:^|; )(?:{{ name }})=([^;]*)', 1)
{%- endmacro %}
