"""How hard the pages are to read, by the Flesch-Kincaid formula: the age at which a pupil would follow.

The formula knows the length of sentences and words and nothing else, so it is a warning and not a judgement.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.paths import Project

AGE_OF_FIRST_GRADE = 5
"""Years of age below the grade of an American school, in which the formula is stated."""
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_LEAD = re.compile(r"^::: \{\.finding\}\n(.*?)^:::", re.M | re.S)
# What is no prose: code, tables, sources and how to cite, headings, the ends of blocks.
_APART = re.compile(
    r"^```.*?^```|^::: \{\.(?:sources|cite)\}.*?^:::|^(?:\||:::|#|<).*?$|^: .*?$|^\{\{<.*?$", re.M | re.S
)
_MARKS = (
    (re.compile(r"\[[^\]]*\]\{\.n\}"), "10"),  # a number is a word of one syllable or two
    (re.compile(r"\s*\(@[^)]*\)"), ""),
    (re.compile(r"@[\w-]+"), "the table"),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\{[^}]*\}|[*`]"), ""),
    (re.compile(r"^\s*(?:- |\d+\. )", re.M), ""),
)


def ages(project: Project) -> list[dict[str, Any]]:
    """Each page that has prose, the hardest lead first, then pages without a lead."""
    found = [row for page in sorted(project.reports.glob("*.qmd")) if (row := _page(page))]
    return sorted(found, key=lambda row: (row["lead"] is None, -(row["lead"] or 0), -row["age"]))


def age(text: str) -> float:
    """The reading age of prose in Markdown."""
    # It reads its list of syllables when it is imported, which takes a second.
    import textstat

    return textstat.flesch_kincaid_grade(plain(text)) + AGE_OF_FIRST_GRADE


def lead(page: Path) -> str:
    """What a page says first; nothing for a page without a finding."""
    return "\n".join(_LEAD.findall(page.read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """The prose of a page's Markdown, one sentence after the other, without its marks."""
    text = _APART.sub("", _FRONT.sub("", text, count=1))
    for pattern, instead in _MARKS:
        text = pattern.sub(instead, text)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=\S)", text))
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in paragraphs if part)


def sentences(text: str) -> list[str]:
    """The sentences of a page's Markdown."""
    return re.split(r"(?<=[.?!])\s+(?=[A-Z\d“\"])", plain(text))


def _page(page: Path) -> dict[str, Any] | None:
    text = page.read_text(encoding="utf-8")
    words = plain(text).split()
    if len(words) < 30:
        return None
    first = lead(page)
    return {
        "page": page.stem,
        "title": yaml.safe_load(_FRONT.match(text)[1])["title"],
        "words": len(words),
        "words_a_sentence": len(words) / max(1, len(re.findall(r"[.?!](?:\s|$)", plain(text)))),
        "age": age(text),
        "lead": age(first) if first else None,
    }
