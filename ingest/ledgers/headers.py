"""Finding the header of a table and saying which column holds which field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from commissioning.base.errors import LedgerError
from commissioning.base.yamls import read_yaml
from commissioning.ingest.ledgers import values
from commissioning.ingest.ledgers.bodies import Body, alias_files

SEARCHED_ROWS = 60
"""A header further down than this has not been seen; titles, notes and blank rows take a few lines."""
NEEDED = ("payment_date", "amount", "supplier")


DEBIT, CREDIT = (
    re.compile(rf"(?:{word})(?: (?:amount|value|gbp|pounds))?") for word in ("debits?|dr", "credits?|cr")
)
"""Headings, in `words`, of two columns that share the payments between them."""


class NoHeaderError(LedgerError):
    """No row of a sheet is a header."""


@dataclass
class Header:
    """Where the header is and what it means.

    `columns` gives the place of each field, `headings` the heading as published, `rows` the row numbers that
    the header takes in the head of the sheet (none for a file without one), `kind` net, gross or unstated,
    `width` how many columns there are up to the last heading. What was guessed is among `guesses`.
    """

    columns: dict[str, int]
    headings: dict[str, str]
    kind: str
    rows: tuple[int, ...]
    width: int
    unused: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)


@cache
def words(heading: str) -> str:
    """A heading in small letters and single spaces: `SupplierName` and ` Supplier  name (£)` are equal."""
    cut = re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", heading)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", cut.lower()).split())


@cache
def aliases() -> dict[str, tuple[str, int]]:
    """Field and rank (0 is the first choice) by heading in `words`."""
    known, *own = alias_files()
    lists = [read_yaml(known, LedgerError, "The list of headings", needs=("payment_date", "supplier"))]
    lists += [_own_aliases(file, lists[0]) for file in own if file.exists()]
    return {
        words(name): (field_, rank)
        for fields in lists
        for field_, ranks in fields.items()
        for rank, names in enumerate(ranks)
        for name in names
    }


def _own_aliases(file: Path, known: dict) -> dict:
    """The headings of a workspace's `aliases.yml`, checked."""
    todo = "write a field of ingest/ledgers/aliases.yml and under it lists of headings: `- [paid to whom]`"
    fields = read_yaml(file, LedgerError, "The workspace's list of headings", todo=todo)
    for name, ranks in fields.items():
        if name not in known:
            raise LedgerError(
                "A list of headings is for no known field.",
                file=file,
                expected=list(known),
                found=name,
                todo=todo,
            )
        if not isinstance(ranks, list) or not all(isinstance(names, list) for names in ranks):
            raise LedgerError(
                "Headings must be lists of a list.", file=file, where=name, found=ranks, todo=todo
            )
    return fields


@cache
def _run_together() -> dict[str, tuple[str, int]]:
    """As `aliases`, by heading without its spaces: `expensetype`."""
    return {name.replace(" ", ""): entry for name, entry in reversed(aliases().items())}


def alias_of(heading: str) -> tuple[str, int] | None:
    """The field that a heading names and its rank, however it is spaced; None for an unknown one."""
    name = words(heading)
    return aliases().get(name) or _run_together().get(name.replace(" ", ""))


def _candidates(cells: list[str]) -> dict[str, list[tuple[int, int]]]:
    """Places and ranks by field: `{'supplier': [(rank, place), …]}`."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(cells):
        entry = alias_of(cell) if cell else None
        if entry and entry[0] != "set_aside":
            found.setdefault(entry[0], []).append((entry[1], place))
    return found


def _score(cells: list[str], body: Body | None) -> int:
    found = set(_candidates(cells))
    if body:
        named = {words(cell) for cell in cells if cell}
        found |= {n for n in body.columns if any(words(h) in named for h in body.headings_of(n))}
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
    header = _find(head, body=body, file=file)
    for said in (cell for row in head[: header.rows[0] if header.rows else 0] for cell in row):
        check_unit(said, body, file)
    return header


def _find(head: list[list[str]], *, body: Body | None, file: str) -> Header:
    if body and body.header_line and body.header_line <= len(head):
        return _map(head[body.header_line - 1], (body.header_line - 1,), body=body, file=file)
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
    for cells in head:
        _check_one_column(cells, None, file)
    raise NoHeaderError(
        "No header was found.",
        file=file,
        where=f"first {len(head)} rows",
        expected="a row that names an amount and at least two of date, supplier, department, expense, number",
        found="; ".join(_shape(row) for row in _likeliest(head)),
        todo="if the headings have other names, map them under `columns` in the body's YAML, or give "
        "`commissioning ledger add` one `--column field=heading` each; without a header, list the columns in "
        "order under `headerless`",
    )


def _likeliest(head: list[list[str]]) -> list[list[str]]:
    """The first rows and, if it is none of them, the first that could be a row of headings."""
    likely = [row for row in head[:SEARCHED_ROWS] if _are_headings(row)][:1]
    return head[:3] if not likely or likely[0] in head[:3] else [*head[:2], *likely]


def _are_headings(row: list[str]) -> bool:
    """Whether a row is one of headings by its look: three words or more, each another, and no number or date.

    Two cells at least hold a word that headings are made of, so that a row of names is none.
    """
    cells = [cell.strip() for cell in row if cell.strip()]
    return (
        len(cells) >= 3
        and len(set(cells)) == len(cells)
        and not any(re.fullmatch(r"[\W\d]+", cell) for cell in cells)
        and sum(bool(set(words(cell).split()) & _heading_words()) for cell in cells) >= 2
    )


@cache
def _heading_words() -> frozenset[str]:
    return frozenset(word for name in aliases() for word in name.split() if len(word) > 2)


def _shape(row: list[str]) -> str:
    """A row's cells, if they are headings; else by kind, so that a complaint shows no name of a person."""
    if _are_headings(row):
        return " | ".join(cell.strip()[:40] for cell in row[:20])
    kinds = []
    for cell in row[:20]:
        text = cell.strip()
        if not text:
            kinds.append("")
        elif alias_of(text):
            kinds.append(text[:30])
        elif re.fullmatch(r"[£(+-]*[\d,]+(\.\d+)?[)-]?", text):
            kinds.append("<number>")
        elif re.match(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}", text):
            kinds.append("<date>")
        else:
            kinds.append("<text>")
    return " | ".join(kinds)


_DATE = re.compile(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}\b.*|\d{8}")
_NUMBER = re.compile(r"-?£?\(?[\d,]+(?:\.\d+)?\)?-?")


def looks_like_payment(row: list[str]) -> bool:
    """Whether a row has a date, a number and a word in three of its cells."""
    kinds = [
        "date" if _DATE.fullmatch(cell) else "number" if _NUMBER.fullmatch(cell) else "word"
        for cell in map(str.strip, row)
        if cell
    ]
    return {"date", "number", "word"} <= set(kinds)


def goes_on(head: list[list[str]], before: Header, sheet: str) -> Header | None:
    """The header of the sheet before, for a sheet without one whose rows have a date and an amount where that
    one has them; else None."""
    rows = [row for row in head if any(row)]
    date, amount = before.columns["payment_date"], before.columns["amount"]
    fit = [
        len(row) > max(date, amount) and _DATE.fullmatch(row[date]) and _NUMBER.fullmatch(row[amount])
        for row in rows
    ]
    if not rows or sum(map(bool, fit)) < 0.8 * len(rows):
        return None
    guess = f"no header: read with the columns of {sheet}"
    return replace(before, rows=(), oddities=[guess], guesses=[guess])


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
        for name in (body.columns if body else ())
        for heading in reversed(body.headings_of(name))
        if words(heading) in named
    }
    amounts = {name: places for name, places in found.items() if name.startswith("amount_")}
    kind = body.amount_kind if body else "unstated"
    columns, kind = _amount_column(cells, amounts, forced.get("amount"), kind, file)
    others = {n: places for n, places in found.items() if n not in amounts and n not in forced}
    chosen, alike = _other_columns(cells, others, file)
    columns |= chosen | {name: place for name, place in forced.items() if name != "amount"}
    guesses = _finest_labels(cells, columns, others, set(forced.values()))
    guesses += _headed_alike(cells, forced)
    oddities = _left_over(cells, columns, alike)
    _check_one_column(cells, columns.get("amount"), file)
    for name in NEEDED:
        if name not in columns:
            raise LedgerError(
                f"No column holds the {name.replace('_', ' ')}.",
                file=file,
                where="header",
                expected=f"a heading for it, as listed in ingest/ledgers/aliases.yml under {name}",
                found=", ".join(repr(cell.strip()) for cell in cells if cell.strip()),
                todo="name it in the body's YAML: `columns: {"
                + name
                + ": <heading>}`; of a new body, give it "
                f'to `commissioning ledger add` as `--column "{name}=<heading>"`',
            )
    used = set(columns.values())
    unused = [c.strip() for place, c in enumerate(cells) if c.strip() and place not in used]
    unknown = [c for c in unused if not alias_of(c)]
    if unknown:
        oddities.append(f"headings that no alias knows, set aside: {', '.join(repr(c) for c in unknown)}")
    headings = {
        name: cells[place].strip() for name, place in sorted(columns.items(), key=lambda item: item[1])
    }
    _check_amounts(headings["amount"], body, file)
    width = max(place for place, cell in enumerate(cells) if cell.strip()) + 1
    return Header(columns, headings, kind, rows, width, unused, oddities, guesses)


def _check_one_column(cells: list[str], amount: int | None, file: str) -> None:
    """Raise `LedgerError` where debits and credits have a column each and no third the amounts: one of them
    alone would leave out what came back, or all that was paid."""
    debits, credits = (
        [place for place, cell in enumerate(cells) if cell and kind.fullmatch(words(cell))]
        for kind in (DEBIT, CREDIT)
    )
    if debits and credits and (amount is None or amount in (*debits, *credits)):
        raise LedgerError(
            "Debits and credits stand in two columns.",
            file=file,
            where="header",
            expected="one column of amounts, with what came back below zero",
            found=", ".join(repr(cells[place].strip()) for place in (*debits, *credits)),
            todo="save a copy with one column, Amount, that holds the debit less the credit of each line "
            "(in a spreadsheet: =N(D2)-N(E2)), and add the copy",
        )


def _headed_alike(cells: list[str], forced: dict[str, int]) -> list[str]:
    """What the body's YAML cannot tell: columns of one heading, of which the first is read."""
    headings = [words(cell) for cell in cells]
    return [
        f"{name}: {headings.count(headings[place])} columns are headed {cells[place].strip()!r}, and the "
        "first is read"
        for name, place in forced.items()
        if headings.count(headings[place]) > 1
    ]


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
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """The place of each field, the first that its best alias fits, and the places it was chosen from."""
    columns, alike = {}, {}
    for name, places in found.items():
        best = min(places)[0]
        choice = [place for rank, place in places if rank == best]
        if len(choice) > 1:
            if name in NEEDED:
                raise _two_columns(name, [cells[place] for place in choice], file)
            alike[name] = choice
        columns[name] = choice[0]
    return columns, alike


def _left_over(cells: list[str], columns: dict[str, int], alike: dict[str, list[int]]) -> list[str]:
    """Of what columns the first was taken, where the others are not read as another field either."""
    oddities = []
    for name, places in alike.items():
        here = [place for place in places if place == columns[name] or place not in columns.values()]
        if len(here) > 1:
            taken = ", ".join(repr(cells[place].strip()) for place in here)
            oddities.append(f"{name}: the first of {taken} was taken")
    return oddities


def _check_amounts(heading: str, body: Body | None, file: str) -> None:
    if re.search(values.FOREIGN, heading):
        raise LedgerError(
            "The amounts are in another currency than pounds.",
            file=file,
            where="header",
            found=repr(heading),
            todo="name a column of pounds, if there is one, under `columns` in the body's YAML; else leave "
            "the file out",
        )
    check_unit(heading, body, file)


def check_unit(said: str, body: Body | None, file: str) -> None:
    """Raise `LedgerError` where a text says that amounts are in thousands and the YAML gives no factor."""
    if values.THOUSANDS.search(said) and not (body and body.factor):
        raise LedgerError(
            "The amounts seem to be in thousands of pounds, or in millions.",
            file=file,
            expected="a `factor` in the body's YAML",
            found=repr(said.strip()[:80]),
            todo="put `factor: 1000` into the body's YAML (`factor: 1` if they are pounds all the same), or "
            "give `--factor 1000` to `commissioning ledger add`",
        )


FINEST = (
    "cost centre name",
    "cost centre description",
    "cost center description",
    "cost centre",
    "service name",
)
"""Headings of the finest label that a ledger has, the finest first, where none says what was bought."""


def _finest_labels(
    cells: list[str], columns: dict[str, int], found: dict[str, list[tuple[int, int]]], taken: set[int]
) -> list[str]:
    """Take for the label, and for its code, a column that another of its alias has left over.

    `columns` gains what is taken; what was guessed is returned.
    """
    guesses = []
    left = [
        place
        for name in ("department", "expense_area")
        for _, place in found.get(name, ())
        if place not in columns.values() and place not in taken
    ]
    by_words = {words(cells[place]): place for place in left}
    finest = next((by_words[name] for name in FINEST if name in by_words), None)
    if "expense_label" not in columns and finest is not None:
        columns["expense_label"] = finest
        guesses.append(f"expense_label: {cells[finest].strip()!r}, the finest label there is")
    code = by_words.get("cost centre")
    if "expense_code" not in columns and code not in (None, finest) and finest is not None:
        columns["expense_code"] = code
        guesses.append(
            f"expense_code: {cells[code].strip()!r}, as {cells[finest].strip()!r} stands beside it"
        )
    return guesses


def _two_columns(name: str, headings: list[str], file: str) -> LedgerError:
    return LedgerError(
        f"Two columns could be the {name.replace('_', ' ')}.",
        file=file,
        where="header",
        expected=f"one column of {name.replace('_', ' ')}s",
        found=", ".join(repr(heading.strip()) for heading in headings),
        todo="choose one in the body's YAML: `columns: {"
        + name
        + ": "
        + headings[0].strip()
        + "}`; of a new "
        f'body, give it to `commissioning ledger add` as `--column "{name}={headings[0].strip()}"`',
    )
