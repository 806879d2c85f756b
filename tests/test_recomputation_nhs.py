"""What NHS bodies paid to companies and charities, added up again without the readers and the models.

The sums were made from the third party's four tables with Python's csv module; where the tables are on this
machine they are added up again.
"""

from __future__ import annotations

import csv
import math

import duckdb
import pytest
from conftest import ROOT

from commissioning.base.paths import Project

MIRROR = Project(ROOT).mirror
FOLDER = "nhsspend/2013_to_2021_derived"
# Bodies, kind of supplier, table, million pounds paid to it, million pounds paid to anybody.
SUMS = [
    ("commissioners", "charities", "ccg_table_cc.csv", 1979.117832, 204021),
    ("commissioners", "companies", "ccg_table_ch.csv", 13468.991742, 204021),
    ("trusts", "charities", "trust_table_cc.csv", 554.453955, 86837),
    ("trusts", "companies", "trust_table_ch.csv", 47725.047340, 86837),
]


@pytest.mark.parametrize("bodies, supplied_by, table, paid, whole", SUMS)
def test_the_mart_has_the_sums_of_the_tables(built_marts, bodies, supplied_by, table, paid, whole):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select amount_cash_gbp, payments_cash_gbp, share_of_value from mart_nhs_supplier_shares "
            "where area_level = 'england' and area_id = ? and supplied_by = ?",
            [bodies, supplied_by],
        ).fetchone()
    assert found == pytest.approx((paid * 1e6, whole * 1e6, paid / whole), rel=1e-8)


@pytest.mark.mirror
@pytest.mark.skipif(MIRROR is None, reason="needs the third party's tables")
@pytest.mark.parametrize("bodies, supplied_by, table, paid, whole", SUMS)
def test_the_sums_come_from_the_tables(bodies, supplied_by, table, paid, whole):
    with (MIRROR / FOLDER / table).open(encoding="utf-8", newline="") as file:
        rows = [(float(row["Value (m)"]), float(row["Value (%)"])) for row in csv.DictReader(file)]
    assert math.fsum(value for value, _ in rows) == whole
    assert math.fsum(value * share / 100 for value, share in rows) == pytest.approx(paid, rel=1e-8)
