"""Templates of generated pages: what comes from data is no markup, faults are named, years are not typed."""

from __future__ import annotations

import re
from html import unescape

import pypandoc
import pytest
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.site import templates
from commissioning.site.tables import link

FOLDER = ROOT / "commissioning" / "site" / "templates"
FILES = sorted(FOLDER.rglob("*.j2"))
NASTY = (
    "=cmd|'/c calc'!A1 <script>alert(1)</script> &lt;b&gt; *bold* [link](x) `code` ```` | cell {#id} {.n} "
    '\\ $x$ @cite ~~~ ::: # -- ... "quoted"'
)
ON_LINES = f"{NASTY}\n\n````\n\n# {NASTY}\n\n- {NASTY}\n:   {NASTY}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Another folder of templates, with the blocks that all know."""
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    (tmp_path / "blocks.html.j2").write_text((FOLDER / "blocks.html.j2").read_text("utf-8"), encoding="utf-8")
    templates._environment.cache_clear()
    yield tmp_path
    templates._environment.cache_clear()


def shown(qmd: str) -> str:
    """What a browser shows of a page, its tags gone."""
    html = pypandoc.convert_text(qmd, "html", format="markdown-implicit_figures", extra_args=["--wrap=none"])
    assert "<script" not in html
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize("text", [NASTY, ON_LINES])
def test_text_from_data_stays_text_in_markdown(folder, text):
    (folder / "a.qmd.j2").write_text("## A {#a}\n\nIt says {{ text }}, *so*.\n", encoding="utf-8")
    assert shown(templates.qmd("a.qmd.j2", text=text)).split() == [
        "A",
        "It",
        "says",
        *text.split()[:-1],
        text.split()[-1] + ",",
        "so.",
    ]


@pytest.mark.parametrize("text", [NASTY, ON_LINES])
def test_text_from_data_stays_text_in_html(folder, text):
    (folder / "a.qmd.j2").write_text('{{ html("a.html.j2") }}\nAfter.\n', encoding="utf-8")
    (folder / "a.html.j2").write_text(
        '{{ table(text, [{"a": text}], [(text, "a")]) }}<p title="{{ text }}">{{ text }}</p>\n',
        encoding="utf-8",
    )
    written = templates.qmd("a.qmd.j2", text=text)
    html = pypandoc.convert_text(
        written, "html", format="markdown-implicit_figures", extra_args=["--wrap=none"]
    )
    assert "<script" not in html and "<b>" not in html
    assert html.endswith("<p>After.</p>\n")
    assert [unescape(found) for found in re.findall(r'(?s)title="(.*?)">', html)] == [text]
    assert [unescape(found) for found in re.findall(r"(?s)<p title.*?>(.*?)</p>", html)] == [text]
    assert [unescape(found) for found in re.findall(r"(?s)<th scope=\"row\"[^>]*>(.*?)</th>", html)] == [text]


def test_code_and_addresses_from_data_stay_what_they_are(folder):
    (folder / "a.qmd.j2").write_text("So: {{ text | code }}\n\nAt {{ address | uri }}.\n", encoding="utf-8")
    address = "https://example.org/a b<c>&d=%20`e`"
    html = pypandoc.convert_text(
        templates.qmd("a.qmd.j2", text=NASTY, address=address),
        "html",
        format="markdown",
        extra_args=["--wrap=none"],
    )
    assert unescape(re.search(r"<code>(.*?)</code>", html)[1]) == NASTY
    assert unescape(re.search(r'href="(.*?)"', html)[1]) == "https://example.org/a%20b%3Cc%3E&d=%20%60e%60"
    assert "<a" not in templates.qmd("a.qmd.j2", text="", address="javascript:alert(1)")


def test_a_link_in_a_table_is_escaped():
    cell = str(link("{id}.html", "name")({"id": 'a"><script>', "name": NASTY}))
    assert "<script" not in cell and unescape(re.search(r">(.*)</a>", cell)[1]) == NASTY


def test_front_matter_keeps_its_quotes(folder):
    (folder / "a.qmd.j2").write_text("---\ntitle: {{ text | quoted }}\n---\n\nA.\n", encoding="utf-8")
    html = pypandoc.convert_text(
        templates.qmd("a.qmd.j2", text=NASTY),
        "html",
        format="markdown",
        extra_args=["--standalone", "--wrap=none"],
    )
    assert unescape(re.search(r'<h1 class="title">(.*?)</h1>', html)[1]) == NASTY


def test_a_template_takes_in_only_its_own_language(folder):
    (folder / "a.qmd.j2").write_text('{% include "b.html.j2" %}', encoding="utf-8")
    (folder / "b.html.j2").write_text("<p>{{ text }}</p>", encoding="utf-8")
    with pytest.raises(RenderError, match=r"only templates named \*\.qmd\.j2"):
        templates.qmd("a.qmd.j2", text="x")


@pytest.mark.parametrize(
    ("text", "found"),
    [("A\nB {{ missing }}\n", "'missing' is undefined"), ("A\n{% if %}\n", "Expected an expression")],
)
def test_a_fault_of_a_template_is_named_with_its_line(folder, text, found):
    (folder / "a.qmd.j2").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match=rf"(?s){found}.*a\.qmd\.j2.*line 2"):
        templates.qmd("a.qmd.j2")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_template_types_no_year(file):
    """A year comes from the data: the next edition must not leave the last one's in a sentence."""
    assert re.findall(r"\b(?:19|20)\d\d\b", file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_markdown_template_joins_no_text(file):
    """Jinja escapes what `~`, `+`, `join`, `format` put together for HTML: too little in Markdown."""
    for expression in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", file.read_text(encoding="utf-8"), re.S):
        if file.name.endswith(".qmd.j2"):
            assert not re.search(r"~|\bjoin\b|\bformat\b|\bsafe\b| \+ ", expression), expression
        assert not re.search(r"\|\s*safe\b|autoescape", expression), expression


def test_every_template_is_used():
    named = "".join(
        file.read_text(encoding="utf-8")
        for kind in ("*.py", "*.j2")
        for file in (ROOT / "commissioning" / "site").rglob(kind)
    )
    assert [f.name for f in FILES if f'"{f.relative_to(FOLDER).as_posix()}"' not in named] == []
