"""Lists of numbers: all by theme, and all alternatives by kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from commissioning.site.numbers.page import Number

BARE_UNITS = ("percentage points", "per cent")
"""Units that a list of numbers names behind a bare number: others are in its label or its sign."""


FIRST = ("People with a direct payment", "Direct payments in England")
"""Themes that readers mostly come for."""


def by_theme(numbers: Sequence[Number]) -> dict[str, Any]:
    """What the index shows: every number by theme, and those without source cells. Of a theme the newest come
    first, and so of themes after the two that lead; numbers of no year last."""
    themes: dict[str, list[dict[str, str]]] = defaultdict(list)
    for number in numbers:
        themes[number.entry["theme"]].append(_named(number))
    for theme in themes.values():
        theme.sort(key=_year, reverse=True)
    untraced = [_named(n) | {"why": n.entry["untraced"]} for n in numbers if "untraced" in n.entry]
    return {
        "count": len(numbers),
        "themes": {name: themes[name] for name in _ordered(themes)},
        "untraced": untraced,
    }


def by_kind(numbers: Sequence[Number], kinds: dict[str, dict]) -> dict[str, Any]:
    """Every alternative that the pages show, kind by kind, and the numbers that have none with the reason."""
    shown: dict[str, list[dict[str, Any]]] = defaultdict(list)
    without: dict[str, list[dict[str, str]]] = defaultdict(list)
    for number in numbers:
        if number.no_alternative:
            without[number.no_alternative].append(_named(number))
        for table in number.alternatives:
            shown[table["kind"]] += [
                _named(number) | {"terms": terms, "other": other} for terms, other in _others(number, table)
            ]
    return {
        "kinds": [
            said | {"id": kind, "table": f"kind-{kind.replace('_', '-')}", "rows": shown[kind]}
            for kind, said in kinds.items()
        ],
        "without": without,
    }


def _ordered(themes: dict[str, list[dict[str, str]]]) -> list[str]:
    newest = sorted(themes, key=lambda name: _year(themes[name][0]), reverse=True)
    return [*(name for name in FIRST if name in themes), *(name for name in newest if name not in FIRST)]


def _year(named: dict[str, str]) -> str:
    """The last year that a number's name has, but for that of its prices."""
    years = re.findall(r"\b(?:19|20)\d\d(?:-\d\d)?\b(?! prices)", named["label"])
    return max(years, default="")


def _others(number: Number, table: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if number.by_council:
        return [(terms, "on its page") for terms in table["terms"]]
    return [(terms, with_unit(other, number.entry)) for terms, other, _ in table["rows"]]


def _named(number: Number) -> dict[str, str]:
    return {
        "name": number.name,
        "label": number.entry["label"],
        "text": with_unit(number.text, number.entry),
    }


def with_unit(text: str, entry: dict[str, Any]) -> str:
    """A value in a list of numbers: away from its own page a bare number has its unit."""
    return f"{text} {entry['unit']}" if entry["unit"] in BARE_UNITS and text[-1].isdigit() else text
