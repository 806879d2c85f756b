"""YAML that a team fills in, with the line of each entry, so that a complaint can name it."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.errors import PracticeError
from commissioning.base.yamls import read_yaml

Way = tuple[str | int, ...]
"""The keys and places that lead to an entry: ("outcome", "measure"), ("numbers", 0, "id")."""


@dataclass(frozen=True)
class Document:
    """A file, what it holds, and the line of each entry."""

    file: Path
    content: dict[str, Any]
    lines: dict[Way, int]

    def fail(self, what: str, way: Way = (), **about: object) -> PracticeError:
        """An error at an entry, or at the nearest one above it that is there."""
        while way and way not in self.lines:
            way = way[:-1]
        about.setdefault("todo", "mend the line; docs/practice.md shows a whole file")
        return PracticeError(what, file=self.file, where=f"line {self.lines.get(way, 1)}", **about)

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
        for key in found:
            if key not in needs and key not in may:
                raise self.fail(
                    "An entry has an unknown key.",
                    (*way, key),
                    expected=", ".join([*needs, *may]),
                    found=key,
                )
        for key in needs:
            if found.get(key) in (None, "", []):
                raise self.fail(f"{key} is missing or empty.", (*way, key), expected=f"{key}: …")
        return found

    def one_of(self, way: Way, known: Iterable[str], what: str) -> str:
        """The text at `way`, which is one of `known`."""
        known, found = list(known), self.get(way)
        if found not in known:
            near = difflib.get_close_matches(str(found), known, 5, 0.4) or known
            raise self.fail(f"{what} is unknown.", way, expected=", ".join(near), found=found)
        return found

    def date(self, way: Way) -> dt.date:
        found = self.get(way)
        if isinstance(found, dt.date) and not isinstance(found, dt.datetime):
            return found
        raise self.fail("This is not a date.", way, expected="a day such as 2026-11-30", found=found)

    def texts(self, way: Way) -> list[str]:
        """A list of texts; a single one counts as such a list, and nothing as an empty one."""
        found = self.get(way)
        found = [] if found is None else found if isinstance(found, list) else [found]
        if any(not isinstance(text, str) for text in found):
            raise self.fail("These are not texts.", way, expected="a list of texts", found=found)
        return found


def read(file: Path, what: str) -> Document:
    """A YAML file. Raises `PracticeError` for one that cannot be read."""
    content = read_yaml(file, PracticeError, what, todo="mend the file; docs/practice.md shows a whole one")
    lines: dict[Way, int] = {}
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
    if file.exists():
        raise PracticeError(
            "There is such a file already.",
            file=file,
            todo="take another name, or move the file away: nothing is overwritten",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    file.write_text("".join(f"# {line}\n" for line in about.splitlines()) + text, encoding="utf-8")
