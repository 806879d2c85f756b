"""How hard the pages are to read: leads stay within the bound, marks of Markdown are not read as words."""

from __future__ import annotations

import pytest
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.yamls import read_yaml
from commissioning.site import reading

PROJECT = Project(ROOT)
BOUNDS = read_yaml(ROOT / "reports" / "phrases.yml", RenderError, "The list of phrases")
AT_MOST, SENTENCE = BOUNDS["lead_reading_age"], BOUNDS["sentence"]
HARD = (
    "Notwithstanding considerable definitional incompatibilities, commissioning organisations' expenditure "
    "demonstrates insignificant differentiation, particularly regarding residential provision."
)


@pytest.fixture(scope="module")
def pages() -> dict[str, dict]:
    return {row["page"]: row for row in reading.ages(PROJECT)}


def test_what_leads_a_brief_is_no_harder_than_the_bound(pages):
    leads = {name: round(row["lead"], 1) for name, row in pages.items() if row["lead"] is not None}
    assert len(leads) >= 13
    assert {name: age for name, age in leads.items() if age > AT_MOST["at_most"]} == {}


def test_a_hard_lead_is_found():
    assert (
        reading.age(HARD)
        > AT_MOST["at_most"]
        > reading.age("People buy their own care. The council pays them.")
    )


def too_long(text: str) -> list[str]:
    return [
        sentence
        for sentence in reading.sentences(text)
        if len(sentence.split()) > SENTENCE["words_at_most"]
        or sentence.count(";") > SENTENCE["semicolons_at_most"]
    ]


@pytest.mark.parametrize("page", sorted(PROJECT.reports.glob("*.qmd")), ids=lambda page: page.stem)
def test_no_sentence_of_a_page_is_too_long(page):
    assert too_long(page.read_text(encoding="utf-8")) == []


def test_a_sentence_that_is_too_long_is_found():
    assert too_long("One thing; another; a third. A short one.") == ["One thing; another; a third."]
    assert len(too_long(f"{'Word ' * 51}. A short one.")) == 1


def test_only_prose_is_read():
    text = (
        "---\ntitle: A\n---\n\n::: {.finding}\nIt was [share_2021_22]{.n} (@sec-a), see [Who?](a.qmd)\n"
        ":::\n\n## A heading\n\n```{python}\nx = 1\n```\n\n| a | b |\n\n: A caption\n\n"
        "- *One* point\n- `mart_a`, in @tbl-a\n\n"
        "::: {.sources}\nNHS England.\n:::\n"
    )
    assert reading.plain(text) == "It was 10, see Who? One point. mart_a, in the table."


def test_a_number_s_id_does_not_change_the_age():
    assert reading.age("It was [a]{.n} of it.") == reading.age(
        "It was [dp_share_physical_support_c_2021_22]{.n} of it."
    )
