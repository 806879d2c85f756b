"""Judgements are data: what models still decide by themselves is listed, and shown to readers."""

from __future__ import annotations

import ast
import csv
import re

import yaml
from conftest import ROOT

from commissioning.site.councils import data

LISTED = yaml.safe_load((ROOT / "reports" / "judgements_in_code.yml").read_text(encoding="utf-8"))
MODELS = sorted((ROOT / "dbt" / "models").glob("*/*.sql"))
PYTHON = sorted(
    file
    for name in ("site/councils", "marts/estimates")
    for file in (ROOT / "commissioning" / name).glob("*.py")
)
# Nothing is judged by these: none, one, a half of two, thousands and per cents.
PLAIN = {0, 1, 2, 100, 1000}


def seed(name: str) -> list[dict[str, str]]:
    text = (ROOT / "dbt" / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


COUNCILS = {row[key] for row in seed("councils") for key in ("council_id", "council_name")}


def marks(sql: str) -> list[str]:
    """What looks like a judgement in a model."""
    code = re.sub(r"--.*", "", sql)
    literals = re.findall(r"'([^']*)'", code)
    named = [
        text for text in literals if text in COUNCILS or re.fullmatch(r"(19|20)\d\d-\d\d(-[a-z-]+)?", text)
    ]
    patterns = re.findall(r"like '([^']*)'", code)
    bare = re.sub(r"\{\{.*?\}\}|'[^']*'|\"[^\"]*\"", "", code)
    numbers = re.findall(r"(?:[<>]=?|!=|=|\bbetween|[-*+/])\s*(\d+(?:\.\d+)?)\b", bare)
    return named + patterns + [n for n in numbers if float(n) not in PLAIN]


def constants(code: str) -> list[str]:
    """Numbers that a module names for itself, and councils that it names."""
    tree = ast.parse(code)
    numbers = [
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, int | float) and node.targets[0].id not in LOOKS
    ]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return numbers + [text for text in texts if isinstance(text, str) and text in COUNCILS]


LOOKS = {"SMALL", "WIDTH"}
"""Measures of how a page looks: units of the maps."""


def test_what_is_judged_in_code_is_listed_and_nothing_else():
    found = {file for file in MODELS if marks(file.read_text(encoding="utf-8"))}
    found |= {file for file in PYTHON if constants(file.read_text(encoding="utf-8"))}
    files = {ROOT / entry["file"] for entry in LISTED}
    assert found - files == set(), "move the judgement into a seed, or list it in judgements_in_code.yml"
    assert files - found == set(), "judges nothing any more: strike it from judgements_in_code.yml"


def test_every_entry_says_what_is_judged():
    for entry in LISTED:
        assert entry["kind"] in ("judgement", "wording", "fact") and len(entry["what"].split()) > 3, entry


def test_thresholds_that_models_ask_for_are_those_of_the_seed():
    """A name that is not in the seed would compare with nothing, and nobody would see."""
    asked = {
        name
        for file in MODELS
        for name in re.findall(r"threshold\('(\w+)'\)", file.read_text(encoding="utf-8"))
    }
    rows = {row["threshold"]: row for row in seed("thresholds")}
    assert asked == set(rows)
    assert all(float(row["value"]) and row["unit"] and row["reason"] for row in rows.values())
    assert float(rows["peers_of_a_council"]["value"]) == data.PEERS
