"""Finding the header of a table and saying which column holds which field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from commissioning.base.errors import LedgerError
from commissioning.base.yamls import read_yaml
from commissioning.ingest.ledgers.bodies import Body, lists_folder

SEARCHED_ROWS = 60
"""A header further down than this has not been seen; titles, notes and blank rows take a few lines."""
NEEDED = ("payment_date", "amount", "supplier")


class NoHeaderError(LedgerError):
    """No row of a sheet is a header."""


@dataclass
class Header:
    """Where the header is and what it means.

    `columns` gives the place of each field, `headings` the heading as published, `rows` the row numbers that
    the header takes in the head of the sheet (none for a file without one), `kind` net, gross or unstated.
    """

    columns: dict[str, int]
    headings: dict[str, str]
    kind: str
    rows: tuple[int, ...]
    unused: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)


@cache
def words(heading: str) -> str:
    """A heading in small letters and single spaces: `SupplierName` and ` Supplier  name (£)` are equal."""
    cut = re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", heading)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", cut.lower()).split())


@cache
def aliases() -> dict[str, tuple[str, int]]:
    """Field and rank (0 is the first choice) by heading in `words`."""
    lists = read_yaml(
        lists_folder() / "aliases.yml",
        LedgerError,
        "The list of headings",
        needs=("payment_date", "supplier"),
    )
    return {
        words(name): (field_, rank)
        for field_, ranks in lists.items()
        for rank, names in enumerate(ranks)
        for name in names
    }


def _candidates(cells: list[str]) -> dict[str, list[tuple[int, int]]]:
    """Places and ranks by field: `{'supplier': [(rank, place), …]}`."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(cells):
        entry = aliases().get(words(cell)) if cell else None
        if entry and entry[0] != "set_aside":
            found.setdefault(entry[0], []).append((entry[1], place))
    return found


def _score(cells: list[str], body: Body | None) -> int:
    found = set(_candidates(cells))
    if body:
        named = {words(cell) for cell in cells if cell}
        found |= {name for name, heading in body.columns.items() if words(heading) in named}
    amount = any(name.startswith("amount") for name in found)
    found = {"amount" if name.startswith("amount") else name for name in found}
    return len(found) if amount or len(found) >= 4 else 0


def find_header(head: list[list[str]], *, body: Body | None, file: str) -> Header:
    """The header among the first rows of a sheet.

    It is the first row in which an amount and two more fields are named, else two rows that read so together
    (a heading over two lines), else what the body's YAML says of files without one. Raises `LedgerError` with
    the rows seen where there is none, and with the candidates where two columns claim a field.
    """
    head = head[:SEARCHED_ROWS]
    for place, cells in enumerate(head):
        if _score(cells, body) >= 3:
            return _map(cells, (place,), body=body, file=file)
    for place, (upper, lower) in enumerate(pairwise(head)):
        width = max(len(upper), len(lower))
        pair = zip(upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower)), strict=True)
        joined = [f"{a} {b}".strip() for a, b in pair]
        if _score(joined, body) >= 3:
            return _map(joined, (place, place + 1), body=body, file=file)
    if body and body.headerless:
        return _headerless(head, body, file=file)
    raise NoHeaderError(
        "No header was found.",
        file=file,
        where=f"first {len(head)} rows",
        expected="a row that names an amount and at least two of date, supplier, department, expense, number",
        found="; ".join(_shape(row) for row in head[:3]),
        todo="if the headings have other names, add them to ingest/ledgers/aliases.yml or map them under "
        "`columns` in the body's YAML; without a header, list the columns in order under `headerless`",
    )


def _shape(row: list[str]) -> str:
    """A row's cells by kind, so that a complaint shows no name of a person."""
    kinds = []
    for cell in row[:20]:
        text = cell.strip()
        if not text:
            kinds.append("")
        elif aliases().get(words(text)):
            kinds.append(text[:30])
        elif re.fullmatch(r"[£(+-]*[\d,]+(\.\d+)?[)-]?", text):
            kinds.append("<number>")
        elif re.match(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}", text):
            kinds.append("<date>")
        else:
            kinds.append("<text>")
    return " | ".join(kinds)


def _headerless(head: list[list[str]], body: Body, *, file: str) -> Header:
    filled = sorted({place for row in head for place, cell in enumerate(row) if cell.strip()})
    if len(filled) != len(body.headerless):
        raise LedgerError(
            "A file without a header has another number of columns than the body's YAML names.",
            file=file,
            expected=f"{len(body.headerless)} columns: {', '.join(body.headerless)}",
            found=f"{len(filled)} columns that are not empty",
            todo="mend `headerless` in the body's YAML, or give the file a header",
        )
    cells = [""] * (max(filled) + 1)
    for place, heading in zip(filled, body.headerless, strict=True):
        cells[place] = heading
    header = _map(cells, (), body=body, file=file)
    header.oddities.append("no header: columns taken in the order that the body's YAML gives")
    return header


def _map(cells: list[str], rows: tuple[int, ...], *, body: Body | None, file: str) -> Header:
    found = _candidates(cells)
    named = {words(cell): place for place, cell in reversed(list(enumerate(cells))) if cell}
    forced = {
        name: named[words(heading)]
        for name, heading in (body.columns if body else {}).items()
        if words(heading) in named
    }
    amounts = {name: places for name, places in found.items() if name.startswith("amount_")}
    kind = body.amount_kind if body else "unstated"
    columns, kind = _amount_column(cells, amounts, forced.get("amount"), kind, file)
    others = {n: places for n, places in found.items() if n not in amounts and n not in forced}
    chosen, oddities = _other_columns(cells, others, file)
    columns |= chosen | {name: place for name, place in forced.items() if name != "amount"}
    for name in NEEDED:
        if name not in columns:
            raise LedgerError(
                f"No column holds the {name.replace('_', ' ')}.",
                file=file,
                where="header",
                expected=f"a heading for it, as listed in ingest/ledgers/aliases.yml under {name}",
                found=", ".join(repr(cell.strip()) for cell in cells if cell.strip()),
                todo="name it in the body's YAML: `columns: {" + name + ": <heading>}`",
            )
    used = set(columns.values())
    unused = [c.strip() for place, c in enumerate(cells) if c.strip() and place not in used]
    unknown = [c for c in unused if words(c) not in aliases()]
    if unknown:
        oddities.append(f"headings that no alias knows, set aside: {', '.join(repr(c) for c in unknown)}")
    headings = {
        name: cells[place].strip() for name, place in sorted(columns.items(), key=lambda item: item[1])
    }
    return Header(columns, headings, kind, rows, unused, oddities)


def _amount_column(
    cells: list[str], amounts: dict[str, list[tuple[int, int]]], forced: int | None, kind: str, file: str
) -> tuple[dict[str, int], str]:
    """The place of the amount, where there is one, and what kind of amount it is: net, gross or `kind`.

    `amounts` are the places of each kind, with the rank of the alias that found them.
    """
    if forced is not None:
        kinds = [n for n, places in amounts.items() if forced in {place for _, place in places}]
        return {"amount": forced}, kinds[0].removeprefix("amount_") if kinds else kind
    if not amounts:
        return {}, kind
    best = min(rank for places in amounts.values() for rank, _ in places)
    choice = [(name, place) for name, places in amounts.items() for rank, place in places if rank == best]
    if len(choice) > 1:
        raise _two_columns("amount", [cells[place] for _, place in choice], file)
    name, place = choice[0]
    return {"amount": place}, kind if name == "amount_unstated" else name.removeprefix("amount_")


def _other_columns(
    cells: list[str], found: dict[str, list[tuple[int, int]]], file: str
) -> tuple[dict[str, int], list[str]]:
    """The place of each field, the first that its best alias fits, and what is odd about the choice."""
    columns, oddities = {}, []
    for name, places in found.items():
        best = min(places)[0]
        choice = [place for rank, place in places if rank == best]
        if len(choice) > 1:
            if name in NEEDED:
                raise _two_columns(name, [cells[place] for place in choice], file)
            taken = ", ".join(repr(cells[place].strip()) for place in choice)
            oddities.append(f"{name}: the first of {taken} was taken")
        columns[name] = choice[0]
    return columns, oddities


def _two_columns(name: str, headings: list[str], file: str) -> LedgerError:
    return LedgerError(
        f"Two columns could be the {name.replace('_', ' ')}.",
        file=file,
        where="header",
        expected=f"one column of {name.replace('_', ' ')}s",
        found=", ".join(repr(heading.strip()) for heading in headings),
        todo="choose one in the body's YAML: `columns: {" + name + ": " + headings[0].strip() + "}`",
    )
