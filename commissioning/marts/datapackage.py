"""The descriptor of the published Parquet files: a Frictionless Data Package, version 1 of the standard.

Field types are the standard's. Each resource has its own licences and sources: those of every edition that it
is made of, found along dbt's lineage. A column's unit is an extra property, which the standard allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning.base.errors import PublishError

if TYPE_CHECKING:
    import duckdb

TYPES = {
    "varchar": "string",
    "double": "number",
    "integer": "integer",
    "bigint": "integer",
    "boolean": "boolean",
    "date": "date",
}
"""The standard's name for each of DuckDB's types that marts use."""

UNIT = re.compile(r"\bUnit ([^.;,(]+)")
"""How the description of a number says its unit: `Unit GBP.`"""

LICENCES = {
    "Open Government Licence v3.0": {
        "name": "OGL-UK-3.0",
        "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    },
    "Creative Commons Attribution 4.0 International": {
        "name": "CC-BY-4.0",
        "path": "https://creativecommons.org/licenses/by/4.0/",
    },
    "ODC Open Database License": {
        "name": "ODbL-1.0",
        "path": "https://opendatacommons.org/licenses/odbl/1-0/",
    },
    (
        "GNU General Public License v3.0 on the repository; the payments beneath it are under the "
        "Open Government Licence v3.0"
    ): {"name": "GPL-3.0", "path": "https://www.gnu.org/licenses/gpl-3.0.html"},
    "MIT licence of the repository": {"name": "MIT", "path": "https://opensource.org/license/mit"},
    "a Creative Commons licence, which of them not noted with the copy": {"name": "notspecified"},
    # Single figures out of reports and answers to parliament: nobody has licensed them.
    "facts, transcribed with their sources": {"name": "notspecified"},
    # The publisher's own repository, without a licence file.
    "reuse offered by the publisher, no licence found": {"name": "notspecified"},
}
"""How the standard names the licences of `ingest/catalogue/`."""

OURS = {
    "name": "MIT",
    "title": "MIT licence: a table of this project",
    "path": "https://opensource.org/license/mit",
}
"""What no published figure went into: lists of bases, measures and routes, and the catalogue."""

EDITIONS = """
    select dataset, title, edition, publisher, licence, licence_status, provenance,
        coalesce(direct_address, publication_page) as address
    from dim_source where status = 'held' order by dataset, edition
"""


def descriptor(
    db: duckdb.DuckDBPyConnection, manifest: dict, nodes: dict[str, dict], build: dict, folder: Path
) -> dict:
    """The content of `datapackage.json` in `folder`, for the marts `nodes` of dbt's manifest.

    `db` holds the editions, in `dim_source`.
    """
    found = db.execute(EDITIONS)
    columns = [column[0] for column in found.description]
    editions = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    resources = []
    for name, node in nodes.items():
        datasets = set(_datasets(manifest, node["unique_id"]))
        used = [edition for edition in editions if _is_of(edition["dataset"], datasets)]
        sha256 = build["tables"][name]["sha256"]
        resources.append(_resource(name, node, used, sha256, folder))
    licences: dict[str, dict] = {}
    for licence in (licence for one in resources for licence in one["licenses"]):
        # Of two titles of one licence, the one that says that it is presumed.
        known = licences.setdefault(licence["name"], licence)
        licences[licence["name"]] = max(known, licence, key=lambda one: len(one["title"]))
    return {
        "profile": "data-package",
        "name": "commissioning-evidence",
        "version": build["package"],
        "title": "Evidence and spend analysis on commissioning",
        "description": "Spending on social care and mental health care that people choose for themselves, "
        "and that councils and the NHS commission, from publishers' figures. Each resource has its licences.",
        "licenses": [licences[name] for name in sorted(licences)],
        "resources": resources,
    }


def _datasets(manifest: dict, node: str) -> Iterator[str]:
    """Datasets that a model is made of; `ledger_` stands for all ledgers, seeds tell by `made_from`."""
    seen, waiting = set(), [node]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        waiting += manifest["parent_map"].get(one, [])
        if one.startswith("source."):
            source = manifest["sources"][one]
            if source["source_name"] == "raw":
                yield source["name"]
            elif source["source_name"] == "ledgers":
                yield "ledger_"
        elif one.startswith("seed."):
            yield from manifest["nodes"][one]["config"]["meta"].get("made_from", [])


def _is_of(dataset: str, datasets: set[str]) -> bool:
    return dataset in datasets or ("ledger_" in datasets and dataset.startswith("ledger_"))


def _resource(name: str, node: dict, editions: list[dict], sha256: str, folder: Path) -> dict:
    path = f"parquet/{name}.parquet"
    columns = node["columns"].values()
    sources = [
        {"title": f"{e['publisher']}: {e['title']}, {e['edition']}"}
        | ({"path": e["address"]} if (e["address"] or "").startswith("http") else {})
        for e in editions
    ]
    return {
        "name": name,
        "path": path,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256}",
        "description": _line(node["description"]),
        "licenses": _licences(editions) or [OURS],
        **({"sources": sources} if sources else {}),
        "schema": {
            "fields": [_field(name, column) for column in columns],
            "primaryKey": node["config"]["meta"]["key"],
        },
    }


def _licences(editions: list[dict]) -> list[dict]:
    """Each licence once; one that was nowhere stated is presumed, and its title says so."""
    stated: dict[str, bool] = {}
    # What the owner of a workspace read is under whatever licence she wrote down.
    names = {e["licence"]: {"name": "notspecified"} for e in editions if e.get("provenance") == "workspace"}
    names |= LICENCES
    for edition in editions:
        name = edition["licence"]
        stated[name] = stated.get(name, True) and edition["licence_status"] == "stated"
    unknown = set(stated) - set(names)
    if unknown:
        raise PublishError(
            "A licence of the catalogue has no name in the data package.",
            file="commissioning/marts/datapackage.py",
            where="LICENCES",
            expected=", ".join(LICENCES),
            found=", ".join(sorted(unknown)),
            todo="give it the name of the Open Definition's list and its address",
        )
    return [
        {**names[name], "title": name if stated[name] else f"{name} (presumed for some editions)"}
        for name in sorted(stated)
    ]


def _field(mart: str, column: dict) -> dict:
    kind = TYPES.get(column["data_type"].lower())
    if kind is None:
        raise PublishError(
            "A mart has a column of a type that the data package has no name for.",
            file=f"dbt/models/marts/{mart}.yml",
            where=f"column {column['name']}",
            expected=", ".join(TYPES),
            found=column["data_type"],
        )
    description = _line(column["description"])
    field = {"name": column["name"], "type": kind, "description": description}
    if kind not in ("number", "integer"):
        return field
    unit = UNIT.search(description)
    if unit is None:
        raise PublishError(
            "A mart has a number without a unit.",
            file=f"dbt/models/marts/{mart}.yml",
            where=f"column {column['name']}",
            expected="`Unit ...` in its description, such as `Unit GBP.` or `Unit none.`",
            found=description,
        )
    return {**field, "unit": unit[1].strip()}


def _line(text: str) -> str:
    return " ".join(text.split())
