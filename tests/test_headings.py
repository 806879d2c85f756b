"""Tables of a page: a heading that a caption explains means the same wherever it stands on the page."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import pytest
from test_prose import PAGES, cells

SAME = [{"arithmetic", "null_mean"}]
"""Columns that are one quantity: the arithmetic of an estimate, way by way or all ways in one cell."""


def explained(codes: list[str]) -> dict[str, set[str]]:
    """The columns under each heading that a caption of the page explains: `Chance: how often ...`."""
    under, said = defaultdict(set), ""
    for node in (node for code in codes for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if isinstance(given.get("caption"), ast.Constant):
            said += f" {given['caption'].value}"
        if isinstance(given.get("columns"), ast.Dict):
            for column, head in zip(given["columns"].keys, given["columns"].values, strict=True):
                if isinstance(column, ast.Constant) and isinstance(head, ast.Constant):
                    under[head.value].add(column.value)
    return {head: held for head, held in under.items() if re.search(rf"(?<!\w){re.escape(head)}:", said)}


def double(codes: list[str]) -> dict[str, set[str]]:
    """Headings that are explained once and stand over several quantities."""
    return {head: held for head, held in explained(codes).items() if len(held) > 1 and held not in SAME}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_heading_that_is_explained_stands_over_one_quantity(page):
    assert double(cells(page)) == {}


def test_one_heading_over_two_quantities_is_found():
    # As two tables of one brief had it, the second without error in the share.
    first = 'table(a, caption="Would show: the smallest, with error.", columns={"with_error": "Would show"})'
    assert double([first, 'table(b, caption="Spending.", columns={"plain": "Would show"})'])
    assert not double([first, 'table(b, caption="Spending.", columns={"plain": "Would show, no error"})'])
