"""Finding a publisher's file on this machine and making sure it is the one the catalogue means.

An original comes from the local cache (`data/cache/`), else from a mirror folder, else it has to be fetched
(`commissioning.ingest.refresh`). In a cache or mirror, `name.csv.gz` stands for `name.csv`. Whichever way it
came, the sha256 of its uncompressed bytes must be the catalogue's.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from pathlib import Path, PurePosixPath

from commissioning.base.errors import OriginalError
from commissioning.base.paths import home
from commissioning.ingest import bounds
from commissioning.ingest.catalogue import Edition, OriginalFile

MARK = re.compile(r"@[0-9a-f]{12}$")
"""Ends the name of a file that a publisher changed: `name@<first 12 digits of its sha256>.xls`."""


def find(path: str) -> Path | None:
    """Where the original of this catalogue path lies on this machine, gzipped or not; None where nowhere."""
    for folder in (home().cache, home().mirror):
        if folder is None:
            continue
        for name in (path, path + ".gz"):
            if (folder / name).is_file():
                return folder / name
    return None


def unmarked(path: str) -> str:
    """The path that the first edition of the file had."""
    whole = PurePosixPath(path)
    return str(whole.with_name(MARK.sub("", whole.stem) + whole.suffix))


def load(file: OriginalFile) -> bytes:
    """The uncompressed bytes of an original.

    Raises `OriginalError` where it is missing, cannot be unpacked, or is not the catalogue's file.
    """
    place = find(file.path)
    if place is None:
        raise OriginalError(
            "A publisher's file is not on this machine.",
            file=file.path,
            expected=f"in {home().cache} or in a mirror (COMMISSIONING_MIRROR)",
            todo="fetch it with `commissioning ingest --refresh`"
            + ("" if file.url else ", or by hand: no direct address is known"),
        )
    most = bounds.most_bytes(file.bytes)
    packed = place.suffix == ".gz" and not file.path.endswith(".gz")
    try:
        data = bounds.read_at_most(place, most, unpack=packed)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OriginalError(
            "A gzipped original is truncated or damaged.", file=place, found=str(error), todo="copy it again"
        ) from error
    if data is None:
        raise OriginalError(
            "A publisher's file is far larger than the one in the catalogue, and was not read to its end.",
            file=place,
            expected=f"{file.bytes:,} bytes",
            found=f"more than {most:,} bytes" + (" once unpacked" if packed else ""),
            todo="copy or fetch it again",
        )
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        size = "" if len(data) == file.bytes else f", {len(data):,} bytes instead of {file.bytes:,}"
        raise OriginalError(
            "A publisher's file is not the one in the catalogue.",
            file=place,
            expected=f"sha256 {file.sha256}",
            found=f"sha256 {found}{size}",
            todo="if the publisher changed the file, run `commissioning ingest --refresh` to see what "
            "changed; else copy or fetch it again",
        )
    return data


def load_all(edition: Edition) -> dict[str, bytes]:
    """Every original of an edition, by catalogue path."""
    return {file.path: load(file) for file in edition.files}


def on_this_machine(edition: Edition) -> bool:
    """Whether every original of the edition lies in the cache or the mirror (not whether it is right)."""
    return all(find(file.path) for file in edition.files)
