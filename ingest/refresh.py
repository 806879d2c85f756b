"""Asking the publishers' own addresses for their files, and telling what they have changed.

Every file of an edition that has a direct address is downloaded to `data/cache/` and its sha256 compared
with the catalogue's:

- **unchanged**: the file is put at its catalogue path in the cache.
- **changed**: the publisher replaced it. Both are kept, and compared figure by figure (`revisions.py`).
  A ledger is payments and no figures: its changed file is put beside the old one, and how to look at it and
  take it up is told.
- **new**: the edition is declared in the catalogue but was never held; the entry is given as YAML.
- **failed**: the address did not give the file, or the new file cannot be read. Nothing changes.

A download in progress is `name.xls.part`. `data/cache/fetched.json` records every file fetched: address asked
and address that answered, status, ETag, Last-Modified, date, bytes, sha256. What came of it is told by
`refresh_report.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import filelock
import httpx

from commissioning.base.errors import BusyError, CommissioningError, OriginalError
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import project
from commissioning.ingest import bounds
from commissioning.ingest.catalogue import Edition, OriginalFile, catalogue
from commissioning.ingest.download import Fetched, Patience, Progress, Say, Wanted, client_for, download
from commissioning.ingest.revisions import Comparison, catalogue_entry, compare_edition, marked


@dataclass(frozen=True)
class Outcome:
    """What asking one address gave. `state` is `unchanged`, `changed`, `new` or `failed`.

    `file` is what was fetched, as the catalogue would list it, and `stored` where it now lies; `error` is set
    where `state` is `failed`; `comparison` (shared by the files of an edition) where it is `changed`; `entry`
    (YAML) where it is `new`.
    """

    edition: Edition
    path: str
    url: str
    state: str
    file: OriginalFile | None = None
    fetched: Fetched | None = None
    stored: Path | None = None
    error: CommissioningError | None = None
    comparison: Comparison | None = None
    entry: str | None = None


def refresh(
    editions: Iterable[Edition],
    *,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
    progress: Progress = lambda path, held, expected: None,
    say: Say = lambda line: None,
) -> Iterator[Outcome]:
    """Ask every direct address of the editions, one after the other, and compare what has changed.

    `patience` sets timeouts and tries (a `client` given brings its own timeouts and redirect limit). Gives an
    outcome an address, in the editions' order; a failure is an outcome and stops no other (see
    `raise_failures`). Raises `BusyError` where another refresh is running. Stopped at any moment, it leaves
    nothing half-written.
    """
    patience = patience or Patience()
    with _only_one(), nullcontext(client) if client else client_for(patience) as client:
        for edition in editions:
            asked = [
                _ask(client, edition, file, patience=patience, progress=progress, say=say)
                for file in _files_to_ask(edition)
            ]
            yield from _with_comparison(edition, asked)


def raise_failures(outcomes: Iterable[Outcome]) -> None:
    """Raise one `OriginalError` that lists every failure; do nothing where there is none."""
    outcomes = list(outcomes)
    failures = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failures:
        raise OriginalError(
            f"{len(failures)} of {len(outcomes)} addresses failed. The others were refreshed.",
            found="\n" + "\n".join(str(outcome.error) for outcome in failures),
            todo="see each failure above, then run `commissioning ingest --refresh` again",
        )


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the cache for this process: two downloads into one part file would spoil it."""
    project().cache.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(project().cache / "refresh.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BusyError(
            "Another refresh is running.", file=lock.lock_file, todo="wait until it has finished"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _files_to_ask(edition: Edition) -> list[OriginalFile | None]:
    """The edition's files with a direct address, without those whose address a later edition has taken
    over: it now gives the revised file. None stands for the file of an edition that is only declared."""
    if edition.status == "declared":
        return [None] if edition.url else []
    later = [other for other in catalogue()[edition.dataset].editions if other.revises == edition.edition]
    taken = {file.url for other in later for file in other.files}
    return [file for file in edition.files if file.url and file.url not in taken]


def _declared_path(edition: Edition) -> str:
    """Where the file of an edition not yet catalogued goes: named as in its address."""
    name = PurePosixPath(unquote(urlsplit(edition.url).path)).name
    return f"{edition.id}/{re.sub(r'[^A-Za-z0-9._ -]', '_', name).lstrip('.') or 'original'}"


def _ask(client: httpx.Client, edition: Edition, file: OriginalFile | None, **how) -> Outcome:
    """Ask one address: of an original, or of a declared edition (`file` None)."""
    path, url = (file.path, file.url) if file else (_declared_path(edition), edition.url)
    wanted = Wanted(path, url, bounds.most_bytes(file.bytes if file else None))
    part = project().cache / f"{path}.part"
    try:
        fetched = download(client, wanted, part, **how)
        state = "new" if file is None else "unchanged" if fetched.sha256 == file.sha256 else "changed"
        name = marked(path, fetched.sha256) if state == "changed" else path
        stored = project().cache / name
        part.replace(stored)
        _record(name, fetched)
    except CommissioningError as error:
        return Outcome(edition, path, url, "failed", error=error)
    except OSError as error:
        failure = wanted.error(
            "A publisher's file cannot be written to the cache.",
            expected=f"room and permission to write in {project().cache}",
            found=str(error),
            todo="make room or mend the permissions, then run the command again",
        )
        failure.__cause__ = error
        return Outcome(edition, path, url, "failed", error=failure)
    finally:
        if part.is_file():
            part.unlink()
    held = OriginalFile(name, fetched.bytes, fetched.sha256, url, file.layout if file else None)
    entry = None
    if state == "new":
        today = dt.date.today()
        entry = catalogue_entry(replace(edition, status="held", retrieved=today, files=(held,)))
    return Outcome(edition, path, url, state, held, fetched, stored, entry=entry)


def _record(stored: str, fetched: Fetched) -> None:
    """Add a file to `fetched.json`."""
    path = project().cache / "fetched.json"
    known = read_json(path, todo="delete it and refresh again") or {}
    known[stored] = asdict(fetched)
    replace_text(path, json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _with_comparison(edition: Edition, outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes of one edition, with its changed files read and compared."""
    changed = {outcome.path: outcome.file for outcome in outcomes if outcome.state == "changed"}
    if not changed or edition.tables:
        return outcomes
    try:
        comparison = compare_edition(edition, changed)
    except Exception as error:  # a reader may fail in any way on a layout it was not written for
        return [_unreadable(o, error) if o.path in changed else o for o in outcomes]
    return [replace(o, comparison=comparison) if o.path in changed else o for o in outcomes]


def _unreadable(outcome: Outcome, cause: Exception) -> Outcome:
    failure = OriginalError(
        "The publisher changed a file, and the new one cannot be read and compared. "
        "The old one stays in force.",
        file=outcome.stored,
        where=outcome.url,
        expected=f"a file that ingest/{outcome.edition.dataset}.py reads as it reads {outcome.path}",
        found=f"{type(cause).__name__}: " + "; ".join(line.strip() for line in str(cause).splitlines()),
        todo="open the new file; teach the reader its layout, then refresh again",
    )
    failure.__cause__ = cause
    return replace(outcome, state="failed", error=failure)
