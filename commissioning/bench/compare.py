"""What differs between two builds: `python -m commissioning.bench.compare BEFORE AFTER`.

BEFORE and AFTER are two checkouts, or folders with a copy of `data/marts` and `reports/_site`. It prints a
line for each file that differs and ends with 1 where there is one. A change of the code that is to change
nothing leaves none; where only the markup of pages was to change, `markup differs` is all that it may say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

COMPARED = ("data/marts/parquet/*.parquet", "data/marts/datapackage.json", "reports/_site/**/*")
"""Without the database, whose own bytes differ from build to build: the Parquet files hold the same."""


class _Words(HTMLParser):
    """The words of a page, as a reader sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = False

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words += data.split()


def text(page: Path) -> list[str]:
    parser = _Words()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.words


def files(root: Path) -> set[str]:
    found = (path for pattern in COMPARED for path in root.glob(pattern))
    return {path.relative_to(root).as_posix() for path in found if path.is_file()}


def differences(before: Path, after: Path) -> Iterator[str]:
    """A line for each file that is not the same in both, in order."""
    ours, theirs = files(before), files(after)
    for name in sorted(ours | theirs):
        if name not in theirs:
            yield f"only before: {name}"
        elif name not in ours:
            yield f"only after: {name}"
        elif (before / name).read_bytes() != (after / name).read_bytes():
            same_text = name.endswith(".html") and text(before / name) == text(after / name)
            yield f"{'markup differs' if same_text else 'differs'}: {name}"


def main(before: str, after: str) -> int:
    found = list(differences(Path(before), Path(after)))
    print("\n".join(found) or f"{len(files(Path(after)))} files, all the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
