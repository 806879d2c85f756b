"""How well masking does, by the names in `labelled_names.csv`, made up for that and for nothing else.

The names of people are of 36 origins and many forms; those of organisations are of the kinds that ledgers
hold. Most were written before the rules were settled, and no rule was changed after a look at what it gets
wrong in them. `WRITTEN_WITH_THE_RULES` are forms whose names came with the rules for them: they show that
the rules do what they are meant to, and less of how they would do elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from commissioning.ingest.ledgers import payees
from commissioning.ingest.ledgers.bodies import lists_folder

WRITTEN_WITH_THE_RULES = (
    "address or e-mail",
    "account, number or other person",
    "one word",
    "trading under another name",
)
PROMISED = {"titled": 0.97, "initials": 0.97, "given name and surname": 0.97}
"""The least share of each form that must be masked."""


@dataclass(frozen=True)
class Total:
    """Of the people, the share masked; of the masked, the share that are people."""

    people: int
    organisations: int
    recall: float
    precision: float


def _judged() -> pl.DataFrame:
    labelled = pl.read_csv(lists_folder() / "labelled_names.csv", glob=False)
    classes = payees.classify(labelled["name"]).rename({"supplier": "name"})
    return labelled.join(classes, on="name", how="left", maintain_order="left").with_columns(
        (pl.col("payee_class") == "person").alias("masked"), (pl.col("kind") == "person").alias("person")
    )


def by_form() -> pl.DataFrame:
    """`kind`, `form`, how many `names` and how many of them are `masked`, in the order of the list."""
    return (
        _judged()
        .group_by("kind", "form", maintain_order=True)
        .agg(pl.len().alias("names"), pl.col("masked").sum())
    )


def total() -> Total:
    """Recall and precision over all forms; precision depends on how many organisations the list holds."""
    judged = _judged()
    people, masked = judged.filter("person"), judged.filter("masked")
    return Total(
        people.height, judged.height - people.height, people["masked"].mean(), masked["person"].mean()
    )


def labels_by_form() -> pl.DataFrame:
    """The same of `labelled_labels.csv`: labels with a name in them, and ordinary ones.

    They were written with the rules.
    """
    labelled = pl.read_csv(lists_folder() / "labelled_labels.csv", glob=False)
    masked = payees.masked_labels(labelled["label"])
    return (
        labelled.with_columns(pl.col("label").is_in(list(masked)).alias("masked"))
        .group_by("kind", "form", maintain_order=True)
        .agg(pl.len().alias("names"), pl.col("masked").sum())
    )
