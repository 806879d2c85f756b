-- How many contracts say each thing: null is "not said".
{% set fields = [
    ('value', 'Value', 'value_cash_gbp is not null', 'true'),
    ('procedure', 'How it was bought', 'procedure is not null', 'true'),
    ('form', 'Form of contract', "form <> 'not_said'", 'true'),
    ('days_to_deadline', 'Days from notice to deadline', 'days_to_deadline is not null', 'true'),
    ('start', 'Start', 'start_date is not null', 'true'),
    ('length', 'Length in months', 'months is not null', 'true'),
    ('extension', 'Option to extend', 'extension_months is not null', 'true'),
    ('bidders', 'Number of bidders', 'bidders is not null', 'true'),
    ('suits_small', 'Whether it suits small or medium firms', 'suits_small is not null', 'true'),
    ('suits_voluntary', 'Whether it suits voluntary bodies', 'suits_voluntary is not null', 'true'),
    ('went_to_small', 'Whether the supplier is small or medium', 'went_to_small is not null', "stage in ('award', 'contract')"),
    ('supplier', 'Supplier', 'suppliers > 0', "stage in ('award', 'contract')"),
    ('supplier_type', 'Type of supplier', "supplier_type not in ('unknown') and supplier_evidence <> 'none'", "stage in ('award', 'contract')"),
    ('incumbent', 'Incumbent or new', 'is_incumbent is not null', "stage in ('award', 'contract')")
] %}
with counted as (
    {% for field, name, said, asked in fields %}
    select
        dataset, edition, scope, {{ loop.index }} as place, '{{ field }}' as field, '{{ name }}' as field_name,
        count(*) filter (where {{ asked }}) as contracts,
        count(*) filter (where {{ asked }} and coalesce({{ said }}, false)) as said,
        {{ exact_sum('case when ' ~ asked ~ ' then value_cash_gbp end') }} as value_gbp,
        {{ exact_sum('case when ' ~ asked ~ ' and coalesce(' ~ said ~ ', false) then value_cash_gbp end') }} as said_value_gbp
    from (
        select *, 'all' as scope from {{ ref('mart_contracts') }}
        union all
        select *, 'care' as scope from {{ ref('mart_contracts') }} where is_care
    )
    group by dataset, edition, scope
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    dataset, edition, scope,
    scope = 'all' as is_total,
    field, field_name,
    cast(place as integer) as place,
    contracts,
    said,
    said / contracts as share_said,
    coalesce(said_value_gbp, 0) / value_gbp as share_of_value_said
from counted
where contracts > 0
