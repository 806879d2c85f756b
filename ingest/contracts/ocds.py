"""One release: what is kept of it, and what is wrong with it.

Only the fields of `SHAPE` are looked at and kept. Contact points, addresses, descriptions and documents are
not among them, so that no person's name, telephone number or e-mail address comes further than this module.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from commissioning.ingest.ledgers.contacts import without_contacts


class Malformed(Exception):
    """A release does not keep to the standard in a field that is needed."""


LARGEST = 1e15
"""No value of a contract, and nothing counted, comes near a thousand million million."""

LONGEST = 32_767
"""The most characters of a text: what a cell of a spreadsheet holds. Longer ones are no title or name."""

TEXT, NUMBER, TRUTH, DATE = "text", "a number", "true or false", "a date"
MONEY = {"amount": NUMBER, "currency": TEXT}
PERIOD = {"startDate": DATE, "endDate": DATE, "durationInDays": NUMBER, "maxExtentDate": DATE}
PARTY = {
    "id": TEXT,
    "name": TEXT,
    "roles": [TEXT],
    "identifier": {"scheme": TEXT, "id": TEXT},
    "additionalIdentifiers": [{"scheme": TEXT, "id": TEXT}],
    "details": {"scale": TEXT, "vcse": TRUTH},
}
LOT = {
    "id": TEXT,
    "hasOptions": TRUTH,
    "hasRenewal": TRUTH,
    "contractPeriod": PERIOD,
    "value": MONEY,
    "suitability": {"sme": TRUTH, "vcse": TRUTH},
}
SHAPE = {
    "ocid": TEXT,
    "id": TEXT,
    "date": DATE,
    "tag": [TEXT],
    "buyer": {"id": TEXT, "name": TEXT},
    "parties": [PARTY],
    "tender": {
        "id": TEXT,
        "title": TEXT,
        "status": TEXT,
        "value": MONEY,
        "minValue": MONEY,
        "classification": {"scheme": TEXT, "id": TEXT, "description": TEXT},
        "additionalClassifications": [{"scheme": TEXT, "id": TEXT}],
        "mainProcurementCategory": TEXT,
        "procurementMethod": TEXT,
        "procurementMethodDetails": TEXT,
        "datePublished": DATE,
        "tenderPeriod": PERIOD,
        "contractPeriod": PERIOD,
        "numberOfTenderers": NUMBER,
        "suitability": {"sme": TRUTH, "vcse": TRUTH},
        "techniques": {"hasFrameworkAgreement": TRUTH, "hasDynamicPurchasingSystem": TRUTH},
        "lots": [LOT],
    },
    "bids": {"statistics": [{"id": TEXT, "measure": TEXT, "value": NUMBER}]},
    "awards": [
        {
            "id": TEXT,
            "status": TEXT,
            "date": DATE,
            "value": MONEY,
            "contractPeriod": PERIOD,
            "suppliers": [{"id": TEXT, "name": TEXT}],
        }
    ],
    "contracts": [
        {"id": TEXT, "awardID": TEXT, "status": TEXT, "dateSigned": DATE, "period": PERIOD, "value": MONEY}
    ],
}


def keep(release: dict) -> dict:
    """What is needed of a release. Raises `Malformed` naming the field."""
    kept = _object(release, SHAPE, "")
    for name in ("ocid", "date"):
        if not kept.get(name):
            raise Malformed(f"{name} is missing")
    return kept


def _object(value: dict, shape: dict, path: str) -> dict:
    kept = {}
    for name, wanted in shape.items():
        if name in value:
            part = value[name]
            # An explicit null takes a value back, by the standard's rules of merging.
            kept[name] = None if part is None else _part(part, wanted, f"{path}{name}")
    return kept


def _part(part: object, wanted: object, path: str) -> object:
    if wanted is TEXT:
        if isinstance(part, str):
            return _bounded(part, path)
        if isinstance(part, int) and not isinstance(part, bool):
            return str(part)
    elif wanted is NUMBER:
        if isinstance(part, int | float) and not isinstance(part, bool):
            if not abs(part) < LARGEST:
                raise Malformed(f"{path} is too large to be true: {part:.3g}")
            return part
    elif wanted is TRUTH:
        if isinstance(part, bool):
            return part
    elif wanted is DATE:
        if isinstance(part, str):
            if part and day(part) is None:
                raise Malformed(f"{path} is no date: {shape(part)}")
            return part
    elif isinstance(wanted, list):
        if isinstance(part, list):
            return [_item(item, wanted[0], f"{path}[{n}]") for n, item in enumerate(part)]
    elif isinstance(part, dict):
        return _object(part, wanted, f"{path}.")
    wanted = {dict: "an object", list: "a list"}.get(type(wanted), wanted)
    raise Malformed(f"{path} is {kind(part)}, not {wanted}")


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _item(item: object, wanted: object, path: str) -> object:
    return _part(item, wanted, path)


def _bounded(text: str, path: str) -> str:
    if len(text) > LONGEST:
        raise Malformed(f"{path} is a text of more than {LONGEST:,} characters")
    return text


def shape(text: str) -> str:
    """How a text looks, without what it says: it may be a person's name in the wrong place."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text[:40]))


@lru_cache(maxsize=65536)
def day(text: str) -> dt.date | None:
    """The day of a date or a moment, as published; None where there is none."""
    try:
        found = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    # The first and the last year of the calendar are placeholders, and no moment of theirs can change zones.
    return found if 1 < found.year < dt.MAXYEAR else None


@lru_cache(maxsize=65536)
def moment(text: str) -> str:
    """A moment in UTC, so that texts order as time does; a day is its first moment."""
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    try:
        return when.astimezone(dt.UTC).isoformat()
    except OverflowError:
        return text


def stated_value(release: dict) -> dict[str, float]:
    """The money that a kept release states, by currency: of its awards, else of its tender."""
    found: dict[str, float] = {}
    moneys = [award.get("value") for award in release.get("awards") or []]
    moneys = [money for money in moneys if money and money.get("amount") is not None]
    if not moneys:
        moneys = [money for money in [(release.get("tender") or {}).get("value")] if money]
    for money in moneys:
        if money.get("amount") is not None:
            currency = money.get("currency") or "not said"
            found[currency] = found.get(currency, 0.0) + float(money["amount"])
    return found


def value_at_a_guess(release: object) -> dict[str, float]:
    """The money of a release that was refused: what of it can still be read as money."""
    try:
        tender, awards = release.get("tender"), release.get("awards")
        return stated_value(
            {
                "tender": {"value": _money(tender)} if isinstance(tender, dict) else {},
                "awards": [{"value": _money(award)} for award in awards or [] if isinstance(award, dict)],
            }
        )
    except (AttributeError, TypeError):
        return {}


def _money(part: dict) -> dict | None:
    try:
        return _part(part.get("value"), MONEY, "value")
    except Malformed:
        return None


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")


def scrubbed(text: str | None) -> str | None:
    """A title without e-mail addresses, telephone numbers and control characters, on one line."""
    if text is None:
        return None
    text = _CONTROL.sub("", text)
    return " ".join(without_contacts(text).split()) or None


_NAMED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\b\.?(?: [A-Z][\w'’-]{0,40}\.?){1,3}")


def without_people(text: str | None) -> str | None:
    """A title as `scrubbed`, and without the names of people that a title such as Mrs stands before."""
    plain = scrubbed(text)
    return plain and _NAMED.sub("[person]", plain)
