"""Words of pages, documents and messages: none of the phrases that reports/phrases.yml lists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.yamls import read_yaml

LIST = read_yaml(ROOT / "reports" / "phrases.yml", RenderError, "The list of phrases")
PHRASES = {entry["pattern"]: re.compile(entry["pattern"], re.I) for entry in LIST["phrases"]}
OF_SEEDS = [entry["pattern"] for entry in LIST["phrases"] if entry.get("seeds")]
EXEMPT = {entry["file"] for entry in LIST["exempt"]}

PAGES = ["reports/*.qmd", "commissioning/site/templates/**/*.j2", "docs/*.md", "*.md"]
NOTES = [
    "reports/headlines/*.yml",
    "reports/families.yml",
    "reports/judgements_in_code.yml",
    "reports/accessibility.yml",
]
SEEDS = [
    "dbt/seeds/*.csv",
    "dbt/models/**/*.yml",
    "dbt/models/marts/*.sql",
    "ingest/catalogue/*.yml",
    "expectations/**/*.yml",
]
MESSAGES = ["commissioning/**/*.py", "ingest/**/*.py", "expectations/**/*.py"]

QUERY = re.compile(r"\b(?:select|from|copy|create|with) .*\b(?:as|from|where|join)\b")


def files(patterns: list[str]) -> list[Path]:
    found = {file for pattern in patterns for file in ROOT.glob(pattern)}
    return sorted(file for file in found if file.relative_to(ROOT).as_posix() not in EXEMPT)


def words(file: Path) -> list[str]:
    """What people read of a file, each piece with its lines put together."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return messages(text)
    if file.suffix == ".yml":
        return list(texts(yaml.safe_load(text)))
    if file.suffix == ".qmd":
        return paragraphs(re.sub(r"^```\{python\}\n(.*?)^```", cell, text, flags=re.M | re.S))
    return paragraphs(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-#|:] |\d+\. )", text)]


def cell(found: re.Match) -> str:
    """Texts of a page's code that are written for readers, and not its queries."""
    return "\n\n".join(messages(found.group(1)))


def messages(code: str) -> list[str]:
    """Sentences among a module's texts: what has a space, and is neither a docstring nor a query."""
    tree = ast.parse(code)
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            said = " ".join(node.value.split())
            if " " in said and not QUERY.search(said):
                found.append(said)
    return found


def texts(value: object):
    """The texts of a register, without its queries."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("sql", "cells", "formula", "given"):
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield " ".join(value.split())


def unwanted(said: list[str]) -> list[str]:
    return [
        f"{pattern}: … {text[max(0, hit.start() - 40) : hit.end() + 30]} …"
        for text in said
        for pattern, phrase in PHRASES.items()
        if (hit := phrase.search(text))
    ]


@pytest.mark.parametrize("file", files([*PAGES, *NOTES]), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_people_read_has_none_of_the_phrases(file):
    assert unwanted(words(file)) == [], "reports/phrases.yml says what to write instead"


def test_messages_have_none_of_the_phrases():
    found = {file.relative_to(ROOT).as_posix(): unwanted(words(file)) for file in files(MESSAGES)}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize("pattern", OF_SEEDS)
def test_seeds_and_descriptions_have_none_of_the_phrases_meant_for_them(pattern):
    found = [
        f"{file.relative_to(ROOT).as_posix()}: {hit.group()}"
        for file in files(SEEDS)
        if (hit := PHRASES[pattern].search(" ".join(file.read_text(encoding="utf-8").split())))
    ]
    assert found == [], "reports/phrases.yml says what to write instead"


def test_what_is_exempt_exists():
    assert [name for name in sorted(EXEMPT) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("entry", LIST["phrases"], ids=lambda entry: entry["pattern"])
def test_what_to_say_instead_is_not_on_the_list_itself(entry):
    assert unwanted([entry["say"]]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Figures that answer for themselves",
        "The other six cannot carry\nthe comparison.",
        "Its interval holds zero, and the others leave zero out.",
        "It is no measure of a change.",
        "That says nothing of what people buy.",
        "How much of the spread is of books cannot be seen.",
        "It has place 8, counted from the highest share.",
    ],
)  # fmt: skip
def test_a_phrase_is_found(text):
    assert unwanted(paragraphs(text)) != []


def test_messages_are_read_and_queries_and_docstrings_are_not():
    code = (
        '"""It holds zero."""\nq = "select a from b where c = \'holds zero\'"\n'
        'raise Error("It holds zero.", todo="ask whoever")\n'
    )
    assert len(unwanted(messages(code))) == 2
