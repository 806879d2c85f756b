"""Every type of page: no request to another host, nothing in the console, its content without JavaScript, no
violation that axe knows, no scrolling sideways at 320 px, everything in reach of a keyboard. What can be told
without a browser, `tests/test_site.py` asks of every page."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from built_site import ROOT, SITE, address, open_everything, pages

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

MANY = 50
"""Of a folder of more pages than these the smallest is looked at too: its template leaves out most there."""


def examples() -> dict[str, str]:
    """Of each folder of the site its index and its largest page, which has the most kinds of section."""
    found = {}
    for folder in sorted({file.parent for file in pages()} - {SITE}):
        files = sorted(folder.glob("*.html"), key=lambda file: (file.stat().st_size, file.name))
        made = [file for file in files if file.name != "index.html"]
        named = {"index": folder / "index.html"} if len(made) < len(files) else {}
        named |= {"largest": made[-1]} if made else {}
        named |= {"smallest": made[0]} if len(made) > MANY else {}
        found |= {f"{folder.name}, {of}": file.relative_to(SITE).as_posix() for of, file in named.items()}
    return found


# Every page that has a source of its own, one or more of each type of page that is made from the marts, and a
# few that are like no other of their type.
TYPES = {
    **{page.stem: f"{page.stem}.html" for page in sorted((ROOT / "reports").glob("*.qmd"))},
    **examples(),
    "number": "numbers/dp_share_c_2021_22.html",
    "council of few figures": "councils/isles-of-scilly.html",
    "council that ended": "councils/northamptonshire.html",
}
types = pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)

EVERY = 20
"""Of all pages every so many is opened besides the examples: one template makes hundreds."""


def opened() -> list[Path]:
    """Every page with a source of its own, the examples, and a sample of the rest."""
    examples = {SITE / name for name in TYPES.values()}
    return sorted({*SITE.glob("*.html"), *examples, *pages()[::EVERY]})


def test_every_type_of_page_is_among_those_looked_at():
    """A folder of pages that no example is from would be looked at by nothing below."""
    folders = {page.relative_to(SITE).parent.as_posix() for page in pages()} - {"."}
    assert folders - {name.rpartition("/")[0] for name in TYPES.values()} == set()


# Tables of many columns, to look things up in: they scroll, and are reached by keyboard (see below).
LOOKED_UP = {"data.html", "dictionary.html", "sources.html", "missing.html", "accessibility.html"}


def test_pages_are_quiet_still_and_whole(page):
    """Nothing is asked of another host or complained of (the fixture looks), nothing is animated whatever the
    reader prefers, and at 1280 px a table that is read, not looked up in, shows all its columns, and a
    picture all its boxes."""
    wrong = {}
    for file in opened():
        page.goto(file.as_uri())
        assert page.title(), file
        found = page.evaluate("document.getAnimations().map(a => a.animationName || 'moves')")
        if file.parent == SITE and file.name not in LOOKED_UP:
            found += page.evaluate("""() => [...document.querySelectorAll('main .table-scroll, main .method')]
                .filter(e => !e.closest('details') && e.clientWidth && e.scrollWidth > e.clientWidth + 1)
                .map(e => (e.closest('[id]') || {}).id + ': ' + e.scrollWidth + ' of ' + e.clientWidth)""")
        if found:
            wrong[file.relative_to(SITE).as_posix()] = found
    assert wrong == {}
    assert not [css for css in SITE.rglob("*.css") if "animation" in css.read_text(encoding="utf-8")]


def test_pages_say_the_same_without_scripts(plain_context):
    page = plain_context.new_page()
    for file in opened():
        page.goto(file.as_uri())
        assert len(page.locator("main").inner_text()) > 200, file
        # Charts are drawn in the page itself.
        assert page.locator("main img").count() == 0, file


@types
def test_axe_finds_nothing(page, name):
    page.goto(address(name))
    open_everything(page)
    # The shadow at the edge of a wide table is a gradient, which axe cannot judge text against.
    page.add_style_tag(content=".table-scroll { background: #fff !important }")
    options = {"runOnly": {"type": "tag", "values": TAGS}, "preload": False, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], v["help"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found] == []


@types
def test_a_narrow_page_is_whole_and_in_reach(page, name):
    """At 320 px, which are 1280 at 400%: nothing scrolls sideways with the page, the keyboard reaches what
    scrolls by itself, and with the spacing of WCAG 1.4.12 nothing is cut off."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address(name))
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    unreachable = page.evaluate("""() => [...document.querySelectorAll('main *')].filter(e => {
        const scrolls = ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
        return scrolls && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0
    }).map(e => e.outerHTML.slice(0, 120))""")
    assert unreachable == []
    spacing = "line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important"
    page.add_style_tag(content=f"* {{ {spacing} }} p {{ margin-bottom: 2em !important }}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate("""() => [...document.querySelectorAll('main *')].filter(e => {
        const hides = ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
        // Words for a screen reader alone are in sight of nobody.
        const seen = !e.closest('svg') && !e.matches('.visually-hidden')
        return hides && seen && e.scrollWidth > e.clientWidth + 1
    }).map(e => e.outerHTML.slice(0, 120))""")
    assert cut == []


@types
def test_tables_have_headers_and_names_and_charts_alternatives(page, name):
    page.goto(address(name))
    lacking = page.evaluate("""() => {
        const all = selector => [...document.querySelectorAll(selector)]
        const named = table => table.caption || document.getElementById(table.getAttribute('aria-labelledby'))
        const words = id => document.getElementById(id)?.textContent || ''
        const alternative = svg => svg.getAttribute('aria-label') ||
            (svg.getAttribute('aria-labelledby') || '').split(' ').map(words).join(' ')
        return [
            ...all('table').filter(table => !table.querySelector('th') || !named(table)),
            ...all('.chart svg, svg[role=img]').filter(s => alternative(s).length < 40),
            ...all('.exhibit .chart').filter(c => !c.closest('.exhibit').querySelector('.behind table')),
            // Maps and councils' charts have theirs in the page.
            ...all('.chart').filter(() => !document.querySelector('main table')),
        ].map(e => e.outerHTML.slice(0, 160))
    }""")
    assert lacking == []


def test_the_keyboard_alone_reaches_every_control_in_order(page):
    page.goto(address("who-holds-the-budget.html"))
    controls = "a[href], summary, button, input, select, [tabindex='0']"
    expected = page.locator(controls).evaluate_all(
        "all => all.filter(e => e.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert expected > 30
    for number in range(expected):
        page.keyboard.press("Tab")
        state = page.evaluate("""() => {
            const e = document.activeElement, style = getComputedStyle(e)
            e.dataset.seen = e.dataset.seen === undefined ? 1 : 2
            return [e.tagName, e.dataset.seen, style.outlineStyle, parseFloat(style.outlineWidth)]
        }""")
        tag, seen, outline, width = state
        assert tag != "BODY" and seen == "1", (number, expected, state)
        assert outline != "none" and width >= 2, state
        if number == 0:  # the way past the navigation
            assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
            assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_the_tooltip_of_a_number_shows_on_focus_and_escape_hides_it(page):
    page.goto(address("who-holds-the-budget.html"))
    number = page.locator("main a.n").first
    tip = page.locator(f"[id='{number.get_attribute('aria-describedby')}']")
    assert not tip.is_visible()
    number.focus()
    assert tip.is_visible() and len(tip.inner_text()) > 20
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    number.hover()
    assert tip.is_visible()
    tip.hover()  # it stays while it is pointed at
    assert tip.is_visible()


def test_pages_print_without_their_controls(page):
    page.goto(address("who-holds-the-budget.html"))
    page.emulate_media(media="print")
    assert not page.locator(".behind").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    assert page.locator(".chart").first.is_visible()
