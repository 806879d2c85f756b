"""No module, function or class is longer than a reader can hold in mind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from conftest import ROOT

MODULE, FUNCTION, CLASS = 600, 60, 250
"""Lines, at most."""

FOLDERS = ("commissioning", "ingest", "expectations", "dbt/models")


def too_long(name: str, text: str) -> Iterator[str]:
    """What in a module's text is longer than it may be."""
    if (lines := len(text.splitlines())) > MODULE:
        yield f"{name}: {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > (CLASS if isinstance(node, ast.ClassDef) else FUNCTION):
                yield f"{name}: {node.name}, {lines} lines"


def test_nothing_is_longer_than_a_reader_can_hold_in_mind():
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert not [
        found
        for file in files
        for found in too_long(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    ]


def test_what_is_too_long_is_found():
    long = "def f():\n" + "    x = 1\n" * FUNCTION
    assert list(too_long("m.py", long)) == [f"m.py: f, {FUNCTION + 1} lines"]
    assert list(too_long("m.py", "x = 1\n" * (MODULE + 1))) == [f"m.py: {MODULE + 1} lines"]
