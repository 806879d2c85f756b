"""What the last build did, so that the next one redoes only what changed.

`data/build/state.json` maps a step's name to the fingerprint of everything it read, and to whatever the
step wants to remember. A step's entry is dropped before the step starts and written after it has ended,
so a build killed at any moment leaves no step that claims to be done and is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from commissioning.files import replace_text


def fingerprint(files: Iterable[Path], *facts: object, root: Path) -> str:
    """A hash of the files' paths (relative to `root`) and bytes, and of `facts`."""
    digest = hashlib.sha256()
    for file in sorted(set(files)):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def versions(*packages: str) -> dict[str, str]:
    """Installed versions of the named packages."""
    return {package: version(package) for package in packages}


def files_in(folder: Path, *patterns: str) -> list[Path]:
    """Files below `folder` that match any pattern, without caches and build output."""
    skip = {"target", "logs", "__pycache__", "dbt_packages", "_site", "_generated", ".quarto"}
    found = {path for pattern in patterns for path in folder.rglob(pattern)}
    return sorted(p for p in found if p.is_file() and not skip & set(p.relative_to(folder).parts))


class State:
    """The build's memory. Every change is on disk before the method returns."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self._steps: dict[str, dict] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            # Unreadable or half a file: everything is done again.
            self._steps = {}

    def recall(self, step: str) -> dict:
        """What the step remembered when it last ended well; empty where it never did."""
        return self._steps.get(step, {})

    def is_fresh(self, step: str, fingerprint: str, outputs: Iterable[Path] = ()) -> bool:
        return self.recall(step).get("fingerprint") == fingerprint and all(p.exists() for p in outputs)

    def forget(self, *steps: str) -> None:
        if any([self._steps.pop(step, None) for step in steps]):
            self._save()

    def remember(self, step: str, fingerprint: str, **facts: object) -> None:
        self._steps[step] = {"fingerprint": fingerprint, **facts}
        self._save()

    def remember_all(self, fingerprints: dict[str, str]) -> None:
        """Remember many steps at once: saving takes longer than what is saved."""
        self._steps |= {step: {"fingerprint": mark} for step, mark in fingerprints.items()}
        self._save()

    def _save(self) -> None:
        replace_text(self.path, json.dumps(self._steps, indent=1, sort_keys=True) + "\n")
