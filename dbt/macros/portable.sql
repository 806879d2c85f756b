{# Dispatch macros for what DuckDB and Spark spell differently, so that the same models can run on either. #}

{% macro financial_year(start_year) -%}
{#- '2014-15' from the calendar year in which a financial year starts. -#}
concat(cast({{ start_year }} as varchar), '-', lpad(cast(({{ start_year }} + 1) % 100 as varchar), 2, '0'))
{%- endmacro %}

{% macro exact_sum(amount) -%}
{#- A sum that does not depend on the order of its rows, so that equal inputs give equal bytes. -#}
cast(sum(cast({{ amount }} as decimal(28, 6))) as double)
{%- endmacro %}
