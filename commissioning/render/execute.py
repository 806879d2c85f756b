"""Running pages' cells in kernels that pages use one after another.

Starting a kernel and importing what every brief imports takes longer than most briefs' own work. A page finds
nothing of the one before it: no names, its own environment and folder.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from commissioning.base.errors import RenderError
from commissioning.site.source import Cell, Page

TIMEOUT = 600  # seconds a cell may take
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

_AFRESH = """\
get_ipython().reset()
__import__("os").chdir({folder!r})
__import__("os").environ.clear()
__import__("os").environ.update({environment!r})
"""
"""The cell that comes before a page's own. It leaves no name behind."""


class _ThisPython(KernelSpecManager):
    """The Python that runs this, whatever kernel the machine calls `python3`."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        quiet = ["--log-level=ERROR", "--HistoryManager.enabled=False"]
        launcher = ["-m", "ipykernel_launcher", "-f", "{connection_file}", *quiet]
        return KernelSpec(argv=[sys.executable, *launcher], display_name="Python", language="python")


class Kernels:
    """Kernels, as many as pages are run at once: an asynchronous context manager that leaves none behind."""

    def __init__(self) -> None:
        self._idle: list[_Kernel] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        for kernel in self._idle:
            await asyncio.shield(kernel.stop())

    async def outputs(self, page: Page, environment: dict[str, str]) -> list[list[dict[str, Any]]]:
        """Run the page's cells in order; the outputs of each, as the notebook format has them.

        Cells run in the page's folder. Raises `RenderError` with the page, the cell's line and the end of the
        traceback.
        """
        if not page.cells:
            return []
        kernel = self._idle.pop() if self._idle else _Kernel()
        try:
            outputs = await kernel.outputs(page, environment)
        except BaseException:
            # Who knows what it is in the midst of.
            await asyncio.shield(kernel.stop())
            raise
        self._idle.append(kernel)
        return outputs


class _Kernel:
    """A Python process that runs cells."""

    def __init__(self) -> None:
        # The kernel's own files go here and not into the user's home, whose IPython settings do not apply.
        self._folder = tempfile.TemporaryDirectory(prefix="commissioning-kernel-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        # Files in place of ports, where the system has them: kernels that start together may pick one port
        # twice.
        files = {} if os.name == "nt" else {"transport": "ipc", "ip": str(folder / "kernel")}
        self._manager = AsyncKernelManager(
            kernel_spec_manager=_ThisPython(), connection_file=str(folder / "kernel.json"), **files
        )
        self._client = None

    async def outputs(self, page: Page, environment: dict[str, str]) -> list[list[dict[str, Any]]]:
        afresh = _AFRESH.format(folder=str(page.path.parent), environment=environment)
        cells = [nbformat.v4.new_code_cell(code) for code in (afresh, *(cell.code for cell in page.cells))]
        client = NotebookClient(nbformat.v4.new_notebook(cells=cells), km=self._manager, timeout=TIMEOUT)
        if self._client is None:
            await client.async_start_new_kernel(env={**environment, "IPYTHONDIR": self._folder.name})
            self._client = await client.async_start_new_kernel_client()
        client.kc = self._client
        for index, (cell, source) in enumerate(zip(cells, (page.cells[0], *page.cells), strict=True)):
            await _run(client, page, cell, index, source)
        return [cell.outputs for cell in cells[1:]]

    async def stop(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
        if self._manager.has_kernel:
            await self._manager.shutdown_kernel(now=True)
        self._folder.cleanup()


async def _run(client: NotebookClient, page: Page, cell: Any, index: int, source: Cell) -> None:
    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError as error:
        raise _failed(page, source, error) from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise RenderError(
            "A cell did not finish.",
            file=source.line.file,
            where=source.where,
            found=str(error).strip(),
            todo="mend the cell; `commissioning render` of this page runs it alone",
        ) from None


def _failed(page: Page, cell: Cell, error: CellExecutionError) -> RenderError:
    trace = _ANSI.sub("", error.traceback)
    within = re.findall(r"Cell In\[\d+\], line (\d+)", trace)
    failing = f" (line {cell.line.number + int(within[-1])} of the file)" if within else ""
    last = "\n    ".join(line for line in trace.strip().splitlines()[-8:] if line.strip())
    return RenderError(
        f"A cell failed: {error.ename}: {error.evalue}",
        file=cell.line.file,
        where=cell.where + failing,
        found=f"\n    {last}",
        todo="mend the cell, or the data it reads",
    )
