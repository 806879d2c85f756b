"""A first description of a new body, from its files."""

from __future__ import annotations

import re
from collections import Counter
from glob import escape
from itertools import takewhile
from pathlib import Path

import yaml

from commissioning.base.errors import LedgerError
from commissioning.base.files import replace_text
from commissioning.base.paths import workspace
from commissioning.ingest.ledgers import reader
from commissioning.ingest.ledgers.bodies import Body, bodies, load_body
from commissioning.ingest.ledgers.headers import words

NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


def describe(
    files: list[Path],
    name: str,
    *,
    title: str,
    publisher: str | None = None,
    licence: str = "not stated",
    date_order: str | None = None,
    amount: str | None = None,
) -> tuple[dict, list[reader.LedgerReading]]:
    """The YAML of a new body as a mapping, and what its files hold.

    Raises what `reader.read` raises for a file that leaves a question, and `LedgerError` for a name that is
    taken or malformed, for files that share a name or order day and month differently, where no file has the
    heading `amount`, and where no payment can be read.
    """
    names = _names(files, name)
    entry: dict = {
        "body": name,
        "title": title,
        "publisher": publisher or name,
        "licence": licence,
        "files": pattern_of(names),
    }
    if date_order:
        entry["date_order"] = date_order
    if amount:
        entry["columns"] = {"amount": amount}
    draft = Body(**entry)
    readings = [reader.read_path(path, draft) for path in sorted(files)]
    accounts = [account for reading in readings for account in reading.accounting]
    _check(accounts, amount)
    if any("dd/mm/yyyy" in account.date_style for account in accounts):
        entry["date_order"] = "day first"
    kinds = Counter(account.amount_kind for account in accounts)
    entry["amount_kind"] = kinds.most_common(1)[0][0]
    entry["transaction_numbers"] = numbers_stand_for(readings)
    first = min(a.first_date for a in accounts if a.first_date)
    last = max(a.last_date for a in accounts if a.last_date)
    entry["eras"] = [{"era": "whole ledger", "why": f"Not looked into; payments from {first} to {last}."}]
    entry["known_problems"] = sorted({oddity for account in accounts for oddity in account.oddities}) or []
    return entry, readings


def _names(files: list[Path], name: str) -> list[str]:
    """The files' names in order. Raises `LedgerError` where they, or the body's own name, will not do."""
    if not NAME.fullmatch(name):
        raise LedgerError(
            "The body's name is malformed.",
            expected="small letters, digits and underscores: barnsley",
            found=name,
        )
    if name in bodies():
        raise LedgerError(
            "The body's name is taken.",
            file=workspace().bodies / f"{name}.yml",
            found=name,
            todo=f"more files of it go into {workspace().cache / f'ledger_{name}'}, and `files` in its YAML "
            "must fit their names; to describe it anew, delete the YAML",
        )
    names = sorted(path.name.removesuffix(".gz") for path in files)
    if twice := sorted(file for file, count in Counter(names).items() if count > 1):
        raise LedgerError(
            "Two files have one name, and the lake tells files by their names.",
            found=", ".join(twice),
            todo="name each file once, and files of one name in different folders apart",
        )
    return names


def _check(accounts: list[reader.LedgerAccount], amount: str | None) -> None:
    """Raise `LedgerError` where the files, each of which can be read, do not go together."""
    if amount and not any(words(a.header_map.get("amount", "")) == words(amount) for a in accounts):
        raise LedgerError(
            "No file has this heading of the amount.",
            expected=", ".join(sorted({h for a in accounts for h in (*a.header_map.values(), *a.unread)})),
            found=amount,
        )
    if not any(account.lines_loaded for account in accounts):
        raise LedgerError(
            "No payment can be read from these files.",
            file=accounts[0].source_file,
            found="; ".join(sorted({reason for a in accounts for reason in a.rejected})) or "no line of data",
            todo="look at a file with `commissioning ledger inspect FILE`",
        )
    orders = {
        order: [account.source_file for account in accounts if order in account.date_style]
        for order in ("dd/mm/yyyy", "mm/dd/yyyy")
    }
    if all(orders.values()):
        raise LedgerError(
            "The files order day and month differently.",
            found="; ".join(f"{order} in {', '.join(files[:3])}" for order, files in orders.items()),
            todo="a body has one order (`date_order`): look at the files, and add those of one order alone",
        )


def pattern_of(names: list[str]) -> str:
    """A pattern that fits the names: what they begin and end with, and a star between."""
    if len(names) == 1:
        return escape(names[0])
    start = _common_start(names)
    end = _common_start([name[len(start) :][::-1] for name in names])[::-1]
    return f"{escape(start)}*{escape(end)}"


def _common_start(texts: list[str]) -> str:
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in same)


def numbers_stand_for(readings: list[reader.LedgerReading]) -> str:
    """Whether a transaction number stands for a line, a document of several lines, or there is none.

    A guess of `line` takes a repeat within a file out of the sums, so that it needs files without any.
    """
    numbers = [reading.payments["transaction_id"].drop_nulls() for reading in readings]
    if not any(map(len, numbers)):
        return "none"
    return "line" if all(found.n_unique() == len(found) for found in numbers) else "document"


def write_body(entry: dict) -> Path:
    """Write the body's YAML into the workspace and check that it can be read back."""
    path = workspace().bodies / f"{entry['body']}.yml"
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=110)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)
    load_body(path)
    bodies.cache_clear()
    return path
