-- What NHS bodies paid to companies and charities: each body over all the years of its files, all groups and all trusts
-- together, and the department's accounts by year. A charity may be a company, so shares are not added up.
with bodies as (
    select
        record as area_level,
        body_code as area_id,
        name as area_name,
        years,
        supplied_by,
        max(value) filter (where measure = 'value of payments') as payments_cash_gbp,
        max(value) filter (where measure = 'payments') as payments,
        max(value) filter (where measure = 'monthly files read') as files_read,
        max(value) filter (where measure = 'share of value') as share_of_value,
        max(value) filter (where measure = 'share of payments') as share_of_payments,
        max(value) filter (where measure = 'suppliers') as suppliers
    from {{ ref('stg_nhsspend__shares') }}
    where record in ('commissioner', 'trust')
    group by record, body_code, name, years, supplied_by
),

together as (
    select
        'england' as area_level,
        area_level || 's' as area_id,
        case area_level when 'trust' then 'NHS trusts' else 'Clinical commissioning groups' end || ' with files that could be read'
            as area_name,
        years,
        supplied_by,
        sum(payments_cash_gbp) as payments_cash_gbp,
        sum(payments) as payments,
        cast(null as double) as files_read,
        {{ exact_sum('share_of_value * payments_cash_gbp') }} / sum(payments_cash_gbp) as share_of_value,
        {{ exact_sum('share_of_payments * payments') }} / sum(payments) as share_of_payments,
        cast(null as double) as suppliers
    from bodies
    group by bodies.area_level, years, supplied_by
),

accounts as (
    select
        'england' as area_level, 'accounts' as area_id, name as area_name, years, supplied_by, value as amount_cash_gbp
    from {{ ref('stg_nhsspend__shares') }}
    where record = 'accounts'
)

select
    area_level, area_id, area_name, years, supplied_by,
    share_of_value * payments_cash_gbp as amount_cash_gbp,
    payments_cash_gbp,
    cast(payments as bigint) as payments,
    share_of_value,
    share_of_payments,
    cast(suppliers as bigint) as suppliers,
    cast(files_read as integer) as files_read
from (select * from bodies union all select * from together)
union all
select area_level, area_id, area_name, years, supplied_by, amount_cash_gbp, null, null, null, null, null, null from accounts
