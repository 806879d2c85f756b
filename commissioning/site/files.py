"""The files of the published marts that readers download, and how large they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

from commissioning.base.paths import project

ARCHIVE = "commissioning-parquet.zip"
"""All marts as Parquet files with what describes them, for those who want everything in one go."""
ABOUT = ("datapackage.json", "build.json")
ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same marts give the same bytes."""


def parquet() -> list[str]:
    """The marts' files, as they lie below `data/`."""
    return [f"parquet/{file.name}" for file in sorted((project().marts / "parquet").glob("*.parquet"))]


def size(*names: str) -> str:
    """How large files of the marts are together, in words."""
    found = sum((project().marts / name).stat().st_size for name in names)
    return f"{found / 1e6:,.1f} MB" if found >= 1e6 else f"{max(found / 1e3, 1):,.0f} kB"


def archive(folder: Path, names: list[str]) -> None:
    """Write `ARCHIVE` in a folder that holds the files named. Parquet is compressed already."""
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_STORED) as packed:
        for name in names:
            packed.writestr(zipfile.ZipInfo(name, ALWAYS), (folder / name).read_bytes())
