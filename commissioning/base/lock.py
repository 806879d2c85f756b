"""One build of a project at a time, and one ingest of a body."""

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
    lock, todo = project.work / "build.lock", "wait until it has ended, then build again"
    with only_one(lock, "Another build of this project is running.", todo=todo):
        yield


@contextmanager
def only_one(lock: Path, what: str, *, todo: str) -> Iterator[None]:
    """Hold a lock; `BusyError` says who holds it where another does. A dead process's lock is free."""
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    holder, held = lock.with_suffix(".pid"), FileLock(lock, timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise BusyError(what, file=lock, found=_holder(holder), todo=todo) from None
    try:
        replace_text(holder, f"process {os.getpid()}")
        yield
    finally:
        held.release()


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return "another process"
