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

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Reading
from commissioning.ingest.sheets import Lines, Record

DIMENSIONS = ("scheme", "code", "paired_code", "area", "attribute")

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


Rows = list[dict[str, object]]


def _facts(record: Record, attributes: Sequence[str], **dimensions: str) -> Rows:
    return [
        dimensions
        | {"attribute": attribute, "unit": "text", "value_text": record.cell(attribute)}
        | {"value": None, "value_symbol": "not_applicable"}
        | record.place(attribute)
        for attribute in attributes
        if record[attribute]
    ]


def read_cassr(lines: Lines) -> tuple[Rows, dict[str, int]]:
    """CASSR and GSS codes as they were met in the returns of 2008-09 to 2024-25."""
    rows: Rows = []
    for record in lines.records(0, ["cassr_code", *CASSR_ATTRIBUTES]):
        rows += _facts(
            record,
            CASSR_ATTRIBUTES,
            scheme="cassr",
            code=record["cassr_code"],
            paired_code=record["gss_code"],
            area=record["name_mysociety"] or record["names_seen"],
        )
    return rows, {}


def read_mysociety(lines: Lines) -> tuple[Rows, dict[str, int]]:
    """mySociety's register: English upper-tier councils, past and present."""
    rows: Rows = []
    furniture = {"outside England": 0, "districts and combined authorities": 0}
    headings = ["local-authority-code", "nation", "local-authority-type", *MYSOCIETY_ATTRIBUTES]
    for record in lines.records(0, headings):
        if record["nation"] != "England":
            furniture["outside England"] += 1
        elif record["local-authority-type"] not in MYSOCIETY_UPPER_TIER:
            furniture["districts and combined authorities"] += 1
        else:
            rows += _facts(
                record,
                MYSOCIETY_ATTRIBUTES,
                scheme="mysociety",
                code=record["local-authority-code"],
                paired_code=record["gss-code"],
                area=record["nice-name"],
            )
    return rows, furniture


def read_tiers(lines: Lines) -> tuple[Rows, dict[str, int]]:
    """The ONS lookup from lower-tier to upper-tier councils, April 2023, England."""
    rows: Rows = []
    furniture = {"outside England": 0}
    for record in lines.records(0, ["LTLA23CD", "LTLA23NM", "UTLA23CD", "UTLA23NM"]):
        if record["LTLA23CD"].startswith("E"):
            rows += _facts(
                record,
                ["UTLA23NM"],
                scheme="gss",
                code=record["LTLA23CD"],
                paired_code=record["UTLA23CD"],
                area=record["LTLA23NM"],
            )
        else:
            furniture["outside England"] += 1
    return rows, furniture


LAYOUTS: dict[str, Callable[[Lines], tuple[Rows, dict[str, int]]]] = {
    "cassr": read_cassr,
    "mysociety": read_mysociety,
    "tiers": read_tiers,
}


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """One register. Raises `LayoutError` for a column missing, `OriginalError` for a line cut."""
    (file,) = edition.files
    lines = Lines.read(file.path, originals[file.path])
    rows, furniture = file.reader(LAYOUTS)(lines)
    loaded = len(lines.rows) - 1 - sum(furniture.values())
    return Reading.of(rows, [lines.accounting(loaded, {"header": 1} | furniture)], DIMENSIONS)
