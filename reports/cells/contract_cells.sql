-- Figures of contracts of care: a register's lines and Contracts Finder's notices, each with what its source says.
with figures as (
    select
        dataset, edition, line as contract, 'salford' as area_id, 'proclass' as scheme, proclass as code, title,
        process as procedure_label, supplier as suppliers, nullif(company_number, '') as number,
        case is_sme when 'Yes' then true when 'No' then false end as went_to_small,
        cast(null as boolean) as suits_small, cast(null as date) as published_date, cast(null as date) as deadline_date,
        'contract' as stage, measure as part, value as amount, value, value_text, unit, source_file, source_locator
    from raw.contracts_register_salford
    union all by name
    select
        dataset, edition, notice as contract, 'cpv' as scheme, cpv_codes as code, title, nullif(suppliers, '') as suppliers,
        try_cast(nullif(awarded_to_sme, '') as boolean) as went_to_small,
        try_cast(nullif(suitable_for_sme, '') as boolean) as suits_small,
        try_cast(published_date as date) as published_date, try_cast(deadline_date as date) as deadline_date,
        case when notice_type <> 'Contract' then 'planning' when status = 'awarded' then 'award' else 'tender' end as stage,
        measure as part, value as amount, value, value_text, unit, source_file, source_locator
    from raw.contracts_finder
    qualify row_number() over (partition by notice, measure order by extract) = 1
),

-- Words such as "Various" or "No Award" name no supplier.
no_names as (
    select pattern from seeds.supplier_type_patterns where supplier_type = 'no_supplier'
),

scoped as (
    select
        f.*,
        (
            select arg_min(care_scope, priority) from seeds.contract_categories as categories
            where categories.scheme = f.scheme and regexp_matches(coalesce(f.code, ''), categories.code_pattern)
        ) as care_scope
    from figures as f
)

select
    f.* exclude (went_to_small),
    len(list_filter(string_split(upper(f.suppliers), '; '), lambda name: not regexp_matches(name, no_names.pattern))) > 0 as has_supplier,
    case when has_supplier and stage in ('award', 'contract') then went_to_small end as went_to_small,
    procedures.is_competed,
    coalesce((
        select arg_min(form, priority) from seeds.contract_form_rules as rules
        where regexp_matches(lower(case rules.looks_at when 'procedure' then f.procedure_label else f.title end), rules.pattern)
    ), 'not_said') as form,
    case when published_date <= deadline_date then date_diff('day', published_date, deadline_date) end as days_to_deadline,
    care_scope <> 'other' as is_care
from scoped as f
cross join no_names
left join seeds.contract_procedures as procedures on procedures.procedure_label = f.procedure_label
