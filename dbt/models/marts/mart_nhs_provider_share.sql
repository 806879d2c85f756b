-- Payments of NHS commissioning groups by programme area, sector of the provider and form of payment. What a label
-- stands for is in the seeds nhs_programme_areas, nhs_provider_sectors and nhs_payment_forms; of several patterns
-- that fit, the one of lowest priority holds. A share is of the programme area's payments net of those taken back.
with payments as (
    select * from {{ ref('stg_nhs_ccg_ledger') }}
),

areas as (
    select labels.expense_area, min_by(rules.programme_area, rules.priority) as programme_area
    from (select distinct expense_area from payments) as labels
    left join {{ ref('nhs_programme_areas') }} as rules on labels.expense_area like rules.area_like
    group by labels.expense_area
),

types as (
    select
        labels.expense_type,
        min_by(sectors.provider_sector, sectors.priority) as provider_sector,
        min_by(sectors.evidence_grade, sectors.priority) as evidence_grade,
        min_by(forms.payment_form, forms.priority) as payment_form
    from (select distinct expense_type from payments) as labels
    left join {{ ref('nhs_provider_sectors') }} as sectors on labels.expense_type like sectors.label_like
    left join {{ ref('nhs_payment_forms') }} as forms on labels.expense_type like forms.label_like
    group by labels.expense_type
),

labelled as (
    select
        payments.*,
        case when payments.expense_area = '' then 'not_said' else areas.programme_area end as programme_area,
        types.provider_sector,
        types.payment_form,
        types.evidence_grade
    from payments
    inner join areas on areas.expense_area = payments.expense_area
    inner join types on types.expense_type = payments.expense_type
),

levels as (
    select *, 'ccg' as area_level, ccg_code as area_id, ccg as area_name from labelled
    union all
    select *, 'region', 'london', 'London' from labelled
),

months as (
    select area_level, area_id, financial_year, count(distinct ccg_code || month) as months_held,
        12 * count(distinct ccg_code) as months_in_year
    from levels
    group by area_level, area_id, financial_year
)

select
    levels.area_level,
    levels.area_id,
    levels.area_name,
    levels.financial_year,
    levels.programme_area,
    levels.provider_sector,
    levels.payment_form,
    levels.evidence_grade,
    cast(months.months_held as integer) as months_held,
    cast(months.months_in_year as integer) as months_in_year,
    cast(sum(levels.payments) as bigint) as payments,
    {{ exact_sum('levels.amount_cash_gbp') }} as amount_cash_gbp,
    {{ exact_sum("case when levels.payee_kind in ('mental health trust', 'other NHS body') then levels.amount_cash_gbp else 0 end") }}
        as amount_named_nhs_cash_gbp,
    {{ exact_sum("case when levels.payee_kind = 'council' then levels.amount_cash_gbp else 0 end") }}
        as amount_named_council_cash_gbp,
    {{ exact_sum("case when levels.payee_kind = 'mental health trust' then levels.amount_cash_gbp else 0 end") }}
        as amount_mental_health_trusts_cash_gbp,
    sum({{ exact_sum('levels.amount_cash_gbp') }}) over programme as programme_area_cash_gbp,
    case when sum({{ exact_sum('levels.amount_cash_gbp') }}) over programme > 0
        then {{ exact_sum('levels.amount_cash_gbp') }} / sum({{ exact_sum('levels.amount_cash_gbp') }}) over programme
    end as share_of_programme_area
from levels
inner join months
    on months.area_level = levels.area_level
    and months.area_id = levels.area_id
    and months.financial_year = levels.financial_year
group by
    levels.area_level, levels.area_id, levels.area_name, levels.financial_year, levels.programme_area,
    levels.provider_sector, levels.payment_form, levels.evidence_grade, months.months_held, months.months_in_year
window programme as (partition by levels.area_level, levels.area_id, levels.financial_year, levels.programme_area)
