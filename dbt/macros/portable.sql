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

{% macro pattern_fits(text, pattern) -%}
{#- Whether a regular expression fits a text somewhere; both are SQL. -#}
{{ return(adapter.dispatch('pattern_fits')(text, pattern)) }}
{%- endmacro %}

{% macro default__pattern_fits(text, pattern) -%}
regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__pattern_fits(text, pattern) -%}
{#- To Java É is a letter of a word, and nothing that \b stands before; to DuckDB only ASCII is. -#}
regexp_like(regexp_replace({{ text }}, r'[^\x00-\x7F]', '~'), {{ pattern }})
{%- endmacro %}

{% macro every_match_replaced(text, pattern, by) -%}
{#- Every match of a regular expression in a text (SQL) replaced. -#}
{{ return(adapter.dispatch('every_match_replaced')(text, pattern, by)) }}
{%- endmacro %}

{% macro default__every_match_replaced(text, pattern, by) -%}
regexp_replace({{ text }}, '{{ pattern }}', '{{ by }}', 'g')
{%- endmacro %}

{% macro spark__every_match_replaced(text, pattern, by) -%}
regexp_replace({{ text }}, r'{{ pattern }}', '{{ by }}')
{%- endmacro %}

{% macro in_capitals(text) -%}
{#- A text in capitals, letter by letter. -#}
{{ return(adapter.dispatch('in_capitals')(text)) }}
{%- endmacro %}

{% macro default__in_capitals(text) -%}
upper({{ text }})
{%- endmacro %}

{% macro spark__in_capitals(text) -%}
{#- Letters that Java makes two or three of would become other words: ß is SS to it, and ﬁ is FI. -#}
upper(translate({{ text }}, 'ßŉǰẖẗẘẙẚﬀﬁﬂﬃﬄﬅﬆ', 'ẞ\uE001\uE002\uE003\uE004\uE005\uE006\uE007\uE008\uE009\uE00A\uE00B\uE00C\uE00D\uE00E'))
{%- endmacro %}

{% macro as_made_once() -%}
{#- Stands between the name of a common table and its text: read twice, it is made once where the engine can be told. -#}
{{ return(adapter.dispatch('as_made_once')()) }}
{%- endmacro %}

{% macro default__as_made_once() -%}
as materialized
{%- endmacro %}

{% macro spark__as_made_once() -%}
as
{%- endmacro %}

{% macro any_text() -%}
{#- The type of a text of any length. -#}
{{ return(adapter.dispatch('any_text')()) }}
{%- endmacro %}

{% macro default__any_text() -%}
varchar
{%- endmacro %}

{% macro spark__any_text() -%}
string
{%- endmacro %}
