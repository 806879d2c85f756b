"""What lies on what, and what is cut: heads over their rows, words in one piece, boxes that show what
they hide."""

from __future__ import annotations

import pytest
from built_site import address, open_everything

PAGES = (
    "councils/leeds.html",
    "councils/city-of-london.html",
    "councils/index.html",
    "bodies/devon.html",
    "numbers/alternatives.html",
    "who-is-paid.html",
    "about.html",
)
WIDTHS = (390, 768, 1280)

at_every_width = pytest.mark.parametrize("width", WIDTHS)


def shown(page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address(name))
    open_everything(page)


@at_every_width
@pytest.mark.parametrize("name", ("councils/leeds.html", "bodies/devon.html"))
def test_heads_lie_above_the_rows_of_a_scrolled_box(page, name, width):
    shown(page, name, width)
    covered = page.evaluate("""() => {
        const found = []
        for (const box of document.querySelectorAll('main .table-scroll')) {
            box.scrollTop = 120
            box.scrollLeft = 60
            if (!box.scrollTop && !box.scrollLeft) continue
            box.scrollIntoView()
            const edge = box.getBoundingClientRect()
            for (const head of box.querySelectorAll('thead th')) {
                const at = head.getBoundingClientRect()
                const x = at.left + at.width / 2, y = at.bottom - 6
                if (x <= edge.left || x >= edge.right || y <= edge.top || y >= edge.bottom) continue
                const top = document.elementFromPoint(x, y)
                if (top && !top.closest('thead')) found.push(head.textContent + ': ' + top.textContent)
            }
        }
        return found.slice(0, 5)
    }""")
    assert covered == []


@at_every_width
@pytest.mark.parametrize("name", PAGES)
def test_a_box_hides_nothing_without_a_sign(page, name, width):
    """Forty rows or fewer are there as a whole. More scroll under a shadow, and so do columns: those cut by
    less than the shadow is wide would only look broken."""
    shown(page, name, width)
    wrong = page.evaluate("""() => [...document.querySelectorAll('main .table-scroll, main .method, .toc')]
        .filter(e => e.clientWidth).map(e => {
            const below = e.scrollHeight - e.clientHeight, beside = e.scrollWidth - e.clientWidth
            const rows = e.querySelectorAll('tbody tr').length
            const shadows = getComputedStyle(e).backgroundImage.split('linear-gradient').length - 1
            const said = (e.querySelector('caption') || e).textContent.slice(0, 60)
            if (below > 1 && rows && rows <= 40) return said + ': rows below'
            if (below > 1 && shadows !== 6 && shadows !== 2) return said + ': no shadow below'
            if (beside > 1 && shadows < 4) return said + ': no shadow beside'
            if (beside > 1 && beside < 10) return said + ': cut by ' + beside
        }).filter(Boolean)""")
    assert wrong == []


@at_every_width
@pytest.mark.parametrize("name", PAGES)
def test_no_name_and_no_year_is_broken_within(page, name, width):
    """In first columns a word, in heads a year, ages and the name of a return stand on one line."""
    shown(page, name, width)
    broken = page.evaluate("""() => {
        const joined = /\\b\\d{4}-\\d\\d\\b|\\b\\d\\d-\\d\\d\\b|\\bASC-FR\\b/g, found = []
        const kinds = [['main tr > :first-child', /[\\p{L}\\d’]{2,}/gu],
            ['main th, main td, main figcaption, main p', joined]]
        for (const [where, pattern] of kinds) for (const cell of document.querySelectorAll(where)) {
            if (!cell.checkVisibility() || cell.closest('pre, .cite') || cell.querySelector('code')) continue
            const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
            while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(pattern)) {
                const range = document.createRange()
                range.setStart(walk.currentNode, word.index)
                range.setEnd(walk.currentNode, word.index + word[0].length)
                const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)))
                if (lines.size > 1) found.push(word[0])
            }
        }
        return [...new Set(found)].slice(0, 8)
    }""")
    assert broken == []


def test_a_wide_table_takes_the_room_that_there_is(page):
    """At 1280 px every column of a body's payments by year is in sight, and nothing lies on the contents."""
    shown(page, "bodies/devon.html", 1280)
    table = page.locator("main > .table-scroll").first
    assert table.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    contents = page.locator(".toc").bounding_box()
    right = page.locator("main .table-scroll").evaluate_all(
        "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    assert right <= contents["x"]


def test_four_councils_side_by_side_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(address("councils/index.html#compare=leeds,devon,kent,hackney"))
    box = page.locator("#comparison .table-scroll")
    box.locator("tbody tr").first.wait_for()
    fourth = box.locator("thead th").nth(4).bounding_box()
    edge = box.bounding_box()
    assert fourth["x"] + fourth["width"] <= edge["x"] + edge["width"] + 1
    assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    assert box.locator("tbody th").first.bounding_box()["width"] >= 80
