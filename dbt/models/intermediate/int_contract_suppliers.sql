-- Every supplier of every contract, with its type; one row a contract and supplier. Words such as "Various" or "No Award" are none.
with split as (
    select
        dataset,
        edition,
        contract_id,
        -- The readers put a semicolon (notices) or a comma (register, several suppliers of one line) between them.
        unnest(case when dataset = 'contracts_finder' then string_split(suppliers, '; ') else [suppliers] end) as supplier,
        supplier_number
    from {{ ref('int_contracts') }}
    where suppliers is not null and suppliers <> ''
),

types as (
    {{ supplier_types(
        'split', ref('supplier_type_patterns'), ref('stg_charity_company_numbers'), ref('stg_nhsspend__matches')
    ) }}
)

select
    split.dataset,
    split.edition,
    split.contract_id,
    split.supplier,
    types.supplier_type,
    types.evidence_grade
from split
inner join types
    on types.supplier is not distinct from split.supplier
    and types.supplier_number is not distinct from split.supplier_number
where types.supplier_type <> 'no_supplier'
