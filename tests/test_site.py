"""The built site as a whole: no dead link, anchor or image, no other host, small pages, a search that finds.

They look at the site that the last build left in `reports/_site/`, and are skipped where there is none.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

from commissioning import open_marts
from commissioning.ingest.ledgers import payees

SITE = ROOT / "reports" / "_site"
PAGES = sorted(SITE.rglob("*.html"))

pytestmark = pytest.mark.skipif(not PAGES, reason="the site is not built: run make build")


class Reader(HTMLParser):
    """Ids and main headings of a page, the addresses it links to and those that it loads by itself."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.headings = 0
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.headings += tag == "h1"
        if found.get("id"):
            self.ids.append(found["id"])
        if tag == "a" and found.get("href"):
            self.links.add(found["href"])
        if tag == "form" and found.get("action"):
            self.links.add(found["action"])
        if tag in ("script", "img", "iframe", "source") and found.get("src"):
            self.loads.add(found["src"])
        if tag == "link" and found.get("href"):
            self.loads.add(found["href"])
        if tag == "image" and (found.get("href") or found.get("xlink:href")):
            self.loads.add(found.get("href") or found["xlink:href"])


@cache
def read(page: Path) -> Reader:
    return Reader(page.read_text(encoding="utf-8"))


def dead(page: Path, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return True
    if not parts.fragment or target.suffix != ".html":
        return False
    return unquote(parts.fragment) not in read(target).ids


def test_no_link_anchor_or_file_is_dead():
    found = [
        f"{page.relative_to(SITE)}: {address}"
        for page in PAGES
        for address in sorted(read(page).links | read(page).loads)
        if dead(page, address)
    ]
    assert found == []


def test_a_dead_link_would_be_found():
    home = SITE / "index.html"
    assert dead(home, "no-such-page.html") and dead(home, "findings.html#no-such-anchor")
    assert not dead(home, "findings.html") and not dead(home, "#main")


def test_no_page_asks_another_host():
    for page in PAGES:
        outside = [a for a in read(page).loads if urlsplit(a).scheme or a.startswith("//")]
        assert outside == [], page
    for file in [*SITE.rglob("*.css"), *SITE.rglob("*.js")]:
        text = re.sub(r"http://www\.w3\.org/\S+", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import|fetch\(|XMLHttpRequest", text), file


def test_every_page_has_one_main_heading_and_a_title():
    for page in PAGES:
        assert read(page).headings == 1, page
        assert re.search(r"<title>[^<]+</title>", page.read_text(encoding="utf-8")), page


def test_no_page_has_the_site_s_name_twice_in_its_title():
    for page in PAGES:
        title = re.search("<title>(.*?)</title>", page.read_text(encoding="utf-8"))[1]
        assert title.count("Commissioning evidence") == 1, page


def test_pages_of_councils_regions_and_bodies_are_cited_as_numbers_are():
    """With the same author, the version and the build."""
    made = {"councils": "hackney", "regions": "london", "bodies": "devon"}
    for page in (f"{folder}/{name}.html" for folder, name in made.items()):
        cited = (SITE / page).read_text(encoding="utf-8").split("How to cite")[1].split("</div>")[0]
        assert re.search(r"contributors \(\d{4}\)\..*Version \d[\w.]+, data build \w{12}\.", cited, re.S), (
            page
        )
    assert not [p for p in PAGES if "commissioning-evidence (2" in p.read_text(encoding="utf-8")]


def test_ids_are_there_once():
    for page in PAGES:
        ids = read(page).ids
        assert len(ids) == len(set(ids)), (page, sorted({i for i in ids if ids.count(i) > 1}))


def test_pages_are_small():
    sizes = {page.relative_to(SITE).as_posix(): page.stat().st_size for page in PAGES}
    big = {name: size for name, size in sizes.items() if size > 500_000}
    assert big == {}
    councils = {name: size for name, size in sizes.items() if name.startswith("councils/")}
    assert len(councils) == 160
    # A council with a ledger has the most sections: some 120,000 bytes.
    assert max(size for name, size in councils.items() if name != "councils/index.html") < 250_000
    # It holds the whole text, each word once.
    assert (SITE / "search-index.js").stat().st_size < 500_000
    home = (SITE / "index.html").read_text(encoding="utf-8")
    assert len(home) - len(re.search(r'<figure class="home-map">.*?</figure>', home, re.S)[0]) < 60_000


def test_the_words_of_charts_can_be_read_on_a_phone():
    """At 390 px a chart is 377 px wide, the map at home 358, and no word in it is lower than 12 px."""
    small, drawn = {}, 0
    for page in PAGES:
        room = 358 if page == SITE / "index.html" else 377
        for tag, rest in re.findall(r"<svg([^>]*)>(.*?)</svg>", page.read_text(encoding="utf-8"), re.S):
            sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)', tag + rest)]
            # The method's picture keeps its width and scrolls.
            if not sizes or 'class="wide"' in tag or page.name == "about.html":
                continue
            drawn += 1
            shown = min(sizes) * room / float(re.search(r'viewBox="0 0 ([\d.]+)', tag)[1])
            if round(shown, 1) < 12:
                small[page.name] = (shown, tag[:80])
    assert drawn > 900 and small == {}


def test_the_search_index_leads_to_pages_and_knows_aliases():
    text = (SITE / "search-index.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("window.SITE_INDEX = ").removesuffix(";\n"))
    entries, vocabulary = index["entries"], index["words"].split(" ")
    assert all((SITE / address.partition("#")[0]).is_file() for _, address, *_ in entries)
    by_address = {address: entry for _, address, *entry in entries}
    assert {"councils/devon.html", "who-holds-the-budget.html", "data.html"} <= set(by_address)
    kind, _, words = by_address["councils/kingston-upon-hull.html"]
    assert kind == "Council" and "city" in {vocabulary[word] for word in words}
    # A council that ended leads to those that followed, and a brief is found by any word of its text.
    assert "cumbria" in {vocabulary[word] for word in by_address["councils/cumberland.html"][2]}
    assert "carers" in {vocabulary[word] for word in by_address["who-holds-the-budget.html"][2]}
    assert by_address["who-holds-the-budget.html#sec-people"][0] == "Section"
    assert all((SITE / answer["page"].partition("#")[0]).is_file() for answer in index["answers"])
    assert any("edinburgh" in answer["words"] for answer in index["answers"])
    titles = [unescape(title) for title, *_ in entries]
    assert "Isles of Scilly" in titles and "City of London" in titles


def test_no_cell_of_a_page_is_a_bare_dash():
    """A cell without a figure says why. The list of gaps has its reason in the row."""
    bare = re.compile(r"<t[dh][^>]*>\s*[–—-]\s*</t[dh]>")
    pages = [page for page in SITE.glob("*.html") if page.name != "missing.html"]
    assert not [page.name for page in pages if bare.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", ["index.html", "councils/index.html"])
def test_an_area_of_a_map_without_a_figure_says_why(page):
    titles = re.findall(r"<title>([^<]*: no figure[^<]*)", (SITE / page).read_text(encoding="utf-8"))
    assert titles and all(re.search(r"no figure \([^)]+\)", title) for title in titles)


@pytest.mark.parametrize("folder", ["regions", "bodies"])
def test_pages_of_regions_and_ledgers_lead_to_the_key_of_bases(folder):
    pages = [page.read_text(encoding="utf-8") for page in (SITE / folder).glob("*.html")]
    assert any("methods.html#bases" in page for page in pages)


def test_every_council_is_on_the_index_and_the_current_ones_on_the_map():
    index = (SITE / "councils" / "index.html").read_text(encoding="utf-8")
    table = index.rpartition('<svg class="map"')[2].partition("</svg>")[2]
    drawn = index.split('<svg class="map"')[1].split("</svg>")[0]
    pages = {page.name for page in (SITE / "councils").glob("*.html")} - {"index.html"}
    assert set(re.findall(r'<th scope="row"><a href="([^"]+)"', table)) == pages
    assert len(set(re.findall(r'<a href="([^"]+)">', drawn))) == 153
    assert "Contains OS data" in index.replace("contains OS data", "Contains OS data")


# A title and a name, as payees and labels of ledgers print them; the mask itself is no name.
PERSON = re.compile(r"\b(?:MR|MRS|MISS|MS|Mr|Mrs|Miss|Ms)\.? (?:[A-Z]\.? )*[A-Z][A-Za-z'’-]+")


@pytest.mark.parametrize("text", ["MRS J EXAMPLE", "Mr Example", "paid to Ms. A. Example-Made"])
def test_a_name_is_found(text):
    assert PERSON.search(text)


def test_no_page_or_download_names_a_person():
    files = [file for kind in ("*.html", "*.csv", "*.js") for file in sorted(SITE.rglob(kind))]
    found = {
        str(file.relative_to(SITE)): match.group()
        for file in files
        if (match := PERSON.search(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_cell_of_the_ledger_marts_names_a_person():
    with open_marts() as marts:
        columns = marts.sql(
            "select table_name, column_name from information_schema.columns "
            "where table_name like 'mart_ledger_%' and data_type = 'VARCHAR'"
        ).fetchall()
        assert columns
        for table, column in columns:
            texts = marts.sql(
                f"select distinct {column} as text from {table} where {column} is not null"
            ).pl()
            titled = [text for text in texts["text"] if PERSON.search(text)]
            assert titled == [], (table, column)
        labels = [place for place in columns if place[1] in {*payees.LABELS, "client_group"}]
        assert ("mart_ledger_labels", "expense_label") in labels
        for table, column in labels:
            texts = marts.sql(
                f"select distinct {column} as text from {table} where {column} is not null"
            ).pl()
            assert payees.masked_labels(texts["text"]) == {}, (table, column)


def test_readers_meet_editions_and_datasets_in_words():
    """An id with an underscore is for the marts: in these headings and cells none stands."""
    headings, cells = r"<h[23][^>]*>(.*?)</h[23]>", r"<t[dh][^>]*>(.*?)</t[dh]>"
    for page, shown in (("sources.html", headings), ("missing.html", cells)):
        found = re.findall(shown, (SITE / page).read_text(encoding="utf-8"), re.S)
        words = [re.sub(r"<[^>]+>", "", text) for text in found]
        assert len(words) > 100, page
        # A mart is named where its rows have each cell that is missing.
        assert [text for text in words if "_" in re.sub(r"\b(mart|dim)_\w+", "", text)] == [], page
