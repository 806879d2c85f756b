"""Concentration of suppliers by body, financial year and route: counted in the lake, no supplier named.

| column | meaning |
|---|---|
| `body`, `financial_year`, `route` | route by `dbt/seeds/route_rules.csv`; `all` is all adult social care |
| `payments`, `amount_gbp` | lines and pounds of adult social care, without flagged duplicates |
| `named_amount_gbp` | of these pounds, paid to suppliers that are named and are not people |
| `redacted_share`, `person_share` | share of the pounds paid to redacted payees, and to people |
| `suppliers` | named suppliers paid in the year; people are one class, client groups none: not counted |
| `hhi` | Herfindahl-Hirschman index, 0 to 1, of the named pounds; suppliers above zero |
| `top_ten_share` | share of the named pounds, suppliers above zero, that went to the ten largest |
| `new_suppliers` | of `suppliers`, paid in no earlier year under this route; null in the first year |
| `leaving_suppliers` | of `suppliers`, paid in no later year under this route; null in the last year |
| `median_payment_gbp` | median line above zero, whoever was paid |
| `route_rules_sha256` | hash of the body's rules that it was counted with |

Spellings of one supplier are brought together where they differ in case, spaces, punctuation and in
`LTD`, `LIMITED` or `PLC` at the end. Years are years of the ledger that the rules class as care; years in
which the ledger holds only some months are counted as they are.
"""

from __future__ import annotations

import duckdb
import polars as pl

from commissioning.base.paths import project
from commissioning.base.sql import literal
from commissioning.ingest.ledgers import counts, routes


def concentration(care: duckdb.DuckDBPyConnection, body: str) -> pl.DataFrame:
    """The table described at the top of this module, from a body's payments for care (`counts.care`)."""
    here = project()
    rules = literal(routes.rules_sha256(here, body))
    return pl.from_arrow(care.sql(counts.from_care(here, "suppliers", literal(body), rules)).to_arrow_table())
