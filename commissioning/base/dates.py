"""The day that dates are held against."""

from __future__ import annotations

import datetime as dt
import os

from commissioning.base.errors import CommissioningError


def today() -> dt.date:
    """The date that review dates are held against: `COMMISSIONING_TODAY` (2026-11-30), else the clock's."""
    named = os.environ.get("COMMISSIONING_TODAY")
    try:
        return dt.date.fromisoformat(named) if named else dt.date.today()
    except ValueError:
        raise CommissioningError(
            "The day to check review dates against is not a date.",
            where="environment variable COMMISSIONING_TODAY",
            expected="a day such as 2026-11-30, or no such variable for today",
            found=named,
        ) from None
