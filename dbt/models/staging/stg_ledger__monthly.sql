-- Payments of the ledgers by month, label and class of payee.
select
    body,
    month,
    financial_year,
    department,
    expense_area,
    expense_code,
    expense_label,
    transaction_prefix,
    payee_class,
    payments,
    amount_gbp,
    duplicate_payments,
    duplicate_amount_gbp
from {{ source('ledgers', 'monthly') }}
