"""Who a payee is, by the structure of the name: the rules are data in `payees.yml`.

Each distinct name is looked at once. `person` is a wide net on purpose: an organisation taken for a person
costs a name in a table of suppliers, a person taken for an organisation could be published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from commissioning.base.errors import LedgerError
from commissioning.base.yamls import read_yaml
from commissioning.ingest.ledgers.bodies import Body, lists_folder
from commissioning.ingest.ledgers.values import each_distinct

PERSON = "[person]"
"""What the lake holds in place of a name of a person."""
CLASSES = ("person", "organisation", "public_body", "redacted", "unknown")


@cache
def rules() -> dict[str, str]:
    """Regular expressions by class, for names in capitals with single spaces."""
    data = _lists()
    given = "|".join(sorted(set(data["given_names"].split())))
    titles = "|".join(data["titles"])
    return {
        "redacted": "|".join(data["redacted"]),
        "masked": "|".join(data["masked"]),
        "public_body": _whole_words(data["public_body"]),
        "organisation": _whole_words(data["organisation"]),
        "title": rf"^(?:{titles})\b|[ ,(/](?:MR|MRS|MISS|MS|DR|REV)\)?(?:$|[ &])",
        "honour": rf"^(?:{'|'.join(data['honours'])})\b",
        # "J SMITH", "SMITH J", "SMITH A B", "SMITH AB", "A B SMITH", "A & C D SMITH".
        "initials": r"^(?:[A-Z]\.? ?(?:&|AND) )?(?:[A-Z](?:\. ?| )){1,3}"
        r"(?:(?:&|AND) (?:[A-Z](?:\. ?| )){1,3})?[A-Z][A-Z'-]+$"
        r"|^[A-Z][A-Z'-]{2,},?(?: [A-Z]{1,2}\.?){1,3}(?: (?:&|AND)(?: [A-Z]{1,2}\.?){1,3})?$",
        # A label that is a name: "J SMITH" or "JANE SMITH". GRANT is a word of ledgers before it is a name.
        "label": rf"^(?:MR|MRS|MISS|MS|DR) [A-Z]|^[A-Z]\.? [A-Z][A-Z'-]{{2,}}$"
        rf"|^(?:{given.replace('|GRANT|', '|')}) [A-Z'-]{{3,}}$",
        "given": rf"^(?:[A-Z'.-]+,? ){{0,3}}(?:{given}),?(?: [A-Z'.-]+){{0,3}}$",
    }


@cache
def organisations() -> list[str]:
    """Organisations whose names look like a person's, in capitals."""
    return [name.upper() for name in _lists()["organisations"]]


def _lists() -> dict[str, list[str]]:
    """Words by which a payee is known for a person or an organisation. `given_names` is one text."""
    needs = ("given_names", "titles", "redacted", "masked", "public_body", "organisation", "honours")
    return read_yaml(
        lists_folder() / "payees.yml", LedgerError, "The list of payees", needs=(*needs, "organisations")
    )


def _whole_words(words: list[str]) -> str:
    return r"(?:^|[^A-Z0-9])(?:" + "|".join(words) + r")(?:$|[^A-Z0-9])"


def classify(names: pl.Series) -> pl.DataFrame:
    """`supplier` and `payee_class` for distinct names."""
    found, known = rules(), organisations()
    name = (
        pl.col("supplier")
        .str.to_uppercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
        .str.replace_all("’", "'")
    )
    words = pl.col("plain").str.count_matches(" ") + 1
    return (
        pl.DataFrame({"supplier": names.unique().sort()})
        .with_columns(name.alias("plain"))
        .select(
            "supplier",
            pl.when(pl.col("plain").str.contains(found["masked"]))
            .then(pl.lit("person"))
            .when(pl.col("plain").str.contains(found["redacted"]))
            .then(pl.lit("redacted"))
            .when(pl.col("plain").is_in(known))
            .then(pl.lit("organisation"))
            .when(pl.col("plain").str.contains(found["title"]))
            .then(pl.lit("person"))
            .when(pl.col("plain").str.contains(found["public_body"]))
            .then(pl.lit("public_body"))
            .when(pl.col("plain").str.contains(found["organisation"]))
            .then(pl.lit("organisation"))
            .when(
                pl.col("plain").str.contains(found["initials"])
                | pl.col("plain").str.contains(found["honour"])
                | ((words >= 2) & (words <= 5) & pl.col("plain").str.contains(found["given"]))
            )
            .then(pl.lit("person"))
            .otherwise(pl.lit("unknown"))
            .alias("payee_class"),
        )
    )


LABELS = ("department", "expense_area", "expense_label")


class Classes:
    """What names and labels seen so far were taken for, so that each is looked at once, not once a year."""

    def __init__(self) -> None:
        self.names = pl.DataFrame(schema={"supplier": pl.String, "payee_class": pl.String})
        self.labels: set[str] = set()
        self.people: list[str] = []
        self._noted: dict[str, list[pl.Series]] = {name: [] for name in ("supplier", *LABELS)}

    def note(self, texts: Mapping[str, pl.Series]) -> None:
        """Take the names and labels of a reading (`texts`), to be looked at by `learn`."""
        for name, noted in self._noted.items():
            if name in texts:
                noted.append(texts[name])

    def learn(self) -> None:
        """Look at the names and labels that were noted since."""
        names, *labels = (
            pl.concat([pl.Series([], dtype=pl.String), *noted]).unique().drop_nulls()
            for noted in self._noted.values()
        )
        names = names.alias("supplier").to_frame().join(self.names, on="supplier", how="anti")
        if names.height:
            self.names = pl.concat([self.names, classify(names["supplier"])])
        new = {label for column in labels for label in column} - self.labels
        if new:
            self.labels |= new
            self.people += people_among(pl.Series(sorted(new)))
        for noted in self._noted.values():
            noted.clear()

    def of(self, names: pl.Series) -> pl.Series:
        """The class of each name, all of them learnt before."""
        known = pl.DataFrame({"supplier": names}).join(
            self.names, on="supplier", how="left", maintain_order="left"
        )
        return known["payee_class"].cast(pl.Categorical)


def mark(payments: pl.DataFrame, body: Body | None, classes: Classes | None = None) -> pl.DataFrame:
    """Add `payee_class`, and put `[person]` in place of names and labels that are a person's name.

    The publisher's own mark of an individual (`people` in the body's YAML) goes before the name's structure,
    unless the name is redacted or a public body's. What is booked to a group of clients under its name
    (`client_group`) was paid to nobody knows whom: its payee is `unknown`, where the name is no person's.
    `classes`, if given, have learnt these payments.
    """
    if classes is None:
        classes = Classes()
        classes.note({name: payments[name].cast(pl.String) for name in ("supplier", *LABELS)})
        classes.learn()
    known = each_distinct(payments["supplier"], classes.of)
    payments = payments.with_columns(known.fill_null("unknown").alias("payee_class"))
    kind = pl.col("payee_class")
    if body and body.people:
        marked = pl.any_horizontal(pl.col(column).is_in(values) for column, values in body.people.items())
        apart = kind.is_in(["redacted", "public_body"])
        person = pl.lit("person", pl.Categorical())
        payments = payments.with_columns(
            pl.when(marked.fill_null(False) & ~apart).then(person).otherwise(kind).alias("payee_class")
        )
    if body and body.client_group:
        group = pl.col("client_group").is_not_null() & kind.is_in(["organisation", "public_body"])
        unknown = pl.lit("unknown", pl.Categorical())
        payments = payments.with_columns(pl.when(group).then(unknown).otherwise(kind).alias("payee_class"))
    mask = pl.lit(PERSON, pl.Categorical())
    payments = payments.with_columns(
        pl.when(kind == "person").then(mask).otherwise("supplier").alias("supplier")
    )
    if classes.people:
        payments = payments.with_columns(pl.col(LABELS).replace(dict.fromkeys(classes.people, PERSON)))
    return payments


def people_among(labels: pl.Series) -> list[str]:
    """The few labels that are a person's name."""
    found, label = rules(), pl.col("label").str.to_uppercase()
    return (
        pl.DataFrame({"label": labels})
        .filter(
            label.str.contains(found["label"])
            & ~label.str.contains(found["organisation"])
            & ~label.str.contains(found["public_body"])
        )["label"]
        .to_list()
    )


def looks_like_a_person(name: str) -> bool:
    """Whether one text would be taken for a person's name; for scans of what is published."""
    return classify(pl.Series([re.sub(r"\s+", " ", name)]))["payee_class"][0] == "person"
