"""The checklist of `reports/accessibility.yml` covers the guidelines, and says how each was checked."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CRITERIA = yaml.safe_load((ROOT / "reports" / "accessibility.yml").read_text(encoding="utf-8"))

# WCAG 2.2, W3C Recommendation: how many criteria each guideline has at levels A and AA.
GUIDELINES = {
    "1.1": 1, "1.2": 5, "1.3": 5, "1.4": 9, "2.1": 3, "2.2": 2, "2.3": 1, "2.4": 8, "2.5": 6, "3.1": 2,
    "3.2": 5, "3.3": 6, "4.1": 2,
}  # fmt: skip


def test_every_criterion_is_there_once():
    ids = [criterion["id"] for criterion in CRITERIA]
    assert len(ids) == len(set(ids)) == sum(GUIDELINES.values())
    for guideline, count in GUIDELINES.items():
        assert sum(name.startswith(f"{guideline}.") for name in ids) == count, guideline
    levels = [criterion["level"] for criterion in CRITERIA]
    assert (levels.count("A"), levels.count("AA")) == (31, 24)


def test_every_verdict_is_known_and_says_how():
    for criterion in CRITERIA:
        assert set(criterion) == {"id", "name", "level", "verdict", "checked"}
        assert criterion["verdict"] in ("met", "partly", "not", "none"), criterion["id"]
        if criterion["verdict"] != "none":
            assert criterion["checked"].startswith(("axe", "test: ", "read: ")), criterion["id"]
