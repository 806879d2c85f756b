"""Grants that Devon County Council paid to the community and voluntary sector, counted by year and service.

The council's lists have a line for each grant, with who received it and why. A few may have gone to a
person, so the list stays where it was read: kept are counts and sums of the lines, cut by function,
service and kind of money (`cut` is `service`), and by what the council gives as the recipient's number
(`cut` is `recipient`). The two cuts count the same grants. Function and service are as printed, and their
abbreviations change from year to year. A negative amount is money paid back; it lowers the sum and counts
as a line.

`source_locator` names the lines counted by what they have in common. The list of 2014 ends in the
council's own total, which is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading, parse_value
from commissioning.ingest.sheets import Lines, Record, folded

DIMENSIONS = ("year", "cut", "function", "service", "money", "recipient", "measure")
HEADINGS = (
    "Function",
    "Service",
    "Date Grant Awarded",
    "Time Period for Grant",
    "Grant Beneficiary",
    "Beneficiary's registration Number",
    "Purpose of Grant",
    "Amount",
    "Revenue / Capital",
)
REGISTRATION = "Beneficiary's registration Number"
CHARITY_OR_COMPANY = "a number as long as a charity's or company's"
OTHER_NUMBER = "another number"
NO_NUMBER = "none"
_LONG_NUMBER = re.compile(r"\d{6,8}")
_NOT_GIVEN = {"", "none", "n/a"}
MONEY = ("Capital", "Revenue")

Group = tuple[str, str, str, str, str]


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One year's grants, counted. Raises `LayoutError`, `OriginalError` or `SymbolError` naming the line."""
    ((path, data),) = originals.items()
    rows, account = count_grants(path, data, edition.edition)
    return Reading.of(rows, [account], DIMENSIONS)


def count_grants(path: str, data: bytes, year: str) -> tuple[list[dict[str, object]], Accounting]:
    """Counts and sums of one list, and what became of each of its lines."""
    lines = Lines.read(path, data)
    pence: dict[Group, int] = defaultdict(int)
    grants: dict[Group, int] = defaultdict(int)
    account = lines.accounting(0)
    for record in lines.records(0, HEADINGS, only=True):
        if _is_total(record):
            account.leave("the council's own total")
            continue
        amount = _amount(path, record)
        for group in _groups(record):
            grants[group] += 1
            pence[group] += round(100 * amount)
        account.loaded += 1
    rows = []
    for group in sorted(grants):
        rows.append(_row(path, year, group, "grants", "grants", str(grants[group])))
        rows.append(_row(path, year, group, "amount", "GBP", f"{pence[group] / 100:.2f}"))
    return rows, account


def _is_total(record: Record) -> bool:
    return not any(record[heading] for heading in HEADINGS if heading != "Amount")


def _amount(path: str, record: Record) -> float:
    where = record.place("Amount")["source_locator"]
    return parse_value(record["Amount"], {}, file=path, where=where)[1]


def _groups(record: Record) -> list[Group]:
    """The two groups that a grant is counted in."""
    for heading in ("Function", "Service", "Grant Beneficiary"):
        if not record[heading]:
            raise record.wrong(
                "A grant has an empty cell where its label stands.", at=heading, expected="a text"
            )
    money = record.known("Revenue / Capital", MONEY)
    return [
        ("service", record["Function"], record["Service"], money, ""),
        ("recipient", "", "", "", _kind_of_number(record[REGISTRATION])),
    ]


def _kind_of_number(text: str) -> str:
    """What a recipient's number looks like; nobody looked it up in a register."""
    if text.casefold() in _NOT_GIVEN:
        return NO_NUMBER
    return CHARITY_OR_COMPANY if _LONG_NUMBER.search(text.replace(" ", "")) else OTHER_NUMBER


def _row(path: str, year: str, group: Group, measure: str, unit: str, text: str) -> dict[str, object]:
    labels = dict(zip(DIMENSIONS[1:6], group, strict=True))
    counted = [f'{name} "{value}"' for name, value in labels.items() if value and name != "cut"]
    return labels | {
        "year": year,
        "measure": measure,
        "unit": unit,
        "value_text": text,
        "value": float(text),
        "value_symbol": None,
        "source_file": path,
        "source_locator": folded(f"lines counted: {', '.join(counted)}; {measure}"),
    }
