"""Tables that hold parts and totals together say in a column which rows are totals."""

from __future__ import annotations

import duckdb
import pytest

# What a row over all of a column's values reads there.
ALL = ("all", "total", "any_sds", "all ages", "all ccg spend", "all nhs spend", "all services")

# Marts where such a word is no sum of other rows, and why.
NO_TOTALS = {
    "mart_effect_estimates": "a sample of councils, not a sum over samples",
}


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def mixed(marts) -> dict[str, list[str]]:
    """Marts (a dimension sums nothing), with the columns that read "all" in some rows and not in others."""
    columns = marts.execute(
        "select table_name, column_name from information_schema.columns "
        "where data_type = 'VARCHAR' and table_name like 'mart_%' order by all"
    ).fetchall()
    found: dict[str, list[str]] = {}
    for mart, column in columns:
        words = ", ".join(f"'{word}'" for word in ALL)
        totals, parts = marts.execute(
            f'select count(*) filter (where lower("{column}") in ({words})), '
            f'count(*) filter (where lower("{column}") not in ({words})) from {mart}'
        ).fetchone()
        if totals and parts:
            found.setdefault(mart, []).append(column)
    return found


def test_a_table_of_parts_and_totals_tells_them_apart(marts):
    tables = mixed(marts)
    assert {"mart_social_care_spend", "mart_direct_payment_share", "mart_sds_options"} <= set(tables)
    for mart, columns in tables.items():
        if mart in NO_TOTALS:
            continue
        names = {row[0] for row in marts.execute(f"describe {mart}").fetchall()}
        assert names & {"is_total", "adds_up"}, f"{mart} mixes parts and totals in {columns}, unsaid"


def test_rows_marked_as_totals_read_so(marts):
    """Every row marked as a total reads "all" somewhere, and both kinds are there."""
    for mart, columns in mixed(marts).items():
        names = {row[0] for row in marts.execute(f"describe {mart}").fetchall()}
        if "is_total" not in names:
            continue
        words = ", ".join(f"'{word}'" for word in ALL)
        reads_all = " or ".join(f'lower("{column}") in ({words})' for column in columns)
        wrong, totals, parts = marts.execute(
            f"select count(*) filter (where is_total and not ({reads_all})), "
            "count(*) filter (where is_total), "
            f"count(*) filter (where not is_total) from {mart}"
        ).fetchone()
        assert (wrong, totals > 0, parts > 0) == (0, True, True), mart


def test_parts_of_a_group_add_up_to_its_total(marts):
    """Direct payments of 2014-15, basis C: the parts by reason and age make the row of all."""
    total, parts = marts.execute(
        "select sum(direct_payments_cash_gbp) filter (where client_group = 'all' and age_band = 'all'), "
        "sum(direct_payments_cash_gbp) filter (where not is_total) from mart_direct_payment_share "
        "where area_id = 'england' and edition = '2014-15' and basis = 'C' and figure = 'computed'"
    ).fetchone()
    assert total > 1e9
    assert parts == pytest.approx(total, abs=1000)
