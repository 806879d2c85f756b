"""A number and what it counts, in the singular or the plural."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """`1 line`, `2,000 lines`; `1 body`, `2 bodies`."""
    if number == 1:
        return f"1 {what}"
    many = f"{what[:-1]}ies" if what.endswith("y") and what[-2] not in "aeiou" else f"{what}s"
    return f"{number:,} {many}"
