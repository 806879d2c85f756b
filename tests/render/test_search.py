"""What the site's search is made of."""

from __future__ import annotations

from commissioning.render import search


def test_a_page_without_headings_has_no_sections():
    assert search._sections("<p>Words.</p>") == []


def test_each_heading_has_the_text_below_it():
    page = '<h2 id="one">One</h2><p>First.</p><h2 id="two">Two</h2><p>Second.</p>'
    found = [(head, anchor, " ".join(text.split())) for head, anchor, text in search._sections(page)]
    assert found == [("One", "one", "First."), ("Two", "two", "Second.")]
