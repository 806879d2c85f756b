"""The look of the site, of its charts and of its paper is one."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from commissioning.site.charts import palette

THEME = ROOT / "reports" / "_theme"


@pytest.mark.parametrize("file", ["brief.css", "typst-template.typ", "profile.typ"])
def test_words_and_accents_have_one_colour_on_screen_and_paper(file):
    found = dict(
        re.findall(
            r"^ *(?:--|#let )(\w+)(?: = rgb\(\"|: )(#\w{6})", (THEME / file).read_text(encoding="utf-8"), re.M
        )
    )
    expected = {"ink": palette.INK, "muted": palette.MUTED, "accent": "#0b5172"}
    assert {"muted", "accent"} <= set(found)
    assert {name: colour for name, colour in found.items() if name in expected} == {
        name: colour for name, colour in expected.items() if name in found
    }
