-- Contracts and notices of every source in one shape; what a source does not say is null.
with register as (
    select
        'contracts_register_salford' as dataset,
        edition,
        'salford ' || line as contract_id,
        'contract' as stage,
        buyer,
        title,
        'proclass' as scheme,
        category_code,
        category,
        process as procedure_label,
        value_gbp,
        case when value_gbp is not null then 'total with extensions' end as value_basis,
        annual_value_gbp,
        cast(null as date) as published_date,
        cast(null as date) as deadline_date,
        cast(null as date) as awarded_date,
        start_date,
        end_date,
        coalesce(months, round((date_diff('day', start_date, end_date) + 1) / 30.4375, 1)) as months,
        extension_months,
        extensions,
        cast(null as boolean) as suits_small,
        is_small,
        supplier as suppliers,
        supplier_number
    from {{ ref('stg_contracts_register_salford') }}
),

-- A notice that two councils placed together stands in both their files and is one notice.
notices as (
    select
        'contracts_finder' as dataset,
        edition,
        notice as contract_id,
        case
            when notice_type <> 'Contract' then 'planning'
            when status = 'awarded' then 'award'
            else 'tender'
        end as stage,
        buyer,
        title,
        'cpv' as scheme,
        cpv_codes as category_code,
        category,
        cast(null as varchar) as procedure_label,
        coalesce(awarded_value_gbp, value_high_gbp, value_low_gbp) as value_gbp,
        case
            when awarded_value_gbp is not null then 'awarded'
            when value_high_gbp is not null then 'high end of the estimate'
            when value_low_gbp is not null then 'low end of the estimate'
        end as value_basis,
        cast(null as double) as annual_value_gbp,
        published_date,
        deadline_date,
        awarded_date,
        cast(null as date) as start_date,
        cast(null as date) as end_date,
        cast(null as double) as months,
        cast(null as double) as extension_months,
        cast(null as double) as extensions,
        suits_small,
        is_small,
        suppliers,
        cast(null as varchar) as supplier_number
    from {{ ref('stg_contracts_finder') }}
    qualify row_number() over (partition by edition, notice order by extract) = 1
)

select * from register
union all
select * from notices
