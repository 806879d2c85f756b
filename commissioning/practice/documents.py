"""YAML that a team fills in, with the line of each entry, so that a complaint can name it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.choices import expected
from commissioning.base.dates import today
from commissioning.base.errors import CommissioningError, PracticeError, PracticeFaults
from commissioning.base.yamls import read_yaml, shortened, written
from commissioning.practice.thresholds import threshold

WHOLE_FILE = "`commissioning assess new` or `commissioning decide new` makes a file to compare it with"
Way = tuple[str | int, ...]
"""The keys and places that lead to an entry: ("outcome", "measure"), ("numbers", 0, "id")."""


class Faults:
    """Faults that are collected, so that all of a file are told at once."""

    def __init__(self) -> None:
        self.found: list[PracticeError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep a fault that is met within, and go on after it."""
        try:
            yield
        except PracticeFaults as several:
            self.found += several.faults
        except PracticeError as one:
            self.found.append(one)

    def tell(self) -> None:
        """Raise what was found, if anything was."""
        if len(self.found) > 1:
            raise PracticeFaults(*self.found)
        if self.found:
            raise self.found[0]


def wrong_day(day: dt.date) -> str:
    """What is wrong with a day on which something is said to have happened; empty where nothing is."""
    if day > today():
        return "This date lies in the future."
    return "This date is too long ago." if day.year < threshold("earliest_year") else ""


def days_told() -> str:
    return f"a day from {threshold('earliest_year')} to {today()}"


def said(found: object) -> str:
    """What stands in a file, in the words of somebody who writes files, cut where it is long."""
    return shortened(_in_words(found))


def _in_words(found: object) -> str:
    if found is None or found == "" or found == [] or found == {}:
        return "nothing"
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, dict):
        return "an entry with " + ", ".join(map(str, found))
    if isinstance(found, list | tuple):
        return "a list: " + ", ".join(map(_in_words, found))
    return str(found)


def no_number(found: object) -> object:
    """What stands in place of a number, with its quotes where they are what is wrong with it."""
    return f"'{found}', which is a text" if isinstance(found, str) and found else found


CONTACTS = {
    # Begun at the start of a word alone: else a long word is read anew from each of its letters.
    "an e-mail address": r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+",
    "a phone number": r"(?<![\d£.,-])(?:\+44\s?|\(?0)\d(?:[\s()-]?\d){8,9}(?!\d)",
}


def contact(text: object) -> str | None:
    """Which way to reach a person a text seems to hold, if any."""
    text = text if isinstance(text, str) else ""
    return next((what for what, form in CONTACTS.items() if re.search(form, text)), None)


@dataclass(frozen=True)
class Document:
    """A file, what it holds, and the line of each entry. Without a file it is still to be written."""

    file: Path | None
    content: dict[str, Any]
    lines: dict[Way, int]

    def fail(self, what: str, way: Way = (), **about: object) -> PracticeError:
        """An error at an entry, or at the nearest one above it that is there."""
        if self.file is None:
            option = f"--{str(way[0]).removesuffix('s').replace('_', '-')}" if way else "the options"
            return PracticeError(
                what, where=option, **{**about, "todo": "mend it and try again: no file was made"}
            )
        while way and way not in self.lines:
            way = way[:-1]
        about.setdefault("todo", f"mend the line; {WHOLE_FILE}")
        if "found" in about:
            about["found"] = said(about["found"])
        return PracticeError(what, file=self.file, where=f"line {self.lines.get(way, 1)}", **about)

    @contextmanager
    def at(self, way: Way) -> Iterator[None]:
        """Give an error that is met within the line of this entry."""
        try:
            yield
        except CommissioningError as error:
            about = {key: getattr(error, key) for key in ("expected", "found", "todo")}
            raise self.fail(error.what, way, **{k: v for k, v in about.items() if v is not None}) from None

    def warnings(self) -> list[str]:
        """A line for each text that seems to say how to reach a person."""
        found = ((line, contact(self.get(way))) for way, line in self.lines.items())
        return [
            f"{self.file}, line {line}: this looks like {what}; write none here"
            for line, what in found
            if what
        ]

    def get(self, way: Way) -> Any:
        found: Any = self.content
        for key in way:
            if not isinstance(found, dict | list):
                return None
            try:
                found = found[key]
            except (KeyError, IndexError):
                return None
        return found

    def keys(self, way: Way, needs: Collection[str], may: Collection[str] = ()) -> dict[str, Any]:
        """The mapping at `way`: with all of `needs`, filled in, and no key but those and `may`."""
        found = self.get(way)
        if not isinstance(found, dict):
            raise self.fail("An entry is not as it should be.", way, expected=", ".join(needs), found=found)
        faults = Faults()
        for key in found:
            if key not in needs and key not in may:
                faults.found.append(
                    self.fail(
                        "An entry has an unknown key.",
                        (*way, key),
                        expected=", ".join([*needs, *may]),
                        found=key,
                    )
                )
        for key in needs:
            if found.get(key) in (None, "", []):
                faults.found.append(
                    self.fail(f"{key} is missing or empty.", (*way, key), expected=f"{key}: …")
                )
        faults.tell()
        return found

    def has(self, *keys: str) -> bool:
        """Whether all of these are filled in at the top: what is missing was told already."""
        return all(self.get((key,)) not in (None, "", []) for key in keys)

    def one_of(self, way: Way, known: Iterable[str], what: str, listed_by: str = "") -> str:
        """The text at `way`, which is one of `known`."""
        known, found = list(known), self.get(way)
        if found not in known:
            raise self.fail(
                f"{what} is unknown.", way, expected=expected(found, known, listed_by), found=found
            )
        return found

    def date(self, way: Way) -> dt.date:
        found = self.get(way)
        if isinstance(found, dt.date) and not isinstance(found, dt.datetime):
            return found
        if isinstance(found, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", found):
            raise self.fail(
                "A date is in quotes, and so is a text.",
                way,
                expected="a day without quotes, such as 2026-11-30",
                found=f"'{found}'",
                todo="take the quotes out",
            )
        raise self.fail("This is not a date.", way, expected="a day such as 2026-11-30", found=found)

    def past(self, way: Way) -> dt.date:
        """The date at `way`, which has come and is not of another age."""
        found = self.date(way)
        if fault := wrong_day(found):
            raise self.fail(fault, way, expected=days_told(), found=found)
        return found

    def are_texts(self, way: Way, keys: Iterable[str]) -> None:
        """Refuse entries below `way` that are there and are no text."""
        faults, entry = Faults(), self.get(way)
        for key in keys:
            if entry.get(key) is not None and not isinstance(entry[key], str):
                faults.found.append(
                    self.fail("This is not a text.", (*way, key), expected="a text", found=entry[key])
                )
        faults.tell()

    def texts(self, way: Way) -> list[str]:
        """A list of texts; a single one counts as such a list, and nothing as an empty one."""
        found = self.get(way)
        found = [] if found is None else found if isinstance(found, list) else [found]
        if any(not isinstance(text, str) for text in found):
            raise self.fail("These are not texts.", way, expected="a list of texts", found=found)
        return found


def read(file: Path, what: str) -> Document:
    """A YAML file. Raises `PracticeError` for one that cannot be read."""
    lines: dict[Way, int] = {}
    content = read_yaml(file, PracticeError, what, todo=f"mend the file; {WHOLE_FILE}")
    _note(yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), (), lines)
    return Document(file, content, lines)


def _note(node: yaml.Node, way: Way, lines: dict[Way, int]) -> None:
    lines.setdefault(way, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*way, key.value)] = key.start_mark.line + 1
            _note(value, (*way, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for n, value in enumerate(node.value):
            _note(value, (*way, n), lines)


def write(file: Path, content: dict[str, Any], about: str) -> None:
    """Write a new file, with what it is for at its top. Raises `PracticeError` where there is one already."""
    refuse_existing(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = written(content)
    file.write_text("".join(f"# {line}\n" for line in about.splitlines()) + text, encoding="utf-8")


def refuse_existing(file: Path) -> None:
    if file.exists():
        raise PracticeError(
            "There is such a file already.",
            file=file,
            todo="take another name, or move the file away: nothing is overwritten",
        )
