"""Who a payee is, by the form of the name: the rules are data in `payees.yml`, the forms are in `names.py`.

Each distinct name is looked at once. `person` is a wide net on purpose: an organisation taken for a person
costs a name in a table of suppliers, a person taken for an organisation could be published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from commissioning.ingest.ledgers import names
from commissioning.ingest.ledgers.bodies import Body
from commissioning.ingest.ledgers.contacts import without_contacts
from commissioning.ingest.ledgers.values import each_distinct

PERSON = "[person]"
"""What the lake holds in place of a name of a person."""
TRADING = r"\bT/AS?\b|\bTRADING AS\b"
CLASSES = ("person", "organisation", "public_body", "redacted", "unknown")


@cache
def rules() -> dict[str, str]:
    """Regular expressions by what they find, for plain names (`names.plain`)."""
    data = names.lists()
    titles = "|".join(data["titles"])
    forms = "|".join(data["forms"])
    practices = names.whole_words(data["practices"])
    return {
        "redacted": "|".join([*data["redacted"], rf"\b(?:{'|'.join(_one_slip('REDACTED'))})\b"]),
        "masked": "|".join(data["masked"]),
        "company": rf"[ .,()](?:{forms})[.)]?(?: \(.*\))?$",
        "trading": TRADING,
        "title": rf"^(?:{titles})\b|[ ,(/](?:MR|MRS|MISS|MS|DR|REV)\)?(?:$|[ &])",
        "practice": rf"^DRS?\b.*{practices}",
        "public_body": names.whole_words(data["public_body"]),
        "organisation": names.whole_words(data["organisation"]),
        # A label that is a name: "J SMITH" or "JANE SMITH". GRANT is a word of ledgers before it is a name.
        "label": rf"^[A-Z]\.? [A-Z][A-Z'-]{{2,}}$"
        rf"|^(?:{'|'.join(sorted(names.given_names() - {'GRANT'}))}) [A-Z'-]{{3,}}$",
        "honour": rf"^(?:{'|'.join(data['honours'])})\b",
    }


def _one_slip(word: str) -> set[str]:
    """Spellings of a word with one letter left out, doubled or changed, or two that changed places."""
    parts = [(word[:at], word[at:]) for at in range(len(word))]
    return (
        {word}
        | {before + after[1:] for before, after in parts}
        | {before + after[0] + after for before, after in parts}
        | {before + "[A-Z]" + after[1:] for before, after in parts}
        | {before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1}
    )


@cache
def organisations() -> list[str]:
    """Organisations whose names look like a person's, in capitals."""
    return [name.upper() for name in names.lists()["organisations"]]


def classify(suppliers: pl.Series) -> pl.DataFrame:
    """`supplier` and `payee_class` for distinct names."""
    found = {name: pl.col("plain").str.contains(pattern) for name, pattern in rules().items()}
    looked_at = pl.DataFrame({"supplier": suppliers.unique().sort()}).with_columns(
        names.plain(pl.col("supplier")).alias("plain")
    )
    company = found["company"] & ~found["trading"]
    plain = looked_at["plain"]
    # RAINBOW T/A JANE EXAMPLE, where no company stands before.
    traders = plain.str.extract(rf"^(?:[^,]*?)(?:{TRADING})\W*(.+)$").fill_null("")
    of_company = plain.str.contains(names.whole_words(names.lists()["forms"]))
    apart = looked_at.select(names.plain(names.apart(pl.col("supplier"))).alias("apart"))["apart"]
    person_form = (
        names.of_people(apart) | names.single_words(plain) | (names.of_people(traders) & ~of_company)
    ).fill_null(False)
    tests = (
        (found["masked"], "person"),
        (found["redacted"] & ~company, "redacted"),
        # With or without the number of a shop or a purchase.
        (pl.col("plain").str.replace(r" +\d+$", "").is_in(organisations()), "organisation"),
        (company & ~found["public_body"], "organisation"),
        (found["practice"], "organisation"),
        (found["title"], "person"),
        (found["public_body"], "public_body"),
        (pl.lit(person_form), "person"),
        (found["organisation"], "organisation"),
        (found["honour"], "person"),
    )
    first, kind = tests[0]
    taken = pl.when(first).then(pl.lit(kind))
    for test, kind in tests[1:]:
        taken = taken.when(test).then(pl.lit(kind))
    return looked_at.select("supplier", taken.otherwise(pl.lit("unknown")).alias("payee_class"))


LABELS = ("department", "expense_area", "expense_label", "payment_kind")
"""Columns in which a name of a person is masked."""


class Classes:
    """What names and labels seen so far were taken for, so that each is looked at once, not once a year."""

    def __init__(self) -> None:
        self.names = pl.DataFrame(schema={"supplier": pl.String, "payee_class": pl.String})
        self.labels: set[str] = set()
        self.people: dict[str, str] = {}
        self._noted: dict[str, list[pl.Series]] = {name: [] for name in ("supplier", *LABELS)}

    def note(self, texts: Mapping[str, pl.Series]) -> None:
        """Take the names and labels of a reading (`texts`), to be looked at by `learn`."""
        for name, noted in self._noted.items():
            if name in texts:
                noted.append(texts[name])

    def learn(self) -> None:
        """Look at the names and labels that were noted since."""
        suppliers, *labels = (
            pl.concat([pl.Series([], dtype=pl.String), *noted]).unique().drop_nulls()
            for noted in self._noted.values()
        )
        new = suppliers.alias("supplier").to_frame().join(self.names, on="supplier", how="anti")
        if new.height:
            self.names = pl.concat([self.names, classify(new["supplier"])])
        new = {label for column in labels for label in column} - self.labels
        if new:
            self.labels |= new
            self.people |= masked_labels(pl.Series(sorted(new)))
        for noted in self._noted.values():
            noted.clear()

    def of(self, suppliers: pl.Series) -> pl.Series:
        """The class of each name, all of them learnt before."""
        known = pl.DataFrame({"supplier": suppliers}).join(
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
        held = [name for name in ("supplier", *LABELS) if name in payments.columns]
        classes.note({name: payments[name].cast(pl.String) for name in held})
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
        people = masked_labels(payments["client_group"].drop_nulls().unique().cast(pl.String))
        payments = payments.with_columns(pl.col("client_group").replace(people))
    mask = pl.lit(PERSON, pl.Categorical())
    payments = payments.with_columns(
        pl.when(kind == "person").then(mask).otherwise("supplier").alias("supplier")
    )
    if classes.people:
        here = [name for name in LABELS if name in payments.columns]
        payments = payments.with_columns(pl.col(here).replace(classes.people))
    return payments


_BETWEEN = r"\s+-+\s+|\s*[:;/(),]+\s*"
_TITLES = re.compile(
    r"\b(?:(MR|MRS|MISS)|(MS|MX|DR|C/O))\b\.?(?: ?& ?(?:MR|MRS|MISS|MS|DR)\b\.?)? +", re.IGNORECASE
)
_WORD = re.compile(r"(?:&|[^\W\d_]+(?:['’-][^\W\d_]+)*\.?) *")
_NAME_WORDS = 3
"""The most words of a name behind its title."""
NAMES = frozenset("GWgpSsbFl")
SURE = frozenset("GWSF")
"""Kinds of words (`names.KINDS`) behind Mr, and those behind what is no title besides (Dr, Ms, c/o)."""


def masked_labels(labels: pl.Series) -> dict[str, str]:
    """The few labels with a person's name in them, each with `[person]` in place of the name.

    E-mail addresses and telephone numbers are taken out too.

    A label is looked at whole and by its parts, between dashes, brackets, slashes and colons, behind words
    that a client's name follows (`label_leads`), and behind a title wherever it stands.
    """
    found = dict.fromkeys(_whole_names(labels), PERSON) | _by_parts(labels)
    for label in labels.drop_nulls().unique():
        before = found.get(label, label)
        if before != PERSON and (after := without_contacts(_without_titled(before))) != before:
            found[label] = after
    return found


def _by_parts(labels: pl.Series) -> dict[str, str]:
    leads = "|".join(names.lists()["label_leads"])
    parts = (
        pl.DataFrame({"label": labels.unique().sort()})
        # Parts and what stands between them, so that the label can be put together again.
        .with_columns(pl.col("label").str.replace_all(_BETWEEN, "\0${0}\0").str.split("\0").alias("part"))
        .explode("part")
        .with_columns(
            pl.col("part").str.replace(rf"(?i)^((?:.* )?(?:{leads})(?: for)?) +", "$1 \0").str.split("\0")
        )
        .explode("part")
        .with_columns(names.plain(pl.col("part")).alias("plain"))
    )
    plain = parts["plain"]
    # What stands before a part: the words of a lead, or a lead and a dash, a slash or a bracket.
    last, one_before = (pl.col("part").shift(n).over("label").fill_null("") for n in (1, 2))
    lead = rf"(?i)(?:^|[ /-])(?:{leads})(?: for)? *$"
    after = parts.select(
        (last.str.contains(lead) | (one_before.str.contains(lead) & last.str.contains(r"^\W+$"))).alias(
            "led"
        ),
        last.str.contains(r"\($").alias("in_brackets"),
    )
    shortened = names.whole_words(names.lists()["label_words"])
    terms = rf"^(?:(?:{'|'.join(names.lists()['label_terms'].split())})(?: |$))+$"
    # RESPITE (EXAMPLE): a surname alone. Behind a lead all forms count, elsewhere few.
    named = (
        names.of_people(plain, names.IN_A_LABEL)
        | names.single_words(plain)
        | (after["led"] & names.of_people(plain) & ~plain.str.contains(shortened))
        | (after["led"] & after["in_brackets"] & names.surnames(plain))
    ).fill_null(False) & ~plain.str.contains(terms).fill_null(False)
    return dict(
        parts.with_columns(named.alias("named"))
        .filter(pl.col("named").any().over("label"))
        .group_by("label", maintain_order=True)
        .agg(pl.when("named").then(pl.lit(PERSON)).otherwise("part").str.join(""))
        .iter_rows()
    )


def _without_titled(label: str) -> str:
    """A label with `[person]` in place of a title and the name behind it, wherever they stand.

    MS, DR and C/O stand before other words too: behind them a name that is a word besides does not count.
    """
    kept, at = [], 0
    while title := _TITLES.search(label, at):
        end, words = title.end(), 0
        while words < _NAME_WORDS and (word := _WORD.match(label, end)):
            small = word.group()[0].islower() and title.group()[0].isupper()
            if small or not _of_a_name(word.group().strip(" ."), sure=bool(title[2])):
                break
            end, words = word.end(), words + 1
        named = any(len(word) > 1 for word in label[title.end() : end].replace(".", " ").split())
        end = end if named else title.end()
        space = " " if named and label[end - 1] == " " else ""
        kept.append(label[at : title.start()] + PERSON + space if named else label[at:end])
        at = end
    return "".join(kept) + label[at:]


def _of_a_name(word: str, *, sure: bool) -> bool:
    """Whether a word behind a title may be of the name: an initial, a name, a word that is in no list."""
    kind = names.kinds_of_words().get(word.upper().split("-")[0])
    if len(word) == 1:
        return word.isalpha()
    if kind is None:
        return not re.search(rules()["organisation"], word.upper())
    return kind in (SURE if sure else NAMES)


def _whole_names(labels: pl.Series) -> list[str]:
    """The labels that are a name and nothing else."""
    plain = pl.col("plain")
    return (
        pl.DataFrame({"label": labels})
        .with_columns(names.plain(pl.col("label")).alias("plain"))
        .filter(
            plain.str.contains(rules()["label"])
            & ~plain.str.contains(rules()["organisation"])
            & ~plain.str.contains(rules()["public_body"])
        )["label"]
        .to_list()
    )
