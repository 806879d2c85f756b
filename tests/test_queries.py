"""What is read from the SQL of a register, by DuckDB's own parser."""

from __future__ import annotations

import duckdb
import pytest

from commissioning.numbers import queries


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 1", set()),
        ("from share_cells", {"share_cells"}),
        (
            "select * from a join raw.b using (x) where y in (select z from seeds.c)",
            {"a", "raw.b", "seeds.c"},
        ),
        ("with a as (select * from b) select * from a", {"b"}),
        ("select * from a union all by name select * from b", {"a", "b"}),
        ("select 'from a' from b -- from c", {"b"}),
        ('select * from "from a"', {"from a"}),
        ("select * from (unpivot (select * from a) on x, y into name part value amount)", {"a"}),
    ],
)
def test_the_tables_that_a_query_reads(sql, found):
    assert queries.tables(sql) == found


@pytest.fixture
def marts():
    with duckdb.connect() as db:
        db.execute("create table mart_a as from (values (1, ')', 10), (2, 'from mart_b', 20)) t(x, y, v)")
        db.execute("create table mart_b as select 3 as x, 30 as v")
        db.execute("create table dim_x as select 2 as x, 'two' as name")
        db.execute("create table other as select 1 as x")
        yield db


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select v from mart_a where x = 1", [(1, ")", 10)]),
        ("select max(v) from mart_a group by y having max(v) > 10", [(1, ")", 10), (2, "from mart_b", 20)]),
        ("select q(p) from (select p from mart_a where y = ')')", [(1, ")", 10)]),
        ("select v from mart_a where x in (1, 2) order by v limit 1", [(1, ")", 10), (2, "from mart_b", 20)]),
        ("select v from mart_a inner join dim_x using (x)", [(2, "from mart_b", 20, "two")]),
        ("select max(v) / (select max(v) from mart_b) from mart_a", [(3, 30)]),
        ("with own as (select v from mart_b) select * from own, mart_a", [(3, 30)]),
        ("select v from mart_a where x = 1 union all select v from mart_b", [(1, ")", 10)]),
        ("select x from other", None),
        ("select 1", None),
    ],
)  # fmt: skip
def test_the_rows_behind_a_headline_are_its_first_mart_s(marts, sql, rows):
    query = queries.rows_behind(sql)
    assert (query and marts.execute(query).fetchall()) == rows


@pytest.mark.parametrize("sql", ["selec 1", "create table t as select 1", "select 'open"])
def test_what_is_no_query_is_refused(sql):
    with pytest.raises(duckdb.Error):
        queries.tables(sql)


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("a = 'x' and t.b = 'it''s' and 'y' = c", {("a", "x"), ("b", "it's"), ("c", "y")}),
        ("a in ('x', 'y') and b not in ('z')", {("a", "x"), ("a", "y"), ("b", "z")}),
        ("(c = 'all' or 'all' = 'all') and d = 'x'", {("d", "x")}),
        ("(c = 'home' or 'home' = 'all')", {("c", "home")}),
        ("list_contains(string_split('p+q', '+'), route)", {("route", "p"), ("route", "q")}),
        ("e = 1 and f != 'x' and g > 'x' and h is null", set()),
        ("a = 'b = ''c''' -- and d = 'e'", {("a", "b = 'c'")}),
    ],
)
def test_the_conditions_that_a_query_holds_to(condition, held):
    assert queries.conditions(f"select max(v) from t where {condition}") == held
    assert queries.conditions(f"select v from (select max(v) filter (where {condition}\n) from t)") == held
