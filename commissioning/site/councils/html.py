"""Small pieces of HTML that council pages are made of. All text is escaped here and nowhere else."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from html import escape

SYMBOLS = {
    "suppressed": "suppressed",
    "not_available": "not available",
    "not_applicable": "does not apply",
    "not_collected": "not collected",
    "low_reliability": "withheld as unreliable",
    "rounds_to_zero": "rounds to 0",
}
NONE = "–"
YEAR = re.compile(r"\d{4}-\d\d")
LONG = 40
"""Letters: what is longer gets a column that is wide enough to read on a phone."""


def raw(html: str) -> str:
    """A block of HTML in a `.qmd`, which Pandoc copies as it is."""
    return "````{=html}\n" + html + "\n````\n"


def link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Iterable[int] = (),
    *,
    links: Iterable[int] = (),
    identity: str = "",
) -> str:
    """A table in its scroll container. `numbers` are the columns of numbers; cells of `links` are HTML.

    A long cell says so with the class `words`, and a financial year stays on one line."""
    numbers, links = set(numbers), set(links)

    def cell(kind: str, column: int, content: str) -> str:
        side = ' class="number"' if column in numbers else ""
        if kind == "td" and column not in links and len(content) > LONG:
            side = ' class="words"'
        elif YEAR.fullmatch(content):
            side = ' class="year"'
        return f"<{kind}{side}>{content}</{kind.split()[0]}>"

    head = "".join(cell('th scope="col"', n, escape(text)) for n, text in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(
            cell('th scope="row"' if n == 0 else "td", n, text if n in links else escape(text, quote=False))
            for n, text in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    named = f' id="{identity}"' if identity else ""
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table{named}>'
        f"<caption>{escape(caption, quote=False)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure(label: str, svg: str, caption: str, data: str, csv: str) -> str:
    """A chart with its caption, its data as a table that opens, and the address of the rows as CSV."""
    return (
        f'<figure id="{label}" class="quarto-float quarto-float-fig"><div class="chart">{svg}</div>'
        f"<figcaption>{escape(caption, quote=False)}</figcaption>"
        f'<details class="chart-data"><summary>The data as a table</summary>{data}</details>'
        f'<p class="chart-data">Download: <a href="{escape(csv)}" download>the council’s rows as CSV</a></p>'
        "</figure>"
    )


def percent(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else f"{value:.{digits}%}".replace("-", "−")


def pounds(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else f"£{value:,.{digits}f}".replace("£-", "−£")


def millions(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else f"{value / 1e6:,.{digits}f}".replace("-", "−")


def number(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else f"{value:,.{digits}f}".replace("-", "−")


def markdown(text: str) -> str:
    """Text from data as Markdown that shows just that."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|~^$@!" else c for c in text)


def day(date: datetime.date) -> str:
    return f"{date.day} {date:%B %Y}"


def and_(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
