{# Dispatch macros for what DuckDB and Spark spell differently, so that the same models can run on either. #}

{% macro financial_year(start_year) -%}
{#- '2014-15' from the calendar year in which a financial year starts. -#}
concat(cast({{ start_year }} as varchar), '-', lpad(cast(({{ start_year }} + 1) % 100 as varchar), 2, '0'))
{%- endmacro %}

{% macro safe_divide(numerator, denominator) -%}
case when {{ denominator }} > 0 then {{ numerator }} / {{ denominator }} end
{%- endmacro %}
