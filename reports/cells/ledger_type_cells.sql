-- Payments for adult care of a ledger by year, route and type of supplier, as counted in the lake.
select
    'ledger_' || body as dataset, 'payments' as edition, body, body as area_id, financial_year as year, route,
    supplier_type as part, supplier_type, evidence_grade, amount_gbp::double as amount, amount_gbp::double as value,
    amount_gbp::varchar as value_text, 'pounds, cash' as unit,
    'data/raw/ledger_' || body || '/supplier_types.parquet' as source_file,
    financial_year || ', ' || route || ', ' || supplier_type || ', ' || replace(evidence_grade, '_', ' ') as source_locator
from raw.ledger_supplier_types
