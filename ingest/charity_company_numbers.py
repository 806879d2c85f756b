"""Charity and company numbers of the same organisation: a third party's list of pairs.

Shape: one row a pair. The fact is the company number, in `value_text`; `value` is null, as in other raw
tables of facts. Identifiers are those of org-id.guide: `GB-CHC` is the Charity Commission for England and
Wales, `GB-SC` the Scottish regulator, `GB-NIC` that of Northern Ireland, `GB-COH` Companies House.
"""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines

DIMENSIONS = ("charity_id", "name", "relationship", "source")
KEY = ("charity_id",)
HEADINGS = ["org_id_a", "org_id_b", "org_name", "relationship", "source"]


def read_pairs(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The pairs of the list, in its own order."""
    lines = Lines.read(path, data)
    rows = []
    for record in lines.records(0, HEADINGS, only=True):
        company = record.match("org_id_b", r"GB-COH-[A-Z0-9]{8}", "GB-COH- and eight characters")
        rows.append(
            {
                "charity_id": record.match(
                    "org_id_a", r"GB-(?:CHC|SC|NIC)-[A-Z0-9]+", "the number of a charity as org-id writes it"
                )[0],
                "name": record["org_name"],
                "relationship": record.known("relationship", ["sameas"]),
                "source": record["source"],
                "unit": "text",
                "value_text": company[0],
                "value": None,
                "value_symbol": "not_applicable",
                **record.place("org_id_b"),
            }
        )
    return rows, lines.accounting(len(rows))


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The pairs. Raises `LayoutError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_pairs(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
