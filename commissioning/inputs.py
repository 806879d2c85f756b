"""What dbt reads besides the raw tables: the catalogue, as a table of editions."""

from __future__ import annotations

from pathlib import Path

from commissioning.paths import Project
from ingest.catalogue import catalogue
from ingest.snapshot import read_lock


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
