"""A table that a reader takes away, as CSV.

A file leaves the page that it came from, so each says whose figures it holds and which build made it: in its
last column and, at length, in a file beside it. Equal inputs give equal bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from numbers import Number
from typing import Any

CITED = "cite_as"
"""The last column of every CSV: whose figures the row holds, and where it is from."""

ABOUT = "-metadata.json"
"""What the name of the file about a CSV has after the name of the CSV."""

_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """`text`; with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def csv_text(records: Iterable[Mapping[str, Any]], columns: Sequence[str], cited: str | Iterable[str]) -> str:
    """Records as CSV: the names of the columns, the rows, and nothing else.

    The last column, `cite_as`, says whose figures they are: `cited`, one text for all rows or one for each.
    Numbers are written in full and text is quoted. None and NaN are empty cells. It begins with a byte order
    mark, without which spreadsheets misread the pound sign.
    """
    if CITED in columns:
        raise ValueError(f"a column of a download may not be called {CITED}: it is added to every file")
    texts = repeat(cited) if isinstance(cited, str) else cited
    lines = [",".join([*columns, CITED])]
    # There may be more texts than rows: one text is repeated for ever.
    for record, text in zip(records, texts, strict=False):
        lines.append(",".join([*map(_cell, map(record.__getitem__, columns)), _on_one_line(text)]))
    return "\ufeff" + "\n".join(lines) + "\n"


def about_text(
    csv: str, columns: Sequence[str], provenance: Mapping[str, Any], heads: Mapping[str, str] | None = None
) -> str:
    """What lies beside the file `csv` and tells all of where it is from: JSON of the W3C's "CSV on the Web",
    which tools find by its name. `heads` are the names of columns as the page has them."""
    named = [
        {"name": column, "titles": column, **({"dc:title": heads[column]} if column in (heads or {}) else {})}
        for column in [*columns, CITED]
    ]
    content = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": csv,
        "tableSchema": {"columns": named},
        "notes": [provenance],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


@lru_cache(maxsize=4096, typed=True)
def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, Number)) else _quoted(str(value))


@cache
def _on_one_line(text: str) -> str:
    return _quoted(" ".join(text.split()))


@cache
def _quoted(text: str) -> str:
    return '"' + harmless(text).replace('"', '""') + '"'
