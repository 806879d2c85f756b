"""The releases in a file, whatever it is: a release, a package of releases or records, a list, JSON lines."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from commissioning.base.errors import ContractsError
from commissioning.ingest.contracts.ocds import kind

MAX_BYTES = 4_000_000_000
"""The most bytes of one file, unpacked: a year of all UK portals is well under this."""

LINES = (".jsonl", ".ndjson")

PACKAGE = {"uri", "publishedDate", "publisher", "publicationPolicy"}
"""What a package without a list of releases has: some portals answer so where a month has no notice."""


@dataclass(frozen=True)
class Found:
    """One release, or what stands where one should; `where` is its place in the file."""

    where: str
    release: dict | None
    problem: str | None = None


def content_of(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is gzipped. Raises `ContractsError`."""
    if not path.is_file():
        raise ContractsError(
            "There is no such file.",
            file=path,
            found="a folder" if path.is_dir() else f"nothing of that name in {path.parent.resolve()}",
            todo="name files: a portal's JSON, JSON lines, or a register as CSV",
        )
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ContractsError(
            "A gzipped file cannot be unpacked.", file=path, found=str(error), todo="fetch it again"
        ) from error
    if len(data) > MAX_BYTES:
        raise ContractsError(
            "A gzipped file unpacks to too much.", file=path, expected=f"{MAX_BYTES:,} bytes"
        )
    return data


def releases(name: str, data: bytes) -> Iterator[Found]:
    """Every release of a file in its order. Raises `ContractsError` where the whole is no JSON."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise ContractsError("A file of notices is empty.", file=name, expected="JSON", found="no text")
    if name.removesuffix(".gz").endswith(LINES) or _is_lines(data):
        yield from _lines(data)
        return
    try:
        whole = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ContractsError(
            "A file of notices is no JSON, or is cut short.",
            file=name,
            where=f"line {error.lineno}, character {error.colno}",
            expected="an OCDS release or package, a list of them, or JSON lines",
            found=error.msg,
            todo="fetch the file again; a file of one release a line should end in .jsonl",
        ) from error
    yield from _within(whole, "")


def _is_lines(data: bytes) -> bool:
    """Whether the first line is a whole JSON object, and another line follows."""
    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(data: bytes) -> Iterator[Found]:
    for number, line in enumerate(io.BytesIO(data), 1):
        if not line.strip():
            continue
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Found(f"line {number}", None, f"no JSON: {error.msg} at character {error.colno}")
            continue
        yield from _within(item, f"line {number}")


def _within(item: object, where: str) -> Iterator[Found]:
    """The releases in one JSON value."""

    def at(place: str) -> str:
        return f"{where}, {place}" if where else place

    if isinstance(item, list):
        for number, part in enumerate(item):
            if isinstance(part, list):
                yield Found(at(f"[{number}]"), None, "a list in place of a release")
            else:
                yield from _within(part, at(f"[{number}]"))
    elif not isinstance(item, dict):
        yield Found(at("the value"), None, f"{kind(item)} in place of a release")
    elif "ocid" in item and "compiledRelease" in item:
        yield from _record(item, where or "the record")
    elif "ocid" in item and "releases" not in item:
        yield Found(where or "the release", item)
    elif "releases" in item or "records" in item:
        holds = "releases" if "releases" in item else "records"
        parts = item[holds]
        if isinstance(parts, list):
            for number, part in enumerate(parts):
                place = at(f"{holds}[{number}]")
                if holds == "records" and isinstance(part, dict):
                    yield from _record(part, place)
                elif isinstance(part, dict):
                    yield Found(place, part)
                else:
                    yield Found(place, None, f"{kind(part)} in place of a release")
        else:
            yield Found(at(holds), None, f"{kind(parts)} in place of a list")
    elif not PACKAGE & set(item):
        yield Found(where or "the object", None, "an object without ocid, releases or records")


def _record(record: dict, where: str) -> Iterator[Found]:
    """The releases that a record holds; where it only links to them, the one compiled from them."""
    held = record.get("releases")
    held = held if isinstance(held, list) else []
    if held and all(isinstance(part, dict) and "ocid" in part for part in held):
        for number, part in enumerate(held):
            yield Found(f"{where}, releases[{number}]", part)
    elif isinstance(record.get("compiledRelease"), dict):
        yield Found(f"{where}, compiledRelease", record["compiledRelease"])
    else:
        yield Found(where, None, "a record with neither its releases nor a compiled release")
