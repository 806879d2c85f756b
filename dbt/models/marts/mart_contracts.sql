-- Contracts and notices: what is bought, from what sort of supplier, for how much, how long and how.
with suppliers as (
    select
        dataset,
        edition,
        contract_id,
        count(*) as suppliers,
        string_agg(supplier, '; ' order by supplier)
            filter (where supplier_type <> 'person' and supplier not like '%[%') as supplier_names,
        case when count(distinct supplier_type) = 1 then min(supplier_type) else 'mixed' end as supplier_type,
        -- The weakest of the evidence: not known, then a name, then a number.
        case
            when bool_or(evidence_grade = 'none') then 'none'
            when bool_or(evidence_grade = 'name_pattern') then 'name_pattern'
            when bool_or(evidence_grade = 'audited_match') then 'audited_match'
            else 'publisher_number'
        end as supplier_evidence
    from {{ ref('int_contract_suppliers') }}
    group by dataset, edition, contract_id
),

forms as (
    select c.dataset, c.edition, c.contract_id, rules.form, rules.evidence_grade as form_evidence
    from {{ ref('int_contracts') }} as c
    inner join {{ ref('contract_form_rules') }} as rules
        on regexp_matches(lower(case rules.looks_at when 'procedure' then c.procedure_label else c.title end), rules.pattern)
    qualify row_number() over (partition by c.dataset, c.edition, c.contract_id order by rules.priority) = 1
),

scopes as (
    select c.dataset, c.edition, c.contract_id, categories.care_scope
    from {{ ref('int_contracts') }} as c
    inner join {{ ref('contract_categories') }} as categories
        on categories.scheme = c.scheme and regexp_matches(coalesce(c.category_code, ''), categories.code_pattern)
    qualify row_number() over (partition by c.dataset, c.edition, c.contract_id order by categories.priority) = 1
),

-- A contract of nearly the same title went to the same supplier before, and ended when this one began.
followed as (
    select distinct later.dataset, later.edition, later.contract_id
    from {{ ref('int_contracts') }} as later
    inner join {{ ref('int_contracts') }} as earlier
        on earlier.dataset = later.dataset and earlier.edition = later.edition
        and earlier.contract_id <> later.contract_id
        and earlier.suppliers = later.suppliers
        and earlier.suppliers not like '%[%' and earlier.suppliers not ilike 'various%'
        and earlier.category_code = later.category_code
        and left(lower(earlier.title), 20) = left(lower(later.title), 20)
        and earlier.start_date < later.start_date
        and later.start_date between earlier.end_date - interval 31 day and earlier.end_date + interval 366 day
)

select
    c.dataset,
    c.edition,
    c.contract_id,
    c.stage,
    c.buyer,
    councils.council_id as area_id,
    councils.council_name as area_name,
    c.title,
    c.scheme as category_scheme,
    c.category_code,
    c.category,
    coalesce(scopes.care_scope, 'other') as care_scope,
    coalesce(scopes.care_scope, 'other') <> 'other' as is_care,
    procedures.procedure_name as procedure,
    procedures.is_competed,
    coalesce(forms.form, 'not_said') as form,
    case when coalesce(forms.form, 'not_said') <> 'not_said' then forms.form_evidence end as form_evidence,
    c.value_gbp as value_cash_gbp,
    c.value_basis,
    c.annual_value_gbp as annual_value_cash_gbp,
    c.published_date,
    c.deadline_date,
    c.awarded_date,
    -- A notice that was published anew with its award has lost the day on which it was advertised.
    case when c.published_date <= c.deadline_date then date_diff('day', c.published_date, c.deadline_date) end
        as days_to_deadline,
    c.start_date,
    c.end_date,
    c.months,
    c.extension_months,
    cast(c.extensions as integer) as extensions,
    cast(null as integer) as bidders,
    c.suits_small,
    cast(null as boolean) as suits_voluntary,
    case when suppliers.suppliers > 0 then c.is_small end as went_to_small,
    coalesce(cast(suppliers.suppliers as integer), 0) as suppliers,
    suppliers.supplier_names,
    suppliers.supplier_type,
    suppliers.supplier_evidence,
    case when followed.contract_id is not null then true end as is_incumbent
from {{ ref('int_contracts') }} as c
left join suppliers using (dataset, edition, contract_id)
left join forms using (dataset, edition, contract_id)
left join scopes using (dataset, edition, contract_id)
left join followed using (dataset, edition, contract_id)
left join {{ ref('contract_procedures') }} as procedures on procedures.procedure_label = c.procedure_label
left join {{ ref('council_aliases') }} as aliases
    on aliases.alias = regexp_replace(lower(c.buyer), '( borough| city| county| metropolitan)? council( trading standards)?$', '')
left join {{ ref('dim_council') }} as councils on councils.council_id = aliases.council_id
