"""How much a publisher's address or file may give: bytes, unpacked bytes, time.

The catalogue knows how large each file was. A server that sends without end, unpacks into far more than it
sent, or lets a byte through now and then is stopped here, whatever it is: broken, hostile, or another page.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

GROWTH, ROOM, UNKNOWN = 4, 2**20, 200 * 2**20
UNPACKED = 100


def most_bytes(known: int | None) -> int:
    """The most that a file may hold which held `known` bytes when it was catalogued: four times as much and a
    megabyte. 200 MB where nothing is known, of an edition that is declared and was never held."""
    return UNKNOWN if known is None else GROWTH * known + ROOM


def read_at_most(place: Path, most: int, *, unpack: bool) -> bytes | None:
    """A file's bytes, with `unpack` those that are gzipped in it; None where there are more than `most`.

    Raises what `gzip` raises for a damaged file.
    """
    with gzip.open(place) if unpack else place.open("rb") as stream:
        data = stream.read(most + 1)
    return None if len(data) > most else data


def unpacks_too_large(file: Path) -> int | None:
    """How many bytes a zip file, such as a workbook, says it unpacks to, where that is more than a hundred
    times its size and ten megabytes; None for what is within it or no zip file."""
    try:
        with zipfile.ZipFile(file) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    return unpacked if unpacked > UNPACKED * file.stat().st_size + 10 * ROOM else None


class Pace:
    """Whether bytes come fast enough. `is_slow(held)` is asked after each chunk: true where at the end of a
    `window` (seconds) fewer than `slowest` bytes a second came in it."""

    def __init__(self, slowest: float, window: float):
        self.slowest, self.window = slowest, window
        self._since, self._held = time.monotonic(), 0

    def is_slow(self, held: int) -> bool:
        now = time.monotonic()
        if now - self._since < self.window:
            return False
        slow = held - self._held < self.slowest * (now - self._since)
        self._since, self._held = now, held
        return slow


@contextmanager
def answer_within(seconds: float) -> Iterator[tuple[dict[str, Any], Callable[[], bool]]]:
    """Hang up on a server whose answer has not begun in time, even one that sends its headers byte by byte:
    httpx bounds the wait for each byte and not the whole.

    Gives the `extensions` for the request and a function that says whether it was hung up on. Leave the
    context once the headers are there.
    """
    sockets: list[socket.socket] = []
    late = threading.Event()

    def note(event: str, info: dict) -> None:
        if event == "connection.connect_tcp.complete":
            sockets.append(info["return_value"].get_extra_info("socket"))

    def hang_up() -> None:
        late.set()
        for open_socket in sockets:
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield {"trace": note}, late.is_set
    finally:
        timer.cancel()
