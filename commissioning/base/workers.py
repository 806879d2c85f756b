"""Work shared out among processes, with the same result on any number of them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

Row = TypeVar("Row")
# On Linux processes can be copied from one that has imported what they need: Python's own way from 3.14 on.
COPIES = sys.platform == "linux"
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started meanwhile use one thread of linear algebra: more would fight, and add up in
    another order.
    """
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _as_here(environment: dict[str, str]) -> None:
    """A copied process has the environment that its original began with, and not today's."""
    os.environ.clear()
    os.environ.update(environment)


def share_out(
    function: Callable[..., list[Row]],
    jobs: list[tuple],
    *,
    workers: int | None = None,
    imports: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda jobs_done, rows: None,
) -> list[Row]:
    """The rows of `function(*job)` for every job, in any order; `workers` processes, as many as cores if
    None.

    `imports` names modules that take seconds to import: where processes are copied, the first call decides
    which ones are imported once for all.
    """
    context = multiprocessing.get_context("forkserver" if COPIES else "spawn")
    if COPIES:
        context.set_forkserver_preload(list(imports))
    rows: list[Row] = []
    with (
        _one_thread_each(),
        ProcessPoolExecutor(
            workers, mp_context=context, initializer=_as_here, initargs=(dict(os.environ),)
        ) as pool,
    ):
        running = [pool.submit(function, *job) for job in jobs]
        try:
            for done, job in enumerate(as_completed(running), 1):
                rows += job.result()
                progress(done, len(rows))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return rows
