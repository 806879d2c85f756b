"""What a user could have meant, for an error's `expected`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALL = 12
"""So many choices are shown whole; of more, the nearest."""


def expected(found: object, known: Iterable[str], listed_by: str = "", *, alike: float = 0.5) -> str:
    """All of a few choices; the nearest of many, at least so much alike, and the command that lists all."""
    known = list(known)
    if len(known) <= ALL:
        return ", ".join(known)
    near = difflib.get_close_matches(str(found), known, 5, alike)
    every = f"`{listed_by}` lists all {len(known)}" if listed_by else f"one of {len(known)}"
    return f"{', '.join(near)} ({every})" if near else every
