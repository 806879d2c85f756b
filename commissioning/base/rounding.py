"""How a figure is rounded and signed, in sentences, tables and charts alike."""

import re
from decimal import ROUND_HALF_UP, Decimal


def rounded(value: float, digits: int, places: int = 0) -> str:
    """`value` without its sign, the point moved by `places`. A five is rounded up, as a reader would: Python
    rounds it to the even digit, so that 72.5% became 72% and 81.5% became 82%."""
    exact = abs(Decimal(repr(float(value)))).scaleb(places)
    return f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,}"


def signed(text: str, value: float) -> str:
    """`text` with a true minus sign, unless rounding left only noughts."""
    return ("−" if value < 0 and any(digit in text for digit in "123456789") else "") + text


class AsRead(float):
    """A number that a format such as `{:,.0f}` or `{:+.1%}` rounds like a sentence does."""

    def __format__(self, spec: str) -> str:
        form = re.fullmatch(r"(\+?)(,?)\.(\d+)([f%])", spec)
        if not form:
            return super().__format__(spec)
        plus, comma, digits, kind = form.groups()
        text = rounded(self, int(digits), 2 if kind == "%" else 0)
        sign = "-" if self < 0 else plus
        return sign + (text if comma else text.replace(",", "")) + ("%" if kind == "%" else "")
