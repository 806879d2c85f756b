{% macro two_sided_p(z) -%}
{#-
How often chance alone gives a normal deviate as far from zero as `z`. DuckDB has no error function; this is the
rational fit of Numerical Recipes (Press and others, section 6.2), whose relative error is below 1.2e-7.
-#}
{%- set terms = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277] -%}
{%- set t = '(1 / (1 + abs(' ~ z ~ ') / sqrt(8)))' -%}
{{ t }} * exp(
    -power({{ z }}, 2) / 2
    {%- for term in terms %} + ({{ term }}) * power({{ t }}, {{ loop.index0 }}){% endfor %}
)
{%- endmacro %}
