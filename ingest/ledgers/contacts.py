"""E-mail addresses and telephone numbers within a text."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w./-])(?:\+44|0)(?:[ ()-]?\d){9,10}(?!\w)")


def without_contacts(text: str) -> str:
    """A text with `[e-mail]` and `[telephone]` in place of addresses and numbers."""
    return _PHONE.sub("[telephone]", _EMAIL.sub("[e-mail]", text))
