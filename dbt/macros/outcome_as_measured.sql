{% macro outcome_as_measured(name, denominator) -%}
{#-
The name of an outcome with what it is divided by, so that one name stands for one quantity: "Care homes' share" of
commissioned support is not that of all support. An outcome without a choice of denominator has "none" and keeps its name.
-#}
{{ name }} || case {{ denominator }}
    when 'none' then ''
    when 'adults' then ' per adult'
    when 'residents_65_plus' then ' per resident aged 65 and over'
    when 'people_supported' then ' per person supported'
    when 'commissioned_support' then ' of commissioned support'
    when 'all_support' then ' of all support'
end
{%- endmacro %}
