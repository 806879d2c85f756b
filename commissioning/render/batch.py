"""Web pages made by the hundred: one long-lived Pandoc process makes many of them.

Pages without cells that are web pages only, such as the councils', go this way in the built-in renderer. The
Lua filters and the template are those of every other page, and so are the bytes that come out.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Self

SCRIPT = Path(__file__).with_suffix(".lua")


class Pandoc:
    """A Pandoc process that renders one page after another, as an asynchronous context manager.

    `settings` and the pages' `job`s are what `batch.lua` says.
    """

    def __init__(self, executable: str, settings: dict[str, Any], env: dict[str, str]):
        self._executable, self._settings, self._env = executable, settings, env

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            self._executable, "lua", str(SCRIPT),
            env=self._env,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._write(self._settings)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _write(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def render(self, job: dict[str, Any]) -> str | None:
        """Render a page to `job["output"]`; Pandoc's complaint where it has one."""
        try:
            self._write(job)
            await self._process.stdin.drain()
            answer = await self._process.stdout.readline()
        except ConnectionError:
            answer = b""
        if not answer:
            return "Pandoc ended: " + (await self._process.stderr.read()).decode("utf-8", "replace").strip()
        return json.loads(answer).get("error")
