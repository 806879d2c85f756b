"""What dbt reads besides the raw tables: the catalogue, as a table of editions, and with
`COMMISSIONING_LEDGERS=lake` the ledgers' tables, counted anew from the lake of this machine."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project
from commissioning.base.settings import one_of
from commissioning.base.state import fingerprint
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.ledgers import routes
from commissioning.ingest.snapshot import read_lock

SOURCES = ("snapshot", "lake")


def from_lake() -> bool:
    """Whether the ledger models read the lake: `COMMISSIONING_LEDGERS` is `lake` and not `snapshot`, or it is
    not set, and both a cluster and a lake are named."""
    if not os.environ.get("COMMISSIONING_LEDGERS"):
        return all(os.environ.get(name) for name in ("COMMISSIONING_SPARK", "COMMISSIONING_LAKE"))
    what = "The ledger models can read the snapshot or the lake."
    return one_of("COMMISSIONING_LEDGERS", SOURCES, CommissioningError, what) == "lake"


def ledger_folder(project: Project) -> Path:
    """The folder whose `ledger_<body>/` hold the ledgers' tables that dbt reads."""
    return project.work / "inputs" / "ledgers" if from_lake() else project.raw


def lake_mark(project: Project) -> str:
    """A hash of what the lake holds, as its memory tells, and of the rules that class it."""
    memories = sorted((project.lake / "memory").glob("*.json"))
    held = [
        (file.name, file.read_text(encoding="utf-8"), routes.rules_sha256(project, file.stem))
        for file in memories
    ]
    return fingerprint([], held, root=project.root)


def write_ledgers(project: Project, datasets: Collection[str] | None = None) -> None:
    """Count the tables of the named ledgers (`ledger_devon`), or of all, from the lake, for dbt.

    What did not change since it was counted is kept. `LedgerError` for one that is not there.
    """
    from commissioning.ingest.ledgers import aggregate

    chosen = [catalogue()[name] for name in datasets] if datasets else catalogue().values()
    for edition in (e for dataset in chosen for e in dataset.held if e.tables):
        aggregate.count(project, edition, ledger_folder(project) / edition.dataset)


def check_lake() -> None:
    """`LedgerError` where the lake lacks a ledger, or was written by another version."""
    from commissioning.ingest.ledgers import lake
    from commissioning.ingest.ledgers.bodies import body_named

    for dataset in catalogue().values():
        if any(edition.tables for edition in dataset.held):
            lake.scan(body_named(dataset.dataset.removeprefix("ledger_")))


def stale_ledgers(project: Project) -> list[str]:
    """Ledgers whose suppliers in the snapshot were counted with other rules than those of today."""
    import polars as pl

    from commissioning.ingest.ledgers import supplier_types

    counted = {
        "suppliers": ("route_rules_sha256", routes.rules_sha256),
        "supplier_types": ("rules_sha256", supplier_types.rules_sha256),
    }
    stale: set[str] = set()
    for folder in project.raw.glob("ledger_*"):
        body = folder.name.removeprefix("ledger_")
        for table, (column, of) in counted.items():
            found = pl.read_parquet(folder / f"{table}.parquet", columns=[column], glob=False)[column]
            if set(found) != {of(project, body)}:
                stale.add(body)
    return sorted(stale)


def write(project: Project) -> Path:
    """Write the catalogue as `data/build/inputs/catalogue.parquet`, one row an edition."""
    import polars as pl

    lock = read_lock()
    rows = []
    for dataset in catalogue().values():
        breaks = "; ".join(f"{' to '.join(b['between'])}: {b['why']}" for b in dataset.breaks)
        for edition in dataset.editions:
            sealed = lock.get(edition.id, {})
            rows.append(
                {
                    "source_id": edition.id,
                    "dataset": edition.dataset,
                    "dataset_title": dataset.title,
                    "edition": edition.edition,
                    "edition_name": edition.name(dataset.title),
                    "status": edition.status,
                    "title": edition.title,
                    "publisher": edition.publisher,
                    "publication_page": edition.publication_page,
                    "direct_address": edition.url or next((f.url for f in edition.files if f.url), None),
                    "licence": edition.licence,
                    "licence_status": edition.licence_status,
                    "provenance": edition.provenance,
                    "provenance_note": edition.provenance_note,
                    "unit": edition.unit,
                    "published": edition.published,
                    "retrieved": edition.retrieved,
                    "review_by": edition.review_by,
                    "known_problems": " | ".join(edition.known_problems) or None,
                    "comparability_breaks": breaks or None,
                    "why_not_held": edition.why,
                    "files": len(edition.files),
                    "originals_sha256": " ".join(f.sha256 for f in edition.files[:4]) or None,
                    "raw_rows": sealed.get("rows"),
                    "raw_sha256": sealed.get("sha256"),
                }
            )
    path = project.work / "inputs" / "catalogue.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = {
        "published": pl.Date,
        "retrieved": pl.Date,
        "review_by": pl.Date,
        "files": pl.Int32,
        "raw_rows": pl.Int64,
    }
    text = {name: pl.String for name in rows[0] if name not in schema}
    pl.DataFrame(rows, schema_overrides={**text, **schema}).write_parquet(path)
    return path
