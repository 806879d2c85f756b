{#
How the payments of the lake are counted: one text for DuckDB and for Spark, for a body alone and for all at once.

`payments` is a relation of the lake's payments with `month` (first of the month paid). `many` says that it holds several
bodies, which are then kept apart. `body` and `rules` are SQL for the name of the body and for the hash of its rules.
What columns mean is said in ingest/ledgers/aggregate.py, suppliers.py and supplier_types.py. Of dbt's own functions
only adapter.dispatch is used, so that this also renders outside dbt (ingest/ledgers/routes.py).
#}

{% macro ledger_monthly(payments) -%}
{%- set key -%}
body, month, financial_year, era, department, expense_area, expense_code, expense_label, payment_kind, client_group,
    transaction_prefix, payee_class
{%- endset -%}
-- By file as well at first: to tell files apart within each of many groups takes longer.
with by_file as (
    select
        {{ key }}, source_file,
        count(case when is_duplicate_of is null then 1 end) as counted,
        sum(case when is_duplicate_of is null then amount_gbp else 0 end) as gbp,
        count(is_duplicate_of) as duplicates,
        sum(case when is_duplicate_of is null then 0 else amount_gbp end) as duplicate_gbp
    from {{ payments }}
    group by {{ key }}, source_file
)
select
    {{ key }},
    cast(sum(counted) as bigint) as payments,
    cast(sum(gbp) as decimal(18, 2)) as amount_gbp,
    cast(sum(case when payee_class = 'redacted' then counted else 0 end) as bigint) as redacted_payments,
    cast(sum(case when payee_class = 'redacted' then gbp else 0 end) as decimal(18, 2)) as redacted_amount_gbp,
    cast(sum(duplicates) as bigint) as duplicate_payments,
    cast(sum(duplicate_gbp) as decimal(18, 2)) as duplicate_amount_gbp,
    count(*) as files
from by_file
group by {{ key }}
order by
{%- for column in key.split(',') %}
    {{ column.strip() }} nulls last{{ '' if loop.last else ',' }}
{%- endfor %}
{%- endmacro %}

{% macro ledger_care(payments, routes, same_label, many=false) -%}
select {{ 'p.body, ' if many else '' }}p.financial_year, r.route, p.payee_class, p.client_group is null as has_payee, p.supplier,
        p.amount_gbp,
        -- Numbers as the register writes them; what stands for none, or is damaged, is none.
        case
            when {{ pattern_fits('p.charity_number', "'^[0-9]{6,7}$'") }} then 'GB-CHC-' || p.charity_number
            when {{ pattern_fits('p.company_number', "'^([0-9]{6,8}|[A-Z]{2}[0-9]{5}[0-9A-Z])$'") }}
                then p.company_number
        end as supplier_number
    from {{ payments }} as p
    inner join ({{ routes }}) as r on {{ same_label }}
    where r.care_scope = 'adult_social_care' and p.is_duplicate_of is null
{%- endmacro %}

{% macro ledger_suppliers(care, body, rules, many=false) -%}
{%- set by = 'body, ' if many else '' -%}
with care {{ as_made_once() }} (
    {{ care }}
),
-- Added up by name as published, so that each name is brought to its plain spelling once.
published as (
    select {{ by }}financial_year, route, payee_class, has_payee, supplier,
        count(*) as payments, sum(amount_gbp) as gbp
    from care
    group by {{ by }}financial_year, route, payee_class, has_payee, supplier
),
named as (
    select {{ by }}financial_year, route, payee_class, payments, gbp,
        case when payee_class in ('organisation', 'public_body', 'unknown') and has_payee then
            regexp_replace(
                trim({{ every_match_replaced(in_capitals('supplier'), '[^A-Z0-9&]+', ' ') }}), ' (LTD|LIMITED|PLC)$', ''
            )
        end as supplier
    from published
),
routed as (
    select * from named
    union all
    select {{ by }}financial_year, 'all' as route, payee_class, payments, gbp, supplier from named
),
medians as (
    select {{ by }}financial_year, coalesce(route, 'all') as route,
        median(cast(amount_gbp as double)) as median_payment_gbp
    from care
    where amount_gbp > 0
    group by grouping sets (({{ by }}financial_year, route), ({{ by }}financial_year))
),
lines as (
    select {{ by }}financial_year, route, sum(payments) as payments, sum(gbp) as amount_gbp,
        sum(case when supplier is not null then gbp else 0 end) as named_amount_gbp,
        sum(case when payee_class = 'redacted' then gbp else 0 end) as redacted_gbp,
        sum(case when payee_class = 'person' then gbp else 0 end) as person_gbp
    from routed
    group by {{ by }}financial_year, route
),
paid as (
    select {{ by }}financial_year, route, supplier, sum(gbp) as gbp
    from routed
    where supplier is not null
    group by {{ by }}financial_year, route, supplier
),
ranked as (
    select paid.*,
        min(financial_year) over (partition by {{ by }}route, supplier) as first_year,
        max(financial_year) over (partition by {{ by }}route, supplier) as last_year,
        row_number() over (partition by {{ by }}financial_year, route order by gbp desc, supplier) as place,
        sum(case when gbp > 0 then gbp else 0 end) over (partition by {{ by }}financial_year, route) as above_zero_gbp
    from paid
),
shared as (
    select ranked.*, case when gbp > 0 then cast(gbp as double) / cast(above_zero_gbp as double) end as share
    from ranked
),
counted as (
    select {{ by }}financial_year, route, count(*) as suppliers,
        sum(cast(share * share as decimal(18, 15))) as hhi,
        sum(case when place <= 10 then cast(share as decimal(18, 15)) end) as top_ten_share,
        count(*) filter (where first_year = financial_year) as new_suppliers,
        count(*) filter (where last_year = financial_year) as leaving_suppliers
    from shared
    group by {{ by }}financial_year, route
),
ends as (
    select {{ by }}route, min(financial_year) as first_year, max(financial_year) as last_year
    from lines
    group by {{ by }}route
)
select
    {{ body }} as body, financial_year, route, cast(payments as bigint) as payments,
    cast(amount_gbp as decimal(18, 2)) as amount_gbp,
    cast(named_amount_gbp as decimal(18, 2)) as named_amount_gbp,
    case when amount_gbp > 0 then cast(redacted_gbp as double) / cast(amount_gbp as double) end as redacted_share,
    case when amount_gbp > 0 then cast(person_gbp as double) / cast(amount_gbp as double) end as person_share,
    coalesce(suppliers, 0) as suppliers,
    cast(hhi as double) as hhi,
    cast(top_ten_share as double) as top_ten_share,
    case when financial_year > first_year then coalesce(new_suppliers, 0) end as new_suppliers,
    case when financial_year < last_year then coalesce(leaving_suppliers, 0) end as leaving_suppliers,
    median_payment_gbp,
    {{ rules }} as route_rules_sha256
from lines
left join medians using ({{ by }}financial_year, route)
left join counted using ({{ by }}financial_year, route)
inner join ends using ({{ by }}route)
order by {{ by }}financial_year, route
{%- endmacro %}

{% macro ledger_supplier_types(care, types, body, rules, many=false) -%}
{%- set by = 'body, ' if many else '' -%}
with care {{ as_made_once() }} (
    {{ care }}
),
published as (
    select {{ by }}financial_year, route, cast(payee_class as {{ any_text() }}) as payee_class, has_payee,
        cast(supplier as {{ any_text() }}) as supplier, supplier_number, count(*) as payments, sum(amount_gbp) as gbp
    from care
    group by all
),
named as (
    select distinct supplier, supplier_number from published
    where has_payee and payee_class not in ('person', 'redacted') and supplier is not null
),
types as ({{ types }}),
typed as (
    select published.*, types.supplier_type, types.evidence_grade
    from published
    left join types
        on types.supplier is not distinct from published.supplier
        and types.supplier_number is not distinct from published.supplier_number
        and published.has_payee and published.payee_class not in ('person', 'redacted')
),
settled as (
    select {{ by }}financial_year, route, payments, gbp,
        case
            when payee_class = 'person' then 'person'
            when payee_class = 'redacted' then 'withheld'
            when payee_class = 'public_body'
                and coalesce(supplier_type, 'unknown') in ('unknown', 'no_supplier') then 'public'
            when coalesce(supplier_type, 'no_supplier') = 'no_supplier' then 'unknown'
            else supplier_type
        end as supplier_type,
        case
            when payee_class in ('person', 'redacted') then 'payee_class'
            when coalesce(supplier_type, 'unknown') in ('unknown', 'no_supplier') then
                case payee_class when 'public_body' then 'payee_class' else 'none' end
            else evidence_grade
        end as evidence_grade
    from typed
)
select
    {{ body }} as body, cast(financial_year as {{ any_text() }}) as financial_year, route, supplier_type, evidence_grade,
    cast(sum(payments) as bigint) as payments, cast(sum(gbp) as decimal(18, 2)) as amount_gbp,
    {{ rules }} as rules_sha256
from settled
group by all
order by {{ by }}financial_year, route, supplier_type, evidence_grade
{%- endmacro %}
