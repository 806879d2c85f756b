"""What readers are shown has a place in the commissioning cycle, and the page of decisions leads to it."""

from __future__ import annotations

import csv
import re
from functools import cache
from html import unescape

import pytest
import yaml
from conftest import ROOT

from commissioning.site.charts import decides

REPORTS = ROOT / "reports"


def seed(name: str) -> list[dict[str, str]]:
    file = ROOT / "dbt" / "seeds" / f"{name}.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


PLACED = {(row["item_kind"], row["item"]): row for row in seed("placements")}
LEADS = seed("decision_leads")


@pytest.mark.parametrize("mart", sorted(file.stem for file in (ROOT / "dbt/models/marts").glob("*.yml")))
def test_every_mart_is_placed(mart):
    assert ("mart", mart) in PLACED


SITE_BUILT = REPORTS / "_site"


@cache
def built(page: str) -> str:
    file = SITE_BUILT / page
    if not SITE_BUILT.exists():
        pytest.skip("the site is not built: run make build")
    return file.read_text(encoding="utf-8") if file.exists() else ""


LINKED = sorted(key for key in PLACED if key[0] in ("measure", "mart", "brief"))


@pytest.mark.parametrize(("kind", "item"), LINKED)
def test_what_is_placed_is_two_clicks_from_home(kind, item):
    href = PLACED[kind, item]["href"]
    assert href, f"{kind} {item} has no link"
    assert 'href="use-in-your-cycle.html"' in built("index.html")
    assert f'href="{href}"' in built("use-in-your-cycle.html")
    page, _, anchor = href.partition("#")
    assert built(page)
    assert not anchor or f' id="{anchor}"' in built(page)


SHOWN_IN = {row["measure"]: row["brief"] for row in seed("measures")}
SHOWN_IN |= {row["measure_id"]: row["brief"] for row in seed("ascof_measures")}


@pytest.mark.parametrize("measure", sorted(item for kind, item in PLACED if kind == "measure"))
def test_a_measure_leads_to_its_own_definition(measure):
    row = re.search(rf'<tr>(?:(?!</tr>).)*id="measure-{measure}".*?</tr>', built("dictionary.html"), re.S)
    assert row, "the dictionary has no row of it"
    cells = [
        unescape(re.sub(r"<[^>]+>", "", cell)).strip()
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[0], re.S)
    ]
    assert len(cells) == 6 and all(cells)
    assert cells[0] == PLACED["measure", measure]["item_name"]
    assert cells[3] in ("higher", "lower", "neither")
    assert re.search(r'href="#(mart|dim)_\w+"', row[0])
    assert not SHOWN_IN[measure] or f'href="{SHOWN_IN[measure]}.html"' in row[0]


def test_no_two_measures_have_one_name():
    names = [row["item_name"] for row in PLACED.values() if row["item_kind"] == "measure"]
    assert sorted(names) == sorted(set(names))


SITE = yaml.safe_load((REPORTS / "_quarto.yml").read_text(encoding="utf-8"))
BRIEFS = sorted(page.removesuffix(".qmd") for page in SITE["sections"]["findings.qmd"])


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_brief_is_placed_and_says_which_decision_it_informs(brief):
    row = PLACED["brief", brief]
    assert row["informs"] and row["cannot_inform"]
    assert f'decides("{brief}")' in (REPORTS / f"{brief}.qmd").read_text(encoding="utf-8")


def test_nothing_is_placed_that_is_not_there():
    assert {item for kind, item in PLACED if kind == "brief"} == set(BRIEFS)
    marts = {file.stem for file in (ROOT / "dbt/models/marts").glob("*.sql")}
    assert {item for kind, item in PLACED if kind == "mart"} == marts


@pytest.mark.parametrize("lead", LEADS, ids=lambda lead: f"{lead['decision']}-{lead['position']}")
def test_a_lead_goes_to_a_place_that_is_there(lead):
    page, _, anchor = lead["href"].partition("#")
    source = REPORTS / page.replace(".html", ".qmd")
    if page == "councils/index.html":
        assert lead["label"] in {
            row["item_name"] for row in PLACED.values() if row["item_kind"] == "council_section"
        }
    elif not page.startswith("numbers/"):
        assert source.exists()
        assert not anchor or f"{{#{anchor}}}" in source.read_text(encoding="utf-8")


def test_every_brief_is_led_to():
    led = {lead["href"].partition(".")[0] for lead in LEADS}
    assert set(BRIEFS) <= led


def test_a_page_without_a_place_is_named(monkeypatch):
    class Nothing:
        rows = type("Rows", (), {"to_dicts": staticmethod(list)})

    monkeypatch.setattr(decides, "query", lambda sql: Nothing)
    with pytest.raises(ValueError, match="no brief 'tea'"):
        decides.decides("tea")


def test_the_page_is_linked_from_home_and_the_bar():
    assert "use-in-your-cycle.qmd" in (REPORTS / "index.qmd").read_text(encoding="utf-8")
    bar = [link["href"] for link in SITE["website"]["navbar"]["left"]]
    assert "use-in-your-cycle.qmd" in bar


# How each sentence of an abstract begins, as read at the address of its elements.
SENTENCES = {
    "domain_theory": (
        "The dominant paradigm",
        "The traditional manner",
        "The authors challenge",
        "They suggest that the behavior",
        "The authors introduce",
        "They suggest that HSOs are comprised of three",
        "They maintain that each domain",
    ),
    "modes": (
        "When publicly-funded",
        "Using realist methods",
        "Two modes",
        "Commodified commissioning largely",
        "A contrasting, collaborative mode",
        "When the two modes",
    ),
}
SAID_IN = {
    ("domain_theory", "policy"): "They suggest that HSOs are comprised of three",
    ("domain_theory", "management"): "They suggest that HSOs are comprised of three",
    ("domain_theory", "service"): "They suggest that HSOs are comprised of three",
    ("domain_theory", "boundaries"): "They maintain that each domain",
    ("modes", "formal_procurement"): "Commodified commissioning largely",
    ("modes", "long_term"): "A contrasting, collaborative mode",
}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
IN_AN_ABSTRACT = {
    (row["framework"], row["element"]): row["locator"]
    for row in seed("framework_elements")
    if row["locator"].startswith("Abstract, ")
}


def test_every_locator_in_an_abstract_is_looked_at():
    assert set(IN_AN_ABSTRACT) == set(SAID_IN)


@pytest.mark.parametrize(("framework", "element"), SAID_IN)
def test_a_locator_names_the_sentence_that_says_it(framework, element):
    place = SENTENCES[framework].index(SAID_IN[framework, element])
    assert IN_AN_ABSTRACT[framework, element] == f"Abstract, {ORDINALS[place]} sentence"


def test_what_the_abstract_does_not_say_is_called_ours():
    note = next(row["note"] for row in seed("frameworks") if row["framework"] == "domain_theory")
    assert "our description and is not in the abstract" in note
