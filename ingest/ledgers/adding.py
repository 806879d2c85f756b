"""A first description of a new body, from its files."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from pathlib import Path

import polars as pl
import yaml

from commissioning.errors import LedgerError
from commissioning.files import replace_text
from ingest.ledgers import reader
from ingest.ledgers.bodies import Body, bodies, bodies_folder, load_body

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
) -> tuple[dict, list[reader.Reading]]:
    """The YAML of a new body as a mapping, and what its files hold.

    Raises what `reader.read` raises for a file that leaves a question, and `LedgerError` for a name that is
    taken or malformed.
    """
    if not NAME.fullmatch(name) or name in bodies():
        raise LedgerError(
            "The body's name is taken." if name in bodies() else "The body's name is malformed.",
            expected="a new name of small letters, digits and underscores",
            found=name,
        )
    names = sorted(path.name.removesuffix(".gz") for path in files)
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


def pattern_of(names: list[str]) -> str:
    """A pattern that fits the names: what they begin and end with, and a star between."""
    if len(names) == 1:
        return names[0]
    start = _common_start(names)
    end = _common_start([name[len(start) :][::-1] for name in names])[::-1]
    return f"{start}*{end}"


def _common_start(texts: list[str]) -> str:
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in same)


def numbers_stand_for(readings: list[reader.Reading]) -> str:
    """Whether a transaction number stands for a line, a document of several lines, or there is none."""
    numbers = pl.concat([reading.payments["transaction_id"] for reading in readings]).drop_nulls()
    if numbers.is_empty():
        return "none"
    return "line" if numbers.n_unique() > 0.99 * len(numbers) else "document"


def write_body(entry: dict) -> Path:
    """Write `ingest/ledgers/<body>.yml` and check that it can be read back."""
    path = bodies_folder() / f"{entry['body']}.yml"
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=110)
    replace_text(path, text)
    load_body(path)
    bodies.cache_clear()
    return path
