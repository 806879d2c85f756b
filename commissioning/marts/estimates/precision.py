"""Floats of the estimates, rounded so that every processor writes the same bytes.

Sums of products depend, in about the fifteenth digit, on the instructions that linear algebra picks for a
processor. Two results of one sum land on two sides of a rounding only where the sum lies within that error of
the boundary: `docs/decisions.md` has how rare that is.
"""

from __future__ import annotations

import numpy as np

DIGITS, DRAW_DIGITS = 8, 4
"""Significant digits of what is published, and of the bootstrap's draws, which are only counted."""

# Literals, because a power worked out is not the same on every processor.
_POWERS = np.array([float(f"1e{k}") for k in range(-300, 301)])


def significant(
    values: np.ndarray | float, digits: int = DIGITS, size: np.ndarray | float | None = None
) -> np.ndarray:
    """`values` to so many significant digits.

    With `size`, the digits are those of the larger of value and `size`: an estimate near nought is the
    difference of larger numbers, and no surer than its standard error's digits. Nought and what is not finite
    stay.
    """
    values = np.asarray(values, dtype=float)
    large = np.abs(values) if size is None else np.maximum(np.abs(values), np.abs(size))
    known = np.isfinite(large) & (large > 0)
    leading = np.searchsorted(_POWERS, np.where(known, large, 1.0), side="right") - 1 - 300
    places = digits - 1 - leading
    factor = _POWERS[np.clip(np.abs(places), 0, 300) + 300]
    # Times or by a whole power of ten, so that the nearest float to the decimal comes out.
    scaled = np.where(places >= 0, values * factor, values / factor)
    whole = np.round(scaled)
    return np.where(known, np.where(places >= 0, whole / factor, whole * factor), values)
