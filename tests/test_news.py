"""What changed: the page and the feed say what CHANGELOG.md says."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.yamls import read_yaml
from commissioning.build.order import SITE_STEPS
from commissioning.numbers import headlines
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
    assert page.index("Not yet, with") < page.index("## Version 0")
    assert "<details" not in page  # nothing is folded away
    assert "<b>" not in page and "&lt;b&gt;" in page


def test_groups_of_a_version_stand_under_it_each_with_its_own_address(here):
    groups = "### Figures & why\n\n- One. Its details.\n\n### Commands\n\n- With `a.b. C` in it.\n"
    log = f"# Changelog\n\n## Unreleased\n\nBefore.\n\n{groups}\n## 0.1.0 (2026-10-01)\n\n{groups}"
    (here.root / "CHANGELOG.md").write_text(log, encoding="utf-8")
    news.write(here)
    page = (here.reports / "news" / "index.qmd").read_text(encoding="utf-8")
    assert re.findall(r"^(#+) .*\{#(.+)\}$", page, re.M) == [
        ("##", "vunreleased"),
        ("###", "vunreleased-figures-why"),
        ("###", "vunreleased-commands"),
        ("##", "v0-1-0"),
        ("###", "v0-1-0-figures-why"),
        ("###", "v0-1-0-commands"),
    ]
    _, before, figures, commands = re.split(r"^##+ .*$", page, flags=re.M)[:4]
    assert "<p>Before.</p>" in before and "<li>One. Its details.</li>" in figures
    assert "<li>With <code>a.b. C</code> in it.</li>" in commands
    assert "### Figures & why {#" in page.replace("\\", "") and "<h3" not in page
    (found, _) = news.versions(here)
    assert found.html.index("Before.") < found.html.index("<h3") < found.html.index("Its details.")


def unreleased() -> str:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return log.partition("## Unreleased\n")[2].split("\n## ")[0]


def test_what_is_not_out_has_the_four_groups_alone():
    assert re.findall(r"^#+ (.+)$", unreleased(), re.M) == [
        "Figures that changed, and why",
        "New and changed data",
        "Pages and briefs",
        "Commands",
    ]


GONE = {"quoted_nhs_trusts_2015_16"}
"""Names that the section gives as those of 0.2.0."""


def test_what_is_not_out_names_marts_columns_and_numbers_that_are():
    files = sorted((ROOT / "dbt" / "models" / "marts").glob("*.yml"))
    models = [
        model for file in files for model in read_yaml(file, RenderError, "A mart", anchors=True)["models"]
    ]
    columns = {model["name"]: {column["name"] for column in model["columns"]} for model in models}
    known = {*headlines.register(Project(ROOT)), *headlines.retired(Project(ROOT)), *GONE}
    known |= {file.stem for file in (ROOT / "ingest" / "catalogue").glob("*.yml")}
    known |= set().union(*columns.values())
    for seed in (ROOT / "dbt" / "seeds").glob("*.csv"):
        known |= set(re.findall(r"\w+", seed.read_text(encoding="utf-8")))
    named = set(re.findall(r"`([a-z]\w*_\w+(?:\.\w+)?)`", unreleased()))
    marts = {name for name in named if name.startswith(("mart_", "dim_"))}
    assert len(marts) > 10 and len(named - marts) > 10
    wrong = {
        name
        for name in marts
        for mart, _, column in [name.partition(".")]
        if mart not in columns or (column and column not in columns[mart])
    }
    assert wrong | (named - marts - known) == set()


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
