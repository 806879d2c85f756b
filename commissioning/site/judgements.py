"""Judgements that pages follow and no mart holds: seeds read as they are."""

from __future__ import annotations

import csv
from functools import cache

from commissioning.base.paths import Project


def seed(project: Project, name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (project.dbt / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def pandemic(project: Project) -> frozenset[str]:
    """Financial years of the pandemic."""
    return frozenset(row["financial_year"] for row in seed(project, "pandemic_years"))
