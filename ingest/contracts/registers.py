"""A contracts register: a council's own list of its contracts, as a CSV with headings of its own.

Headings are known from `aliases.yml`, values and dates as British registers write them. A row that cannot be
read is a reject, with its line and the cell; it is never guessed at. Total lines are set aside with what they
state, values under a heading of thousands or millions are made pounds, and headings not read are named.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from commissioning.base.errors import ContractsError
from commissioning.ingest.contracts.ocds import LARGEST, LONGEST, scrubbed, shape, without_people
from commissioning.ingest.contracts.suppliers import register_number
from commissioning.ingest.ledgers.headers import words
from commissioning.ingest.ledgers.values import THOUSANDS

SEARCHED = 30
"""Rows among which the headings are looked for."""
MAX_LINES = 20
"""The most lines that a cell is believed to run over."""
MOST = 1e6
"""No count of bidders, months or extensions comes near a million."""
NOTHING = {
    "",
    "-",
    "n/a",
    "na",
    "none",
    "tbc",
    "tba",
    "not applicable",
    "not known",
    "unknown",
    "ongoing",
    "rolling",
}
_DATES = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d/%m/%y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
)
# Commas only between groups of three: "12,50" may be twelve pounds fifty, and is not guessed at.
_MONEY = re.compile(r"(?:-?£?|£-)(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")


_TOTAL = re.compile(
    r"(?i)(?:grand |sub ?-?|overall )?totals?(?: (?:contract |annual )?(?:value|spend))?[\W\d]*"
)
_UNIT = re.compile(
    r"(?i)[\W_]*(?:(?:£|gbp|in)\s*)?['’`]?(?:000['’]?s?|thousands?|k|millions?|mn|bn|m)(?: of pounds)?[\W_]*$"
)
_MILLIONS = re.compile(r"(?i)million|£\s?mn?\b|gbp\s?mn?\b")


class Unreadable(Exception):
    """A cell of a row holds what its column cannot."""


@dataclass(frozen=True)
class Row:
    """One line of a register: its fields, or what is wrong with it. `money` is the value it states."""

    line: int
    fields: dict[str, object] | None
    problem: str | None = None
    money: float = 0.0


@dataclass(frozen=True)
class Register:
    """What a register holds, what was set aside, and what is to be said of how it was read."""

    rows: list[Row]
    furniture: dict[str, int]
    notes: list[str]


@cache
def aliases() -> dict[str, tuple[str, int]]:
    """Field and rank by heading in words."""
    lists = yaml.safe_load((Path(__file__).parent / "aliases.yml").read_text(encoding="utf-8"))
    return {
        words(name): (field, rank)
        for field, ranks in lists.items()
        for rank, names in enumerate(ranks)
        for name in names
    }


def read(name: str, data: bytes) -> Register:
    """The rows of a register, the lines that are none with the reason, and what was taken or left."""
    records = list(_records(name, _text(name, data)))
    header = _header(name, records)
    headings = records[header][1]
    columns = _columns(name, headings)
    above = " ".join(cell for _, cells in records[:header] for cell in cells)
    factors = {
        field: factor
        for field in ("value", "annual_value")
        if field in columns and (factor := _factor(headings[columns[field]]) or _factor(above))
    }
    furniture = {"above the headings": header, "headings": 1}
    found, totals = [], []
    for line, cells in records[header + 1 :]:
        if not any(cell.strip() for cell in cells):
            furniture["blank"] = furniture.get("blank", 0) + 1
            continue
        row = _row(line, cells, columns, len(headings), factors)
        if _is_total(cells, columns):
            furniture["total line"] = furniture.get("total line", 0) + 1
            totals.append(f"line {line}, £{row.money:,.2f}")
        else:
            found.append(row)
    read = set(columns.values())
    unread = [text for place, text in enumerate(headings) if place not in read and text.strip()]
    notes = [f"{headings[columns[field]]!r} is in {factor:,} pounds" for field, factor in factors.items()]
    notes += [f"total lines set aside: {'; '.join(totals)}"] if totals else []
    notes += [f"headings not read: {', '.join(map(repr, unread))}"] if unread else []
    return Register(found, {why: count for why, count in furniture.items() if count}, notes)


def _factor(said: str) -> int | None:
    """1,000 or a million, where a heading or a line above it says that values are in those."""
    if not THOUSANDS.search(said):
        return None
    return 1_000_000 if _MILLIONS.search(said) else 1_000


def _is_total(cells: list[str], columns: dict[str, int]) -> bool:
    """Whether a line is a sum: its first words say so, and no date or supplier stands beside them."""

    def cell(field: str) -> str:
        place = columns.get(field, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    first = next(text.strip() for text in cells if text.strip())
    others = (cell("supplier"), cell("contract_start"), cell("contract_end"))
    return bool(_TOTAL.fullmatch(first)) and not any(text and text != first for text in others)


def _text(name: str, data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A byte order mark that was read as Windows text and saved again.
        return text.removeprefix("\ufeff").removeprefix("ï»¿")
    raise ContractsError(
        "A register is in no encoding that is known.",
        file=name,
        expected="UTF-8 or Windows-1252",
        todo="save it as CSV in UTF-8",
    )


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    head = text[:20_000]
    delimiter = max(",;\t|", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    try:
        for cells in reader:
            yield last + 1, cells
            last = reader.line_num
    except csv.Error as error:
        raise ContractsError(
            "A register is no CSV that can be read.",
            file=name,
            where=f"line {last + 1}",
            found=str(error),
            todo="open the file in a spreadsheet and save it again as CSV",
        ) from error


def _header(name: str, records: list[tuple[int, list[str]]]) -> int:
    for place, (_, cells) in enumerate(records[:SEARCHED]):
        fields = {known[0] for cell in cells if (known := _known(cell))}
        if len(fields) >= 4 and {"title", "supplier"} <= fields:
            return place
    seen = [words(cell) for _, cells in records[:3] for cell in cells if cell.strip()]
    raise ContractsError(
        "No row of a register holds its headings.",
        file=name,
        expected="a row that names a title, a supplier and two more fields",
        found=f"{len(seen)} texts in the first three rows, none of them enough" if seen else "no text",
        todo="a heading that means one of the fields goes into ingest/contracts/aliases.yml",
    )


def _known(heading: str) -> tuple[str, int] | None:
    """Field and rank of a heading, with or without the unit behind it: Contract Value (£000)."""
    return aliases().get(words(heading)) or aliases().get(words(_UNIT.sub("", heading)))


def _columns(name: str, headings: list[str]) -> dict[str, int]:
    ranked: dict[str, list[tuple[int, int]]] = {}
    for place, heading in enumerate(headings):
        if known := _known(heading):
            ranked.setdefault(known[0], []).append((known[1], place))
    columns = {}
    for field, found in ranked.items():
        found.sort()
        if len(found) > 1 and found[0][0] == found[1][0]:
            raise ContractsError(
                "Two columns of a register could be one field.",
                file=name,
                where=field,
                found=", ".join(repr(headings[place]) for _, place in found),
                todo="take one of them out, or put it into a later list of the field in aliases.yml",
            )
        columns[field] = found[0][1]
    return columns


def _row(line: int, cells: list[str], columns: dict[str, int], width: int, factors: dict[str, int]) -> Row:
    def cell(field: str) -> str:
        place = columns.get(field)
        return "" if place is None or place >= len(cells) else " ".join(cells[place].split())

    money = 0.0
    try:
        value, annual = (
            None if (pounds := _pounds(cell(field))) is None else pounds * factors.get(field, 1)
            for field in ("value", "annual_value")
        )
        money = value or 0.0
        if len(cells) > width and any(extra.strip() for extra in cells[width:]):
            raise Unreadable(f"{len(cells)} cells under {width} headings")
        if any(len(text) > LONGEST for text in cells):
            raise Unreadable(f"a cell of more than {LONGEST:,} characters")
        if any(text.count("\n") > MAX_LINES for text in cells):
            raise Unreadable("a cell over many lines: a quotation mark is not closed")
        if not cell("title") and not cell("supplier"):
            raise Unreadable("neither title nor supplier")
        months = _number(cell("contract_months"))
        fields = {
            "reference": scrubbed(cell("reference")),
            "buyer": scrubbed(cell("buyer")),
            "department": scrubbed(cell("department")),
            "title": without_people(cell("title")),
            "cpv": None,
            "category": scrubbed(cell("category")),
            "category_code": scrubbed(cell("category_code")),
            "procedure": scrubbed(cell("procedure")),
            "supplier": scrubbed(cell("supplier")),
            "supplier_number": _company(cell("supplier_number"), cell("charity_number")),
            "is_small": _yes_no(cell("is_small")),
            "is_voluntary": _yes_no(cell("is_voluntary")),
            "value": value,
            "annual_value": annual,
            "published": _date(cell("published")),
            "deadline": _date(cell("deadline")),
            "contract_start": _date(cell("contract_start")),
            "contract_end": _date(cell("contract_end")),
            "contract_months": months,
            "extension_months": _number(cell("extension_months")),
            "extensions": _number(cell("extensions")),
            "bidders": _whole(cell("bidders")),
        }
    except Unreadable as error:
        return Row(line, None, str(error), money)
    return Row(line, fields, money=money)


def _pounds(text: str) -> float | None:
    if text.lower() in NOTHING:
        return None
    plain = text.replace(" ", "")
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()") if negative else plain
    if not _MONEY.fullmatch(plain):
        raise Unreadable(f"a value is no amount of money: {shape(text)}")
    amount = float(plain.replace("£", "").replace(",", ""))
    if not abs(amount) < LARGEST:
        raise Unreadable("a value is too large to be true")
    return -amount if negative else amount


def _number(text: str) -> float | None:
    text = text.lower().removesuffix("months").removesuffix("month").strip()
    if text in NOTHING:
        return None
    try:
        found = float(text)
    except ValueError:
        raise Unreadable(f"a count is no number: {shape(text)}") from None
    if not abs(found) < MOST:
        raise Unreadable(f"a count is no number that can be true: {shape(text)}")
    return found


def _whole(text: str) -> int | None:
    found = _number(text)
    if found is not None and (found < 0 or found != int(found)):
        raise Unreadable(f"a count is no whole number: {shape(text)}")
    return None if found is None else int(found)


def _date(text: str) -> dt.date | None:
    if text.lower() in NOTHING:
        return None
    plain = re.sub(r"[T ]00:00(:00)?(\.0+)?Z?$", "", text)
    for form in _DATES:
        try:
            return dt.datetime.strptime(plain, form).date()
        except ValueError:
            continue
    raise Unreadable(f"a date is none that is known: {shape(text)}")


def _yes_no(text: str) -> bool | None:
    known = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
    return known.get(text.lower())


def _company(company: str, charity: str) -> str | None:
    return register_number("GB-CHC", charity) or register_number("GB-COH", company)
