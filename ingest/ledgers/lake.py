"""The lake: every payment that this machine has read, in `data/lake/` (or COMMISSIONING_LAKE), never
committed.

```
data/lake/payments/body=devon/financial_year=2011-12/payments.parquet
data/lake/rejects/devon.parquet       # lines that could not be loaded, with the reason
data/lake/memory/devon.json           # what was read: size, time, sha256 and accounting of each file
data/lake/locks/devon.lock            # held while the body is written: one process at a time
```

A payment in the lake has the columns of `reader.PAYMENTS` (body and financial year in the path) and
`transaction_prefix` (the letters of its number that tell the feeding system), `payee_class` and
`is_duplicate_of`. Names of people are masked, where the name's form
tells, before a payment is written.

`is_duplicate_of` names the file and line where a payment was published before; `repeats.py` says how that is
told. Such a payment stays, and is left out of sums.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl

from commissioning.base.counting import counted
from commissioning.base.errors import DamagedFile, LedgerError, OriginalError
from commissioning.base.files import read_json, replace_text
from commissioning.base.lock import only_one
from commissioning.base.paths import workspace
from commissioning.base.progress import Progress
from commissioning.base.state import fingerprint, versions
from commissioning.base.workers import share_out
from commissioning.ingest import originals
from commissioning.ingest.ledgers import payees, reader, repeats
from commissioning.ingest.ledgers.bodies import Body, alias_files, dataset_of, lists_folder

WORKERS = 2
FILES_AHEAD = 24
"""Files opened before they are needed; a ledger's file has a megabyte or two."""
BATCHES_AHEAD = 1
HELD_ROWS = 2_000_000
"""Payments held in memory before finished years are written; it bounds the memory that an ingest takes."""
READERS = (
    "text.py",
    "records.py",
    "workbooks.py",
    "headers.py",
    "dates.py",
    "values.py",
    "furniture.py",
    "reader.py",
    "repeats.py",
    "names.py",
    "contacts.py",
    "payees.py",
    "bodies.py",
    "lake.py",
)
SPEND_FILES = {".csv", ".tsv", ".xlsx", ".xls", ".ods"}
LAKE = {
    **reader.PAYMENTS,
    "transaction_prefix": pl.Categorical(),
    "payee_class": pl.Categorical(),
    "is_duplicate_of": pl.String(),
}


@dataclass(frozen=True)
class LedgerFile:
    """One file of a body: its path in a cache or mirror, where it lies here, and the catalogue's sha256."""

    path: str
    place: Path
    sha256: str | None


def body_folder(body: Body) -> Path:
    return workspace().lake / "payments" / f"body={body.body}"


def memory_path(body: Body) -> Path:
    return workspace().lake / "memory" / f"{body.body}.json"


def lock_path(body: Body) -> Path:
    return workspace().lake / "locks" / f"{body.body}.lock"


def find_files(body: Body) -> list[LedgerFile]:
    """Every file of a body: those that the catalogue names, else what lies in its folder here.

    Raises `OriginalError` where one that the catalogue names is not on this machine, or none is.
    """
    dataset = dataset_of(body)
    if dataset is not None:
        files = [file for edition in dataset.held for file in edition.files]
        missing = [file.path for file in files if originals.find(file.path) is None]
        if missing:
            raise OriginalError(
                f"{len(missing)} of {len(files)} ledger files are not on this machine.",
                file=missing[0],
                expected=f"in {workspace().cache} or in a mirror (COMMISSIONING_MIRROR)",
                todo=f"run `commissioning ingest --refresh {body.folder}` for those with an address, or "
                "point COMMISSIONING_MIRROR to a folder that has them",
            )
        return [LedgerFile(file.path, originals.find(file.path), file.sha256) for file in files]
    found = {}
    for folder in _folders(body):
        for place in sorted(folder.glob("*")):
            name = place.name.removesuffix(".gz")
            if place.is_file() and fnmatch(name, body.files) and name not in body.leave_out:
                found[name] = LedgerFile(f"{body.folder}/{name}", place, None)
    if not found:
        raise OriginalError(
            "There is no file of this ledger on this machine.",
            file=_folders(body)[-1] / body.files,
            expected="in this folder, or in a mirror (COMMISSIONING_MIRROR)",
            todo=f"copy the files into it, or name them: `commissioning ledger add FILE… --body {body.body}`",
        )
    return [found[name] for name in sorted(found)]


def _folders(body: Body) -> list[Path]:
    """Where a body's files may lie on this machine: in the mirror, if any, and where they are kept."""
    here = workspace()
    return [*([here.mirror / body.folder] if here.mirror else []), here.originals_of(body.body)]


def left_out(body: Body) -> list[str]:
    """Spend files in the body's folders here that are not read: neither in the catalogue, where it has the
    body, nor of a name that the YAML's `files` fits."""
    there = {
        place.name.removesuffix(".gz")
        for folder in _folders(body)
        for place in folder.glob("*")
        if place.is_file()
    }
    read = {Path(file.path).name for file in find_files(body)}
    return sorted(name for name in there - read if Path(name).suffix.lower() in SPEND_FILES)


def rules_mark(body: Body) -> str:
    """A hash of everything besides the files that decides what the lake holds of a body."""
    folder = lists_folder()
    files = [folder / name for name in (*READERS, "aliases.yml", "payees.yml", "person_names.csv")]
    own = [file.read_text(encoding="utf-8") for file in alias_files()[1:] if file.exists()]
    return fingerprint(files, repr(body), own, versions("polars", "python-calamine"), root=folder)


def read_memory(body: Body) -> dict:
    nothing = {"rules": None, "files": {}}
    try:
        return nothing | (read_json(memory_path(body)) or {})
    except DamagedFile:
        # Everything is read again.
        return nothing


# Reading


@dataclass
class _Opened:
    file: LedgerFile
    facts: dict
    tables: list[reader.Table]
    accounts: list[reader.LedgerAccount]
    rejects: pl.DataFrame


def _facts(place: Path) -> dict:
    stat = place.stat()
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _open(file: LedgerFile, body: Body, keep_going: bool = False) -> _Opened:
    facts = _facts(file.place)
    data = reader.text.unpack(file.place.read_bytes(), file.path)
    facts["sha256"] = hashlib.sha256(data).hexdigest()
    if file.sha256 and facts["sha256"] != file.sha256:
        raise OriginalError(
            "A ledger file is not the one in the catalogue.",
            file=file.place,
            expected=f"sha256 {file.sha256}",
            found=f"sha256 {facts['sha256']}",
            todo="if the publisher changed it, put the new sha256 into the catalogue; else copy it again",
        )
    name = Path(file.path).name
    try:
        opened = reader.open_tables(data, name, body)
    except LedgerError as complaint:
        if not keep_going:
            raise
        account = reader.account_of_a_question(name, complaint, reader.count_lines(data))
        opened = reader.Opened([], [account], rejects_of(account))
    accounts = [table.account for table in opened.tables] + opened.left_out
    for account in accounts:
        account.sha256 = facts["sha256"]
    return _Opened(file, facts, opened.tables, accounts, opened.rejects)


def rejects_of(account: reader.LedgerAccount) -> pl.DataFrame:
    """Every line of a file that leaves a question, as rejected."""
    rows = [
        (account.source_file, line, reason, None)
        for reason, count in account.rejected.items()
        for line in range(1, count + 1)
    ]
    return pl.DataFrame(rows, schema=reader.REJECTS, orient="row")


def _load(tables: list[reader.Table], body: Body, keep_going: bool) -> list[reader.LedgerReading]:
    """Read tables as one. One that leaves a question ends it, or with `keep_going` is left out by itself."""
    try:
        return [reader.load(tables, body)]
    except LedgerError as complaint:
        if not keep_going:
            raise
        if len(tables) > 1:
            return [reading for table in tables for reading in _load([table], body, keep_going)]
        (table,) = tables
        told = reader.account_of_a_question(table.sheet.name, complaint, table.sheet.height())
        vars(table.account).update(vars(told) | {"sha256": table.account.sha256})
        return [reader.LedgerReading(pl.DataFrame(schema=reader.PAYMENTS), rejects_of(told), [told], {})]


def _in_order(work: Callable, items: Iterable, ahead: int) -> Iterator:
    """`work` of each item in order, up to so many items ahead of whoever takes them."""
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _by_year(payments: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The payments of each financial year; nearly every file lies in one, and is not copied."""
    years = payments["financial_year"].unique().sort()
    for year in years:
        yield year, payments if len(years) == 1 else payments.filter(pl.col("financial_year") == year)


def _by_file(payments: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The payments of each file, which lie together."""
    start = 0
    for run in payments["source_file"].rle():
        yield run["value"], payments.slice(start, run["len"])
        start += run["len"]


# Writing


def prefix_of(body: Body) -> pl.Expr:
    """The part of a transaction number that tells the feeding system, by the body's YAML. It is found once,
    here, as whoever counts the lake would have to look at every number again."""
    if not body.transaction_prefix:
        return pl.lit(None, pl.Categorical()).alias("transaction_prefix")
    found = pl.col("transaction_id").str.extract(f"({body.transaction_prefix})", 1)
    return found.cast(pl.Categorical()).alias("transaction_prefix")


class _Staging:
    """The body's new folder while it is being written; it takes the place of the old one in one step."""

    def __init__(self, body: Body, dropped: set[str]):
        self.body, self.dropped = body, dropped
        self.old = body_folder(body)
        self.folder = workspace().lake / "staging" / self.old.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.written: set[str] = set()
        self.classes = payees.Classes()

    def merge_all(self, years: dict[str, list[pl.DataFrame]]) -> None:
        """Write years, each with what is new in it."""
        self.classes.learn()
        for _ in _in_order(lambda year: self.merge(year, years[year]), sorted(years), len(years)):
            pass

    def merge(self, year: str, new: list[pl.DataFrame]) -> None:
        """Write a year: what was there, without the files read again, and what is new."""
        place = Path(f"financial_year={year}") / "payments.parquet"
        parts = []
        before = self.folder / place if year in self.written else self.old / place
        if before.exists():
            kept = pl.read_parquet(before, glob=False).drop("is_duplicate_of")
            if year not in self.written:
                kept = kept.filter(~pl.col("source_file").is_in(list(self.dropped)))
            parts.append(kept)
        if new:
            columns = [c for c in LAKE if c not in ("body", "financial_year", "is_duplicate_of")]
            marked = payees.mark(pl.concat(new), self.body, self.classes)
            parts.append(marked.with_columns(prefix_of(self.body)).select(columns))
        # In order of file: those of another layout come later, and so do those that are new.
        files = sorted((file for part in parts for file in _by_file(part)), key=lambda file: file[0])
        payments = repeats.flag_duplicates(pl.concat([lines for _, lines in files], rechunk=True), self.body)
        target = self.folder / place
        target.parent.mkdir(exist_ok=True)
        if payments.height:
            part = target.with_suffix(".part")
            # Quicker than packed, and a ledger takes no more room than its files do gzipped.
            payments.write_parquet(part, compression="uncompressed", statistics=False)
            part.replace(target)
        self.written.add(year)

    def link_the_rest(self) -> None:
        """Years that no new file touches: merged where a dropped file had payments in them, else kept."""
        for file in sorted(self.old.glob("financial_year=*/payments.parquet")):
            year = file.parent.name.partition("=")[2]
            if year in self.written:
                continue
            held = pl.read_parquet(file, columns=["source_file"], glob=False)["source_file"]
            if self.dropped & set(held.unique()):
                self.merge(year, [])
            else:
                target = self.folder / file.parent.name / file.name
                target.parent.mkdir()
                os.link(file, target)

    def swap(self) -> None:
        finish_swap(self.body)
        if self.old.exists():
            self.old.rename(_aside(self.body))
        self.old.parent.mkdir(parents=True, exist_ok=True)
        self.folder.rename(self.old)
        shutil.rmtree(_aside(self.body), ignore_errors=True)


def _aside(body: Body) -> Path:
    return workspace().lake / "staging" / f"old-{body.body}"


def finish_swap(body: Body) -> None:
    """Put the old folder back if a swap was killed between its two renames."""
    aside = _aside(body)
    if aside.exists() and not body_folder(body).exists():
        body_folder(body).parent.mkdir(parents=True, exist_ok=True)
        aside.rename(body_folder(body))
    shutil.rmtree(aside, ignore_errors=True)


@dataclass
class Ingested:
    """What one ingest did: files read, unchanged and gone, and the payments now in the lake."""

    read: int
    unchanged: int
    gone: int
    payments: int

    def in_words(self) -> str:
        gone = f", {self.gone} gone" if self.gone else ""
        read = counted(self.read, "file")
        return f"{counted(self.payments, 'payment')}; {read} read, {self.unchanged} unchanged{gone}"


def ingest(
    body: Body, *, progress: Callable[[str], None] = lambda line: None, keep_going: bool = False
) -> Ingested:
    """Bring the lake up to date with a body's files. Only files that changed are read.

    With `keep_going` a file that leaves a question is left out, and its account says so. The body's folder is
    replaced whole at the end: an ingest that fails or is stopped leaves the lake as it was. Raises what
    `reader.read` raises, `OriginalError` for a file that is missing or altered, and `BusyError` where
    another process reads the same body into this lake.
    """
    what = f"Another process is reading the ledger of {body.body} into this lake."
    with only_one(lock_path(body), what, todo="wait until it has ended, then ingest again"):
        return _ingest(body, progress, keep_going)


def ingest_all(bodies: list[Body], progress: Progress, jobs: int = 1) -> Iterator[tuple[Body, Ingested]]:
    """Ingest bodies in order, or so many at once in processes of their own, and say of each what was done.

    A body of the catalogue ends it where a file leaves a question; of another the file is left out. Raises
    what `ingest` raises; bodies that ended before stay ingested.
    """
    if jobs == 1:
        for body in bodies:
            with progress.step(body.body) as say:
                done = ingest(body, progress=say, keep_going=dataset_of(body) is None)
                say(done.in_words())
            yield body, done
        return
    with progress.step("ledgers") as say:
        done_of = dict(
            share_out(
                _ingest_one,
                [(body,) for body in bodies],
                workers=min(jobs, len(bodies)) or 1,
                imports=[__name__],
                progress=lambda done, _: say(f"{done} of {counted(len(bodies), 'body')}"),
            )
        )
    for body in bodies:
        yield body, done_of[body.body]


def _ingest_one(body: Body) -> list[tuple[str, Ingested]]:
    return [(body.body, ingest(body, keep_going=dataset_of(body) is None))]


def _ingest(body: Body, progress: Callable[[str], None], keep_going: bool) -> Ingested:
    finish_swap(body)
    files = find_files(body)
    mark, memory = rules_mark(body), read_memory(body)
    if memory["rules"] != mark or not body_folder(body).exists():
        memory = {"rules": mark, "files": {}}
    known = memory["files"]
    changed = [file for file in files if not _is_known(file, known.get(file.path))]
    gone = set(known) - {file.path for file in files}
    if not changed and not gone:
        return Ingested(0, len(files), 0, _count(known))
    again = {
        account["source_file"]
        for path in (*gone, *(f.path for f in changed))
        for account in known.get(path, {}).get("accounting", ())
    }
    staging = _Staging(body, again if known else set())
    if not known:
        staging.old = staging.old.with_name(".nothing")
    rejects = _kept_rejects(body, again) if known else []
    facts = {path: entry for path, entry in known.items() if path not in gone}
    accounts: dict[str, list[reader.LedgerAccount]] = {}

    def opened() -> Iterator[reader.Table]:
        opening = _in_order(partial(_open, body=body, keep_going=keep_going), changed, FILES_AHEAD)
        for count, item in enumerate(opening, start=1):
            facts[item.file.path] = item.facts
            accounts[item.file.path] = item.accounts
            rejects.append(item.rejects)
            yield from item.tables
            progress(f"{count} of {counted(len(changed), 'file')}, {item.file.path}")

    try:
        rejects += _stage(body, staging, opened(), keep_going)
        if known:
            staging.link_the_rest()
        staging.old = body_folder(body)
        _write_rejects(body, rejects)
        # Stopped between here and the new memory, the lake holds what nobody remembers: all is read again.
        memory_path(body).unlink(missing_ok=True)
        staging.swap()
    finally:
        shutil.rmtree(staging.folder, ignore_errors=True)
    for path, settled in accounts.items():
        facts[path]["accounting"] = [asdict(account) for account in settled]
    _remember(body, {"rules": mark, "files": facts})
    return Ingested(len(changed), len(files) - len(changed), len(gone), _count(facts))


def _stage(
    body: Body, staging: _Staging, tables: Iterator[reader.Table], keep_going: bool
) -> list[pl.DataFrame]:
    """Read tables into the staging folder, a few years at a time in memory. Returns the rejected lines."""
    held: dict[str, list[pl.DataFrame]] = {}
    rejects, rows = [], 0
    load = partial(_load, body=body, keep_going=keep_going)
    for reading in chain.from_iterable(_in_order(load, reader.batches(tables), BATCHES_AHEAD)):
        for year, part in _by_year(reading.payments):
            held.setdefault(year, []).append(part)
        staging.classes.note(reading.texts)
        rows += reading.payments.height
        rejects.append(reading.rejects)
        if rows > HELD_ROWS:
            finished = {year: held.pop(year) for year in sorted(held)[:-2]}
            rows -= sum(frame.height for parts in finished.values() for frame in parts)
            staging.merge_all(finished)
    staging.merge_all(held)
    return rejects


def _remember(body: Body, memory: dict) -> None:
    text = json.dumps(memory, indent=1, sort_keys=True, default=str, ensure_ascii=False)
    replace_text(memory_path(body), text + "\n")


def _is_known(file: LedgerFile, entry: dict | None) -> bool:
    """Whether a file is as it was when it was read: same size and time, or else same content."""
    if entry is None or (file.sha256 and entry["sha256"] != file.sha256):
        return False
    if _facts(file.place) == {key: entry[key] for key in ("bytes", "mtime_ns")}:
        return True
    data = reader.text.unpack(file.place.read_bytes(), file.path)
    return hashlib.sha256(data).hexdigest() == entry["sha256"]


def _count(files: dict) -> int:
    return sum(account["lines_loaded"] for entry in files.values() for account in entry["accounting"])


def _rejects_path(body: Body) -> Path:
    return workspace().lake / "rejects" / f"{body.body}.parquet"


def _kept_rejects(body: Body, again: set[str]) -> list[pl.DataFrame]:
    path = _rejects_path(body)
    return (
        [pl.read_parquet(path, glob=False).filter(~pl.col("source_file").is_in(list(again)))]
        if path.exists()
        else []
    )


def _write_rejects(body: Body, rejects: list[pl.DataFrame]) -> None:
    path = _rejects_path(body)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    pl.concat(rejects).sort("source_file", "source_line").write_parquet(part)
    part.replace(path)


def scan(body: Body) -> pl.LazyFrame:
    """The payments of a body in the lake, with body and financial year as columns."""
    held = sorted(body_folder(body).glob("*/payments.parquet"))
    if not held:
        raise LedgerError(
            "The lake holds no payment of this ledger yet.",
            file=body_folder(body),
            todo=f"run `commissioning ledger ingest {body.body}`",
        )
    there = pl.scan_parquet(held[0], glob=False).collect_schema()
    missing = set(LAKE) - {"body", "financial_year"} - set(there)
    if missing:
        raise LedgerError(
            "The lake was written by an older version, and lacks a column.",
            file=held[0],
            expected=", ".join(sorted(missing)),
            todo=f"run `commissioning ledger ingest {body.body}`, which reads its files again",
        )
    return pl.scan_parquet(
        held,
        glob=False,
        hive_partitioning=True,
        hive_schema={"body": pl.String, "financial_year": pl.String},
    ).select(list(LAKE))


def duplicates(body: Body) -> tuple[int, int]:
    """How many payments in the lake are flagged as published before, and their pence."""
    flagged = scan(body).filter(pl.col("is_duplicate_of").is_not_null())
    found = flagged.select(pl.len(), (pl.col("amount_gbp").sum() * 100).cast(pl.Int64)).collect()
    return found.row(0)


def accounting(body: Body) -> list[dict]:
    """The accounting of every file of a body in the lake, in order of file."""
    files = read_memory(body)["files"]
    return [{**account, "path": path} for path in sorted(files) for account in files[path]["accounting"]]
