{% macro supplier_types(suppliers, patterns, charities, matches) -%}
{#-
The type of every supplier, and on what evidence.

`suppliers` is any relation with the columns supplier (a name as published) and supplier_number (as published, or null),
`patterns` the seed supplier_type_patterns, `charities` a relation with company_number of companies known to be charities,
`matches` one with supplier, names that people found in the register of charities (an audited match). A name of one word is
not held against them, as such a name can be anybody's.
A pattern is a regular expression, held against name or number in capitals with single spaces and without dots and commas.
Of several that fit, the lowest priority wins; a company number that is a charity's has priority 15,
an audited match 30. What nothing fits is unknown. A company number alone tells nothing, as charities have them, too.
-#}
with distinct_suppliers as (
    select distinct
        supplier,
        supplier_number,
        {{ plain_supplier_name('supplier') }} as plain_name,
        trim({{ in_capitals('supplier_number') }}) as plain_number
    from {{ suppliers }}
),

fitting as (
    select s.supplier, s.supplier_number, p.priority, p.supplier_type, p.evidence_grade
    from distinct_suppliers as s
    inner join {{ patterns }} as p
        on {{ pattern_fits("case p.looks_at when 'number' then s.plain_number else s.plain_name end", 'p.pattern') }}
    union all
    select s.supplier, s.supplier_number, 15, 'voluntary', 'publisher_number'
    from distinct_suppliers as s
    inner join {{ charities }} as c
        on c.company_number
        = case when {{ pattern_fits('s.plain_number', "'^[0-9]{6,8}$'") }} then lpad(s.plain_number, 8, '0') else s.plain_number end
    union all
    select s.supplier, s.supplier_number, 30, 'voluntary', 'audited_match'
    from distinct_suppliers as s
    inner join (
        select distinct {{ plain_supplier_name('supplier') }} as plain_name
        from {{ matches }}
    ) as m
        on m.plain_name = s.plain_name and contains(s.plain_name, ' ')
),

first_fitting as (
    select
        supplier, supplier_number, supplier_type, evidence_grade,
        row_number() over (partition by supplier, supplier_number order by priority) as place
    from fitting
)

select
    s.supplier,
    s.supplier_number,
    coalesce(f.supplier_type, 'unknown') as supplier_type,
    case when coalesce(f.supplier_type, 'unknown') = 'unknown' then 'none' else f.evidence_grade end as evidence_grade
from distinct_suppliers as s
left join first_fitting as f
    on f.supplier is not distinct from s.supplier
    and f.supplier_number is not distinct from s.supplier_number
    and f.place = 1
{%- endmacro %}

{% macro plain_supplier_name(name) -%}
{#- A name in capitals with single spaces, without dots and commas. -#}
trim({{ every_match_replaced(every_match_replaced(in_capitals(name), '[.,]', ''), '\\s+', ' ') }})
{%- endmacro %}
