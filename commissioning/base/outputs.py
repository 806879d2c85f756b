"""Where a user asks for files to be written, looked at before anything is worked out."""

from __future__ import annotations

from pathlib import Path

from commissioning.base.errors import CommissioningError


def check_file(file: Path, option: str, suffix: str = "") -> None:
    """Raise a named error where no such file can be written, or its ending is not `suffix`."""
    todo = (
        f"name a file, such as {option} {file.stem or 'table'}{suffix or '.csv'}, in a folder that is there"
    )
    if file.is_dir():
        raise CommissioningError("This is no file.", file=file, found="a folder", where=option, todo=todo)
    if suffix and file.suffix.lower() != suffix:
        raise CommissioningError(
            "The file's ending does not fit what is written into it.",
            file=file,
            where=option,
            expected=f"a name that ends in {suffix}",
            found=file.suffix or "no ending",
            todo=todo,
        )
    if not file.parent.is_dir():
        raise CommissioningError("There is no such folder.", file=file.parent, where=option, todo=todo)


def check_folder(folder: Path, option: str) -> None:
    """Raise a named error where `folder`, or one above it, is a file."""
    for one in (folder, *folder.parents):
        if one.exists() and not one.is_dir():
            raise CommissioningError(
                "This is a file and no folder.",
                file=one,
                where=option,
                todo="name a folder; it is made if new",
            )
