"""Every error that a user may meet says what was expected or what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from conftest import ROOT

from commissioning.base import errors

NAMED = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.CommissioningError)
}
OWN_WORDS = {"HeldError", "BusyError", "DamagedFile", "DamagedMarts", "MissingMarts", "PracticeFaults"}
"""Errors that say it themselves, wherever they are raised."""


def unhelpful(name: str, text: str) -> Iterator[str]:
    """Errors in a module's text that say neither `expected` nor `todo`."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in NAMED - OWN_WORDS
        ):
            said = {keyword.arg for keyword in node.keywords}
            # `**about` passes on what another place says.
            if not said & {"expected", "todo", None}:
                yield f"{name}:{node.lineno}: {ast.unparse(node)}"


def test_every_error_says_what_was_expected_or_what_to_do():
    files = [
        file
        for folder in ("commissioning", "ingest", "expectations")
        for file in (ROOT / folder).rglob("*.py")
    ]
    found = [
        line
        for file in files
        for line in unhelpful(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    ]
    assert not found


def test_an_error_that_says_neither_is_found():
    assert list(unhelpful("m.py", "raise RenderError('Odd.', file=f, found=x)"))
    assert not list(unhelpful("m.py", "raise RenderError('Odd.', todo='mend it')"))
    assert not list(unhelpful("m.py", "raise HeldError(database, 'locked')"))
