"""One build of a project at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commissioning.base.errors import BusyError
from commissioning.base.files import replace_text
from commissioning.base.paths import Project


@contextmanager
def only_build(project: Project) -> Iterator[None]:
    """Hold the build lock; `BusyError` where another build holds it. A dead build's lock is free."""
    from filelock import FileLock, Timeout

    project.work.mkdir(parents=True, exist_ok=True)
    holder = project.work / "build.pid"
    try:
        with FileLock(project.work / "build.lock", timeout=0):
            replace_text(holder, f"process {os.getpid()}")
            yield
    except Timeout:
        found = _holder(holder)
        raise BusyError(
            "Another build of this project is running.",
            file=project.work / "build.lock",
            found=found,
            todo="wait until it has ended, then build again",
        ) from None


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return "another process"
