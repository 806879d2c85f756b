-- Payments of NHS commissioning groups, counted by label: labels in small letters, amounts in pounds.
select
    ccg_code,
    ccg,
    {{ financial_year("(cast(left(month, 4) as integer) - case when right(month, 2) < '04' then 1 else 0 end)") }}
        as financial_year,
    month,
    lower(expense_area) as expense_area,
    lower(expense_type) as expense_type,
    payee_kind,
    payments,
    value as amount_cash_gbp,
    edition,
    source_file,
    source_locator
from {{ source('raw', 'nhs_ccg_ledger') }}
