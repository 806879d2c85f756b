"""What is peculiar to a body's ledger: one YAML file a body beside this module.

```yaml
body: devon
title: Spending over £500
publisher: Devon County Council
licence: Open Government Licence v3.0
files: "DCCSpendingOver500_*.csv"    # which files of the folder ledger_<body>/ are payments
date_order: day first                # or month first; only needed where the dates do not tell
months: first day                    # dates may name a month alone, and are booked on its first day
swapped_dates: mend                  # or keep: what a spreadsheet made of days up to the 12th
numbers: decimal point               # or decimal comma; only needed where the amounts do not tell
factor: 1000                         # what amounts are multiplied by, where the file says "in £000s"
amount_kind: unstated                # net, gross or unstated; where a heading does not say
transaction_numbers: line            # one number a line, or one a document (several lines) or none
transaction_prefix: '^[A-Z]+'        # the part of a transaction number that tells the feeding system
columns: {expense_label: Purpose}    # a field and its heading (or a list), where the aliases do not tell
header_line: 4                       # the row of the header, where it is not found
sheets: [Payments*]                  # the sheets of a workbook that are payments; else all with a header
hidden_sheets: read                  # or leave out, which is what is done where nothing is said
beyond_the_header: ignore            # or reject: lines with more cells than the header has headings
headerless: [Department, Name, Date] # headings of the columns that are not empty, for files without a header
eras:                                # chart of accounts; `from` is a payment date, the first era has none
  - {era: first, why: ...}
  - {era: second, from: 2011-04-01, why: ..., transaction_numbers: document}
options:                             # any key from date_order to beyond_the_header, for files of a pattern
  - {files: "2019*", date_order: month first}
leave_out: [notes.csv]               # files that are not read; `ingest` counts them
questions: [...]                     # what `add` could not tell, file by file; `add --resume` asks again
sets:                                # fields that hold for whole files
  - {files: "*-card.csv", payment_kind: Purchase card}
client_group: {field: supplier, where: {payment_kind: Personal Budgets}, pattern: '...'}
people: {creditor_type: [INDV]}      # values that mark a payee as a person
known_problems: [...]                # in words, for whoever looks at the ledger
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from commissioning.base.errors import LedgerError
from commissioning.base.paths import own_workspace, workspace
from commissioning.base.yamls import read_yaml
from commissioning.ingest.catalogue import Dataset, catalogue

FIELDS = (
    "payment_date",
    "amount",
    "supplier",
    "supplier_id",
    "company_number",
    "charity_number",
    "transaction_id",
    "invoice_number",
    "department",
    "expense_area",
    "expense_code",
    "expense_label",
    "creditor_type",
    "payment_kind",
    "capital_or_revenue",
    "currency",
    "sign",
)
"""The fields that a heading can be mapped to, in `columns` as in `aliases.yml`."""
TEXTS = (
    "supplier",
    "department",
    "expense_area",
    "expense_code",
    "expense_label",
    "creditor_type",
    "payment_kind",
    "transaction_id",
)
"""The fields of text that a payment keeps."""
NUMBERS = ("company_number", "charity_number")
"""Numbers of public registers, which a payment keeps too; they say nothing of what a line is."""
CHOICES = {
    "date_order": {"day first", "month first"},
    "months": {"first day"},
    "swapped_dates": {"mend", "keep"},
    "hidden_sheets": {"read", "leave out"},
    "beyond_the_header": {"ignore", "reject"},
    "numbers": {"decimal point", "decimal comma"},
    "amount_kind": {"net", "gross", "unstated"},
    "transaction_numbers": {"line", "document", "none"},
}
OPTIONS = (
    "date_order",
    "months",
    "swapped_dates",
    "numbers",
    "factor",
    "amount_kind",
    "columns",
    "header_line",
    "sheets",
    "hidden_sheets",
    "beyond_the_header",
)
"""Keys that may be said for files of a pattern, under `options`."""


@dataclass(frozen=True)
class Body:
    """A body's ledger, as its YAML tells it. `folder` is its folder in a cache or mirror."""

    body: str
    title: str
    publisher: str
    licence: str
    files: str = "*"
    date_order: str | None = None
    months: str | None = None
    swapped_dates: str | None = None
    numbers: str | None = None
    factor: int | None = None
    header_line: int | None = None
    sheets: tuple[str, ...] = ()
    hidden_sheets: str = "leave out"
    beyond_the_header: str = "reject"
    amount_kind: str = "unstated"
    transaction_numbers: str = "document"
    transaction_prefix: str | None = None
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    options: tuple[dict, ...] = ()
    leave_out: tuple[str, ...] = ()
    questions: tuple[dict, ...] = ()
    headerless: tuple[str, ...] = ()
    eras: tuple[dict, ...] = ()
    sets: tuple[dict, ...] = ()
    client_group: dict | None = None
    people: dict[str, list[str]] = field(default_factory=dict)
    known_problems: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        return f"ledger_{self.body}"

    def fits(self, name: str) -> bool:
        """Whether a file of this name is one of the body's payments."""
        return fnmatch(name, self.files)

    def eras_by_document(self) -> list[str]:
        """Eras in which a transaction number stands for a document, whatever it does in the others."""
        return [entry["era"] for entry in self.eras if entry.get("transaction_numbers") == "document"]

    def for_file(self, file: str) -> Body:
        """The body as its `options` for files of this name have it; of two that fit, the later wins."""
        name = Path(file).name.partition("!")[0]
        said = [entry for entry in self.options if fnmatch(name, entry["files"])]
        if not said:
            return self
        keys = {key: value for entry in said for key, value in entry.items() if key != "files"}
        columns = {k: v for entry in said for k, v in entry.get("columns", {}).items()}
        return replace(self, **(keys | {"columns": self.columns | columns}))

    def headings_of(self, name: str) -> list[str]:
        """The headings that hold a field, as `columns` says."""
        said = self.columns.get(name, [])
        return [said] if isinstance(said, str) else said

    def set_for(self, file: str) -> dict[str, str]:
        """The fields that hold for every payment of a file."""
        name = Path(file).name
        return {
            key: value
            for entry in self.sets
            if fnmatch(name, entry["files"])
            for key, value in entry.items()
            if key != "files"
        }


def lists_folder() -> Path:
    """Where `aliases.yml`, `payees.yml` and the bodies known here lie: in the checkout, or the package."""
    here = workspace()
    return here.bodies if here.is_checkout else Path(__file__).parent


def alias_files() -> list[Path]:
    """The lists of headings: the one known here, and after it the user's own, where there is one."""
    own = own_workspace()
    return [lists_folder() / "aliases.yml", *([own.root / "aliases.yml"] if own else [])]


def dataset_of(body: Body) -> Dataset | None:
    """The body's entry in the catalogue; None where there is none, or no catalogue."""
    return catalogue().get(body.folder) if workspace().is_checkout else None


SLUG = re.compile(r"[a-z][a-z0-9_-]{1,60}")
"""What a body's name is made of."""
NOT_BODIES = {"aliases", "payees"}


def load_body(file: Path) -> Body:
    """One body's YAML, checked. Raises `LedgerError` naming file and key."""
    todo = "mend the key; the text of ingest/ledgers/bodies.py explains each"
    entry = read_yaml(file, LedgerError, "A body's file", todo=todo)
    if entry.get("body") != (stem := file.stem.removesuffix(".draft")):
        raise LedgerError("A body's file must be named after its body.", file=file, expected=stem, todo=todo)
    known = set(Body.__dataclass_fields__)
    missing = {"title", "publisher", "licence"} - set(entry)
    if missing or set(entry) - known:
        raise LedgerError(
            "Keys are missing or unknown in a body's file.",
            file=file,
            expected=f"also {sorted(missing)}" if missing else sorted(known),
            found=sorted(set(entry) - known),
            todo=todo,
        )
    for part in (entry, *entry.get("options", ())):
        _check_choices(part, file, todo)
    for option in entry.get("options", ()):
        if "files" not in option or set(option) - {"files", *OPTIONS}:
            raise LedgerError(
                "An option for files is unknown, or names no files.",
                file=file,
                expected=["files", *OPTIONS],
                found=sorted(option),
                todo=todo,
            )
    starts = [era.get("from") for era in entry.get("eras", ())]
    if starts and (starts[0] is not None or starts[1:] != sorted(s for s in starts[1:] if s)):
        raise LedgerError(
            "Eras must be in order, the first without `from`.", file=file, found=starts, todo=todo
        )
    tuples = {k: tuple(entry[k]) for k in TUPLES if k in entry}
    return Body(**{**entry, **tuples})


def _check_choices(entry: dict, file: Path, todo: str) -> None:
    for key, allowed in CHOICES.items():
        if entry.get(key) is not None and entry[key] not in allowed:
            raise LedgerError(
                f"Unknown {key}.", file=file, expected=sorted(allowed), found=entry[key], todo=todo
            )
    for key in ("factor", "header_line"):
        if entry.get(key) is not None and not (isinstance(entry[key], int) and entry[key] > 0):
            raise LedgerError(f"{key} is no whole number above zero.", file=file, found=entry[key], todo=todo)
    if unknown := set(entry.get("columns", {})) - set(FIELDS):
        raise LedgerError(
            "A column is mapped to an unknown field.",
            file=file,
            expected=sorted(FIELDS),
            found=sorted(unknown),
            todo=todo,
        )


TUPLES = ("headerless", "eras", "sets", "known_problems", "options", "leave_out", "questions", "sheets")


def is_draft(name: str) -> bool:
    """Whether a YAML's name is that of a body whose files have left only questions so far."""
    return name.endswith(".draft")


@cache
def bodies() -> dict[str, Body]:
    """Every body that has a YAML file, in alphabetical order: those known here and the workspace's own."""
    folders = (lists_folder(), workspace().bodies)
    files = {file.stem: file for folder in folders for file in folder.glob("*.yml")}
    return {name: load_body(files[name]) for name in sorted(set(files) - NOT_BODIES) if not is_draft(name)}


def body_named(name: str) -> Body:
    if name not in bodies():
        if (draft := workspace().bodies / f"{name}.draft.yml").exists():
            raise LedgerError(
                f"{name!r} is a draft with open questions.",
                file=draft,
                todo=f"answer them there, then `commissioning ledger add --resume --body {name}`",
            )
        raise LedgerError(
            f"There is no ledger of a body {name!r}.",
            expected=sorted(bodies()),
            todo="describe it with `commissioning ledger add FILE… --body NAME`",
        )
    return bodies()[name]
