"""The lake is counted from one text, for a body alone or several at once, on DuckDB or on Spark."""

from __future__ import annotations

import re

import polars as pl
import pytest
import traps

from commissioning.base.paths import project
from commissioning.base.sql import literal
from commissioning.ingest.ledgers import aggregate, counts, lake, routes, supplier_types, suppliers
from commissioning.ingest.ledgers.bodies import body_named

ONE_BODY = {"suppliers": suppliers.concentration, "supplier_types": supplier_types.by_type}


@pytest.fixture
def payments(tmp_path, monkeypatch) -> pl.DataFrame:
    monkeypatch.setenv("COMMISSIONING_LAKE", str(tmp_path))
    traps.write(tmp_path)
    assert set(lake.scan(body_named("wakefield")).collect_schema()) == set(lake.LAKE)
    return aggregate.labelled(body_named("wakefield"))


def all_at_once(table: str, here, care) -> pl.DataFrame:
    types = [supplier_types.types_sql(here)] if table == "supplier_types" else []
    module = {"suppliers": routes, "supplier_types": supplier_types}[table]
    hashes = (
        f"when {literal(b)} then {literal(module.rules_sha256(here, b))}" for b in ("wakefield", "leeds")
    )
    rules = f"case body {' '.join(hashes)} end"
    return care.sql(counts.from_care(here, table, *types, "body", rules, many=True)).pl()


@pytest.mark.parametrize("table", ONE_BODY)
def test_bodies_together_are_counted_as_each_alone(payments, table):
    here = project()
    # The second is a copy of the first under another name, and under the same rules.
    with counts.care(payments, aggregate.monthly(payments)) as care:
        alone = ONE_BODY[table](care, "wakefield")
        care.execute(f"alter table {counts.CARE} add column body varchar default 'wakefield'")
        care.execute(f"insert into {counts.CARE} select * replace ('leeds' as body) from {counts.CARE}")
        together = all_at_once(table, here, care)
    assert alone.height > 5
    for found in together.partition_by("body"):
        assert found.drop("body", pl.selectors.ends_with("sha256")).equals(
            alone.drop("body", pl.selectors.ends_with("sha256"))
        )
    assert set(together["body"]) == {"leeds", "wakefield"}
    (rules,) = (name for name in alone.columns if name.endswith("sha256"))
    assert set(together.filter(pl.col("body") == "wakefield")[rules]) == set(alone[rules])
    assert together[rules].n_unique() == 2


def test_months_are_counted_as_polars_counts_them(payments):
    """The text against a second way of counting."""
    counted = pl.col("is_duplicate_of").is_null()
    redacted = counted & (pl.col("payee_class") == "redacted")
    found = aggregate.monthly(payments)
    expected = (
        payments.group_by(aggregate.MONTHLY_KEY)
        .agg(
            counted.sum().cast(pl.Int64).alias("payments"),
            pl.col("amount_gbp").filter(counted).sum(),
            redacted.sum().cast(pl.Int64).alias("redacted_payments"),
            pl.col("amount_gbp").filter(redacted).sum().alias("redacted_amount_gbp"),
            (~counted).sum().cast(pl.Int64).alias("duplicate_payments"),
            pl.col("amount_gbp").filter(~counted).sum().alias("duplicate_amount_gbp"),
            pl.col("source_file").n_unique().cast(pl.Int64).alias("files"),
        )
        .select(pl.col(name).cast(kind) for name, kind in aggregate.MONTHLY.items())
        .sort(aggregate.MONTHLY_KEY, nulls_last=True)
    )
    assert found.equals(expected) and found["duplicate_payments"].sum() and found["redacted_payments"].sum()


def test_the_text_for_spark_has_nothing_that_only_duckdb_knows():
    here = project()
    care = counts.sql(here, "care", "payments", "routes", "true", engine=counts.SPARK, many=True)
    types = supplier_types.types_by(here, "patterns", "charities", "matches", engine=counts.SPARK)
    texts = [
        counts.sql(here, "monthly", "payments", engine=counts.SPARK),
        care,
        counts.sql(here, "suppliers", care, "body", "rules", engine=counts.SPARK, many=True),
        counts.sql(here, "supplier_types", care, types, "body", "rules", engine=counts.SPARK, many=True),
    ]
    # A plain text with a backslash, a capital of \u00df as Java has it, and what Spark has no name for.
    backslash, capital = r"(?<!r)'[^'\n]*\\[^u][^'\n]*'", r"upper\((?!translate)"
    alone = rf"materialized|varchar|regexp_matches|'g'|{backslash}|{capital}|\"|qualify"
    for text in texts:
        assert not (found := re.findall(alone, text)), found
    assert re.findall(alone, supplier_types.types_sql(here, "patterns"))
