"""Made-up marts: the few tables and columns that the practice commands read."""

from __future__ import annotations

import duckdb
import numpy as np
from conftest import ROOT

YEARS = [f"{y}-{(y + 1) % 100:02}" for y in range(2010, 2019)]
FROM = "2016-17"
COUNCILS = [f"town-{n:02}" for n in range(60)]


def panel(seed: int = 1, change: float = 0.0) -> np.ndarray:
    """Sixty councils over nine years that share two movements; the first changes in the seventh year."""
    random = np.random.default_rng(seed)
    values = 50 + 5 * random.normal(size=(60, 1)) + random.normal(size=(60, 2)) @ random.normal(size=(2, 9))
    # The first is like the others, so that it can be made of them.
    values[0] = values[1:].mean(axis=0) + random.normal(scale=2)
    values += random.normal(scale=1, size=values.shape)
    values[0, 6:] += change
    return values


def marts(
    values: np.ndarray, groups: list[str] | None = None, years: list[str] = YEARS
) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute(
        "create table dim_council (council_id text, council_name text, start_date date, end_date date)"
    )
    db.execute("create table dim_council_successor (council_id text, successor_id text, took_over_on date)")
    db.execute("create table mart_council_peers (council_id text, peer_id text, peer_rank integer)")
    db.execute(
        "create table mart_council_outcomes (area_level text, area_id text, financial_year text,"
        " measure_id text, measure_name text, unit text, comparability_group text, value double,"
        " interval_low double, interval_high double, edition text)"
    )
    db.execute(
        "create table mart_direct_payment_share (area_level text, area_id text, financial_year text,"
        " share double, edition text, basis text, is_preferred boolean, is_total boolean, client_group text,"
        " age_band text)"
    )
    db.executemany(
        "insert into dim_council values (?, ?, null, null)",
        [(name, name.replace("-", " ").title()) for name in COUNCILS],
    )
    db.executemany(
        "insert into mart_council_peers values ('town-00', ?, ?)",
        [(name, n) for n, name in enumerate(COUNCILS[1:21], 1)],
    )
    db.executemany(
        "insert into mart_council_outcomes"
        " values ('council', ?, ?, 'control', 'Control', 'per cent', ?, ?, ?, ?, '2018-19')",
        [
            (name, year, (groups or ["survey"] * 9)[y], value, value - 2, value + 2)
            for name, row in zip(COUNCILS, values.tolist(), strict=True)
            for y, (year, value) in enumerate(zip(years, row, strict=True))
        ],
    )
    return db


def frameworks() -> duckdb.DuckDBPyConnection:
    """The published frameworks, as their marts hold them; one element of `modes` is retired."""
    db, seeds = duckdb.connect(), ROOT / "dbt" / "seeds"
    read = "read_csv('{}/{}.csv', header = true, all_varchar = true)"
    db.execute(f"create view f as from {read.format(seeds, 'frameworks')}")
    db.execute(
        "create table dim_framework as select * replace (cast(position as integer) as position,"
        " nullif(levels, '') as levels) from f"
    )
    db.execute(
        "create table dim_framework_element as select * replace (cast(position as integer) as position,"
        f" cast(is_current as boolean) as is_current) from {read.format(seeds, 'framework_elements')}"
    )
    db.execute(
        "update dim_framework_element set is_current = false where framework = 'supplier' and position ="
        " (select max(position) from dim_framework_element where framework = 'supplier')"
    )
    return db
