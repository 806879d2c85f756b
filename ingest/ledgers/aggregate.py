"""The committed aggregate of the lake: four tables a body in `data/raw/ledger_<body>/`, no payee named.

`monthly.parquet`, one row a month, label and class of payee:

| column | meaning |
|---|---|
| `body`, `month`, `financial_year`, `era` | first of the month paid; a line without a date is rejected |
| `department`, `expense_area`, `expense_code` | as published; null where the ledger has none |
| `expense_label`, `payment_kind`, `client_group` | as published; null where the ledger has none |
| `transaction_prefix` | letters that tell the feeding system (Devon: CFADRES), by the YAML |
| `payee_class` | person, organisation, public_body, redacted or unknown (`payees.yml`) |
| `payments`, `amount_gbp` | lines and pounds, without flagged duplicates |
| `redacted_payments`, `redacted_amount_gbp` | of these, with the supplier's name redacted |
| `duplicate_payments`, `duplicate_amount_gbp` | flagged duplicates, apart |
| `files` | files that the row draws on |

`suppliers.parquet`: concentration of suppliers by financial year and route (`suppliers.py`).
`supplier_types.parquet`: the same pounds by type of supplier (`supplier_types.py`).
`files.parquet`: the accounting, one row a file (`files`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from commissioning.base.files import read_json, replace_text
from commissioning.base.lock import only_one
from commissioning.base.paths import Project, home
from commissioning.base.state import fingerprint, versions
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.ledgers import counts, lake, reader, routes, supplier_types, suppliers
from commissioning.ingest.ledgers.bodies import NUMBERS, Body, body_named

COUNTED = "counted.json"
"""Says from what the tables beside it were counted."""
LABELS = ["department", "expense_area", "expense_code", "expense_label", "payment_kind", "client_group"]
MONTHLY_KEY = ["body", "month", "financial_year", "era", *LABELS, "transaction_prefix", "payee_class"]
COUNT = pl.Int64
MONTHLY = dict.fromkeys(MONTHLY_KEY, pl.String) | {
    "month": pl.Date,
    "payments": COUNT,
    "amount_gbp": reader.MONEY,
    "redacted_payments": COUNT,
    "redacted_amount_gbp": reader.MONEY,
    "duplicate_payments": COUNT,
    "duplicate_amount_gbp": reader.MONEY,
    "files": COUNT,
}
"""Columns of the monthly table, with their types."""


def labelled(body: Body) -> pl.DataFrame:
    """Payments in the lake with `month`, and what the tables below are made of."""
    return (
        lake.scan(body)
        .with_columns(pl.col("payment_date").dt.truncate("1mo").alias("month"))
        .select(*MONTHLY_KEY, "supplier", *NUMBERS, "amount_gbp", "source_file", "is_duplicate_of")
        .collect()
    )


def monthly(payments: pl.DataFrame) -> pl.DataFrame:
    """The table described at the top of this module, from a body's `labelled` payments."""
    with counts.connected(payments=payments) as connection:
        made = connection.sql(counts.sql(home(), "monthly", "payments")).to_arrow_table()
    return typed_monthly(pl.from_arrow(made))


def typed_monthly(made: pl.DataFrame) -> pl.DataFrame:
    return made.select(pl.col(name).cast(kind) for name, kind in MONTHLY.items())


def files(body: Body, edition: Edition) -> pl.DataFrame:
    """The accounting: one row a file, in lines and in pounds.

    `lines_read` = `lines_loaded` + `lines_rejected` + `lines_furniture`, and `read_gbp` = `loaded_gbp` +
    `rejected_gbp` + `totals_gbp` (totals under a table, which are furniture). `duplicate_payments` are among
    those loaded. `rejects`, `furniture` and `oddities` say in words how many and why.
    """
    duplicates = dict(
        lake.scan(body)
        .filter(pl.col("is_duplicate_of").is_not_null())
        .group_by("source_file")
        .agg(pl.struct(pl.len(), pl.col("amount_gbp").sum().cast(reader.MONEY)))
        .collect()
        .iter_rows()
    )
    addresses = {file.path: file.url for file in edition.files}
    rows = []
    for account in lake.accounting(body):
        twice = duplicates.get(account["source_file"], {"len": 0, "amount_gbp": 0})
        rows.append(
            {
                "body": body.body,
                "source_file": account["source_file"],
                "sha256": account["sha256"],
                "address": addresses.get(account["path"]),
                "publisher": edition.publisher,
                "licence": edition.licence,
                "lines_read": account["lines_read"],
                "lines_loaded": account["lines_loaded"],
                "lines_rejected": sum(account["rejected"].values()),
                "lines_furniture": sum(account["furniture"].values()),
                "rejects": in_words(account["rejected"]),
                "furniture": in_words(account["furniture"]),
                "read_pence": account["read_pence"],
                "loaded_pence": account["loaded_pence"],
                "rejected_pence": account["rejected_pence"],
                "totals_pence": account["totals_pence"],
                "duplicate_payments": twice["len"],
                "duplicate_gbp": twice["amount_gbp"],
                "encoding": account["encoding"],
                "delimiter": account["delimiter"],
                "line_ends": account["line_ends"],
                "date_style": account["date_style"],
                "number_style": account["number_style"],
                "amount_kind": account["amount_kind"],
                "header_line": account["header_line"],
                "header_map": "; ".join(
                    f"{name}: {heading}" for name, heading in sorted(account["header_map"].items())
                ),
                "first_date": account["first_date"],
                "last_date": account["last_date"],
                "oddities": "; ".join(account["oddities"]) or None,
            }
        )
    return _typed_files(rows)


def _typed_files(rows: list[dict]) -> pl.DataFrame:
    money = ("read", "loaded", "rejected", "totals")
    counts = (
        "lines_read",
        "lines_loaded",
        "lines_rejected",
        "lines_furniture",
        "duplicate_payments",
        "header_line",
    )
    texts = {name: pl.String for name in rows[0] if not name.endswith(("_pence", "_gbp"))}
    schema = {
        **texts,
        **dict.fromkeys(counts, COUNT),
        **{f"{name}_pence": pl.Int64 for name in money},
        "duplicate_gbp": reader.MONEY,
    }
    return (
        pl.DataFrame(rows, schema_overrides=schema)
        .with_columns(
            *(reader.pence_as_pounds(f"{name}_pence").alias(f"{name}_pence") for name in money),
            pl.col("first_date", "last_date").str.to_date(),
        )
        .rename({f"{name}_pence": f"{name}_gbp" for name in money})
        .sort("source_file")
    )


def in_words(counts: dict[str, int]) -> str | None:
    """`{'blank': 2, 'header': 1}` as `blank 2, header 1`."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or None


def read_tables(
    edition: Edition, *, progress: Callable[[str], None] = lambda line: None
) -> dict[str, pl.DataFrame]:
    """Bring the lake up to date with a ledger's originals and give the tables of its snapshot."""
    lake.ingest(body_named(edition.dataset.removeprefix("ledger_")), progress=progress)
    return tables(edition)


def mark(project: Project, body: Body, edition: Edition) -> str:
    """A hash of what a body's tables are counted from: its files, its rules, the edition, this code."""
    here = Path(__file__).parent
    rules = [of.rules_sha256(project, body.body) for of in (routes, supplier_types)]
    told = repr(edition), lake.read_memory(body), rules, versions("duckdb", "polars")
    return fingerprint(here.glob("*.py"), *told, root=here)


def count(project: Project, edition: Edition, folder: Path) -> bool:
    """Write the tables of a ledger into `folder`, unless they are there and nothing has changed since.

    Returns whether they were counted. `LedgerError` where the lake does not hold the body, `BusyError` where
    it is being read just now.
    """
    body = body_named(edition.dataset.removeprefix("ledger_"))
    kept = folder / COUNTED
    what = f"The ledger of {body.body} is being read into the lake."
    with only_one(lake.lock_path(body), what, todo="wait until it has ended, then build again"):
        today = mark(project, body, edition)
        paths = [folder / f"{name}.parquet" for name in edition.tables]
        if (read_json(kept) or {}).get("mark") == today and all(path.exists() for path in paths):
            return False
        kept.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables(edition).items():
            table.write_parquet(folder / f"{name}.parquet")
        replace_text(kept, json.dumps({"mark": today}) + "\n")
    return True


def tables(edition: Edition) -> dict[str, pl.DataFrame]:
    """The tables of a ledger's snapshot, from the lake as it is; `LedgerError` where it is not there."""
    body = body_named(edition.dataset.removeprefix("ledger_"))
    made = {**counted(body), "files": files(body, edition)}
    return {name: made[name] for name in edition.tables}


def counted(body: Body) -> dict[str, pl.DataFrame]:
    """The tables that are counted from a body's payments: all but the accounting of files."""
    payments = labelled(body)
    by_month = monthly(payments)
    with counts.care(payments, by_month) as care:
        return {
            "monthly": by_month,
            "suppliers": suppliers.concentration(care, body.body),
            "supplier_types": supplier_types.by_type(care, body.body),
        }
