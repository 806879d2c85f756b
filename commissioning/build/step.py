"""What a step of the build is: what it reads, what it makes, what it does, and whether it is due.

`table` lists the steps. A step that can be done in parts (a gate table by table, the site page by
page) names them, and only the parts that are due are done. A part is due where anything that its step reads
is not as it was when the part was done, or where a file that it made is no longer there byte for byte.
"""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning.base.state import fingerprint

if TYPE_CHECKING:
    from commissioning.build import Build

CODE = (
    "commissioning/**/*.py",
    "commissioning/**/*.lua",
    "commissioning/**/*.j2",
    "ingest/**/*.py",
    "ingest/layouts/*.csv",
    "ingest/ledgers/*.csv",
    "ingest/ledgers/*.yml",
    "expectations/*.py",
)
"""The package itself: every step reads it, and any change of it makes every step due."""

SKIPPED = {"__pycache__", "target", "logs", "dbt_packages", ".quarto"}


@dataclass(frozen=True)
class Read:
    """Files that a step reads, as patterns below the project's root.

    The step is due where their bytes change or, with `told`, where what that function tells of them changes.
    """

    patterns: tuple[str, ...]
    told: Callable[[Build], object] | None = None


def in_parts(build: Build) -> None:
    """For a `Read` of which each part of the step tells what is its own."""


@dataclass(frozen=True)
class Step:
    """One step. `do` is given a `Work`; `parts` tells by name what each part reads beyond `reads`."""

    name: str
    reads: tuple[Read, ...]
    makes: tuple[str, ...]
    do: Callable[[Work], None]
    parts: Callable[[Build], dict[str, object]] | None = None
    is_intact: Callable[[Build, dict], bool] | None = None
    """Whether what it made is still there, given what it remembers; by default its files, byte for byte."""

    def patterns(self) -> tuple[str, ...]:
        return tuple(pattern for read in self.reads for pattern in read.patterns)


@dataclass(frozen=True)
class Work:
    """What a step's function gets: the parts to do, what they remembered, and whom to tell.

    `finished(part, files, **facts)` says that a part is done, what files it made (None: all that the step
    makes) and what it wants to remember.
    """

    build: Build
    parts: list[str]
    last: dict[str, dict]
    say: Callable[[str], object]
    finished: Callable[..., None]


@dataclass(frozen=True)
class Planned:
    """What a build would do of a step: how many parts are due, and whether more may follow, where an earlier
    step changes what they read."""

    step: str
    due: int
    parts: int
    may_grow: bool


class Files:
    """The files below a folder and their hashes. Each is read once until `forget` is called."""

    def __init__(self, root: Path):
        self.root = root
        self._hashes: dict[Path, str] = {}

    def forget(self) -> None:
        self._hashes.clear()

    def matching(self, patterns: Iterable[str]) -> list[Path]:
        found = {path for pattern in patterns for path in self.root.glob(pattern)}
        return sorted(p for p in found if not SKIPPED & set(p.relative_to(self.root).parts) and p.is_file())

    def sha256(self, file: Path) -> str:
        if file not in self._hashes:
            self._hashes[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        return self._hashes[file]

    def hashes(self, patterns: Iterable[str]) -> dict[str, str]:
        return {self.name(file): self.sha256(file) for file in self.matching(patterns)}

    def name(self, file: Path) -> str:
        return file.relative_to(self.root).as_posix()

    def made(self, files: Iterable[Path]) -> dict[str, list]:
        """Size and hash of each file, by its path below the root."""
        return {self.name(file): [file.stat().st_size, self.sha256(file)] for file in sorted(set(files))}

    def altered(self, made: dict[str, list]) -> list[Path]:
        """Which of the files that `made` lists are gone, cut or changed."""
        return [self.root / name for name, facts in made.items() if not self._is(self.root / name, *facts)]

    def _is(self, file: Path, size: int, sha256: str) -> bool:
        try:
            return file.stat().st_size == size and self.sha256(file) == sha256
        except OSError:
            return False


@cache
def code_mark(root: Path | None = None) -> str:
    """A hash of the code that runs, the whole package, with the versions of what it stands on."""
    root = root or Path(__file__).resolve().parents[2]
    requires = metadata.requires("commissioning-evidence") or []
    names = [re.match(r"[\w.-]+", line)[0] for line in requires if "extra ==" not in line]
    versions = {name: metadata.version(name) for name in sorted(names)}
    return fingerprint(Files(root).matching(CODE), versions, platform.python_version(), root=root)


def waiting_for(step: Step, changing: Iterable[Step]) -> bool:
    """Whether the step reads what one of `changing` makes."""
    return any(set(step.patterns()) & set(other.makes) for other in changing)
