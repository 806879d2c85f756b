"""Payments over 25,000 pounds of NHS clinical commissioning groups in London, 2020-21, counted by label.

Shape: one row for each group, month, pair of labels and kind of payee that a payment has; the figure is the
sum of the payments in pounds, `payments` says how many they are. No payment, payee or transaction number is
kept. `month` is that of the monthly file which the third party merged. `expense_area` and `expense_type`
are labels of the NHS chart of accounts. `payee_kind` is read off the payee's name and tells public bodies
alone apart: `mental health trust` (`MENTAL_HEALTH_TRUSTS`), `other NHS body`, `council`, `none` where there
is no name, else `other`.

The merge carries what the extraction from PDF left: headings of the expense area misspelt, a question mark
for a dash, labels broken over lines, and in some monthly files the two labels under each other's heading.
Labels of the type are written in small letters, areas in capitals: `is_swapped` goes by that, a monthly
file at a time. A sign stands twice, in the amount and in the column `negative`; the two must agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import PurePosixPath

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Lines, Record

KEY = ("ccg_code", "month", "expense_area", "expense_type", "payee_kind")
DIMENSIONS = dict.fromkeys((*KEY[:1], "ccg", *KEY[1:]), pl.String) | {"payments": pl.Int64}
HEADINGS = ["date", "supplier", "transactionnumber", "amount", "file", "negative"]
AREA_HEADINGS = ("expensearea", "expsensearea", "exepensearea", "expsenearea", "exepnsearea")
TYPE_HEADINGS = ("expensetype", "expensetypoe")

GROUPS = {
    "NCL": "NHS North Central London CCG",
    "NEBD": "NHS Barking and Dagenham CCG",
    "NEHV": "NHS Havering CCG",
    "NENW": "NHS Newham CCG",
    "NERD": "NHS Redbridge CCG",
    "NETH": "NHS Tower Hamlets CCG",
    "NEWF": "NHS Waltham Forest CCG",
    "NWBR": "NHS Brent CCG",
    "NWCL": "NHS Central London (Westminster) CCG",
    "NWEA": "NHS Ealing CCG",
    "NWHA": "NHS Harrow CCG",
    "NWHF": "NHS Hammersmith and Fulham CCG",
    "NWHI": "NHS Hillingdon CCG",
    "NWHO": "NHS Hounslow CCG",
    "NWWL": "NHS West London CCG",
    "SEL": "NHS South East London CCG",
    "SWL": "NHS South West London CCG",
}

# Monthly files that hold another group's payments: the same payees and amounts as in that group's own file.
COPIES = {"NEWF 10 - January.pdf.csv": "NETH 10 - Januart.pdf.csv"}
COPIED = "payments of another group's month, held here a second time"
NO_AMOUNT = "no amount"
SHIFTED = "columns shifted: a transaction number stands in place of the payee, so the amount cannot be told"

_TRANSACTION = re.compile(r"\d{6,}")
_MONTHLY_FILE = re.compile(r"([A-Z]{3,4}) (\d{2}) ?- +\w+(\.pdf)?\.csv")
_SMALL_LETTERS = re.compile(r"[a-z]{2}")
# NHS trusts of London that provide mental health care above all; some run community services as well.
MENTAL_HEALTH_TRUSTS = (
    "MENTAL HEALTH NHS",
    "MENTAL HEALTH PARTNERSHIP",
    "SOUTH LONDON AND MAUDSLEY",
    "SOUTH LONDON & MAUDSLEY",
    "OXLEAS",
    "CENTRAL AND NORTH WEST LONDON",
    "CENTRAL & NORTH WEST LONDON",
    "WEST LONDON NHS TRUST",
    "WEST LONDON MENTAL HEALTH",
    "EAST LONDON NHS FOUNDATION",
    "CAMDEN AND ISLINGTON NHS",
    "CAMDEN & ISLINGTON NHS",
    "TAVISTOCK AND PORTMAN",
    "TAVISTOCK & PORTMAN",
)
_NHS_BODY = re.compile(r"\bNHS\b|\bFOUNDATION TRUST\b|\bCCG\b")
_COUNCIL = re.compile(r"\bLONDON BOROUGH\b|\bROYAL BOROUGH\b|\bCOUNCIL\b|\bCITY OF (LONDON|WESTMINSTER)\b")


def label(text: str) -> str:
    """A label in one line, with the dashes that became question marks."""
    return " ".join(text.replace("?", "-").split())


def payee_kind(name: str) -> str:
    if not name.strip():
        return "none"
    if any(trust in name.upper() for trust in MENTAL_HEALTH_TRUSTS):
        return "mental health trust"
    if _NHS_BODY.search(name.upper()):
        return "other NHS body"
    return "council" if _COUNCIL.search(name.upper()) else "other"


def month_of(record: Record) -> str:
    """The month that a monthly file is of, such as 2020-04; they are numbered from April."""
    number = int(record.match("file", _MONTHLY_FILE, "such as 'NCL 01 - April.pdf.csv'")[2])
    if not 1 <= number <= 12:
        raise record.wrong("A monthly file is numbered outside the year.", at="file", expected="01 to 12")
    return f"2020-{number + 3:02}" if number <= 9 else f"2021-{number - 9:02}"


def is_swapped(labels: Iterable[tuple[str, str]]) -> bool:
    """Whether a monthly file has its types (written in small letters) under the heading of the areas."""
    small = [[bool(_SMALL_LETTERS.search(text)) for text in pair] for pair in labels]
    return sum(area for area, _ in small) > sum(kind for _, kind in small)


def pounds(record: Record) -> Decimal:
    amount = Decimal(record.match("amount", re.compile(r"-?\d+(\.\d+)?"), "a number")[0])
    sign = int(record.match("negative", re.compile(r"-?1"), "1 or -1")[0])
    if amount * sign < 0:
        raise record.wrong(
            "The sign of an amount is not that of the column beside it.",
            at="negative",
            expected=f"the sign of {amount}",
            found=sign,
            todo="look at the payment in the group's own publication; the amount's sign is what is summed",
        )
    return amount


def _column(lines: Lines, headings: tuple[str, ...]) -> list[int]:
    found = [lines.texts(0).index(heading) for heading in headings if heading in lines.texts(0)]
    if not found:
        raise LayoutError(
            "A heading is missing.",
            file=lines.file,
            where="line 1",
            expected=f"one of {', '.join(headings)}",
            found=", ".join(lines.texts(0)),
            todo="if the heading is misspelt in a new way, add it to ingest/nhs_ccg_ledger.py",
        )
    return found


def labels_of(lines: Lines, records: list[Record]) -> list[tuple[str, str]]:
    """Each payment's expense area and type, each under its own name whatever the headings say."""
    areas, types = _column(lines, AREA_HEADINGS), _column(lines, TYPE_HEADINGS)
    pairs = [
        tuple(
            next(filter(None, (label(lines.text(record.row, column)) for column in columns)), "")
            for columns in (areas, types)
        )
        for record in records
    ]
    by_file = defaultdict(list)
    for record, pair in zip(records, pairs, strict=True):
        by_file[record["file"]].append(pair)
    swapped = {file for file, labels in by_file.items() if is_swapped(labels)}
    return [
        pair[::-1] if record["file"] in swapped else pair for record, pair in zip(records, pairs, strict=True)
    ]


def read_payments(path: str, data: bytes) -> tuple[list[dict[str, object]], Accounting]:
    """One group's payments, counted. Raises `LayoutError` naming the line."""
    code = PurePosixPath(path).name.partition(".")[0]
    if code not in GROUPS:
        raise LayoutError("A file of no known group.", file=path, expected=", ".join(GROUPS), found=code)
    lines = Lines.read(path, data)
    records = list(lines.records(0, HEADINGS))
    account = lines.accounting(0)
    groups: dict[tuple[str, ...], list] = {}
    for record, (area, kind) in zip(records, labels_of(lines, records), strict=True):
        month = month_of(record)
        if record["file"] in COPIES:
            account.leave(COPIED)
        elif not record["amount"] or _TRANSACTION.fullmatch(record["supplier"]):
            why = SHIFTED if record["amount"] else NO_AMOUNT
            account.rejected[why] = account.rejected.get(why, 0) + 1
        else:
            account.loaded += 1
            key = (code, month, area, kind, payee_kind(record["supplier"]))
            counted = groups.setdefault(key, [0, Decimal(0), lines.line_numbers[record.row]])
            counted[0] += 1
            counted[1] += pounds(record)
    return [_figure(path, key, *counted) for key, counted in groups.items()], account


def _figure(path: str, key: tuple[str, ...], payments: int, amount: Decimal, line: int) -> dict[str, object]:
    first = f"line {line}"
    return {
        **dict(zip(KEY, key, strict=True)),
        "ccg": GROUPS[key[0]],
        "payments": payments,
        "unit": "GBP",
        "value_text": str(amount),
        "value": float(amount),
        "source_file": path,
        "source_locator": first if payments == 1 else f"{first} and {payments - 1} more with the same labels",
    }


def refuse_copies(rows: Iterable[Mapping[str, object]]) -> None:
    """Raise where two groups have the same number and sum of payments in a month: one is a copy."""
    months: dict[tuple[str, str], list] = defaultdict(lambda: [0, 0.0])
    for row in rows:
        held = months[row["source_file"], row["month"]]
        held[0] += row["payments"]
        held[1] += row["value"]
    seen: dict[tuple, str] = {}
    for (file, month), held in months.items():
        other = seen.setdefault((month, *held), file)
        if other != file:
            raise LayoutError(
                "Two groups have the same payments in a month.",
                file=file,
                where=month,
                expected="payments of its own",
                found=f"the same number and sum as in {other}",
                todo="look whose payees they are, and add the other's monthly file to COPIES of "
                "ingest/nhs_ccg_ledger.py",
            )


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """All groups of an edition."""
    readings = [read_payments(path, data) for path, data in originals.items()]
    rows = [row for figures, _ in readings for row in figures]
    refuse_copies(rows)
    return Reading.of(rows, [account for _, account in readings], DIMENSIONS, KEY)
