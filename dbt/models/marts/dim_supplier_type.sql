-- Types of suppliers, and how surely a name tells them apart.
with charities as (
    select name as supplier, cast(null as varchar) as supplier_number from {{ ref('stg_charity_company_numbers') }}
),

-- The charities of the list, typed by their names alone: what the patterns make of bodies known to be voluntary.
by_name as (
    select supplier_type from (
        {{ supplier_types(
            'charities', ref('supplier_type_patterns'), '(select cast(null as varchar) as company_number)',
            '(select cast(null as varchar) as supplier)'
        ) }}
    )
),

shares as (
    select supplier_type, count(*) / sum(count(*)) over () as share from by_name group by supplier_type
)

select
    types.supplier_type,
    types.supplier_type_name,
    types.description,
    cast(types.place as integer) as place,
    coalesce(shares.share, 0) as share_of_known_charities
from {{ ref('supplier_types') }} as types
left join shares on shares.supplier_type = types.supplier_type
