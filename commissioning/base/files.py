"""Writing files so that a reader never sees half of one, reading them back, deleting them."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from commissioning.base.errors import DamagedFile


def read_json(path: Path, shape: type = dict, *, todo: str | None = None) -> Any:
    """What a JSON file of our own holds; None where there is no such file.

    Raises `DamagedFile` where it is not JSON or not of the `shape` that we write, with what `todo` advises.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise DamagedFile(path, "a folder is in its place", todo) from None
    except ValueError as error:
        raise DamagedFile(path, f"it is not JSON ({error})", todo) from error
    if not isinstance(content, shape):
        raise DamagedFile(path, f"it holds a {type(content).__name__} and not a {shape.__name__}", todo)
    return content


def replace_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write `text` to `path` in one step: the old content or the new, never a part.

    `durable` waits until the disk has it, which takes long for files by the hundred that are soon made again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def replace_changed(path: Path, text: str, *, durable: bool = True) -> None:
    """Write `text`, unless that is what is there already: what depends on the file is then not stale."""
    if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
        replace_text(path, text, durable=durable)


def write_all(texts: Mapping[Path, str], held: Iterable[Path]) -> None:
    """Write generated files, each only where its text changed, and remove those of `held` that are none."""
    for file, text in texts.items():
        replace_changed(file, text, durable=False)
    for leftover in set(held) - set(texts):
        leftover.unlink()


def remove(path: Path) -> None:
    """Delete a file or a folder of ours, read-only or not."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    if os.name == "nt" and path.exists():
        path.chmod(stat.S_IWRITE)
    path.unlink(missing_ok=True)
