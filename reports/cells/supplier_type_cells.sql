-- Names of suppliers with the type that number or name tells: care contracts of a register, and known charities by name alone.
with named as (
    select
        dataset, edition, contract, area_id, care_scope, suppliers as name, number, value, value_text, unit, source_file, source_locator
    from contract_cells
    where dataset = 'contracts_register_salford' and is_care and has_supplier and part = 'Total Contract Value (including extensions)'
    union all by name
    -- A name that stands twice is one name.
    select dataset, edition, name as contract, name, value, value_text, unit, source_file, source_locator
    from raw.charity_company_numbers
    qualify row_number() over (partition by name order by length(source_locator), source_locator) = 1
),

plain as (
    select
        *, upper(trim(number)) as plain_number,
        trim(regexp_replace(regexp_replace(regexp_replace(upper(name), '[\x{80}-\x{9f}]', '', 'g'), '[.,]', '', 'g'), '\s+', ' ', 'g'))
            as plain_name
    from named
),

fitting as (
    select dataset, contract, p.priority, p.supplier_type
    from plain
    inner join seeds.supplier_type_patterns as p
        on regexp_matches(case p.looks_at when 'number' then plain_number else plain_name end, p.pattern)
    union all
    select plain.dataset, plain.contract, 15, 'voluntary'
    from plain
    inner join raw.charity_company_numbers as c
        on c.value_text = 'GB-COH-' || case
            when regexp_matches(plain_number, '^[0-9]{6,8}$') then lpad(plain_number, 8, '0') else plain_number
        end
    union all
    select plain.dataset, plain.contract, 30, 'voluntary'
    from plain
    inner join (
        select distinct trim(regexp_replace(regexp_replace(upper(name), '[.,]', '', 'g'), '\s+', ' ', 'g')) as plain_name
        from raw.nhsspend
        where record = 'match' and measure not similar to '.*(tentative|match options|multi-supplier|date-dependent).*'
    ) as audited using (plain_name)
    where plain.dataset <> 'charity_company_numbers' and contains(plain_name, ' ')
)

select plain.* exclude (plain_name, plain_number), coalesce(types.part, 'unknown') as part, 1 as amount
from plain
left join (
    select dataset, contract, arg_min(supplier_type, priority) as part from fitting group by dataset, contract
) as types using (dataset, contract)
