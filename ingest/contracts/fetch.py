"""Fetching a portal's notices: page after page, kept as they came, to be gone on with after any stop.

A span (a day, or a month and a kind of notice) is a folder of pages and a `fetched.json` with the address,
sha256, size and date of each, and the address of the next page while there is one. A span whose last day was
over when its last page came is complete and not asked for again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson

from commissioning.base.errors import ContractsError, OriginalError
from commissioning.base.files import read_json, remove, replace_text
from commissioning.ingest import download
from commissioning.ingest.contracts.portals import Asked, Portal

Say = Callable[[str], None]

PATIENCE = download.Patience(longest_wait=600)
"""Portals that throttle ask to wait some minutes (`Retry-After`)."""
MOST_BYTES = 200_000_000
"""The most bytes of one page: a month of one kind of notice is a few megabytes."""
MOST_PAGES = 2_000
"""The most pages of one span: 200,000 notices in a day."""
MANIFEST = "fetched.json"


@dataclass
class Span:
    """What is held of one span: its pages, and the address of the next one."""

    folder: Path
    next: str | None
    pages: list[dict] = field(default_factory=list)
    complete: bool = False

    def write(self) -> None:
        content = {"next": self.next, "complete": self.complete, "pages": self.pages}
        replace_text(self.folder / MANIFEST, json.dumps(content, indent=1) + "\n")

    @property
    def files(self) -> list[Path]:
        return [self.folder / page["file"] for page in self.pages]


@dataclass(frozen=True)
class Fetched:
    """What came of asking a portal."""

    files: list[Path]
    pages: int
    unchanged: int
    releases: int


def fetch(
    portal: Portal,
    first: dt.date,
    last: dt.date,
    folder: Path,
    *,
    patience: download.Patience = PATIENCE,
    progress: Say = lambda line: None,
    warn: Say = lambda line: None,
) -> Fetched:
    """Fetch what a portal published from `first` to `last` into `folder`.

    Raises `ContractsError` where a portal does not give a page; what came before is kept, and the same
    command goes on from there.
    """
    files: list[Path] = []
    pages = unchanged = releases = 0
    with download.client_for(patience) as client:
        for asked in portal.spans(first, last):
            span = _held(folder / asked.name, asked)
            if span.complete:
                unchanged += len(span.pages)
            else:
                for count in _pages(client, portal, asked, span, patience, progress, warn):
                    pages, releases = pages + 1, releases + count
            files += span.files
    return Fetched(files, pages, unchanged, releases)


def _held(folder: Path, asked: Asked) -> Span:
    """What an earlier run left of a span; nothing where a page is not as it was when it came."""
    known = read_json(folder / MANIFEST, todo="delete the file; the span is fetched again")
    if known is None:
        return Span(folder, asked.url)
    span = Span(folder, known["next"], known["pages"], known["complete"])
    good = all(
        path.is_file() and path.stat().st_size == page["bytes"]
        for path, page in zip(span.files, span.pages, strict=True)
    )
    # The last page of a span that was not over may have grown: it is asked for anew, from its start.
    return span if good and (span.complete or span.next) else Span(folder, asked.url)


def _pages(
    client: httpx.Client,
    portal: Portal,
    asked: Asked,
    span: Span,
    patience: download.Patience,
    progress: Say,
    warn: Say,
) -> Iterator[int]:
    """Fetch the pages that a span has not, and say how many releases each holds."""
    if not span.pages and span.folder.exists():
        remove(span.folder)  # what an earlier run left and cannot be relied on
    seen = {page["url"] for page in span.pages}
    while span.next:
        if span.next in seen or len(span.pages) >= MOST_PAGES:
            raise ContractsError(
                "A portal's pages come to no end.",
                file=span.folder,
                where=span.next,
                expected=f"each page once, and at most {MOST_PAGES:,}",
                found="a page that was there before" if span.next in seen else f"{len(span.pages):,} pages",
                todo="ask for fewer days, or tell the portal",
            )
        url, name = span.next, f"{asked.name}_{len(span.pages) + 1:04}.json"
        seen.add(url)
        progress(f"{asked.name}, page {len(span.pages) + 1}")
        got, package = _page(client, span.folder / name, url, patience, warn)
        span.pages.append({"file": name, **asdict(got)})
        span.next = _next(portal, package, url, name)
        today = dt.date.today()
        span.complete = span.next is None and asked.last_day < today
        span.write()
        yield len(package.get("releases") or [])


def _page(
    client: httpx.Client, target: Path, url: str, patience: download.Patience, warn: Say
) -> tuple[download.Fetched, dict]:
    """One page, kept at `target` once it is whole; asked for again where it is no package."""
    wanted, part = download.Wanted(target.name, url, MOST_BYTES), target.with_suffix(".part")
    try:
        for attempt in range(1, patience.tries + 1):
            got = download.download(
                client, wanted, part, patience=patience, progress=lambda *_: None, say=warn
            )
            package = _package(part)
            if package is not None:
                part.replace(target)
                return got, package
            warn(f"{target.name}: no whole package, attempt {attempt} of {patience.tries}")
    except OriginalError as error:
        raise _refused(target, url, error.expected, error.found) from error
    finally:
        part.unlink(missing_ok=True)
    raise _refused(target, url, "a JSON object with releases", f"something else, {patience.tries} times")


def _refused(target: Path, url: str, expected: object, found: object) -> ContractsError:
    return ContractsError(
        "A portal did not give a page of notices.",
        file=target.name,
        where=url,
        expected=expected,
        found=found,
        todo="run the same command later: it goes on from this page",
    )


def _package(path: Path) -> dict | None:
    """A page as a package; None where it is none. A month without notices may come without `releases`."""
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None
    whole = isinstance(content, dict) and isinstance(content.get("releases", []), list)
    return content if whole else None


def _next(portal: Portal, package: dict, url: str, name: str) -> str | None:
    """The address of the next page, which must be the portal's own."""
    links = package.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    if not following:
        return None
    own, other = urlsplit(portal.address), urlsplit(str(following))
    if (own.scheme, own.netloc) != (other.scheme, other.netloc):
        raise ContractsError(
            "A portal's next page is someone else's.",
            file=name,
            where=url,
            expected=f"an address at {own.netloc}",
            found=str(following)[:200],
            todo="nothing more is fetched; look at the page",
        )
    return str(following)
