"""NHSSpend: what NHS bodies paid to companies and charities, and audited names of charities.

Shape: one row a published figure. `record` says which of the third party's tables it is of:

| `record` | rows | figures |
|---|---|---|
| `commissioner`, `trust` | one a body and kind of supplier | payments, value, shares, suppliers |
| `accounts` | one a year and kind of supplier | healthcare bought, from the department's accounts |
| `match` | one a name of a payee | the charity's number in `value_text`, the audit in `measure` |

A body's value and payments stand in the table of companies and in that of charities; the two must agree. The
best paid supplier of each body is not read, nor what the matching tried before people corrected it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, wrong_layout

DIMENSIONS = ("record", "body_code", "name", "years", "supplied_by", "measure")
KEY = DIMENSIONS
YEARS = "2013 to 2021"
Rows = list[dict[str, object]]

# What the tables of bodies call the suppliers that they count.
SUPPLIERS = {
    "charities": "Number of Charity Suppliers",
    "companies": "Number of Company Suppliers",
}
MEASURES = {
    "Count": ("payments", "count"),
    "Value (m)": ("value of payments", "million GBP"),
    "Number of Datasets": ("monthly files read", "count"),
    "Value (%)": ("share of value", "per cent"),
    "Count (%)": ("share of payments", "per cent"),
}
NAMES = {"commissioner": "ccg19nm", "trust": "trust name"}
SECTORS = {"indep": "independent sector", "vol": "voluntary sector", "local_auth": "local authorities"}
MATCH = ["query_string_n", "CharityRegNo", "CharityName", "audit_type"]


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """All tables. Raises `LayoutError`, `OriginalError` or `SymbolError` naming file and line."""
    readers: dict[str, Callable[[str, bytes], tuple[Rows, Accounting]]] = {
        "ccg_table_cc.csv": lambda path, data: read_bodies(path, data, "commissioner", "charities"),
        "ccg_table_ch.csv": lambda path, data: read_bodies(path, data, "commissioner", "companies"),
        "trust_table_cc.csv": lambda path, data: read_bodies(path, data, "trust", "charities"),
        "trust_table_ch.csv": lambda path, data: read_bodies(path, data, "trust", "companies"),
        "sectors_summary.csv": read_accounts,
        "supplier_charity_final.csv": read_matches,
    }
    rows, accounts = [], []
    for path, data in originals.items():
        found, account = readers[PurePosixPath(path).name.removesuffix(".gz")](path, data)
        rows += found
        accounts.append(account)
    check_bodies(rows)
    return Reading.of(rows, accounts, DIMENSIONS, KEY)


def read_bodies(path: str, data: bytes, record: str, supplied_by: str) -> tuple[Rows, Accounting]:
    """A table of NHS bodies: what of their payments went to one kind of supplier."""
    lines = Lines.read(path, data)
    headings = ["NHS Abrev", NAMES[record], *MEASURES, SUPPLIERS[supplied_by]]
    measures = MEASURES | {SUPPLIERS[supplied_by]: ("suppliers", "count")}
    rows: Rows = []
    count = 0
    for line in lines.records(0, headings):
        count += 1
        code = line.match("NHS Abrev", r"[A-Z0-9_]+", "the third party's short name of the body")[0]
        labels = {
            "record": record,
            "body_code": code,
            "name": line[NAMES[record]],
            "years": YEARS,
            "supplied_by": supplied_by,
        }
        for heading, (measure, unit) in measures.items():
            rows.append(line.figure(heading, **labels, measure=measure, unit=unit))
    return rows, lines.accounting(count)


def check_bodies(rows: Rows) -> None:
    """Raise `LayoutError` where a body's value or number of payments differs between its two files."""
    first: dict[tuple[object, ...], dict[str, object]] = {}
    for row in rows:
        if row["measure"] not in ("payments", "value of payments"):
            continue
        other = first.setdefault((row["record"], row["body_code"], row["measure"]), row)
        if other["value"] != row["value"]:
            raise wrong_layout(
                "A body's payments differ between the table of charities and that of companies.",
                file=str(row["source_file"]),
                where=f"{row['source_locator']}, {row['body_code']}",
                expected=f"{other['value_text']} as in {other['source_file']}",
                found=row["value_text"],
            )


def read_accounts(path: str, data: bytes) -> tuple[Rows, Accounting]:
    """Healthcare that the NHS bought from other sectors, in thousands of pounds."""
    lines = Lines.read(path, data)
    rows: Rows = []
    count = 0
    for line in lines.records(0, ["year_index", "year", *SECTORS], only=True):
        count += 1
        year = line.match("year", r"(20\d\d)/20(\d\d)", "a financial year such as 2013/2014")
        for heading, sector in SECTORS.items():
            rows.append(
                line.figure(
                    heading,
                    record="accounts",
                    body_code="DHSC",
                    name="Department of Health and Social Care group",
                    years=f"{year[1]}-{year[2]}",
                    supplied_by=sector,
                    measure="healthcare bought",
                    unit="thousand GBP",
                )
            )
    return rows, lines.accounting(count)


def read_matches(path: str, data: bytes) -> tuple[Rows, Accounting]:
    """Names of payees that people found in the register of charities."""
    lines = Lines.read(path, data)
    rows: Rows = []
    for line in lines.records(0, MATCH):
        number = line.match("CharityRegNo", r"(\d{6,7})\.0", "the number of a charity, with .0 behind it")
        rows.append(
            {
                "record": "match",
                "body_code": "",
                "name": line["query_string_n"],
                "years": YEARS,
                "supplied_by": "charities",
                "measure": line["audit_type"],
                "unit": "text",
                "value_text": number[1],
                "value": None,
                "value_symbol": "not_applicable",
                **line.place("CharityRegNo"),
            }
        )
    return rows, lines.accounting(len(rows))
