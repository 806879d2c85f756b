"""Notices of Contracts Finder that a third party took from its public interface, a file a council.

Shape: one row for each of the three amounts of a notice: the low and the high end of its value and what
was awarded. Dates, flags and codes are as in the extract. `extract` is the council whose notices the file
holds, one notice of two councils stands in both their files.

Left out: descriptions (free text), postcodes, the notice's address (made of `notice`), and the extract's own
counts, which are compared with its list. Its text is written for web pages (`&amp;`) and unescaped here. Of
suppliers only organisations are named, as no notice has their number (`ingest/contracts/suppliers.py`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from commissioning.base.errors import LayoutError
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.contracts import suppliers
from commissioning.ingest.contracts.ocds import scrubbed
from commissioning.ingest.raw import Accounting, Reading, parse_value

TEXTS = {
    "notice": "id",
    "buyer": "organisation",
    "status": "status",
    "notice_type": "notice_type",
    "published_date": "published_date",
    "deadline_date": "deadline_date",
    "awarded_date": "awarded_date",
    "cpv_codes": "cpv_codes",
    "cpv_description": "cpv_description",
    "region": "region",
}
FLAGS = {"suitable_for_sme": "suitable_for_sme", "awarded_to_sme": "awarded_to_sme"}
FIGURES = ("value_low", "value_high", "awarded_value")
DIMENSIONS = ("extract", *TEXTS, "title", "suppliers", *FLAGS, "measure")
KEY = ("extract", "notice", "measure")
LEFT_OUT = ("description", "postcode", "url")
FIELDS = {*TEXTS.values(), *FLAGS.values(), *FIGURES, *LEFT_OUT, "title", "awarded_supplier"}


def _wrong(what: str, path: str, where: str, expected: object, found: object) -> LayoutError:
    return LayoutError(
        what,
        file=path,
        where=where,
        expected=expected,
        found=found,
        todo="look at the file; it may be another extract than the catalogue's",
    )


def notices(path: str, data: bytes) -> list[dict]:
    """The notices of one file, every field that is read looked at."""
    try:
        content = json.loads(data)
    except ValueError as error:
        raise _wrong("An extract is no JSON.", path, "the file", "JSON", str(error)) from error
    if not isinstance(content, dict) or not isinstance(content.get("contracts"), list):
        raise _wrong(
            "An extract has no list of notices.", path, "contracts", "a list", type(content).__name__
        )
    for place, notice in enumerate(content["contracts"]):
        if not isinstance(notice, dict) or set(notice) != FIELDS:
            fields = sorted(set(notice) ^ FIELDS) if isinstance(notice, dict) else type(notice).__name__
            raise _wrong("A notice has other fields.", path, f"contracts[{place}]", sorted(FIELDS), fields)
    counted = (content.get("stats") or {}).get("total_notices")
    if counted != len(content["contracts"]):
        raise _wrong(
            "An extract counts other notices than it holds.",
            path,
            "stats.total_notices",
            len(content["contracts"]),
            counted,
        )
    return content["contracts"]


def read_notices(path: str, data: bytes, named: Mapping[str, str]) -> tuple[list[dict], Accounting]:
    """The amounts of one file's notices."""
    extract = PurePosixPath(path).name.split(".")[0]
    account = Accounting(path, "cells")
    rows = []
    for place, notice in enumerate(notices(path, data)):
        dimensions = {name: _text(notice[field]) for name, field in TEXTS.items()}
        dimensions |= {name: _flag(notice[field], path, place, field) for name, field in FLAGS.items()}
        dimensions |= {
            "extract": extract,
            "title": scrubbed(_text(notice["title"])) or "",
            "suppliers": "; ".join(named[part] for part in names(notice)),
        }
        for measure in FIGURES:
            where = f"contracts[{place}].{measure}"
            text, value, symbol = parse_value(notice[measure], {"": "not_available"}, file=path, where=where)
            rows.append(
                {
                    **dimensions,
                    "measure": measure,
                    "unit": "GBP",
                    "value_text": text,
                    "value": value,
                    "value_symbol": symbol,
                    "source_file": path,
                    "source_locator": where,
                }
            )
    account.read = account.loaded = len(rows)
    return rows, account


def names(notice: dict) -> list[str]:
    """The suppliers of a notice, which the extract joins with commas; an ending cut off by one goes back."""
    if not notice["awarded_supplier"]:
        return []
    text = re.sub(
        r",\s*(?=(?:Ltd|Limited|LLP|Inc|PLC)\b)", " ", _text(notice["awarded_supplier"]), flags=re.I
    )
    return sorted({part.strip() for part in text.split(",")})


def _text(value: object) -> str:
    return "" if value is None else " ".join(html.unescape(str(value)).split())


def _flag(value: object, path: str, place: int, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, bool):
        raise _wrong(
            "A flag is neither true nor false.", path, f"contracts[{place}].{field}", "a flag", value
        )
    return str(value).lower()


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The notices of all files. Raises `LayoutError` and `SymbolError` naming file and notice."""
    named = suppliers.publishable(
        part for path, data in originals.items() for notice in notices(path, data) for part in names(notice)
    )
    rows, accounts = [], []
    for path, data in originals.items():
        read_rows, account = read_notices(path, data, named)
        rows += read_rows
        accounts.append(account)
    return Reading.of(rows, accounts, DIMENSIONS, KEY)
