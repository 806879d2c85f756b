"""What a run of Python really opens, by `strace`: native readers (DuckDB, Polars) and other processes too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

STRACE = shutil.which("strace")

_OPEN = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+)')
_MARK = "/commissioning-step/"

MARKING = f"""
def mark(name):
    try:
        open({_MARK!r} + name)
    except OSError:
        pass
"""
"""Code that defines `mark(name)`: what is opened after it counts under that name."""


def run(code: str, home: Path, log: Path) -> None:
    """Run `code` on the project in `home` with that project's package, under strace where there is one.

    strace writes `log`.
    """
    traced = (
        [STRACE, "-f", "--seccomp-bpf", "-e", "trace=open,openat", "-s", "4096", "-o", str(log)]
        if STRACE
        else []
    )
    env = {**os.environ, "COMMISSIONING_HOME": str(home), "PYTHONPATH": str(home)}
    done = subprocess.run(
        [*traced, sys.executable, "-c", MARKING + code],
        cwd=home, env=env, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def read(log: Path, cwd: Path) -> dict[str, set[Path]]:
    """Files that were opened to be read and are there, by the mark before them ("" before the first)."""
    found: dict[str, set[Path]] = {}
    name = ""
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = _OPEN.search(line)
            if not match:
                continue
            path, flags = match.groups()
            if path.startswith(_MARK):
                name = path.removeprefix(_MARK)
            elif "O_WRONLY" not in flags and "O_DIRECTORY" not in flags:
                found.setdefault(name, set()).add(Path(os.path.normpath(cwd / path)))
    return {name: {path for path in paths if path.is_file()} for name, paths in found.items()}
