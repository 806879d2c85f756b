"""The house has floors: code imports from its own floor and from those below, never from above."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from conftest import ROOT

FLOORS = "base ingest expectations marts numbers site render practice build bench commands cli".split()  # noqa: SIM905
FOLDERS = (ROOT / "commissioning", ROOT / "ingest", ROOT / "expectations")


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the package: its floor and its text."""
    for folder in FOLDERS:
        for file in folder.rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield parts[parts[0] == "commissioning" and len(parts) > 1], file.read_text(encoding="utf-8")


def imported(text: str) -> Iterator[str]:
    """Full names of what a module imports from the package, wherever in the module it does so."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "commissioning":
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("commissioning."))


def above(floor: str, name: str) -> bool:
    """Whether `name` lies above `floor`. The package itself (its version, `open_marts`) is open to all."""
    wanted = name.split(".")[1]
    return wanted in FLOORS and FLOORS.index(wanted) > FLOORS.index(floor)


def test_the_architecture_tells_of_every_floor():
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z]+(?:/|\.py)`(?:, )?)+)", told[told.index("| floor |") :], re.M)
    named = [name for row in rows for name in re.findall(r"`([a-z]+)", row)]
    assert sorted(named) == sorted(FLOORS)


def test_no_module_imports_from_a_floor_above():
    found = [
        f"{floor} imports {name}"
        for floor, text in modules()
        if floor != "__init__"
        for name in imported(text)
        if above(floor, name)
    ]
    assert not found


def test_every_folder_of_the_package_has_its_floor():
    assert {floor for floor, _ in modules()} == {*FLOORS, "__init__"}


def test_an_import_from_above_is_found():
    assert list(imported("def f():\n    from commissioning.site import numbers")) == [
        "commissioning.site.numbers"
    ]
    assert above("base", "commissioning.site.numbers")
    assert not above("site", "commissioning.base.paths")
