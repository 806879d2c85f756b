-- The route of every label that a rule fits, by month; labels without a rule are not care.
{{ ledger_routes(ref('stg_ledger__monthly'), ref('route_rules')) }}
