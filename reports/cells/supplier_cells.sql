-- Suppliers of a ledger by year and route, as counted in the lake.
select
    *, amount as value, amount::varchar as value_text, 'as named' as unit,
    year || ', ' || route || ', ' || replace(part, '_', ' ') as source_locator
from (
    unpivot (
        select
            'ledger_' || body as dataset, 'payments' as edition, body, body as area_id, financial_year as year, route,
            suppliers::double as suppliers, leaving_suppliers::double as leaving_suppliers, top_ten_share, hhi,
            median_payment_gbp, 'data/raw/ledger_' || body || '/suppliers.parquet' as source_file
        from raw.ledger_suppliers
    ) on suppliers, leaving_suppliers, top_ten_share, hhi, median_payment_gbp into name part value amount
)
