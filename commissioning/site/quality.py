"""The quality pages, `reports/quality/*.qmd`: the stored results of the gate, how well people are told, how
hard the pages are to read.

Great Expectations' own Data Docs ask other hosts for styles, scripts and a logo, and put the time of day into
every path. These pages need no other host, and the same results give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from commissioning.base.files import write_all
from commissioning.base.paths import Project
from commissioning.expectations.gate import RuleResult, SuiteResult, as_text, place
from commissioning.expectations.suites import SEVERITIES
from commissioning.ingest.ledgers import masking_quality
from commissioning.site import reading, templates

LAYERS = {"raw": "Raw tables, as read from publishers' files", "marts": "Marts, as published here"}
SHOWN_LETTERS = 2000
"""Of what a rule found."""


def write(project: Project, results: Sequence[SuiteResult]) -> list[Path]:
    """Write the page of every checked table and their index. Pages of tables that are no more go."""
    pages = {"index": templates.qmd("checks.qmd.j2", **_index(results))}
    pages["masking"] = templates.qmd("masking.qmd.j2", **_masking())
    pages["reading"] = templates.qmd("reading.qmd.j2", pages=reading.ages(project))
    for result in results:
        pages[_name(result)] = templates.qmd("checks_of_table.qmd.j2", **_table(result))
    folder = project.reports / "quality"
    texts = {folder / f"{name}.qmd": text for name, text in pages.items()}
    write_all(texts, folder.glob("*.qmd"))
    return list(texts)


def _name(result: SuiteResult) -> str:
    return f"{result.layer}-{result.name}"


def _index(results: Sequence[SuiteResult]) -> dict[str, Any]:
    rows = [
        {
            "layer": result.layer,
            "page": _name(result),
            "table": result.name,
            "rows": result.rows,
            "rules": len(result.rules),
            **{severity: len(result.failed(severity)) for severity in SEVERITIES},
        }
        for result in results
    ]
    return {
        "tables": len(rows),
        "rules": sum(row["rules"] for row in rows),
        "layers": {
            words: found
            for layer, words in LAYERS.items()
            if (found := [row for row in rows if row["layer"] == layer])
        },
    }


def _masking() -> dict[str, Any]:
    """How many of the labelled names of each form are taken for a person's."""
    forms = masking_quality.by_form().with_columns((pl.col("masked") / pl.col("names")).alias("share"))
    labels = masking_quality.labels_by_form().with_columns(
        (pl.col("masked") / pl.col("names")).alias("share")
    )
    total = masking_quality.total()
    return {
        "total": total,
        "labels": labels.to_dicts(),
        "with_rules": ", ".join(masking_quality.WRITTEN_WITH_THE_RULES),
        "names": total.people + total.organisations,
        "people": forms.filter(pl.col("kind") == "person").to_dicts(),
        "organisations": forms.filter(pl.col("kind") == "organisation").to_dicts(),
    }


def _table(result: SuiteResult) -> dict[str, Any]:
    """Failed rules come first."""
    rules = sorted(result.rules, key=lambda rule: rule.success)
    return {"result": result, "rules": [_rule(rule) for rule in rules]}


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "rule": rule,
        "verdict": "passed" if rule.success else "failed",
        "style": "passed" if rule.success else rule.severity,
        "place": place(rule),
        "found": None if rule.observed is None else as_text(rule.observed)[:SHOWN_LETTERS],
    }
