"""Running a page's cells, in a kernel of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from commissioning.base.errors import RenderError
from commissioning.site.source import Cell, Page

TIMEOUT = 600  # seconds a cell may take
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class _ThisPython(KernelSpecManager):
    """The Python that runs this, whatever kernel the machine calls `python3`."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        quiet = ["--log-level=ERROR", "--HistoryManager.enabled=False"]
        launcher = ["-m", "ipykernel_launcher", "-f", "{connection_file}", *quiet]
        return KernelSpec(argv=[sys.executable, *launcher], display_name="Python", language="python")


async def outputs(page: Page, environment: dict[str, str]) -> list[list[dict[str, Any]]]:
    """Run the page's cells in order; the outputs of each, as the notebook format has them.

    Cells run in the page's folder. Raises `RenderError` with the page, the cell's line and the end of the
    traceback. The kernel is gone when this returns, is cancelled or raises.
    """
    cells = [nbformat.v4.new_code_cell(cell.code) for cell in page.cells]
    if not cells:
        return []
    # The kernel's own files go here and not into the user's home, whose IPython settings do not apply either.
    with tempfile.TemporaryDirectory(prefix="commissioning-kernel-", ignore_cleanup_errors=True) as folder:
        await _run_all(page, cells, folder, {**environment, "IPYTHONDIR": folder})
    return [cell.outputs for cell in cells]


async def _run_all(page: Page, cells: list[Any], folder: str, environment: dict[str, str]) -> None:
    # Files in place of ports, where the system has them: kernels that start together may pick one port twice.
    files = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(folder) / "kernel")}
    manager = AsyncKernelManager(
        kernel_spec_manager=_ThisPython(), connection_file=str(Path(folder) / "kernel.json"), **files
    )
    client = NotebookClient(nbformat.v4.new_notebook(cells=cells), km=manager, timeout=TIMEOUT)
    try:
        async with client.async_setup_kernel(cwd=str(page.path.parent), env=environment):
            for index, (cell, source) in enumerate(zip(cells, page.cells, strict=True)):
                await _run(client, page, cell, index, source)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        if manager.has_kernel:
            await asyncio.shield(manager.shutdown_kernel(now=True))


async def _run(client: NotebookClient, page: Page, cell: Any, index: int, source: Cell) -> None:
    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError as error:
        raise _failed(page, source, error) from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise RenderError(
            "A cell did not finish.", file=source.line.file, where=source.where, found=str(error).strip()
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
