"""What the last build did, so that the next one redoes only what changed.

`data/build/state.json` maps each part of each step to the fingerprint of everything it read, the size and
hash of each file it made, and whatever the step wants to remember. Before a part starts, all is forgotten but
which step it is of and what it made, and the rest is written after it has ended: so a build killed at any
moment leaves no part that claims to be done and is not, and no file of which nobody knows who made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from commissioning.base.errors import DamagedFile
from commissioning.base.files import read_json, replace_text


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


class State:
    """The build's memory."""

    def __init__(self, path: Path):
        self.path = path
        try:
            held = read_json(path) or {}
        except DamagedFile:
            # Half a file, or not one of ours: everything is done again.
            held = {}
        self._parts: dict[str, dict] = {part: told for part, told in held.items() if isinstance(told, dict)}

    def recall(self, part: str) -> dict:
        """What the part remembered when it last ended well; where it did not, what it had made before."""
        return self._parts.get(part, {})

    def parts_of(self, step: str) -> list[str]:
        """Every part that the step has ever had, but those that were dropped."""
        return [part for part, told in self._parts.items() if told.get("step") == step]

    def begin(self, *parts: str) -> None:
        """Note that the parts are not done. What they made may be there still, and is remembered."""
        known = {part: self._parts[part] for part in parts if part in self._parts}
        if known:
            self._parts |= {
                part: {key: told[key] for key in ("step", "made") if key in told}
                for part, told in known.items()
            }
            self.save()

    def drop(self, part: str) -> None:
        """Forget a part whose files were taken away."""
        del self._parts[part]

    def keep(self, part: str, fingerprint: str, made: dict[str, list], **facts: object) -> None:
        """Remember a part. It is on disk after the next `save`, which takes longer than what is saved."""
        self._parts[part] = {"fingerprint": fingerprint, "made": made, **facts}

    def save(self) -> None:
        replace_text(self.path, json.dumps(self._parts, indent=1, sort_keys=True) + "\n")
