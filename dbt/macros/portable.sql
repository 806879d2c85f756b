{# Dispatch macros for what DuckDB and Spark spell differently, so that the same models can run on either. #}

{% macro financial_year(start_year) -%}
{#- '2014-15' from the calendar year in which a financial year starts. -#}
concat(cast({{ start_year }} as varchar), '-', lpad(cast(({{ start_year }} + 1) % 100 as varchar), 2, '0'))
{%- endmacro %}

{% macro exact_sum(amount) -%}
{#- A sum that does not depend on the order of its rows, so that equal inputs give equal bytes. -#}
cast(sum(cast({{ amount }} as decimal(28, 6))) as double)
{%- endmacro %}

{% macro joined_texts(text, separator, order_by) -%}
{#- Texts of a group in one, in order; null where there is none. -#}
{{ return(adapter.dispatch('joined_texts')(text, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(text, separator, order_by) -%}
string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_texts(text, separator, order_by) -%}
listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}
