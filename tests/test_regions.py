"""Regions' pages: one for each, right, escaped, and every cell without a figure leads to why."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import duckdb
import pytest
from conftest import ROOT, as_read
from test_prose import typed_numbers

from commissioning.base.paths import Project
from commissioning.build.order import SITE_STEPS
from commissioning.marts import publish
from commissioning.site import regions
from commissioning.site.regions import data, downloads, page


@pytest.fixture(scope="module")
def here(built_marts) -> Project:
    class Built(Project):
        database = built_marts

    return Built(ROOT)


@pytest.fixture(scope="module")
def everything(here) -> data.Everything:
    return data.load(here)


@pytest.fixture(scope="module")
def texts(everything) -> dict[str, str]:
    """Every region's page as it is read, without the backslashes that keep data from being markup."""
    written = {i: page.text(region, everything) for i, region in everything.regions.items()}
    plain = {i: re.sub(r"\\+([!-/:-@\[-`{-~])", r"\1", text) for i, text in written.items()}
    return {i: unescape(as_read(text)) for i, text in plain.items()}


def prose(text: str) -> str:
    return re.sub(r"```\{=html\}\n.*?\n```\n", "", text, flags=re.S)


def cells(text: str, first: str) -> list[str]:
    """The cells of the row of the first table that begins so."""
    head = rf'<th scope="row"[^>]*>(?:<a [^>]*>)?{re.escape(first)}(?:</a>)?</th>'
    row = re.search(rf"<tr>{head}(.*?)</tr>", text)
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[1])]


def test_every_region_has_a_page_with_each_of_its_councils(texts, built_marts):
    assert len(texts) == 9
    with duckdb.connect(str(built_marts), read_only=True) as db:
        councils = db.execute("select council_id, region_id from dim_council").fetchall()
    for council, region in councils:
        for name, text in texts.items():
            assert (f'<a href="../councils/{council}.html">' in text) == (name == region), (council, name)


def test_values_are_the_publishers(texts):
    """Typed from the publisher's files: ASCOF 2024-25, 3D(2a); ASC-FR 2021-22, T43 and T44, £ thousand, row
    of the South West: direct payments (column I) of long-term support in all (column M)."""
    share = (132_206.214680442 + 50_021.1343529636) / (887_085.309401137 + 966_608.349063542)
    text = texts["south-west"]
    assert cells(text, "South West")[:2] == ["23.5%", f"{share:.1%} †"]
    assert cells(text, "England")[0] == "24.5%"
    assert cells(text, "18 to 64")[0] == f"{132_206.214680442 / 887_085.309401137:.1%}"
    assert cells(text, "Devon")[:2] == ["27.0%", "9.7%"]
    assert cells(texts["london"], "London")[0] == "24.0%"


def test_a_region_s_figure_that_is_flagged_says_so_where_it_leads(texts):
    for name, council in (("south-west", "Swindon"), ("london", "Hackney")):
        lead = texts[name].split(":::")[1]
        assert "a figure that is flagged as resting on another year’s return ([why](#data-notes))" in lead
        assert council in texts[name].split("{#data-notes}")[1]
    assert "by a figure that is" not in texts["north-east"]


def test_no_number_is_typed_in_a_sentence_and_each_link_leads_to_its_cell(texts):
    for name, text in texts.items():
        said = prose(text)
        rest = re.sub(r"\[[^\]]+\]\(#[^)]+\)\{\.n [^}]*\}", "", said)
        cited = "commissioning-evidence contributors (2026)"
        odd = [line for line in typed_numbers(rest) if not line.startswith(cited)]
        assert odd == [], name
        linked = re.findall(r'\[([^\]]+)\]\(#([^)]+)\)\{\.n data-id="([^"]+)"\}', said)
        assert len(linked) == 6, name
        for words, anchor, id in linked:
            assert id == f"{anchor}@{name}"
            shown = re.search(rf'<span id="{re.escape(anchor)}">([^<]*)</span>', text)[1]
            assert shown.removesuffix(" †") == words, (name, anchor)


def test_the_highest_and_lowest_are_of_councils_with_a_figure(texts, everything):
    """Isles of Scilly has none, and Gloucestershire was called the lowest of the South West."""
    for name, region in everything.regions.items():
        lacks = any(row["people_share"] is None for row in region.councils if row["is_current"])
        assert ("the highest of the councils with a figure, and" in texts[name]) == lacks, name
    assert "of the councils with a figure" in texts["south-west"]


def test_councils_whose_shares_print_alike_are_the_lowest_together(texts):
    """Nottingham's was called the lowest of the East Midlands, and Rutland's is the same 23.7%."""
    lowest = "in [Nottingham](../councils/nottingham.qmd) and [Rutland](../councils/rutland.qmd), the lowest."
    assert lowest in texts["east-midlands"]


def test_a_share_of_long_term_support_says_so_and_a_column_its_year(texts):
    for text in texts.values():
        assert "of spending on" not in text
        assert "£ per adult, 2021-22, in 2024-25 prices" in text


def test_every_empty_cell_leads_to_its_reason(texts):
    for name, text in texts.items():
        assert ">–<" not in text, name
    why = "no return; the publisher uses the council's 2019-20 return in England and London"
    assert f'<a href="../councils/hackney.html#data-notes" title="{why}">no return</a>' in texts["london"]
    assert ">no figure<" not in "".join(texts.values())


def test_a_region_s_rows_can_be_taken_away(everything):
    files = downloads.texts(everything.regions["london"], "regions/london.html", "a build")
    assert len(files) == 2 * len(downloads.FILES)
    rows = list(csv.DictReader(io.StringIO(files["london-councils.csv"].removeprefix("\ufeff"))))
    assert len(rows) == 33 and rows[0]["council_id"] == "barking-and-dagenham"
    about = json.loads(files["london-councils.csv-metadata.json"])
    assert about["notes"][0]["Address"] == "regions/london.html"


def test_pages_are_written_from_marts_alone_and_go_with_their_region(here, tmp_path, monkeypatch):
    class Target(Project):
        database = here.database
        reports, site = tmp_path / "reports", tmp_path / "site"

    monkeypatch.setattr(publish, "published_build", lambda project: None)
    gone = tmp_path / "reports" / "regions" / "gone.qmd"
    gone.parent.mkdir(parents=True)
    gone.write_text("x", encoding="utf-8")
    assert regions.write(Target(ROOT)) == 9
    assert not gone.exists() and (gone.parent / "london.qmd").exists()
    assert (tmp_path / "site" / "regions" / "data" / "london-people.csv").exists()
    step = next(step for step in SITE_STEPS if step.name == "regions")
    assert not [p for p in step.patterns() if p.startswith(("ingest/", "data/raw"))]
    pages = next(step for step in SITE_STEPS if step.name == "pages")
    assert "reports/regions/*.qmd" in {*pages.patterns()} & {*step.makes}


def test_a_flagged_share_says_so_in_the_words_for_the_chart(texts, everything):
    for name, region in everything.regions.items():
        words = re.search(r"Separate lines for each basis.*?\.\s*<", texts[name], re.S)[0]
        for row in region.totals:
            if row["flag"] and f"in {row['financial_year']}" in words and row["share"] is not None:
                told = f"{row['share']:.1%} in {row['financial_year']}"
                assert words.count(told) == words.count(f"{told}, a flagged figure"), (name, told)


def test_a_council_of_few_people_is_marked(texts, built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        asked = "select region_id, council_name from dim_council where why_too_small is not null"
        small = db.execute(asked).fetchall()
    assert len(small) == 2
    for region, council in small:
        assert f"{council}</a> ‡" in texts[region]
        assert "‡ Too few people live there" in texts[region]


def test_years_of_the_pandemic_are_named_where_people_and_carers_stand(texts, everything):
    for name, region in everything.regions.items():
        section = prose(texts[name]).split("## People and carers")[1].split("\n## ")[0]
        years = {row["financial_year"] for row in region.outcomes} & everything.pandemic
        assert years
        assert all(year in section for year in years), name
