"""Originals that are made up, for the tests of the readers."""

from __future__ import annotations

import pytest
from commissioning.ingest.sheets import Workbook


@pytest.fixture
def made_up_workbook(monkeypatch):
    """Call it with rows by name of sheet: what every workbook opened in the test then holds."""

    def give(sheets: dict[str, list[list[object]]]) -> None:
        monkeypatch.setattr(Workbook, "open", lambda file, data: Workbook.of(file, sheets))

    return give
