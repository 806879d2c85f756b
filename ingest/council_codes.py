"""Codes and names of English councils, from three registers.

Shape: one row for each fact about a code, not for each number. The fact's text is in `value_text`; `value`
is null and `value_symbol` is `not_applicable`, because a raw table must say why it holds no number. `unit`
is `text`.

- `scheme`: the numbering of `code`: `cassr` (the adult social care returns), `mysociety` (mySociety's
  register) or `gss` (the Office for National Statistics).
- `paired_code`: the GSS code on the same line of the register (for a lower-tier council, its upper-tier
  council's), empty where there is none. A code may come with several, since councils change boundaries.
- `attribute`: the register's own column header.

Left out: blank facts, councils outside England, and in mySociety's register districts and combined
authorities and all columns but those in `MYSOCIETY_ATTRIBUTES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Lines
from commissioning.ingest.raw import Accounting, Reading

DIMENSIONS = {
    "scheme": pl.String,
    "code": pl.String,
    "paired_code": pl.String,
    "area": pl.String,
    "attribute": pl.String,
}
KEY = tuple(DIMENSIONS)

CASSR_ATTRIBUTES = [
    "gss_code",
    "name_mysociety",
    "names_seen",
    "class",
    "region",
    "start",
    "end",
    "replaced_by_mysociety",
    "years_gss_seen",
    "years_code_seen",
]
MYSOCIETY_ATTRIBUTES = [
    "official-name",
    "nice-name",
    "gss-code",
    "start-date",
    "end-date",
    "replaced-by",
    "region",
    "local-authority-type-name",
    "former-gss-codes",
    "alt-names",
]
MYSOCIETY_UPPER_TIER = {"UA", "MD", "LBO", "CTY", "CC"}


def _facts(
    lines: Lines, index: int, columns: Mapping[str, int], attributes: Sequence[str], **dimensions: str
) -> list[dict[str, object]]:
    fields = lines.rows[index]
    return [
        dimensions
        | {
            "attribute": attribute,
            "unit": "text",
            "value_text": fields[columns[attribute]],
            "value": None,
            "value_symbol": "not_applicable",
            "source_file": lines.file,
            "source_locator": lines.locator(index, attribute),
        }
        for attribute in attributes
        if fields[columns[attribute]].strip()
    ]


def _whole_lines(lines: Lines) -> None:
    """Raise `LayoutError` where a line has not as many fields as the header: the file is cut or altered."""
    for index, fields in enumerate(lines.rows):
        if len(fields) != len(lines.rows[0]):
            raise LayoutError(
                "A line of a register has too few or too many fields.",
                file=lines.file,
                where=f"line {lines.line_numbers[index]}",
                expected=f"{len(lines.rows[0])} fields, as in the header",
                found=len(fields),
                todo="the file may be truncated: fetch it again",
            )


def read_cassr(lines: Lines) -> tuple[list[dict[str, object]], dict[str, int]]:
    """CASSR and GSS codes as they were met in the returns of 2008-09 to 2024-25."""
    columns = lines.header(0, ["cassr_code", *CASSR_ATTRIBUTES])
    rows = []
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        rows += _facts(
            lines,
            index,
            columns,
            CASSR_ATTRIBUTES,
            scheme="cassr",
            code=fields[columns["cassr_code"]],
            paired_code=fields[columns["gss_code"]],
            area=fields[columns["name_mysociety"]] or fields[columns["names_seen"]],
        )
    return rows, {}


def read_mysociety(lines: Lines) -> tuple[list[dict[str, object]], dict[str, int]]:
    """mySociety's register: English upper-tier councils, past and present."""
    columns = lines.header(
        0, ["local-authority-code", "nation", "local-authority-type", *MYSOCIETY_ATTRIBUTES]
    )
    rows, furniture = [], {"outside England": 0, "districts and combined authorities": 0}
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if fields[columns["nation"]] != "England":
            furniture["outside England"] += 1
        elif fields[columns["local-authority-type"]] not in MYSOCIETY_UPPER_TIER:
            furniture["districts and combined authorities"] += 1
        else:
            rows += _facts(
                lines,
                index,
                columns,
                MYSOCIETY_ATTRIBUTES,
                scheme="mysociety",
                code=fields[columns["local-authority-code"]],
                paired_code=fields[columns["gss-code"]],
                area=fields[columns["nice-name"]],
            )
    return rows, furniture


def read_tiers(lines: Lines) -> tuple[list[dict[str, object]], dict[str, int]]:
    """The ONS lookup from lower-tier to upper-tier councils, April 2023, England."""
    columns = lines.header(0, ["LTLA23CD", "LTLA23NM", "UTLA23CD", "UTLA23NM"])
    rows, furniture = [], {"outside England": 0}
    for index in range(1, len(lines.rows)):
        fields = lines.rows[index]
        if not fields[columns["LTLA23CD"]].startswith("E"):
            furniture["outside England"] += 1
            continue
        rows += _facts(
            lines,
            index,
            columns,
            ["UTLA23NM"],
            scheme="gss",
            code=fields[columns["LTLA23CD"]],
            paired_code=fields[columns["UTLA23CD"]],
            area=fields[columns["LTLA23NM"]],
        )
    return rows, furniture


_READERS: dict[str, Callable[[Lines], tuple[list[dict[str, object]], dict[str, int]]]] = {
    "cassr-gss": read_cassr,
    "mysociety": read_mysociety,
    "lad-utla-2023": read_tiers,
}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One register. Raises `LayoutError` for a column missing or a line cut."""
    (path, data), *_ = originals.items()
    lines = Lines.read(path, data, encoding="utf-8-sig")
    _whole_lines(lines)
    rows, furniture = _READERS[edition.edition](lines)
    table = raw.tidy(rows, DIMENSIONS)
    loaded = len(lines.rows) - 1 - sum(furniture.values())
    return Reading(
        table, KEY, [Accounting(path, "lines", len(lines.rows), loaded, {"header": 1} | furniture)]
    )
