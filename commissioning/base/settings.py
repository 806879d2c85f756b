"""Settings that the environment gives, where only a few words are understood."""

from __future__ import annotations

import os

from commissioning.base.errors import CommissioningError


def one_of(variable: str, words: tuple[str, ...], error: type[CommissioningError], what: str) -> str:
    """The word that the environment variable holds; the first of `words` where it is not set.

    Raises `error`, saying `what` there is to choose from, for any other.
    """
    chosen = os.environ.get(variable) or words[0]
    if chosen not in words:
        raise error(
            what,
            where=f"environment variable {variable}",
            expected=" or ".join(words),
            found=chosen,
            todo=f"set it to one of these, or unset it for {words[0]}",
        )
    return chosen
