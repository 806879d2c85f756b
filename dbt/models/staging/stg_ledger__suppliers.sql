-- How money gathers on suppliers, by body, financial year and route, as the lake computed it.
select
    body, financial_year, route, suppliers, hhi, top_ten_share, new_suppliers, leaving_suppliers, median_payment_gbp,
    payments, amount_gbp, named_amount_gbp, redacted_share, person_share
from {{ source('ledgers', 'suppliers') }}
