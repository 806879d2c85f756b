"""Saying what the build is doing: a live line on a terminal, plain lines in CI and files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Announces steps with their times. `quiet` leaves only warnings."""

    def __init__(self, console: Console, *, quiet: bool = False):
        self.console, self.quiet = console, quiet

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Announce a step; the function given takes lines that tell how far it has come."""
        start, last = time.perf_counter(), ""
        live = self.console.is_terminal and not self.quiet

        def say(line: str) -> None:
            nonlocal last
            last = line
            if live:
                status.update(f"{name}: {line}")

        status = self.console.status(f"{name} …") if live else None
        if status:
            status.start()
        try:
            yield say
        finally:
            if status:
                status.stop()
        if not self.quiet:
            seconds = time.perf_counter() - start
            self.console.print(f"{name:<14} {seconds:5.1f} s  {last}".rstrip(), highlight=False, markup=False)

    def warn(self, text: str) -> None:
        self.console.print(f"warning: {text}", style="yellow", highlight=False, markup=False)


_heard_by: list[Callable[[str], None]] = []


@contextmanager
def heard_by(say: Callable[[str], None]) -> Iterator[None]:
    """While it lasts, `say` gets what `tell` is told: how code that others call, dbt's models, reports
    progress.
    """
    _heard_by.append(say)
    try:
        yield
    finally:
        _heard_by.remove(say)


def tell(line: str) -> None:
    """Say how far long work has come, to whoever listens."""
    for say in _heard_by:
        say(line)
