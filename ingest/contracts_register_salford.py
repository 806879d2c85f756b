"""Salford City Council's contracts register of July 2022.

Shape: one row for each figure of a contract: its values in pounds, its duration, its option to extend in
months and how many extensions there are. `line` tells contracts apart, as references repeat and some are
blank. Dates, process, SME flag, ProClass and company number are as published.

Left out: descriptions (free text), postcodes (a sole trader's is a home address) and the column
Visibility, which says Public throughout. Of suppliers without a company number only organisations are
named (`ingest/contracts/suppliers.py`). The byte order mark of the file is there twice, once as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.contracts import suppliers
from commissioning.ingest.contracts.ocds import scrubbed
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = (
    "line",
    "directorate",
    "process",
    "buyer",
    "reference",
    "title",
    "supplier",
    "company_number",
    "above_threshold",
    "start_date",
    "end_date",
    "extension_1_taken",
    "extension_2_taken",
    "current_expiry_date",
    "is_sme",
    "proclass",
    "proclass_description",
    "measure",
)
KEY = ("line", "measure")
COLUMNS = {
    "directorate": "Directorate Name",
    "process": "Process Used",
    "buyer": "Purchasing Body",
    "reference": "Contract Reference",
    "title": "Contract Title",
    "company_number": "Company Number",
    "above_threshold": "OJEU/FTS?",
    "start_date": "Start Date",
    "end_date": "End Date",
    "extension_1_taken": "Extension 1 Taken?",
    "extension_2_taken": "Extension 2 Taken?",
    "current_expiry_date": "Current Expiry Date",
    "is_sme": "SME Supplier?",
    "proclass": "ProClass Classification",
    "proclass_description": "ProClass Description",
}
FIGURES = {
    "Annual Value": "GBP",
    "Total Contract Value (including extensions)": "GBP",
    "Contract Duration (months)": "months",
    "Option to extend (months)": "months",
    "How many extensions": "extensions",
}
LEFT_OUT = ["Contract Description", "Supplier Postcode", "Visibility"]
SUPPLIER = "Supplier Company Name"
HEADINGS = [*COLUMNS.values(), SUPPLIER, *FIGURES, *LEFT_OUT]
SYMBOLS = {
    "": "not_available",
    "-": "not_available",
    "X": "not_available",
    "N/A": "not_applicable",
    "Ongoing": "not_applicable",
    # In the column of the number of extensions, on one line.
    "Yes": "not_available",
}
_COMPANY = re.compile(r"(?:\d{6,8}|[A-Z]{2}\d{4,6}[A-Z]?)")


def read_contracts(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """The figures of the register, line by line."""
    lines = Lines.read(path, data)
    # The second byte order mark was read as Windows text and saved again.
    lines.rows[0][0] = lines.rows[0][0].removeprefix("ï»¿")
    records = list(lines.records(0, HEADINGS, only=True))
    named = suppliers.publishable(part for record in records for part in _names(record))
    rows = []
    for record in records:
        dimensions = {name: record[heading] for name, heading in COLUMNS.items()}
        dimensions |= {
            "title": scrubbed(record["Contract Title"]) or "",
            "supplier": _supplier(record, named),
        }
        for heading, unit in FIGURES.items():
            place = record.place(heading)
            line = re.match(r"line (\d+)", str(place["source_locator"]))[1]
            rows.append(
                record.figure(heading, SYMBOLS, unit=unit, measure=heading, line=line.zfill(3), **dimensions)
            )
    return rows, lines.accounting(len(records))


def _names(record: Record) -> list[str]:
    return [part.strip() for part in record[SUPPLIER].split(",")]


def _supplier(record: Record, named: Mapping[str, str]) -> str:
    """The supplier as it may be published: whole with a company number, else part by part."""
    if _COMPANY.fullmatch(record["Company Number"].replace(" ", "")):
        return record[SUPPLIER]
    return ", ".join(named[part] for part in _names(record))


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The register. Raises `LayoutError` and `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = read_contracts(path, data)
    return Reading.of(rows, [account], DIMENSIONS, KEY)
