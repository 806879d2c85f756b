"""A five is rounded up in tables and charts as in sentences: one page printed 73% and 72% of one figure."""

import pytest

from commissioning.base.rounding import AsRead
from commissioning.site.formats import millions, number, percent, pounds, thousands


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (percent(0.725, 0), "73%"),  # Bromley's control over daily life in 2024-25
        (number(25.65), "25.7"),  # the median of the City of London's peers
        (percent(-0.0004), "0.0%"),
        (pounds(-3.5, 0), "−£4"),
        (millions(1_572_950_000), "1,573.0"),
        (thousands(-2_500), "−3"),
        (f"{AsRead(0.125):.0%}", "13%"),
        (f"£{AsRead(1234.5):,.0f}", "£1,235"),
        (f"{AsRead(-0.25):+.1f}", "-0.3"),
        (f"{AsRead(0.25):+.1f}", "+0.3"),
        (f"{AsRead(1234.25):.1f}", "1234.3"),
        (f"{AsRead(3.5):g}", "3.5"),
    ],
)
def test_a_five_is_rounded_up(told, expected):
    assert told == expected
