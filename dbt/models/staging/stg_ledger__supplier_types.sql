-- Payments for adult care by type of supplier, as the lake counted them.
select body, financial_year, route, supplier_type, evidence_grade, payments, amount_gbp
from {{ source('ledgers', 'supplier_types') }}
