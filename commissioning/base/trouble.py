"""One net for what the machine refuses: a full disk, a folder that is not ours, a database held by others.

Python, DuckDB, dbt and Polars each have errors of their own for it. They are known by the system's error
number or, where a library has put them into words, by the system's words.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from commissioning.base.errors import CommissioningError


class Trouble(CommissioningError):
    """The machine refused something."""


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: its error numbers, words of libraries that stand for it, what to say."""

    what: str
    todo: str
    numbers: tuple[int, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, error: BaseException) -> bool:
        if getattr(error, "errno", None) is not None:
            return error.errno in self.numbers
        text = str(error)
        return any(words in text for words in (*map(os.strerror, self.numbers), *self.words))


KINDS = (
    Kind(
        "The disk is full or cannot be written.",
        "free some space, then build again; the last good marts are untouched",
        (errno.ENOSPC, errno.EDQUOT, errno.EROFS),
        ("There is not enough space on the disk",),
    ),
    Kind(
        "Another program has a database of the project open.",
        "close that program (a Python session, DuckDB, a BI tool), then try again",
        words=("Could not set lock on file", "is being used by another process"),
    ),
    Kind(
        "There is no permission to read or write this.",
        "name a place that you may write to; where it is the project's own file, make it your own",
        (errno.EACCES, errno.EPERM),
    ),
    Kind(
        "A folder stands where a file should be, or a file where a folder should be.",
        "name another place, or move it away; what a build made, `commissioning clean` deletes",
        (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY),
    ),
    Kind(
        "A database or Parquet file of the project is damaged.",
        "run `commissioning clean`, then `commissioning build`; where the file is in data/raw, restore it "
        "from git",
        words=(
            "not a valid DuckDB database",
            "Corrupt database file",
            "Failure while replaying WAL file",
            "No magic bytes found",
            "parquet: File out of specification",
            "too small to be a Parquet file",
        ),
    ),
)
REST = Kind(
    "The system could not do what it was asked.",
    "see what it says above, and name another place; where it is a build's own file, `commissioning clean` "
    "and `commissioning build` start from nothing",
)


@contextmanager
def named_trouble() -> Iterator[None]:
    """Turn what the machine refuses into a named error, whichever library met it. Other errors pass."""
    try:
        yield
    except Trouble:
        raise
    except Exception as error:
        kind = next((kind for kind in KINDS if kind.fits(error)), None)
        if kind is None and isinstance(error, OSError) and not isinstance(error, ConnectionError):
            kind = REST
        if kind is None:
            raise
        found = getattr(error, "strerror", None) or str(error)
        file = getattr(error, "filename", None) or getattr(error, "file", None)
        raise Trouble(kind.what, file=file, found=found, todo=kind.todo) from error
