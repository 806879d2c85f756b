"""Asking the publishers' own addresses for their files, and telling what they have changed.

Every file of an edition that has a direct address is downloaded to `data/cache/` and its sha256 compared
with the catalogue's:

- **unchanged**: the file is put at its catalogue path in the cache.
- **changed**: the publisher replaced it. Both are kept: the old copy is not touched, the new one is put
  beside it as `name@<first 12 digits of its sha256>.xls`, read with the dataset's reader, and compared
  figure by figure. The catalogue is not edited: the entry to add is given as YAML.
  A ledger is payments and no figures: its changed file is put beside the old one, and how to look at it and
  take it up is told.
- **new**: the edition is declared in the catalogue but was never held; the entry is given as YAML.
- **failed**: the address did not give the file, or the new file cannot be read. Nothing changes.

A download in progress is `name.xls.part`, with `name.xls.part.json` saying which version of which address
it is a part of; it is resumed where the server allows it. `data/cache/fetched.json` records every file
fetched: address asked and address that answered, status, ETag, Last-Modified, date, bytes, sha256.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import filelock
import httpx
import polars as pl
import rich.progress
import yaml
from rich.console import Console

from commissioning import __version__
from commissioning.base.errors import BusyError, CatalogueError, CommissioningError, OriginalError
from commissioning.base.files import replace_text
from commissioning.base.paths import project
from commissioning.ingest import bounds, originals, snapshot
from commissioning.ingest.catalogue import Edition, OriginalFile, catalogue

Say = Callable[[str], None]
Progress = Callable[[str, int, int | None], None]
"""Called with the file's path, the bytes held so far and the bytes expected (None where not known)."""

_AGAIN = {408, 425, 429}  # with every 5xx: the server may answer better later
_HTML = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Patience:
    """How long to wait (seconds), for how few bytes a second, and how often to try one address.

    `read` is the longest wait for the next byte, `answer` that for all headers of an answer, redirects
    included; `slowest` is how many bytes a second must come in each `window` of a body.
    """

    connect: float = 15
    read: float = 30
    answer: float = 90
    slowest: float = 500
    window: float = 30
    tries: int = 5
    first_wait: float = 1
    longest_wait: float = 120
    redirects: int = 5


@dataclass(frozen=True)
class Fetched:
    """One answer, received whole; the fields are those of `fetched.json`."""

    url: str
    final_url: str
    status: int
    etag: str | None
    last_modified: str | None
    retrieved: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Comparison:
    """What a publisher's change did to an edition's figures.

    `changes` has one row a figure: `kind` (`changed`, `appeared`, `vanished`, or `retyped` where only the
    text differs), the key's columns, then unit, text, value, symbol, file and locator, each `_old` and
    `_new`, and `difference` in the figure's unit. It is also written to `file`. `entry` is the YAML to add.
    """

    revision: Edition
    changes: pl.DataFrame
    file: Path
    entry: str

    def count(self, kind: str) -> int:
        return self.changes.filter(pl.col("kind") == kind).height


@dataclass(frozen=True)
class Outcome:
    """What asking one address gave. `state` is `unchanged`, `changed`, `new` or `failed`.

    `stored` is where the file now lies; `error` is set where `state` is `failed`; `comparison` (shared by
    the files of an edition) where it is `changed`; `entry` (YAML) where it is `new`.
    """

    edition: Edition
    path: str
    url: str
    state: str
    fetched: Fetched | None = None
    stored: Path | None = None
    error: CommissioningError | None = None
    comparison: Comparison | None = None
    entry: str | None = None


# Downloading


class _TryAgain(Exception):
    """An attempt failed in a way that may pass; `wait` is the server's own Retry-After in seconds."""

    def __init__(self, error: OriginalError, wait: float | None = None):
        self.error, self.wait = error, wait


def _error(what: str, path: str, url: str, **more: object) -> OriginalError:
    return OriginalError(what, file=path, where=url, **more)


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _part_source(target: Path) -> Path:
    return target.with_name(target.name + ".part.json")


def _discard_part(target: Path) -> None:
    _part(target).unlink(missing_ok=True)
    _part_source(target).unlink(missing_ok=True)


def _resumable(target: Path, url: str) -> tuple[int, str | None]:
    """Bytes held of an earlier attempt and the validator of the version they belong to; (0, None) where
    there are none or it cannot be told which version they are a part of."""
    try:
        source = json.loads(_part_source(target).read_text(encoding="utf-8"))
        if source["url"] == url and source["validator"]:
            return _part(target).stat().st_size, source["validator"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    return 0, None


def _validator(response: httpx.Response) -> str | None:
    """What to send as If-Range: a strong ETag, else Last-Modified. None where bytes cannot be joined later:
    a range of a compressed answer is not a range of the file."""
    if _is_encoded(response):
        return None
    etag = response.headers.get("etag", "")
    return etag if etag.startswith('"') else response.headers.get("last-modified")


def _is_encoded(response: httpx.Response) -> bool:
    return response.headers.get("content-encoding", "identity").lower() != "identity"


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait (given as seconds or as a date), None where it does not say."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


def _check_status(response: httpx.Response, path: str, url: str) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    again = status in _AGAIN or status >= 500
    error = _error(
        "A publisher's address did not give the file.",
        path,
        url,
        expected="status 200",
        found=f"status {status} {response.reason_phrase} from {response.url}",
        todo="try again later"
        if again
        else "find the file's present address on the publication page and put it in the catalogue",
    )
    raise _TryAgain(error, _retry_after(response)) if again else error


def _html_error(path: str, url: str, found: str) -> OriginalError:
    return _error(
        "A publisher's address answered with a web page instead of the file.",
        path,
        url,
        expected="the file itself",
        found=found,
        todo="open the address in a browser; put the file's direct address, not its page, in the catalogue",
    )


def _wants_html(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in (".html", ".htm")


def _check_content(part: Path, path: str, url: str) -> None:
    """Raise where the bytes received cannot be the file: none at all, or a web page."""
    with part.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        raise _error(
            "A publisher's address gave an empty file.",
            path,
            url,
            expected="at least one byte",
            found="0 bytes",
            todo="try again later, or find the file's present address on the publication page",
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_HTML) and not _wants_html(path):
        raise _html_error(path, url, f"bytes that begin {head[:40]!r}")
    if unpacked := bounds.unpacks_too_large(part):
        raise _error(
            "A publisher's file unpacks to far more than it holds.",
            path,
            url,
            expected=f"at most {bounds.UNPACKED} times its size",
            found=f"{part.stat().st_size:,} bytes that unpack to {unpacked:,}",
            todo="open the address in a browser on a machine that can be spared; it may not be the file",
        )


def _too_large(path: str, url: str, most: int, found: str) -> OriginalError:
    return _error(
        "A publisher's address gives far more than the file that the catalogue knows.",
        path,
        url,
        expected=f"at most {most:,} bytes",
        found=found,
        todo="open the address in a browser; if the file has really grown so, put its size in the catalogue "
        "as `bytes`",
    )


def _check_size(response: httpx.Response, path: str, url: str, most: int) -> None:
    """Raise for an answer that says it is too large, or is packed in a way that hides how large it is."""
    said = _expected_bytes(response)
    if said is not None and said > most:
        raise _too_large(path, url, most, f"Content-Length: {said:,} bytes")
    if _is_encoded(response) and response.headers["content-encoding"].lower() not in ("gzip", "deflate"):
        raise _error(
            "A publisher's address packs its answer in a way that was not asked for.",
            path,
            url,
            expected="the file as it is (Accept-Encoding: identity), or gzip",
            found=f"Content-Encoding: {response.headers['content-encoding']}",
            todo="fetch the file by hand and put it into the cache",
        )


def _content_range(response: httpx.Response) -> tuple[int, int | None] | None:
    """First byte and total size of a 206 answer, None where it does not say."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", "").strip())
    if not match:
        return None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _expected_bytes(response: httpx.Response) -> int | None:
    if response.status_code == 206:
        return (_content_range(response) or (0, None))[1]
    length = response.headers.get("content-length", "")
    return int(length) if length.isdigit() and not _is_encoded(response) else None


def _receive(
    response: httpx.Response,
    target: Path,
    held: int,
    path: str,
    url: str,
    progress: Progress,
    patience: Patience,
    most: int,
) -> None:
    """Write the body to the part file: after the `held` bytes where the server resumed, else from byte 0.

    A body that outgrows `most` bytes is thrown away; one that comes too slowly is asked for again.
    """
    part = _part(target)
    if response.status_code == 206:
        start = _content_range(response)
        if held == 0 or start is None or start[0] != held:
            _discard_part(target)
            error = _error(
                "A server resumed a download at the wrong byte.",
                path,
                url,
                expected=f"Content-Range from byte {held}",
                found=response.headers.get("content-range"),
                todo="try again; the part received was thrown away",
            )
            raise _TryAgain(error, 0)
    else:
        held = 0
        # The old bytes go before the new validator is written: a part is never paired with another
        # version's validator, whenever the program is stopped.
        _discard_part(target)
        source = {"url": url, "validator": _validator(response)}
        replace_text(_part_source(target), json.dumps(source) + "\n")
    expected = _expected_bytes(response)
    progress(path, held, expected)
    pace = bounds.Pace(patience.slowest, patience.window)
    with part.open("ab") as stream:
        for chunk in response.iter_bytes():
            held += len(chunk)
            if held > most:
                _discard_part(target)
                raise _too_large(path, url, most, f"more than {most:,} bytes, and no end of them")
            stream.write(chunk)
            progress(path, held, expected)
            if pace.is_slow(held):
                error = _error(
                    "A publisher's address gives its file too slowly.",
                    path,
                    url,
                    expected=f"{patience.slowest:,.0f} bytes a second, taken over {patience.window:g} s",
                    found=f"{held:,} bytes so far",
                    todo="run the command again at another time: it resumes where it stopped",
                )
                raise _TryAgain(error)
        stream.flush()
        os.fsync(stream.fileno())
    if expected is not None and held != expected:
        if held > expected:
            _discard_part(target)
        error = _error(
            "A publisher's address gave part of the file.",
            path,
            url,
            expected=f"{expected:,} bytes",
            found=f"{held:,} bytes",
            todo="run the command again: it resumes where it stopped",
        )
        raise _TryAgain(error)


def _attempt(
    client: httpx.Client,
    url: str,
    target: Path,
    path: str,
    progress: Progress,
    patience: Patience,
    most: int,
) -> Fetched:
    """Ask once. Leaves the whole file as `target`'s part. Raises `_TryAgain` or `OriginalError`."""
    held, validator = _resumable(target, url)
    headers = {"Accept-Encoding": "identity"}  # so that sizes and ranges are those of the file
    if held:
        headers |= {"Range": f"bytes={held}-", "If-Range": validator}
    late = lambda: False  # noqa: E731 - nothing has been asked yet
    try:
        with bounds.answer_within(patience.answer) as (extensions, late):
            request = client.build_request("GET", url, headers=headers, extensions=extensions)
            response = client.send(request, stream=True, follow_redirects=True)
        with closing(response):
            if response.status_code == 416:  # the part is as long as the file or longer: begin again
                _discard_part(target)
                error = _error("A server refused to resume a download.", path, url, found="status 416")
                raise _TryAgain(error, 0)
            _check_status(response, path, url)
            kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
            if kind in ("text/html", "application/xhtml+xml") and not _wants_html(path):
                raise _html_error(path, url, f"content type {kind} from {response.url}")
            _check_size(response, path, url, most)
            _receive(response, target, held, path, url, progress, patience, most)
    except (httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise _error(
            "A publisher's address leads nowhere.",
            path,
            url,
            expected=f"an http or https address with at most {client.max_redirects} redirects",
            found=str(error),
            todo="find the file's present address on the publication page and put it in the catalogue",
        ) from error
    except httpx.RequestError as error:
        wrapped = _error(
            "The connection to a publisher's address failed.",
            path,
            url,
            expected="an answer received whole",
            found=f"no answer in {patience.answer:g} s" if late() else f"{type(error).__name__}: {error}",
            todo="check the network (and proxy settings), then run the command again: it resumes where it "
            "stopped",
        )
        raise _TryAgain(wrapped) from error
    try:
        _check_content(_part(target), path, url)
    except OriginalError:
        _discard_part(target)
        raise
    return Fetched(
        url=url,
        final_url=str(response.url),
        status=response.status_code,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        retrieved=dt.date.today().isoformat(),
        bytes=_part(target).stat().st_size,
        sha256=snapshot.file_sha256(_part(target)),
    )


def download(
    client: httpx.Client,
    url: str,
    target: Path,
    path: str,
    *,
    patience: Patience,
    progress: Progress,
    say: Say,
    most: int = bounds.UNKNOWN,
) -> Fetched:
    """Download `url`, trying again and resuming, into the part file beside `target`; at most `most` bytes.

    Raises `OriginalError` (address, status, expected, found) once `patience` has run out, or at once where
    trying again cannot help.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, patience.tries + 1):
        try:
            return _attempt(client, url, target, path, progress, patience, most)
        except _TryAgain as trouble:
            longest = patience.first_wait * 2 ** (attempt - 1)
            wait = random.uniform(longest / 2, longest) if trouble.wait is None else trouble.wait
            if attempt == patience.tries or wait > patience.longest_wait:
                asked = f"; the server asks to wait {wait:.0f} s" if trouble.wait else ""
                trouble.error.found = f"{trouble.error.found} (attempt {attempt} of {patience.tries}{asked})"
                raise trouble.error from trouble.__cause__
            say(f"{path}: {trouble.error.found}; trying again in {wait:.1f} s")
            time.sleep(wait)
    raise ValueError("Patience.tries must be at least 1")


# What the catalogue says of the files fetched


def marked(path: str, sha256: str) -> str:
    """The path of a changed file: `a/spend.xls` becomes `a/spend@44f59684ec75.xls`."""
    plain = PurePosixPath(originals.unmarked(path))
    return str(plain.with_name(f"{plain.stem}@{sha256[:12]}{plain.suffix}"))


def _declared_path(edition: Edition) -> str:
    """Where the file of an edition not yet catalogued goes: named as in its address."""
    name = PurePosixPath(unquote(urlsplit(edition.url).path)).name
    return f"{edition.id}/{re.sub(r'[^A-Za-z0-9._ -]', '_', name).lstrip('.') or 'original'}"


def revision_name(edition: Edition) -> str:
    """The next free name for a revision: `2021-22r1`, then `2021-22r2`."""
    taken = {other.edition for other in catalogue()[edition.dataset].editions}
    stem = re.sub(r"r\d+$", "", edition.edition)
    number = 1
    while f"{stem}r{number}" in taken:
        number += 1
    return f"{stem}r{number}"


def catalogue_entry(edition: Edition) -> str:
    """A held edition as the lines of YAML to put under `editions:`."""
    keys = (
        "edition",
        "revises",
        "status",
        "title",
        "publisher",
        "publication_page",
        "licence",
        "licence_status",
    )
    keys += ("unit", "published", "retrieved", "review_by", "provenance", "known_problems")
    entry = {key: getattr(edition, key) for key in keys if getattr(edition, key) or key == "published"}
    if "known_problems" in entry:
        entry["known_problems"] = list(edition.known_problems)
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=10_000)
    lines = [*text.splitlines(), "files:"]
    for file in edition.files:
        inline = yaml.safe_dump(
            asdict(file), sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000
        )
        lines.append(f"  - {inline.strip()}")
    return "\n".join(("  - " if number == 0 else "    ") + line for number, line in enumerate(lines))


# Reading a changed file and comparing


def figures_in_force(edition: Edition) -> pl.DataFrame:
    """The edition's raw table: from the sealed snapshot, else read from the originals."""
    sealed = snapshot.read_lock().get(edition.id)
    path = snapshot.parquet_path(edition)
    if sealed and path.exists() and sealed["sha256"] == snapshot.file_sha256(path):
        return pl.read_parquet(path, glob=False)
    return snapshot.read_edition(edition).table


_COMPARED = ("unit", "value_text", "value", "value_symbol", "source_file", "source_locator")


def compare(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The figures that differ between two raw tables, matched by `key`; see `Comparison.changes`."""
    sides = []
    for table, side in ((old, "old"), (new, "new")):
        columns = [pl.col(name).alias(f"{name}_{side}") for name in _COMPARED]
        sides.append(table.select(*key, *columns))
    both = sides[0].join(
        sides[1], on=list(key), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right"
    )
    differs = [
        pl.col(f"{name}_old").ne_missing(pl.col(f"{name}_new")) for name in ("value", "value_symbol", "unit")
    ]
    kind = (
        pl.when(pl.col("source_file_old").is_null())
        .then(pl.lit("appeared"))
        .when(pl.col("source_file_new").is_null())
        .then(pl.lit("vanished"))
        .when(pl.any_horizontal(differs))
        .then(pl.lit("changed"))
        .when(pl.col("value_text_old") != pl.col("value_text_new"))
        .then(pl.lit("retyped"))
    )
    pairs = [f"{name}_{side}" for name in _COMPARED for side in ("old", "new")]
    return (
        both.with_columns(kind.alias("kind"), (pl.col("value_new") - pl.col("value_old")).alias("difference"))
        .filter(pl.col("kind").is_not_null())
        .select("kind", *key, "difference", *pairs)
        .sort(
            pl.col("kind").replace_strict({"changed": 0, "appeared": 1, "vanished": 2, "retyped": 3}),
            maintain_order=True,
        )
    )


def _compare_edition(edition: Edition, changed: list[Outcome]) -> Comparison:
    """Read an edition with its changed files swapped in and list what that changes."""
    fetched = {outcome.path: outcome.fetched for outcome in changed}
    files = tuple(
        replace(file, path=marked(file.path, new.sha256), bytes=new.bytes, sha256=new.sha256)
        if (new := fetched.get(file.path))
        else file
        for file in edition.files
    )
    revision = replace(
        edition,
        edition=revision_name(edition),
        revises=edition.edition,
        published=None,
        retrieved=dt.date.today(),
        provenance="publisher",
        files=files,
    )
    hashes = [new.sha256 for new in fetched.values()]
    stamp = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    reading = snapshot.read_edition(revision)
    changes = compare(figures_in_force(edition), reading.table, reading.key)
    file = project().cache / edition.dataset / f"{edition.edition}@{stamp[:12]}.changes.csv"
    replace_text(file, changes.write_csv())
    return Comparison(revision, changes, file, catalogue_entry(revision))


def _with_comparison(edition: Edition, outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes of one edition, with its changed files read and compared."""
    changed = [outcome for outcome in outcomes if outcome.state == "changed"]
    if not changed or edition.tables:
        return outcomes
    try:
        comparison = _compare_edition(edition, changed)
    except Exception as error:  # a reader may fail in any way on a layout it was not written for
        cause = error
        found = "; ".join(line.strip() for line in str(error).splitlines())

        def settle(outcome: Outcome) -> Outcome:
            failure = OriginalError(
                "The publisher changed a file, and the new one cannot be read and compared. "
                "The old one stays in force.",
                file=outcome.stored,
                where=outcome.url,
                expected=f"a file that ingest/{edition.dataset}.py reads as it reads {outcome.path}",
                found=f"{type(cause).__name__}: {found}",
                todo="open the new file; teach the reader its layout, then refresh again",
            )
            failure.__cause__ = cause
            return replace(outcome, state="failed", error=failure)
    else:

        def settle(outcome: Outcome) -> Outcome:
            return replace(outcome, comparison=comparison)

    return [settle(outcome) if outcome.state == "changed" else outcome for outcome in outcomes]


# Refreshing


def _record(stored: str, fetched: Fetched) -> None:
    """Add a file to `fetched.json`."""
    path = project().cache / "fetched.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except json.JSONDecodeError as error:
        raise OriginalError(
            "The record of fetched files is not JSON.",
            file=path,
            found=str(error),
            todo="delete it and refresh again",
        ) from error
    known[stored] = asdict(fetched)
    replace_text(path, json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _ask(client: httpx.Client, edition: Edition, file: OriginalFile | None, **how) -> Outcome:
    """Ask one address: of an original, or of a declared edition (`file` None)."""
    path, url = (file.path, file.url) if file else (_declared_path(edition), edition.url)
    target = project().cache / path
    try:
        most = bounds.most_bytes(file.bytes if file else None)
        fetched = download(client, url, target, path, most=most, **how)
        state = "new" if file is None else "unchanged" if fetched.sha256 == file.sha256 else "changed"
        name = marked(path, fetched.sha256) if state == "changed" else path
        stored = project().cache / name
        _part(target).replace(stored)
        _discard_part(target)
        _record(name, fetched)
    except CommissioningError as error:
        return Outcome(edition, path, url, "failed", error=error)
    except OSError as error:
        failure = _error(
            "A publisher's file cannot be written to the cache.",
            path,
            url,
            expected=f"room and permission to write in {project().cache}",
            found=str(error),
            todo="make room or mend the permissions, then run the command again: it resumes where it stopped",
        )
        failure.__cause__ = error
        return Outcome(edition, path, url, "failed", error=failure)
    entry = None
    if state == "new":
        files = (OriginalFile(path, fetched.bytes, fetched.sha256, url),)
        entry = catalogue_entry(replace(edition, status="held", retrieved=dt.date.today(), files=files))
    return Outcome(edition, path, url, state, fetched=fetched, stored=stored, entry=entry)


def _files_to_ask(edition: Edition) -> list[OriginalFile]:
    """The edition's files with a direct address, without those whose address a later edition has taken
    over: it now gives the revised file."""
    later = [other for other in catalogue()[edition.dataset].editions if other.revises == edition.edition]
    taken = {file.url for other in later for file in other.files}
    return [file for file in edition.files if file.url and file.url not in taken]


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


@contextmanager
def _client(patience: Patience) -> Iterator[httpx.Client]:
    with httpx.Client(
        timeout=httpx.Timeout(patience.read, connect=patience.connect),
        max_redirects=patience.redirects,
        headers={"User-Agent": f"commissioning-evidence/{__version__}"},
    ) as client:
        yield client


def refresh(
    editions: Iterable[Edition],
    *,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
    progress: Progress = lambda path, held, expected: None,
    say: Say = lambda line: None,
) -> list[Outcome]:
    """Ask every direct address of the editions, one after the other, and compare what has changed.

    `patience` sets timeouts and tries (a `client` given brings its own timeouts and redirect limit).
    Returns one outcome an address, in the editions' order; a failure is an outcome and stops no other (see
    `raise_failures`). Raises `BusyError` where another refresh is running. Stopped at any moment, it
    leaves part files that the next refresh resumes, and nothing else half-written.
    """
    patience = patience or Patience()
    outcomes: list[Outcome] = []
    with _only_one(), nullcontext(client) if client else _client(patience) as client:
        for edition in editions:
            if edition.status == "declared":
                files = [None] if edition.url else []
            else:
                files = _files_to_ask(edition)
            asked = [
                _ask(client, edition, file, patience=patience, progress=progress, say=say) for file in files
            ]
            asked = _with_comparison(edition, asked)
            for outcome in asked:
                say(_one_line(outcome))
            outcomes += asked
    return outcomes


def raise_failures(outcomes: Iterable[Outcome]) -> None:
    """Raise one `OriginalError` that lists every failure; do nothing where there is none."""
    outcomes = list(outcomes)
    failures = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failures:
        raise OriginalError(
            f"{len(failures)} of {len(outcomes)} addresses failed. The others were refreshed.",
            found="\n" + "\n".join(str(outcome.error) for outcome in failures),
            todo="see each failure above; `commissioning ingest --refresh` resumes what can be resumed",
        )


# Telling


def _one_line(outcome: Outcome) -> str:
    size = f", {outcome.fetched.bytes:,} bytes" if outcome.fetched else ""
    detail = {
        "unchanged": "unchanged",
        "changed": f"CHANGED by the publisher{size}, kept as {outcome.stored}",
        "new": f"new, not yet catalogued{size}, kept as {outcome.stored}",
        "failed": f"failed: {outcome.error.what}" if outcome.error else "failed",
    }
    return f"{outcome.edition.id}: {outcome.path}: {detail[outcome.state]}"


def _old_copy(file: OriginalFile) -> str:
    place = originals.find(file.path)
    if place is None:
        return f"{file.path}: the old file is not on this machine; its figures are in the snapshot"
    try:
        originals.load(file)
    except OriginalError as error:
        return f"{file.path}: the old copy is not right. {error}"
    return f"{file.path}: the old copy is kept, its sha256 checked: {place}"


def summary(edition: Edition, comparison: Comparison, *, largest: int = 5) -> list[str]:
    """What a publisher's change did, in lines: counts, the largest absolute changes, the entry to add."""
    count = comparison.count
    lines = [
        f"{edition.id}: {count('changed'):,} figures changed, {count('appeared'):,} appeared, "
        f"{count('vanished'):,} vanished, {count('retyped'):,} only retyped",
    ]
    top = comparison.changes.filter(pl.col("kind") == "changed", pl.col("difference").is_not_null())
    top = top.sort(pl.col("difference").abs(), descending=True, maintain_order=True).head(largest)
    after_key = comparison.changes.columns.index("difference")
    key = comparison.changes.columns[1:after_key]
    for row in top.iter_rows(named=True):
        labels = ", ".join(str(row[name]) for name in key if row[name] not in (None, ""))
        lines.append(
            f"  {row['difference']:+,.15g} {row['unit_new']}: {labels} (from {row['value_text_old']} at "
            f"{row['source_locator_old']} to {row['value_text_new']} at {row['source_locator_new']})"
        )
    lines.append(f"  every change: {comparison.file}")
    old = {file.path for file in edition.files} - {file.path for file in comparison.revision.files}
    lines += [f"  {_old_copy(file)}" for file in edition.files if file.path in old]
    lines.append(
        f"  to keep both, add to ingest/catalogue/{edition.dataset}.yml, below edition {edition.edition}:"
    )
    return [*lines, comparison.entry]


def report(outcomes: Iterable[Outcome]) -> list[str]:
    """What follows from the outcomes: comparisons, and the YAML of new and revised editions."""
    lines: list[str] = []
    for outcome in {id(o.comparison): o for o in outcomes if o.comparison}.values():
        lines += summary(outcome.edition, outcome.comparison)
    for outcome in outcomes:
        if outcome.entry:
            lines.append(
                f"{outcome.edition.id}: in ingest/catalogue/{outcome.edition.dataset}.yml, its entry becomes:"
            )
            lines.append(outcome.entry)
        if outcome.state == "changed" and outcome.edition.tables:
            lines += changed_payments(outcome)
    return lines


def changed_payments(outcome: Outcome) -> list[str]:
    """How to look at a ledger's changed file and how to take it up, in lines."""
    dataset = outcome.edition.dataset
    body = dataset.removeprefix("ledger_")
    path = marked(outcome.path, outcome.fetched.sha256)
    entry = yaml.safe_dump(
        asdict(OriginalFile(path, outcome.fetched.bytes, outcome.fetched.sha256, outcome.url)),
        sort_keys=False,
        default_flow_style=True,
        width=10_000,
    )
    return [
        f"{outcome.edition.id}: the publisher changed {outcome.path}",
        f"  look at it: commissioning ledger inspect {outcome.stored} --body {body}",
        f"  to take it up, its line in ingest/catalogue/{dataset}.yml becomes:",
        f"      - {entry.strip()}",
        f"  then: commissioning ledger snapshot {body}",
    ]


def _plain_progress(say: Say, step: int = 10 * 2**20) -> Progress:
    """A line each 10 MiB: logs of large downloads should show life, those of small ones stay short."""
    told: dict[str, int] = {}

    def progress(path: str, held: int, expected: int | None) -> None:
        if held // step > told.get(path, 0):
            told[path] = held // step
            say(f"{path}: {held:,} of {f'{expected:,}' if expected else '?'} bytes")

    return progress


@contextmanager
def display(console: Console) -> Iterator[tuple[Progress, Say]]:
    """Progress bars where the console is a terminal, plain lines elsewhere."""

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    if not console.is_terminal:
        yield _plain_progress(say), say
        return
    columns = (
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
    )
    with rich.progress.Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, rich.progress.TaskID] = {}

        def progress(path: str, held: int, expected: int | None) -> None:
            if path not in tasks:
                for earlier in tasks.values():  # files come one after the other: show the one under way
                    bars.update(earlier, visible=False)
                tasks[path] = bars.add_task(path, total=expected)
            bars.update(tasks[path], completed=held, total=expected)

        yield progress, say


def chosen_editions(names: Iterable[str] = ()) -> list[Edition]:
    """Held and declared editions of the named datasets or editions; all but the ledgers where none is named.

    A ledger is hundreds of files, so it is asked for by name.
    """
    names = list(names)
    known = {edition.id: edition for dataset in catalogue().values() for edition in dataset.editions}
    for name in names:
        if name not in known and name not in catalogue():
            raise CatalogueError(
                f"The catalogue has no dataset or edition {name!r}.", expected=sorted(catalogue())
            )
    return [e for i, e in known.items() if (i in names or e.dataset in names if names else not e.tables)]


def ledgers_with_addresses() -> dict[str, int]:
    """How many files of each ledger have a direct address; ledgers that have none are left out."""
    held = [edition for dataset in catalogue().values() for edition in dataset.held if edition.tables]
    counts = {edition.dataset: sum(bool(file.url) for file in edition.files) for edition in held}
    return {dataset: count for dataset, count in counts.items() if count}


def run_refresh(
    names: list[str], *, console: Console | None = None, patience: Patience | None = None
) -> None:
    """Refresh the named datasets or editions (all but ledgers where none is named); print what came of it.

    Raises `OriginalError` listing every failure after all addresses were asked, `CatalogueError` for an
    unknown name, `BusyError` where another refresh is running.
    """
    console = console or Console()
    editions = chosen_editions(names)
    with display(console) as (progress, say):
        outcomes = refresh(editions, patience=patience, progress=progress, say=say)
        for line in report(outcomes):
            say(line)
        without = sum(not file.url for edition in editions for file in edition.files)
        if without:
            say(f"{without:,} files have no direct address in the catalogue and were not asked for")
        for dataset, count in ledgers_with_addresses().items() if not names else ():
            say(f"{count} files of a ledger were left out: commissioning ingest --refresh {dataset}")
        states = [outcome.state for outcome in outcomes]
        counts = ", ".join(
            f"{states.count(state)} {state}" for state in ("unchanged", "changed", "new", "failed")
        )
        say(f"{len(outcomes)} addresses asked: {counts}")
    raise_failures(outcomes)
