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
    -- What is booked to a group of clients under its name has no payee that can be told.
    case when client_group is not null then 'unknown' else payee_class end as payee_class,
    payments,
    amount_gbp,
    duplicate_payments,
    duplicate_amount_gbp
from {{ source('ledgers', 'monthly') }}
