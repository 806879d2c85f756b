"""A figure as its readers use it: tabs, table, SQL, downloads, anchor."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from built_site import ROOT, SITE, address, open_everything

from commissioning.base.paths import Project

BRIEFS = sorted(
    file.name for file in SITE.glob("*.html") if 'class="behind"' in file.read_text(encoding="utf-8")
)


def test_one_tab_is_open_at_a_time_without_scripts(plain_context):
    page = plain_context.new_page()
    page.goto(address("who-holds-the-budget.html"))
    tabs = page.locator("#fig-share").locator("xpath=..").locator(".behind")
    table, sql, downloads = (tabs.locator("details").nth(i) for i in range(3))
    assert not table.locator("table").is_visible()
    table.locator("summary").click()
    assert table.locator("table").is_visible()
    sql.locator("summary").press("Enter")
    assert sql.locator("pre").is_visible() and not table.locator("table").is_visible()
    assert sql.locator("pre").inner_text().startswith("select")
    downloads.locator("summary").click()
    assert downloads.locator("a").all_inner_texts() == ["CSV", "About the CSV", "SVG", "PNG"]


def test_the_anchor_of_a_figure_leads_to_it(page):
    page.goto(address("who-holds-the-budget.html"))
    link = page.locator(".permalink[href='#fig-share']")
    link.click()
    assert page.url.endswith("#fig-share")
    assert page.locator("#fig-share").evaluate("e => Math.abs(e.getBoundingClientRect().top) < 100")


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_download_holds_what_its_sql_gives(page, brief):
    """Each CSV is saved as a reader would, read back, and compared with what its SQL gives on the marts."""
    page.goto(address(brief))
    open_everything(page)
    exhibits = page.locator(".exhibit").all()
    assert exhibits
    with duckdb.connect(str(Project(ROOT).database), read_only=True) as db:
        db.execute("set threads = 1")
        for exhibit in exhibits:
            label = exhibit.locator("figure").get_attribute("id")
            with page.expect_download() as saved:
                exhibit.get_by_role("link", name="CSV", exact=True).click()
            text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
            rows = list(csv.DictReader(text.splitlines(keepends=True)))
            beside = exhibit.get_by_role("link", name="About the CSV").get_attribute("href")
            (about,) = json.loads((SITE / beside).read_text(encoding="utf-8"))["notes"]
            assert {"Title", "Address", "Made by", "Marts"} <= set(about), label
            assert about["Address"] == f"{brief}#{label}"
            assert all(row.pop("cite_as").endswith(f", {brief}#{label}") for row in rows), label
            cursor = db.execute(exhibit.locator("pre").first.inner_text())
            names = [column[0] for column in cursor.description]
            expected = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            assert len(rows) == len(expected) > 0, label
            for found, wanted in zip(rows, expected, strict=True):
                assert found == {name: as_written(value) for name, value in wanted.items()}, label
            # The table beside the chart has a row for each.
            table = exhibit.locator(".tab table")
            if table.count():
                assert table.locator("tbody tr").count() == len(rows), label
            for kind in exhibit.locator("a[download]").all():
                file = SITE / kind.get_attribute("href")
                assert file.is_file() and file.stat().st_size > 100


def as_written(value: object) -> str:
    """A value of the marts as a cell of CSV: numbers to the last digit."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
