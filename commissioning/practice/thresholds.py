"""The judgements of the practice commands: `thresholds.yml`, each with its reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from commissioning.base.errors import PracticeError
from commissioning.base.yamls import read_yaml

FILE = Path(__file__).with_name("thresholds.yml")


@cache
def _read() -> dict[str, dict]:
    return read_yaml(FILE, PracticeError, "The list of judgements")


def threshold(name: str) -> float:
    return _read()[name]["value"]
