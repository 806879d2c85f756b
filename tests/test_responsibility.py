"""England's share without the Independent Living Fund's grant, from what is printed."""

from __future__ import annotations

import duckdb
import pytest

# What the publisher prints of England, thousands of pounds, and parliament's answer 170773.
ENGLAND = {"2016-17": (1_623_402, 13_601_450, 177_000), "2021-22": (1_873_789, 16_566_468, 161_000)}


@pytest.mark.parametrize("year", ENGLAND)
def test_share_without_the_funds_grant(built_marts, year):
    payments, support, grant = ENGLAND[year]
    database = duckdb.connect(str(built_marts), read_only=True)
    found = database.execute(
        "select share, share_low, share_high from mart_responsibility_bounds "
        "where break_id = 'independent_living_fund' and basis = 'C' and financial_year = ?",
        [year],
    ).fetchone()
    rest = support - grant
    assert found == pytest.approx((payments / support, (payments - grant) / rest, payments / rest), abs=5e-7)
