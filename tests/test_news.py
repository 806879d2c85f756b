"""What changed: the page and the feed say what CHANGELOG.md says."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.build.order import SITE_STEPS
from commissioning.site import news

LOG = """# Changelog

## Unreleased

- Not yet, with `a <b> tag` and [a link](x.html).

## 0.2.0 (2026-11-23)

- Second & better.

## 0.1.0 (2026-10-01)

- First.
"""
ATOM = {"a": news.ATOM}


@pytest.fixture
def here(tmp_path):
    project = Project(tmp_path.resolve())
    (tmp_path / "CHANGELOG.md").write_text(LOG, encoding="utf-8")
    project.reports.mkdir()
    (project.reports / "_quarto.yml").write_text(
        (ROOT / "reports" / "_quarto.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return project


def test_the_feed_has_each_version_that_is_out(here):
    assert news.write(here) == 2
    file = here.site / "news" / "feed.xml"
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-11-23T00:00:00Z"
    entries = root.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == [
        "Version 0.2.0",
        "Version 0.1.0",
    ]
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == 2 and all(name.startswith("urn:uuid:") for name in ids)
    assert "Second &amp; better." in entries[0].findtext("a:content", namespaces=ATOM)
    links = [entry.find("a:link", ATOM).get("href") for entry in entries]
    page = (here.reports / "news" / "index.qmd").read_text(encoding="utf-8")
    assert all("{" + link.removeprefix("index.html") + "}" in page for link in links)
    before = file.read_bytes()
    news.write(here)
    assert file.read_bytes() == before


def test_the_page_has_what_is_not_out_and_no_tags_of_the_log(here):
    news.write(here)
    page = (here.reports / "news" / "index.qmd").read_text(encoding="utf-8")
    assert r"## In this build, since 0\.2\.0 {#vunreleased}" in page
    # What names a command or a table is folded, away from what readers notice.
    assert page.index("For those who work with the data") < page.index("Not yet, with")
    assert "<b>" not in page and "&lt;b&gt;" in page


def test_readers_get_first_sentences_and_the_rest_is_folded(here):
    entry = "- One thing, with `a.b. C` in it. Its details.\n  - More.\n- Another.\n"
    (here.root / "CHANGELOG.md").write_text(f"# Changelog\n\n## 0.1.0 (2026-10-01)\n\n{entry}", "utf-8")
    news.write(here)
    page = (here.reports / "news" / "index.qmd").read_text(encoding="utf-8")
    shown, _, folded = page.partition("<details>")
    assert "<li>One thing, with <code>a.b. C</code> in it.</li>" in folded and "<li>Another.</li>" in shown
    assert "Its details." in folded and "Its details." not in shown


def test_the_package_s_own_log_is_read():
    found = news.versions(Project(ROOT))
    assert found[0].date is None and found[-1].name == "0.1.0"
    assert all(version.html for version in found)


def test_a_log_that_is_not_there_is_named(here):
    (here.root / "CHANGELOG.md").unlink()
    with pytest.raises(RenderError, match=r"change log cannot be read"):
        news.write(here)


def test_the_step_makes_what_pages_read():
    step = next(step for step in SITE_STEPS if step.name == "news")
    pages = next(step for step in SITE_STEPS if step.name == "pages")
    assert "reports/news/*.qmd" in {*pages.patterns()} & {*step.makes}


def test_tables_of_the_log_have_names_and_the_keyboard_reaches_them(here):
    table = "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    log = f"# Changelog\n\n## 0.2.0 (2026-11-23){table * 2}"
    (here.root / "CHANGELOG.md").write_text(log, encoding="utf-8")
    (found,) = news.versions(here)
    assert found.html.count('<div class="table-scroll" role="region" tabindex="0" aria-label="Table ') == 2
    assert ">Table 1 of 0.2.0</caption>" in found.html and ">Table 2 of 0.2.0</caption>" in found.html


def test_a_log_without_versions_has_none(here):
    (here.root / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    assert news.versions(here) == []
