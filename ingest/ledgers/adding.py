"""A first description of a new body, from its files and from what its describer answers.

What cannot be told stands as a question in the body's YAML. Where nothing at all can be read yet, that YAML
is a draft (`barnsley.draft.yml`), which no other command takes for a body.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from glob import escape
from itertools import takewhile
from pathlib import Path

import yaml

from commissioning.base.errors import LedgerError
from commissioning.base.files import replace_text
from commissioning.base.paths import own_workspace, workspace
from commissioning.base.yamls import not_written_out, read_yaml, written
from commissioning.ingest.ledgers import reader, workspaces
from commissioning.ingest.ledgers.bodies import FIELDS, OPTIONS, SLUG, Body, bodies, lists_folder, load_body
from commissioning.ingest.ledgers.dates import OrderUntold
from commissioning.ingest.ledgers.headers import words


@dataclass
class Described:
    """A body's YAML as a mapping, what its files hold, and the questions that files leave, by file."""

    entry: dict
    readings: list[reader.LedgerReading] = field(default_factory=list)
    questions: dict[Path, LedgerError] = field(default_factory=dict)

    @property
    def accounts(self) -> list[reader.LedgerAccount]:
        """The account of every table, those of files with a question among them."""
        odd = [
            reader.account_of_a_question(path.name, complaint, reader.count_lines(path.read_bytes()))
            for path, complaint in self.questions.items()
        ]
        return [account for reading in self.readings for account in reading.accounting] + odd

    @property
    def can_be_read(self) -> bool:
        return any(reading.payments.height for reading in self.readings)


def describe(files: list[Path], name: str, answers: dict, *, resume: bool = False) -> Described:
    """Describe a body from its files. `answers` are keys of its YAML; with `resume` they are added to those
    of the YAML that is there, as they always are to those of a draft.

    A file that leaves a question is left out, and its question kept. Raises `LedgerError` for a name that is
    taken or malformed, for files that share a name, and where no file has a heading that `columns` names.
    """
    _check_name(name, resume)
    before = _before(name) if resume or draft_path(name).exists() else {}
    names = _names(files)
    answers = {key: value for key, value in answers.items() if value is not None}
    columns_now = answers.pop("columns", {})
    columns = {**before.get("columns", {}), **columns_now}
    entry = {"body": name, "title": "", "publisher": name, "licence": "not stated", **before, **answers}
    if "transaction_id" in columns_now and "transaction_numbers" not in answers:
        # What the numbers stand for was told without this column.
        entry.pop("transaction_numbers", None)
    entry["options"] = [*before.get("options", []), *answers.get("options", [])]
    entry |= {"columns": columns}
    entry = {key: value for key, value in entry.items() if value not in ({}, [])}
    if not resume or any(not Body(**_without(entry, "questions")).fits(file) for file in names):
        entry["files"] = pattern_of(names)
    made = Described(_without(entry, "questions", "known_problems"))
    _read(made, [path for path in sorted(files) if path.name not in entry.get("leave_out", ())])
    _check_columns(made)
    if made.can_be_read:
        _fill_in(made)
    made.entry["questions"] = [_as_entry(path, complaint) for path, complaint in made.questions.items()]
    return made


def _without(entry: dict, *keys: str) -> dict:
    return {key: value for key, value in entry.items() if key not in keys}


def _before(name: str) -> dict:
    """What the body's YAML, or its draft, says so far."""
    for path in (draft_path(name), body_path(name)):
        if path.exists():
            load_body(path)
            return read_yaml(path, LedgerError, "A body's file")
    raise LedgerError(
        f"There is nothing to resume: {name!r} has no draft and no YAML here.",
        file=draft_path(name),
        todo="describe it with `commissioning ledger add FILE… --body NAME`",
    )


def _check_name(name: str, resume: bool) -> None:
    if not SLUG.fullmatch(name):
        raise LedgerError(
            "The body's name is malformed.",
            expected="small letters, digits and hyphens: newcastle-upon-tyne",
            found=name,
        )
    if name in (bodies() if own_workspace() is None else workspaces.own_bodies()) and not resume:
        raise LedgerError(
            "The body's name is taken.",
            file=body_path(name),
            found=name,
            todo="go on with it by `commissioning ledger add --resume`, with more files if there are any; to "
            "describe it anew, delete the YAML",
        )


def _names(files: list[Path]) -> list[str]:
    """The files' names in order. Raises `LedgerError` where two are the same."""
    names = sorted(path.name.removesuffix(".gz") for path in files)
    if twice := sorted(file for file, count in Counter(names).items() if count > 1):
        raise LedgerError(
            "Two files have one name, and the lake tells files by their names.",
            found=", ".join(twice),
            todo="name each file once, and files of one name in different folders apart",
        )
    return names


# Reading


def _read(made: Described, files: Iterable[Path]) -> None:
    """Read files, those whose order of day and month is untold after the others, which may tell it."""
    untold = _read_each(made, files)
    orders = {
        order
        for reading in made.readings
        for account in reading.accounting
        for order, style in (("day first", "dd/mm/yyyy"), ("month first", "mm/dd/yyyy"))
        if style in account.date_style
    }
    if untold and len(orders) == 1 and "date_order" not in made.entry:
        made.entry["date_order"] = orders.pop()
        _read_each(made, untold)
        guess = f"{made.entry['date_order']}, as in the body's other files"
        for account in (account for reading in made.readings for account in reading.accounting):
            if account.source_file.partition("!")[0] in {path.name.removesuffix(".gz") for path in untold}:
                account.guesses.append(guess)
    elif len(orders) == 1:
        made.entry.setdefault("date_order", orders.pop())


def _read_each(made: Described, files: Iterable[Path]) -> list[Path]:
    """Read files one by one; those of an untold order of day and month are returned."""
    body = Body(**made.entry)
    untold = []
    for path in files:
        made.questions.pop(path, None)
        try:
            made.readings.append(reader.read_path(path, body))
        except LedgerError as complaint:
            made.questions[path] = complaint
            untold += [path] if isinstance(complaint, OrderUntold) else []
    return untold


def _check_columns(made: Described) -> None:
    """Raise `LedgerError` where a heading that the describer names is in no file at all."""
    accounts = [account for reading in made.readings for account in reading.accounting]
    there = {heading for a in accounts for heading in (*a.header_map.values(), *a.unread)}
    said = " ".join(str(complaint.found) for complaint in made.questions.values())
    if any("column" not in c.what and "header" not in c.what for c in made.questions.values()):
        # What headings such a file has is not told.
        return
    for name in made.entry.get("columns", {}):
        for heading in Body(**made.entry).headings_of(name):
            if words(heading) not in {words(other) for other in there} and words(heading) not in words(said):
                raise LedgerError(
                    f"No file has this heading of the {name.replace('_', ' ')}.",
                    expected=", ".join(sorted(there)) or said,
                    found=heading,
                    todo="name a heading as it stands in a file",
                )


def _fill_in(made: Described) -> None:
    """What the files that can be read tell of the body."""
    accounts = [a for reading in made.readings for a in reading.accounting if a.lines_loaded]
    kinds = {account.amount_kind for account in accounts}
    if len(kinds) == 1:
        made.entry.setdefault("amount_kind", kinds.pop())
    made.entry.setdefault("transaction_numbers", numbers_stand_for(made.readings))
    first = min(account.first_date for account in accounts)
    last = max(account.last_date for account in accounts)
    why = f"Not looked into; payments from {first} to {last}."
    made.entry.setdefault("eras", [{"era": "whole ledger", "why": why}])
    made.entry["known_problems"] = sorted({oddity for account in accounts for oddity in account.oddities})


def _as_entry(path: Path, complaint: LedgerError) -> dict:
    facts = {"question": complaint.what, "found": complaint.found, "what_to_do": complaint.todo}
    return {"file": path.name} | {key: str(value) for key, value in facts.items() if value is not None}


def pattern_of(names: list[str]) -> str:
    """A pattern that fits the names: what they begin and end with, and a star between."""
    if len(names) == 1:
        return escape(names[0])
    start = _common_start(names)
    end = _common_start([name[len(start) :][::-1] for name in names])[::-1]
    return f"{escape(start)}*{escape(end)}"


def _common_start(texts: list[str]) -> str:
    """What texts begin with, whole words alone: payments and details do not share their s."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    start = "".join(letters[0] for letters in same)
    goes_on = any(text[len(start) : len(start) + 1].isalnum() for text in texts)
    return re.sub(r"[^\W_]+$", "", start) if goes_on else start


def numbers_stand_for(readings: list[reader.LedgerReading]) -> str:
    """Whether a transaction number stands for a line, a document of several lines, or there is none.

    A guess of `line` takes a repeat within a file out of the sums, so that it needs files without any.
    """
    numbers = [reading.payments["transaction_id"].drop_nulls() for reading in readings]
    if not any(map(len, numbers)):
        return "none"
    return "line" if all(found.n_unique() == len(found) for found in numbers) else "document"


def unlike_the_package(made: Described) -> list[str]:
    """Columns that the package's body of this name reads and this description does not: its rules may be of
    them. Each as `--column` takes it."""
    known = lists_folder() / f"{made.entry['body']}.yml"
    if own_workspace() is None or not known.exists():
        return []
    theirs, accounts = load_body(known), made.accounts
    read = {(name, words(heading)) for a in accounts for name, heading in a.header_map.items()}
    there = {words(heading) for a in accounts for heading in (*a.header_map.values(), *a.unread)}
    return [
        f"{name}={heading}"
        for name in theirs.columns
        if name in reader.READ
        for heading in theirs.headings_of(name)
        if words(heading) in there and (name, words(heading)) not in read
    ]


# Answers


def columns_of(answers: list[str]) -> dict[str, str | list[str]]:
    """`["amount=Net", "amount=Total"]` as `{"amount": ["Net", "Total"]}`."""
    found: dict[str, list[str]] = {}
    for answer in answers:
        name, sign, heading = (part.strip() for part in answer.partition("="))
        if not sign or not heading or name not in FIELDS:
            raise LedgerError(
                "A column is a field and its heading.",
                expected=f"field=heading, the field one of {', '.join(FIELDS)}",
                found=answer,
                todo='write `--column "amount=Net value"`',
            )
        found.setdefault(name, []).append(heading)
    return {name: headings[0] if len(headings) == 1 else headings for name, headings in found.items()}


def options_of(answers: list[str]) -> list[dict]:
    """`["2019*:date_order=month first"]` as what holds for files of that pattern."""
    found: dict[str, dict] = {}
    for answer in answers:
        pattern, colon, rest = answer.partition(":")
        key, sign, value = (part.strip() for part in rest.partition("="))
        if not colon or not sign or key not in OPTIONS:
            raise LedgerError(
                "An option for some files is a pattern of their names, a key and a value.",
                expected=f"PATTERN:key=value, the key one of {', '.join(OPTIONS)}",
                found=answer,
                todo='write `--option "2019*:date_order=month first"`',
            )
        read = columns_of([value.replace(":", "=", 1)]) if key == "columns" else _value_of(key, value)
        kept = found.setdefault(pattern, {"files": pattern})
        if key == "columns":
            kept["columns"] = kept.get("columns", {}) | read
        else:
            kept[key] = [read] if key == "sheets" and isinstance(read, str) else read
    return list(found.values())


def _value_of(key: str, value: str) -> object:
    """The value of an option, written as in a body's YAML."""
    found: object = value
    try:
        if not (fault := not_written_out(value)):
            return yaml.safe_load(value)
        found = fault[1]
    except (yaml.YAMLError, ValueError):
        pass
    raise LedgerError(
        "The value of an option is none that YAML has.", where=f"--option, {key}", found=found,
        todo="write it as in a body's YAML: a word, a number, or [one, another]",
    )  # fmt: skip


# Writing


def body_path(name: str) -> Path:
    return workspace().bodies / f"{name}.yml"


def draft_path(name: str) -> Path:
    return workspace().bodies / f"{name}.draft.yml"


def write_body(made: Described) -> Path:
    """Write the body's YAML into the workspace, a draft where nothing can be read, and check it."""
    name = made.entry["body"]
    path = body_path(name) if made.can_be_read else draft_path(name)
    text = written(made.entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)
    load_body(path)
    if made.can_be_read:
        draft_path(name).unlink(missing_ok=True)
    bodies.cache_clear()
    return path
