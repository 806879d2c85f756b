{% macro wilson(share, base, sign) -%}
{#- End of the 95% Wilson interval of a share on a base (Wilson 1927); `sign` is + or -. -#}
case when {{ base }} > 0 then
    (
        {{ share }} + 1.96 * 1.96 / (2 * {{ base }})
        {{ sign }} 1.96 * sqrt({{ share }} * (1 - {{ share }}) / {{ base }} + 1.96 * 1.96 / (4 * {{ base }} * {{ base }}))
    ) / (1 + 1.96 * 1.96 / {{ base }})
end
{%- endmacro %}
