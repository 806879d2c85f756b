"""The search box as a keyboard and a screen reader meet it, and the map of the home page as links."""

from __future__ import annotations

from built_site import address


def test_the_box_is_a_combobox_that_arrows_and_escape_work(page):
    page.goto(address("index.html"))
    box = page.locator("#council-name")
    assert box.get_attribute("role") == "combobox" and box.get_attribute("aria-expanded") == "false"
    box.press_sequentially("north")
    found = page.locator(f"#{box.get_attribute('aria-controls')}")
    options = found.get_by_role("option")
    options.nth(1).wait_for()
    assert found.get_attribute("role") == "listbox" and box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    box.press("ArrowDown")
    # The focus stays in the box, which says what is marked.
    assert box.evaluate("e => document.activeElement === e")
    assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    assert [o.get_attribute("aria-selected") for o in options.all()[:2]] == ["false", "true"]
    box.press("ArrowUp")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    assert not found.is_visible() and box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "north"
    box.press("a")
    box.press("Backspace")
    options.first.wait_for()
    box.press("ArrowDown")
    leads_to = options.first.get_attribute("href")
    box.press("Enter")
    page.wait_for_url(f"**/{leads_to}")


def test_the_map_at_home_leads_to_the_council_by_click_and_by_keyboard(plain_context):
    page = plain_context.new_page()
    page.goto(address("index.html"))
    page.locator(".home-map a[href='councils/devon.html'] path").click()
    page.wait_for_url("**/councils/devon.html")
    page.go_back()
    page.locator(".home-map a[href='councils/kent.html']").press("Enter")
    page.wait_for_url("**/councils/kent.html")
    page.go_back()
    # One stop a council: the larger London is for the mouse. Who does not want them skips them.
    stops = page.locator(".home-map svg a:not([tabindex='-1'])")
    assert stops.count() == len(set(stops.evaluate_all("all => all.map(a => a.getAttribute('href'))"))) > 140
    page.locator(".home-map .skip").press("Enter")
    assert page.url.endswith("#after-map")
