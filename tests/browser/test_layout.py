"""What lies on what, and what is cut: heads over their rows, words in one piece, boxes that show what
they hide."""

from __future__ import annotations

import pytest
from built_site import SITE, address, open_everything, pages

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


CHARTS = [file for file in pages() if "<svg" in file.read_text(encoding="utf-8")]
"""On a phone a chart is drawn anew on pages with a source of their own, and shrunk on the rest."""


@pytest.mark.parametrize(
    ("width", "files"),
    [(1280, CHARTS), (390, [file for file in CHARTS if file.parent == SITE])],
    ids=["desk", "phone"],
)
def test_no_word_of_a_chart_is_cut_off_by_its_edge(page, width, files):
    page.set_viewport_size({"width": width, "height": 900})
    cut = {}
    for file in files:
        page.goto(file.as_uri())
        open_everything(page)
        found = page.evaluate("""() => [...document.querySelectorAll('main svg')].flatMap(svg => {
            const edge = svg.getBoundingClientRect()
            // Vega hides a label that would lie on another by making it clear.
            return [...svg.querySelectorAll('text:not([opacity="0"])')].filter(text => {
                const at = text.getBoundingClientRect()
                const over = Math.max(edge.left - at.left, at.right - edge.right,
                    edge.top - at.top, at.bottom - edge.bottom)
                return at.width && over > 1
            }).map(text => text.textContent)
        })""")
        if found:
            cut[file.relative_to(SITE).as_posix()] = found
    assert files and cut == {}


REASONS = {
    "councils/hackney.html": "What is missing, and why",
    "missing.html": "Editions that are known to us",
    "bodies/devon.html": "Direct payments in the ledger against the official return",
    "a-whole-place.html": "Resources for adults",
}


@pytest.mark.parametrize(("name", "caption"), REASONS.items())
def test_on_a_phone_reasons_are_in_sight_and_leave_no_holes(page, name, caption):
    """A table that puts a reason behind each row shows all its cells at once, each under its head, and a row
    is no higher than its words."""
    shown(page, name, 390)
    box = page.get_by_role("region", name=caption).first
    assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    rows = box.locator("tbody tr")
    assert rows.first.evaluate("""row => [...row.cells].slice(1).filter(c => c.textContent)
        .every(c => c.dataset.head && getComputedStyle(c, '::before').content.includes(c.dataset.head))""")
    holes = rows.evaluate_all("""all => all.map(row => {
        const cells = [...row.cells].filter(c => c.getBoundingClientRect().height)
        const area = cells.reduce((sum, c) => sum + c.offsetWidth * c.offsetHeight, 0)
        return area / (row.offsetWidth * row.offsetHeight)
    }).filter(part => part < .5)""")
    assert holes == []
    # It is a table to a screen reader still.
    assert box.get_by_role("row").count() == rows.count() + 1
    assert box.get_by_role("columnheader").count() > 2


@at_every_width
@pytest.mark.parametrize("name", ("councils/index.html", "councils/leeds.html", "bodies/devon.html"))
def test_a_figure_at_the_edge_of_a_box_does_not_look_whole(page, name, width):
    """What is cut fades, and no longer where the table was scrolled to its end."""
    shown(page, name, width)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    wide = """all => all.filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)"""
    boxes = page.locator("main .table-scroll")
    assert (
        boxes.evaluate_all(
            f"all => ({wide})(all).filter(e => !getComputedStyle(e).maskImage.includes('3rem') && "
            "!getComputedStyle(e).maskImage.includes('48px')).map(e => e.textContent.slice(0, 60))"
        )
        == []
    )
    if width == 390:
        boxes.evaluate_all(f"all => ({wide})(all).forEach(e => {{ e.scrollLeft = 1e5 }})")
        page.wait_for_function("() => !document.querySelector('.more-right')")
        assert page.locator(".more-left").count()
