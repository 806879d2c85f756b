"""Each test file has a name of its own: pytest collects no second file of the same name."""

from __future__ import annotations

from collections import Counter

from conftest import ROOT


def test_no_two_test_files_share_a_name():
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, files in names.items() if files > 1] == []
