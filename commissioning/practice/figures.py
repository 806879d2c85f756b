"""Figures of a measure as people read them, by its unit."""

from __future__ import annotations

SHARE = "share of spending"
"""Given between 0 and 1; what is `per cent` is given between 0 and 100."""
OTHERS = 1
"""Decimals of a measure of any other unit."""
DIGITS = {"score (up to 1)": 3}


def _shown(number: float, format: str) -> str:
    # Not at the top: the register of numbers takes its time, and --help needs none of it.
    from commissioning.numbers.headlines import shown

    return shown(number, format)


def value(number: float, unit: str) -> str:
    """`value(76.9, "per cent")` is `76.9%`."""
    if unit in (SHARE, "per cent"):
        return _shown(number if unit == SHARE else number / 100, "percent.1")
    return _shown(number, f"number.{DIGITS.get(unit, OTHERS)}")


def change(number: float, unit: str, *, bare: bool = False) -> str:
    """`change(-2, "per cent")` is `−2.0 percentage points`, and bare `−2.0`."""
    if unit in (SHARE, "per cent"):
        number = number if unit == SHARE else number / 100
        text = _shown(number * 100, "number.1") if bare else _shown(number, "points.1")
    else:
        text = _shown(number, f"number.{DIGITS.get(unit, OTHERS)}")
    return text if number < 0 or not any(digit in text for digit in "123456789") else f"+{text}"


def plain(number: float) -> float:
    """Without what arithmetic leaves at the end: 77.3 and not 77.30000000000001."""
    return round(number, 10) + 0.0
