-- Every body with a ledger here: councils by their list, others as declared, and whoever is neither by what it publishes.
with held as (
    select body, max(publisher) as publisher from {{ ref('stg_ledger__files') }} group by body
    union all
    select distinct body, cast(null as varchar) from {{ ref('stg_ledger__monthly') }}
    union all
    select distinct body, cast(null as varchar) from {{ ref('stg_ledger__suppliers') }}
),

bodies as (
    select body, max(publisher) as publisher from held group by body
),

-- A body named as a council in `councils` is that council, unless it is declared to be another.
known as (
    select
        bodies.body, bodies.publisher, declared.body_name, declared.kind, declared.nation,
        case when declared.body is null then bodies.body else declared.council_id end as council_id
    from bodies
    left join {{ ref('ledger_bodies') }} as declared on declared.body = bodies.body
)

select
    known.body,
    coalesce(known.body_name, councils.council_name, known.publisher, known.body) as body_name,
    coalesce(known.kind, of_class.kind, 'not_stated') as kind,
    kinds.kind_name,
    case when councils.council_id is not null then 'England' else known.nation end as nation,
    councils.council_id
from known
left join {{ ref('councils') }} as councils on councils.council_id = known.council_id
left join {{ ref('ledger_body_kinds') }} as of_class
    on list_contains(string_split(of_class.council_classes, '; '), councils.class)
left join {{ ref('ledger_body_kinds') }} as kinds
    on kinds.kind = coalesce(known.kind, of_class.kind, 'not_stated')
