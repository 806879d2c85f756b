"""The catalogue: what is known of every edition of every dataset, one YAML file a dataset.

A file in `ingest/catalogue/` reads:

```yaml
dataset: pss_ex1                     # the file's own name, and the module `ingest/pss_ex1.py`
title: Personal Social Services Expenditure (EX1)
publisher: NHS England (formerly NHS Digital, HSCIC and the NHS Information Centre)
publication_page: https://...        # where the publisher presents it
licence: Open Government Licence v3.0
licence_status: stated               # or presumed: nobody saw a licence file beside the copy read.
                                     # `licence: no licence seen` where no general terms can be presumed
unit: GBP thousand
describes: one paragraph on what the dataset is
breaks:                              # where comparability ends, in words
  - between: [2007-08, 2008-09]
    why: ...
editions:                            # any key above may be given again for one edition
  - edition: 2000-01                 # names data/raw/<dataset>/<edition>.parquet
    status: held                     # or declared: known to exist, not held; then `why` and no files
    title: ...
    published: 2002-03-01            # or null where not known
    retrieved: 2026-11-01
    review_by: 2027-11-30
    provenance: publisher            # or third_party, transcribed, derived; `provenance_note` says how
                                     # (workspace: files of whoever owns the workspace)
    known_problems: [...]
    layout: council sheets           # where the reader knows several: which one the files follow
    files:                           # a file may name its own `layout`
      - {path: pss_ex1/2000-01/spend.xls, bytes: 3168768, sha256: 44f5..., url: null}
    tables: [monthly, files]         # a ledger's only: names data/raw/<dataset>/<table>.parquet instead
  - edition: 2000-01r1               # the publisher changed a file after we read it: both are kept
    revises: 2000-01                 # an edition listed above; its figures stay beside these
    files:                           # `@` and the first 12 digits of the sha256 mark a changed file
      - {path: pss_ex1/2000-01/spend@1f0c9d2a4b77.xls, bytes: 3168768, sha256: 1f0c..., url: null}
```
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from commissioning.base.errors import CatalogueError, LayoutError
from commissioning.base.paths import project
from commissioning.base.yamls import read_yaml

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PROVENANCES = {"publisher", "third_party", "transcribed", "derived", "workspace"}
_INHERITED = ("title", "publisher", "publication_page", "licence", "licence_status", "unit", "review_by")


Reader = TypeVar("Reader")


@dataclass(frozen=True)
class OriginalFile:
    """One publisher's file: its path in a cache or mirror, size, sha256 (uncompressed), direct address, and
    the layout that it follows where its dataset's reader knows several."""

    path: str
    bytes: int
    sha256: str
    url: str | None = None
    layout: str | None = None

    def reader(self, layouts: Mapping[str, Reader]) -> Reader:
        """What a dataset's module has for the file's layout; `LayoutError` where it knows none such."""
        if self.layout not in layouts:
            module = f"ingest/{self.path.partition('/')[0]}.py"
            raise LayoutError(
                "No layout is known for this file.",
                file=self.path,
                expected=f"one of {sorted(layouts)}",
                found=self.layout,
                todo=f"name the layout that it follows in the catalogue; a new one has to be taught {module}",
            )
        return layouts[self.layout]


@dataclass(frozen=True)
class Edition:
    """One edition of a dataset, as the catalogue tells it."""

    dataset: str
    edition: str
    status: str
    title: str
    publisher: str
    publication_page: str | None
    licence: str
    licence_status: str
    unit: str
    review_by: dt.date
    published: dt.date | None = None
    retrieved: dt.date | None = None
    provenance: str = "publisher"
    provenance_note: str | None = None
    why: str | None = None
    url: str | None = None
    revises: str | None = None
    known_problems: tuple[str, ...] = ()
    files: tuple[OriginalFile, ...] = ()
    tables: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.dataset}/{self.edition}"

    def name(self, dataset_title: str) -> str:
        """The edition in words: its years as they are, else its title, where that is not the dataset's."""
        years = re.fullmatch(r"\d{4}[\d-]*(_to_\d{4}-\d\d)?(-[a-z][\w-]*)?", self.edition)
        if years or self.title == dataset_title:
            return re.sub(r"(?<=[0-9a-z])-(?=[a-z])|_", " ", self.edition)
        return self.title


@dataclass(frozen=True)
class Dataset:
    """A dataset and its editions, in the catalogue's order."""

    dataset: str
    title: str
    publisher: str
    describes: str
    breaks: tuple[dict, ...] = ()
    editions: tuple[Edition, ...] = field(default_factory=tuple)

    @property
    def held(self) -> tuple[Edition, ...]:
        return tuple(edition for edition in self.editions if edition.status == "held")

    @property
    def source(self) -> str:
        """What the gate and dbt call its tables: its own name; all ledgers together are `ledgers`."""
        return "ledgers" if any(edition.tables for edition in self.editions) else self.dataset

    def edition(self, name: str) -> Edition:
        for edition in self.editions:
            if edition.edition == name:
                return edition
        raise CatalogueError(
            f"{self.dataset} has no edition {name!r}.", expected=[e.edition for e in self.editions]
        )


def is_inside(path: object) -> bool:
    """Whether a catalogue's path stays in the folder that it is put in, on every system."""
    if not isinstance(path, str) or re.search(r"[\\:\x00-\x1f]", path):
        return False
    return all(part not in ("", ".", "..") for part in path.split("/"))


def _faults(entry: dict) -> Iterator[tuple[str, object, object]]:
    """What is wrong with an entry, what was expected and what was found.

    Nothing in it may lead out of the cache, the snapshot or the web.
    """
    known = {*Edition.__dataclass_fields__, "layout"} - {"dataset"}
    if set(entry) - known:
        yield "Unknown keys in the catalogue.", sorted(known), sorted(set(entry) - known)
    missing = [key for key in ("edition", "status", *_INHERITED) if key not in entry]
    if missing:
        yield "Keys are missing in the catalogue.", missing, sorted(entry)
        return
    status, files = entry["status"], entry.get("files", ())
    if status not in ("held", "declared"):
        yield "Unknown status.", "held or declared", status
    if status == "held" and not files:
        yield "An edition that is held names no file.", "files", None
    if status == "declared" and not entry.get("why"):
        yield "A declared edition must say why it is not held.", "why", None
    if entry.get("provenance", "publisher") not in PROVENANCES:
        yield "Unknown provenance.", sorted(PROVENANCES), entry["provenance"]
    if not isinstance(entry["review_by"], dt.date):
        yield "review_by is not a date.", "2027-11-30", entry["review_by"]
    for name in (entry["edition"], *entry.get("tables", ())):
        if not isinstance(name, str) or not _PLAIN.fullmatch(name):
            yield "An edition's or table's name is no name for a file.", "letters, digits and . _ -", name
    for item in files:
        if not is_inside(item.get("path")):
            expected = "a path below the cache: pss_ex1/2000-01/spend.xls"
            yield "A file's path leaves its folder.", expected, item.get("path")
        if not isinstance(item.get("bytes"), int) or item["bytes"] <= 0:
            yield "A file's size is not given.", "bytes: a whole number above zero", item.get("bytes")
    for url in (entry.get("url"), *(item.get("url") for item in files)):
        if url is not None and not re.match(r"https?://[^/]", str(url)):
            yield "A direct address is no web address.", "https://…, or null where none is known", url


def _edition(dataset: dict, entry: dict, file: Path) -> Edition:
    merged = {key: dataset[key] for key in (*_INHERITED, "layout") if key in dataset} | entry
    for what, expected, found in _faults(merged):
        raise CatalogueError(
            what,
            file=file,
            where=f"edition {entry.get('edition', '?')}",
            expected=expected,
            found=repr(found),
            todo="mend the entry; the text of ingest/catalogue.py explains each key",
        )
    layout = merged.pop("layout", None)
    files = tuple(OriginalFile(**{"layout": layout, **item}) for item in merged.pop("files", ()))
    lists = {key: tuple(merged.pop(key, ())) for key in ("known_problems", "tables")}
    return Edition(dataset=dataset["dataset"], files=files, **lists, **merged)


NEEDED = ("dataset", "title", "publisher", "describes", "editions")


def load_dataset(file: Path) -> Dataset:
    """One catalogue file, checked. Raises `CatalogueError` naming file, edition and key."""
    entry = read_yaml(file, CatalogueError, "The catalogue file", needs=NEEDED)
    if entry["dataset"] != file.stem:
        raise CatalogueError(
            "A catalogue file must be named after its dataset.",
            file=file,
            expected=file.stem,
            found=entry["dataset"],
        )
    editions = tuple(_edition(entry, item, file) for item in entry["editions"])
    names = [edition.edition for edition in editions]
    if len(set(names)) != len(names):
        raise CatalogueError(
            "An edition is listed twice.", file=file, found=names, expected="each edition once"
        )
    for place, edition in enumerate(editions):
        if edition.revises is not None and edition.revises not in names[:place]:
            raise CatalogueError(
                "An edition revises one that is not listed above it.",
                file=file,
                where=f"edition {edition.edition}",
                expected=names[:place],
                found=edition.revises,
            )
    return Dataset(
        dataset=entry["dataset"],
        title=entry["title"],
        publisher=entry["publisher"],
        describes=entry["describes"],
        breaks=tuple(entry.get("breaks", ())),
        editions=editions,
    )


@cache
def catalogue() -> dict[str, Dataset]:
    """Every dataset by name, in alphabetical order."""
    return {file.stem: load_dataset(file) for file in sorted(project().catalogue.glob("*.yml"))}


def chosen(names: Iterable[str], editions: Iterable[Edition]) -> list[Edition]:
    """Those of the editions whose dataset (`pss_ex1`) or id (`pss_ex1/2000-01`) is named; all if none is."""
    names, editions = set(names), list(editions)
    known = {edition.id for edition in editions} | set(catalogue())
    if names - known:
        raise CatalogueError(
            f"The catalogue has no such dataset or edition: {', '.join(map(repr, sorted(names - known)))}.",
            expected=sorted(catalogue()),
        )
    return [e for e in editions if not names or e.id in names or e.dataset in names]
