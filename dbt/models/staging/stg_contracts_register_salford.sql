-- Salford's register: one row a contract; what is no date or no number is null.
select
    edition,
    line,
    any_value(process) as process,
    any_value(buyer) as buyer,
    any_value(reference) as reference,
    any_value(title) as title,
    -- One name runs over two lines of its cell, one has the remains of an apostrophe.
    regexp_replace(regexp_replace(any_value(supplier), '[\x{80}-\x{9f}]+', '', 'g'), '\s+', ' ', 'g') as supplier,
    nullif(nullif(any_value(company_number), ''), '-') as supplier_number,
    try_cast(any_value(start_date) as date) as start_date,
    try_cast(any_value(end_date) as date) as end_date,
    case any_value(is_sme) when 'Yes' then true when 'No' then false end as is_small,
    nullif(any_value(proclass), '') as category_code,
    nullif(any_value(proclass_description), '') as category,
    max(value) filter (where measure = 'Annual Value') as annual_value_gbp,
    max(value) filter (where measure like 'Total Contract Value%') as value_gbp,
    max(value) filter (where measure like 'Contract Duration%') as months,
    max(value) filter (where measure like 'Option to extend%') as extension_months,
    max(value) filter (where measure = 'How many extensions') as extensions,
    any_value(source_file) as source_file
from {{ source('raw', 'contracts_register_salford') }}
group by edition, line
