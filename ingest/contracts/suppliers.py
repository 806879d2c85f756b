"""Which suppliers of contracts may be named.

Organisations are public. A person's name is masked wherever it is read and
its form tells. What is published goes further: a
name that could be a person's, or of which nothing shows that it is an organisation's, is not published
either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import polars as pl

from commissioning.ingest.ledgers import names, payees

UNCLEAR = "[unclear]"
"""In place of a name that nothing shows to be an organisation's."""
NONE = "[none]"
"""In place of words that say that there is no supplier."""

_NO_SUPPLIER = re.compile(
    r"not awarded|abandoned|^n/?a\b|not applicable|date now passed|now concl|no supplier|withdrawn"
    r"|see attached",
    re.IGNORECASE,
)
_TRADING = r"(?i)\s*(?:,|\()?\s*(?:\bt/a\b|\btrading as\b).*$"


# Forms that only a body of more than one person has, so that a name before them may stand.
_FORM = re.compile(
    r"(?:^|[^A-Z0-9])(?:LTD|LIMITED|PLC|LLP|LLC|CIC|C\.I\.C|CIO|INC|CYF|GROUP|TRUST|SOCIETY|ASSOCIATION|CHARITY|"
    r"FOUNDATION|COUNCIL|NHS|UNIVERSITY|COLLEGE|ACADEMY|SCHOOL|PARTNERSHIP|PARTNERS|COMPANY|HOSPICE|CHURCH)(?:$|[^A-Z0-9])"
)


@cache
def _begins_like_a_person() -> re.Pattern[str]:
    """Initials and a surname, or a given name, before anything else: how sole traders are called."""
    given = "|".join(sorted(names.given_names()))
    return re.compile(rf"(?:[A-Z]\.? ?){{1,3}}[ .][A-Z][A-Z'-]+\b|(?:{given})\b")


def _may_be_a_sole_trader(name: str) -> bool:
    plain = " ".join(name.upper().split())
    return bool(_begins_like_a_person().match(plain)) and not _FORM.search(plain)


def people_among(suppliers: pl.Series) -> set[str]:
    """The names that are a person's, or a person's with a trading name behind."""
    own = pl.DataFrame({"name": suppliers.unique()}).with_columns(
        pl.col("name").str.replace(_TRADING, "").alias("supplier")
    )
    classes = own.join(payees.classify(own["supplier"]), on="supplier", how="left")
    return set(classes.filter(pl.col("payee_class") == "person")["name"])


_TITLED = re.compile(r"(?:MR|MRS|MS|MISS|MX|DR|REV|PROF|SIR|DAME)\b|(?:[A-Z](?:\. ?| )){1,3}[A-Z][A-Z'-]+$")
_REGISTERED = {
    "GB-COH": r"\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z]",
    "GB-CHC": r"\d{6,8}(?:-\d{1,3})?",
    "GB-SC": r"(?:SC)?\d{6}",
}
_OTHER_REGISTERED = r"(?=.*\d)[A-Z0-9]{4,10}"


def register_number(scheme: str, text: str) -> str | None:
    """A number of a public register with its scheme; None where its form is not that of such a number."""
    plain = "".join(text.split()).upper()
    if scheme == "GB-COH" and re.fullmatch(r"\d{6,7}", plain):
        plain = plain.zfill(8)
    good = re.fullmatch(_REGISTERED.get(scheme, _OTHER_REGISTERED), plain) and re.search("[1-9]", plain)
    return f"{scheme}-{plain}" if good else None


def _titled(name: str) -> bool:
    """A title or initials before a surname: a person, whatever number stands beside the name."""
    plain = " ".join(re.sub(_TRADING, "", name).upper().split())
    return bool(_TITLED.match(plain)) and not _FORM.search(plain)


def mask_people(awards: pl.DataFrame) -> pl.DataFrame:
    """Awards with `[person]` in place of a supplier who is one, sole traders with a trading name included."""
    suppliers = awards["supplier"].drop_nulls().unique()
    if suppliers.is_empty():
        return awards
    titled = sorted(name for name in suppliers if _titled(name))
    unnumbered = (
        pl.col("supplier").is_in(sorted(people_among(suppliers))) & pl.col("supplier_number").is_null()
    )
    person = unnumbered | pl.col("supplier").is_in(titled)
    return awards.with_columns(
        pl.when(person).then(pl.lit(payees.PERSON)).otherwise("supplier").alias("supplier")
    )


def publishable(suppliers: Iterable[str]) -> dict[str, str]:
    """What may be published for each name of which no register number is known."""
    distinct = pl.Series(sorted(set(suppliers)), dtype=pl.String)
    people = people_among(distinct) if len(distinct) else set()
    classes = dict(payees.classify(distinct).iter_rows()) if len(distinct) else {}
    said = {}
    for name in distinct:
        if not name.strip() or _NO_SUPPLIER.search(name):
            said[name] = NONE
        elif name in people:
            said[name] = payees.PERSON
        else:
            unclear = classes[name] == "unknown" or _may_be_a_sole_trader(name)
            said[name] = UNCLEAR if unclear else name
    return said
