"""Terms of the glossary on a page: the first use of each is a link that says what it means."""

from __future__ import annotations

import re
import subprocess

import pytest
from conftest import ROOT

from commissioning.render.builtin import _pandoc_path

FILTER = ROOT / "reports" / "_filters" / "glossary.lua"


def page(text: str, title: str = "A page", root: str = "") -> str:
    return subprocess.run(
        [
            *(_pandoc_path(), "--from=markdown", "--to=html5", f"--lua-filter={FILTER}", "--wrap=none"),
            *(f"--metadata=title:{title}", f"--metadata=site-root:{root}"),
        ],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


def linked(html: str) -> list[str]:
    return re.findall(r'class="term-link"[^>]*>([^<]*)<', html)


def test_the_first_use_of_a_term_is_a_link_with_its_meaning():
    html = page("Direct payments, and a direct payment.\n\nA direct\npayment again.")
    assert linked(html) == ["Direct payments"]
    assert '<a href="glossary.html#term-direct-payment"' in html
    assert 'role="tooltip">Money that a council pays to a person' in html
    tip = re.search(r'aria-describedby="([^"]+)"', html)[1]
    assert html.count(f'id="{tip}"') == 1


def test_a_longer_term_goes_before_one_that_it_holds():
    assert linked(page("A managed personal budget, and a personal budget.")) == [
        "managed personal budget",
        "personal budget",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# Direct payment",
        "| direct payment |\n|---|\n| direct payment |",
        "[direct payment](x.html)",
        "Direct, payment. Grant and route.",
        "::: {.sources}\nA direct payment.\n:::",
    ],
)
def test_headings_tables_links_and_sources_stay_as_they_are(text):
    assert linked(page(text)) == []


def test_pages_below_the_top_stay_as_they_are():
    assert linked(page("A direct payment.", root="../")) == []


def test_the_glossary_has_the_anchors():
    glossary = page((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), title="Glossary")
    assert linked(glossary) == [] and 'id="term-direct-payment"' in glossary


def test_paper_has_no_links_to_the_glossary():
    made = subprocess.run(
        [_pandoc_path(), "--from=markdown", "--to=typst", f"--lua-filter={FILTER}"],
        input="A direct payment.",
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert "glossary" not in made
