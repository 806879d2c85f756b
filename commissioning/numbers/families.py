"""What headlines share: the families of `reports/families.yml`, and the entry that one gives a headline.

The top of that file says how families and their members are written. Here a member becomes a whole entry:
what its family says, what it says itself, and every `{placeholder}` filled with what is `given`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from commissioning.base.errors import RenderError
from commissioning.base.yamls import read_yaml

REQUIRED = {
    "label", "sql", "format", "theme", "unit", "definition", "why_it_matters", "direction_of_good", "method",
    "author", "checked_by", "review_by", "alternatives",
}  # fmt: skip
"""What every headline must have, of its own or from its family; and `cells` and `formula`, or `untraced`."""

SHARED = REQUIRED | {
    "cells", "formula", "untraced", "sources", "related", "parameter", "shared_cells", "given", "caution",
}  # fmt: skip
"""What a family may say for its members."""

KIND = {"name", "means", "may_change", "within", "unbounded"}
"""What is said of a kind of alternatives."""


class Families:
    """The families of a project; none for a project without the file."""

    def __init__(self, file: Path):
        content = read(file) if file.exists() else {}
        _check_keys(content, {"kinds", "words", "defaults", "families"}, file, "the file itself")
        self.file = file
        self.kinds: dict[str, dict] = content.get("kinds", {})
        self.words: dict[str, dict] = content.get("words", {})
        self.defaults: dict[str, Any] = content.get("defaults", {})
        self.known: dict[str, dict] = content.get("families", {})
        for name, kind in self.kinds.items():
            _check_keys(kind, KIND, file, name)
        _check_keys(self.defaults, SHARED, file, "defaults")
        for name, family in self.known.items():
            _check_keys(family, SHARED | {"like"}, file, name)

    def entry(self, name: str, own: dict, file: Path) -> dict[str, Any]:
        """The whole entry of a headline that has `own` in `file`, with every placeholder filled.

        Raises `RenderError` naming file and headline where something is missing, unknown or not asked for.
        """
        _check_keys(own, SHARED | {"family"}, file, name)
        shared = self._shared(own["family"], name, file) if "family" in own else self.defaults
        full = _over(shared, own)
        full.setdefault("related", [])
        given = full.pop("given")
        _check_complete(full, given, name, file)
        texts = Texts(given, self.words, name, file)
        filled = {key: texts.fill(value, key) for key, value in full.items() if key != "family"}
        texts.check_asked(own.get("given", {}))
        return {**filled, "given": given, "file": file}

    def _shared(self, name: str, where: str, file: Path, below: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a family says, with what it takes from the one it is like."""
        if name not in self.known or name in below:
            raise RenderError(
                "A headline belongs to a family that is not there."
                if name not in self.known
                else "A family is like itself.",
                file=file,
                where=where,
                expected=f"a family of {self.file.name}, such as {', '.join(sorted(self.known)[:5])}",
                found=" like ".join([*below, name]),
            )
        family = dict(self.known[name])
        shared = self.defaults
        if "like" in family:
            shared = self._shared(family.pop("like"), name, self.file, (*below, name))
        return _over(shared, family)


def read(file: Path) -> dict:
    """What a file of the register holds. Raises `RenderError` where it is no YAML or has a key twice."""
    return read_yaml(file, RenderError, "The register of headlines", anchors=True)


def _over(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """What is shared, with what is said of one's own instead.

    Who has a formula of one's own is another number, whose `sql`, `label` and `format` are not to be shared.
    """
    if "formula" in own:
        shared = {key: value for key, value in shared.items() if key not in ("sql", "label", "format")}
    return {**shared, **own, "given": {**shared.get("given", {}), **own.get("given", {})}}


def _check_keys(entry: dict, known: set[str], file: Path, where: str) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise RenderError(
            "The register of headlines has a key that nothing reads.",
            file=file,
            where=where,
            expected=", ".join(sorted(known)),
            found=", ".join(unknown),
        )


def _check_complete(entry: dict, given: dict, name: str, file: Path) -> None:
    needed = REQUIRED | set(entry) | (set() if "untraced" in entry else {"cells", "formula"})
    missing = needed - {key for key, value in entry.items() if value is not None}
    missing |= {f"given: {key}" for key, value in given.items() if value is None}
    if missing:
        raise RenderError(
            "A headline is incomplete.",
            file=file,
            where=name,
            expected=sorted(missing),
            todo="name a family of reports/families.yml or give these keys here (see docs/adding.md)",
        )


class Texts:
    """Fills the placeholders of one headline's texts and remembers what was asked for."""

    def __init__(self, given: dict[str, Any], words: dict[str, dict], name: str, file: Path):
        self.given, self.words, self.name, self.file = given, words, name, file
        self.asked: set[str] = set()

    def fill(self, value: Any, key: str) -> Any:
        """`value` with every text in it filled; `key` says where it stands."""
        if isinstance(value, list):
            return [self.fill(part, key) for part in value]
        if isinstance(value, dict):
            return {name: self.fill(part, f"{key}, {name}") for name, part in value.items()}
        if isinstance(value, str):
            return re.sub(r"\{([^{}]*[^{}\d,][^{}]*)\}", lambda match: self.value(match[1], key), value)
        return value

    def value(self, placeholder: str, key: str) -> str:
        """What stands in the place of `{year}`, or of `{year in words}`."""
        asked = placeholder.removesuffix(" in words")
        self.asked.add(asked)
        if asked not in self.given:
            raise RenderError(
                "A headline's family asks for something that the headline does not give.",
                file=self.file,
                where=f"{self.name}, {key}",
                expected=f"given: {{{asked}: ...}}",
                found=f"{{{placeholder}}}, and given: {self.given}",
            )
        value = self.given[asked]
        if asked == placeholder:
            return str(value)
        if value not in self.words.get(asked, {}):
            raise RenderError(
                "There are no words for what a headline gives.",
                file=self.file,
                where=f"{self.name}, {key}",
                expected=f"words: {{{asked}: {{{value}: ...}}}} in reports/families.yml",
                found=f"{{{placeholder}}}, and given: {self.given}",
            )
        return self.words[asked][value]

    def check_asked(self, own: dict[str, Any]) -> None:
        """Raise `RenderError` where the headline's `own` gives what no text asks for."""
        unused = sorted(set(own) - self.asked)
        if unused:
            raise RenderError(
                "A headline gives something that its family does not ask for.",
                file=self.file,
                where=self.name,
                expected=f"given: {', '.join(sorted(self.asked))}",
                found=f"given: {', '.join(unused)}",
            )
