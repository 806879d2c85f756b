"""One file from one publisher's address, whole or not at all.

A download is tried again where trying may help, each time from its first byte: the largest file is a few
megabytes. It is refused where the answer cannot be the file: a web page, an empty or an endless body, one
that comes too slowly or unpacks to far more than it sent.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx

from commissioning import __version__
from commissioning.base.errors import OriginalError
from commissioning.ingest import bounds

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
class Wanted:
    """A file to fetch: its path in the catalogue, its address, and the most bytes that it may hold."""

    path: str
    url: str
    most: int = bounds.UNKNOWN

    def error(self, what: str, **more: object) -> OriginalError:
        return OriginalError(what, file=self.path, where=self.url, **more)

    def too_large(self, found: str) -> OriginalError:
        return self.error(
            "A publisher's address gives far more than the file that the catalogue knows.",
            expected=f"at most {self.most:,} bytes",
            found=found,
            todo="open the address in a browser; if the file has really grown so, put its size in the "
            "catalogue as `bytes`",
        )

    def is_page(self, found: str) -> OriginalError:
        return self.error(
            "A publisher's address answered with a web page instead of the file.",
            expected="the file itself",
            found=found,
            todo="open the address in a browser; put the file's direct address, not its page, in the "
            "catalogue",
        )

    @property
    def may_be_page(self) -> bool:
        return PurePosixPath(self.path).suffix.lower() in (".html", ".htm")


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


class _TryAgain(Exception):
    """An attempt failed in a way that may pass; `wait` is the server's own Retry-After in seconds."""

    def __init__(self, error: OriginalError, wait: float | None = None):
        self.error, self.wait = error, wait


@contextmanager
def client_for(patience: Patience) -> Iterator[httpx.Client]:
    with httpx.Client(
        timeout=httpx.Timeout(patience.read, connect=patience.connect),
        max_redirects=patience.redirects,
        headers={"User-Agent": f"commissioning-evidence/{__version__}"},
    ) as client:
        yield client


def download(
    client: httpx.Client, wanted: Wanted, part: Path, *, patience: Patience, progress: Progress, say: Say
) -> Fetched:
    """Download a file to `part`, which on failure holds nothing of use.

    Raises `OriginalError` (address, status, expected, found) once `patience` has run out, or at once where
    trying again cannot help.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, patience.tries + 1):
        try:
            return _attempt(client, wanted, part, patience, progress)
        except _TryAgain as trouble:
            longest = patience.first_wait * 2 ** (attempt - 1)
            wait = random.uniform(longest / 2, longest) if trouble.wait is None else trouble.wait
            if attempt == patience.tries or wait > patience.longest_wait:
                asked = f"; the server asks to wait {wait:.0f} s" if trouble.wait else ""
                trouble.error.found = f"{trouble.error.found} (attempt {attempt} of {patience.tries}{asked})"
                raise trouble.error from trouble.__cause__
            say(f"{wanted.path}: {trouble.error.found}; trying again in {wait:.1f} s")
            time.sleep(wait)
    raise ValueError("Patience.tries must be at least 1")


def _attempt(
    client: httpx.Client, wanted: Wanted, part: Path, patience: Patience, progress: Progress
) -> Fetched:
    """Ask once. Raises `_TryAgain` or `OriginalError`."""
    headers = {"Accept-Encoding": "identity"}  # so that sizes are those of the file
    late = lambda: False  # noqa: E731 - nothing has been asked yet
    try:
        with bounds.answer_within(patience.answer) as (extensions, late):
            request = client.build_request("GET", wanted.url, headers=headers, extensions=extensions)
            response = client.send(request, stream=True, follow_redirects=True)
        with closing(response):
            _check_headers(response, wanted)
            sha256 = _receive(response, wanted, part, patience, progress)
    except (httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise wanted.error(
            "A publisher's address leads nowhere.",
            expected=f"an http or https address with at most {client.max_redirects} redirects",
            found=str(error),
            todo="find the file's present address on the publication page and put it in the catalogue",
        ) from error
    except httpx.RequestError as error:
        wrapped = wanted.error(
            "The connection to a publisher's address failed.",
            expected="an answer received whole",
            found=f"no answer in {patience.answer:g} s" if late() else f"{type(error).__name__}: {error}",
            todo="check the network (and proxy settings), then run the command again",
        )
        raise _TryAgain(wrapped) from error
    _check_content(part, wanted)
    return Fetched(
        url=wanted.url,
        final_url=str(response.url),
        status=response.status_code,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        retrieved=dt.date.today().isoformat(),
        bytes=part.stat().st_size,
        sha256=sha256,
    )


def _check_headers(response: httpx.Response, wanted: Wanted) -> None:
    """Raise for another status than 200, a web page, and an answer that is or may be too large."""
    status = response.status_code
    if status != 200:
        again = status in _AGAIN or status >= 500
        error = wanted.error(
            "A publisher's address did not give the file.",
            expected="status 200",
            found=f"status {status} {response.reason_phrase} from {response.url}",
            todo="try again later"
            if again
            else "find the file's present address on the publication page and put it in the catalogue",
        )
        raise _TryAgain(error, _retry_after(response)) if again else error
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not wanted.may_be_page:
        raise wanted.is_page(f"content type {kind} from {response.url}")
    said = _expected_bytes(response)
    if said is not None and said > wanted.most:
        raise wanted.too_large(f"Content-Length: {said:,} bytes")
    if _encoding(response) not in ("identity", "gzip", "deflate"):
        raise wanted.error(
            "A publisher's address packs its answer in a way that was not asked for.",
            expected="the file as it is (Accept-Encoding: identity), or gzip",
            found=f"Content-Encoding: {response.headers['content-encoding']}",
            todo="fetch the file by hand and put it into the cache",
        )


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


def _encoding(response: httpx.Response) -> str:
    return response.headers.get("content-encoding", "identity").lower()


def _expected_bytes(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdigit() and _encoding(response) == "identity" else None


def _receive(
    response: httpx.Response, wanted: Wanted, part: Path, patience: Patience, progress: Progress
) -> str:
    """Write the body to `part` and give its sha256.

    A body that outgrows `wanted.most` bytes is refused; one that comes too slowly is asked for again.
    """
    expected, held, digest = _expected_bytes(response), 0, hashlib.sha256()
    progress(wanted.path, held, expected)
    pace = bounds.Pace(patience.slowest, patience.window)
    with part.open("wb") as stream:
        for chunk in response.iter_bytes():
            held += len(chunk)
            if held > wanted.most:
                raise wanted.too_large(f"more than {wanted.most:,} bytes, and no end of them")
            stream.write(chunk)
            digest.update(chunk)
            progress(wanted.path, held, expected)
            if pace.is_slow(held):
                error = wanted.error(
                    "A publisher's address gives its file too slowly.",
                    expected=f"{patience.slowest:,.0f} bytes a second, taken over {patience.window:g} s",
                    found=f"{held:,} bytes so far",
                    todo="run the command again at another time",
                )
                raise _TryAgain(error)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _check_content(part: Path, wanted: Wanted) -> None:
    """Raise where the bytes received cannot be the file: none at all, a web page, or a bomb."""
    with part.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        raise wanted.error(
            "A publisher's address gave an empty file.",
            expected="at least one byte",
            found="0 bytes",
            todo="try again later, or find the file's present address on the publication page",
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_HTML) and not wanted.may_be_page:
        raise wanted.is_page(f"bytes that begin {head[:40]!r}")
    if unpacked := bounds.unpacks_too_large(part):
        raise wanted.error(
            "A publisher's file unpacks to far more than it holds.",
            expected=f"at most {bounds.UNPACKED} times its size",
            found=f"{part.stat().st_size:,} bytes that unpack to {unpacked:,}",
            todo="open the address in a browser on a machine that can be spared; it may not be the file",
        )
