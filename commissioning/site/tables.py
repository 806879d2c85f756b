"""The rows of a table: `table` of `templates/blocks.html.j2` writes the rest of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from commissioning.site.formats import written

LONG = 40
"""Letters of a cell that gets a column wide enough to read on a phone."""

_YEAR = re.compile(r"\d{4}-\d\d")
_KEPT = re.compile(r"<[^>]*>|\b\d{4}-\d\d\b(?!-)|(?<!-)\b\d\d-\d\d\b(?!-)|\bASC-FR\b")
"""Tags, which stay as they are, and what does not break at its hyphen."""


def cells(row: Mapping[str, Any] | Sequence[Any], columns: Sequence[tuple]) -> Markup:
    """The cells of a row, of which the first heads it.

    A column is (head, key) for words or (head, key, format, …) for figures, which stand to the right. A key
    may be a function of the row, such as a macro."""
    found = []
    for place, (_, key, *format) in enumerate(columns):
        cell = key(row) if callable(key) else row[key]
        cell = format[0](cell, *format[1:]) if format else written(cell)
        text = escape(cell)
        if not format and not _YEAR.fullmatch(text):
            text = unbroken(text)
        if place == 0:
            found.append(f'<th scope="row"{_kind(text, bool(format), heads=True)}>{text}</th>')
        else:
            found.append(f"<td{_kind(text, bool(format))}>{text}</td>")
    return Markup("".join(found))


def unbroken(text: object) -> Markup:
    """Words in which a year, ages and the name of a return stay on one line."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith("<") else f'<span class="year">{found[0]}</span>'

    return Markup(_KEPT.sub(kept, escape(text)))


def link(address: str, words: str) -> Callable[[Mapping[str, Any]], Markup]:
    """A key of a column: words of the row as a link, `link("../councils/{id}.html", "name")`."""
    return lambda row: Markup('<a href="{}">{}</a>').format(address.format_map(row), row[words])


def figure_or_why(figure: str, format: Callable[..., object]) -> Callable[[Mapping[str, Any]], object]:
    """A key of a column: the row's figure, or what the row has as `why` there is none."""
    return lambda row: row["why"] if row[figure] is None else format(row[figure])


def or_why(format: Callable[..., object], address: str = "#data-notes", words: str = "no figure") -> Callable:
    """A format of a column: a cell without a figure says so and leads to why. Without an address the words
    are the reason."""

    def shown(value: object, *more: object) -> object:
        if value is not None:
            return format(value, *more)
        return Markup('<a href="{}">{}</a>').format(address, words) if address else words

    return shown


def _kind(text: Markup, is_figure: bool, *, heads: bool = False) -> str:
    """The class of a cell: a financial year stays on one line, what is long gets room."""
    if len(text) == 7 and _YEAR.fullmatch(text):
        return ' class="year"'
    if not heads and len(text) > LONG and len(text.striptags()) > LONG:
        return ' class="words"'
    return ' class="number"' if is_figure else ""
