"""Made-up payments on which two engines could differ, as the lake holds them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl

from commissioning.ingest.ledgers.lake import LAKE

HOMES, SERVICES = "Residential placements", "Individual service fund"
SUPPLIERS = [
    # name, class, label, charity's number, company's number
    ("Stra\u00dfe Care Ltd", "organisation", HOMES, None, None),
    ("STRASSE CARE LIMITED", "organisation", HOMES, None, None),
    ("Stra\u1e9ee Care", "organisation", HOMES, None, None),
    ("\ufb01rst Choice", "unknown", HOMES, None, None),
    ("First Choice", "unknown", HOMES, None, None),
    ("Caf\u00e9nhs Homes", "organisation", HOMES, None, None),
    ("\u00c9NHS \u00c9CIO", "organisation", HOMES, None, None),
    ("O'Brien's & Sons", "organisation", HOMES, None, None),
    (r"Back\slash \d Care", "organisation", SERVICES, None, None),
    ("None", "unknown", SERVICES, "N/A", "None"),
    ('100% "Care"_', "unknown", SERVICES, None, ""),
    ("\u0130stanbul Care", "organisation", SERVICES, None, None),
    ("\u0131rwell  Care,\u00a0PLC", "organisation", SERVICES, None, None),
    ("Oak. Trust", "organisation", SERVICES, "1234567", "01234567"),
    ("Elm Society", "organisation", SERVICES, "123456", "IP12345R"),
    ("Ash Care", "organisation", SERVICES, None, "SC12345A"),
    ("[person]", "person", SERVICES, None, None),
    ("REDACTED", "redacted", SERVICES, None, None),
    (None, "unknown", HOMES, None, None),
    ("Town Council", "public_body", HOMES, None, None),
    ("\U0001f3e0 Homes", "organisation", HOMES, None, None),
]
POUNDS = ("0.01", "-20.00", "1000000.10", "33.33", "33.33", "0.00", "7.77")
YEARS = (2016, 2017, 2019)


def payments() -> pl.DataFrame:
    """Three years of them: equal sums, refunds, flagged duplicates in two files, labels of no care."""
    rows = []
    for year in YEARS:
        for place, (supplier, kind, label, charity, company) in enumerate(SUPPLIERS):
            for number, pounds in enumerate(POUNDS):
                if (place + number + year) % 4 == 0:
                    continue
                rows.append(
                    dict.fromkeys(LAKE)
                    | {
                        "body": "wakefield",
                        "payment_date": dt.date(year, 4 + number, 1 + place),
                        "financial_year": f"{year}-{year % 100 + 1}",
                        "amount_gbp": Decimal(pounds),
                        "supplier": supplier,
                        "payee_class": kind,
                        "department": "Adults" if number else "",
                        "expense_area": "Adults" if place % 2 else None,
                        "expense_label": label if number != 3 else r"100% of 'caf\u00e9' \d",
                        "client_group": "Older people" if place % 7 == 3 else None,
                        "charity_number": charity,
                        "company_number": company,
                        "transaction_id": f"{place}-{number}",
                        "era": "all",
                        "source_file": f"{year}-{number % 2}.csv",
                        "source_line": len(rows) + 2,
                        "is_duplicate_of": "2016-1.csv:3" if number == 4 and place % 3 == 0 else None,
                    }
                )
    return pl.DataFrame(rows, schema=LAKE)


def write(lake: Path) -> None:
    """As an ingest would leave them in a lake."""
    for (year,), rows in payments().group_by("financial_year"):
        folder = lake / "payments" / "body=wakefield" / f"financial_year={year}"
        folder.mkdir(parents=True)
        rows.drop("body", "financial_year").write_parquet(
            folder / "payments.parquet", compression="uncompressed"
        )
