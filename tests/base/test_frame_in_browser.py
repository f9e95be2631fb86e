"""The frame in a real Chromium: accessible, within its width, and every behaviour by key and by click.

The `page` fixture fails a test on any console error, and so on any violation of the content security policy.
"""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Dialog, Page, ViewportSize, expect

from clm.accounts.models import User

WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

pytestmark = pytest.mark.usefixtures("demo_site")


@pytest.fixture
def demo(administrator: User, sign_in_page: Callable[[User], Page]) -> Page:
    page = sign_in_page(administrator)
    page.set_viewport_size(WIDE)
    page.goto("/demo/")
    page.wait_for_selector("#flow svg text")
    return page


def choose(page: Page, theme: str) -> None:
    page.click("[popovertarget=theme-menu]")
    page.click(f"[data-set-theme={theme}]")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_is_accessible_and_keeps_its_width(demo: Page, theme: str, size: ViewportSize) -> None:
    choose(demo, theme)
    demo.set_viewport_size(size)
    demo.wait_for_timeout(300)

    found = Axe().run(demo).response["violations"]

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert demo.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_theme_lasts_and_the_charts_follow(demo: Page) -> None:
    light = demo.locator("#flow svg text").first.get_attribute("fill")

    choose(demo, "dark")

    expect(demo.locator("#flow svg text").first).not_to_have_attribute("fill", light or "")
    demo.reload()
    expect(demo.locator("html")).to_have_attribute("data-theme", "dark")


def test_keys_find_search_and_help(demo: Page) -> None:
    demo.keyboard.press("/")
    expect(demo.locator("[data-search]")).to_be_focused()

    demo.keyboard.type("?")
    expect(demo.locator("#keys-help")).not_to_be_visible()

    demo.locator("[data-search]").blur()
    demo.keyboard.press("?")
    expect(demo.locator("#keys-help")).to_be_visible()

    demo.keyboard.press("Escape")
    expect(demo.locator("#keys-help")).not_to_be_visible()


def test_search_is_worked_by_keys_alone(demo: Page) -> None:
    box, found = demo.get_by_role("combobox", name="Search"), demo.locator("#quick-found")
    demo.keyboard.press("Control+k")
    demo.keyboard.type("organistaion")
    expect(found.get_by_role("option", name="Organisation")).to_contain_text("similar")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(demo.locator("[data-search-status]")).to_have_text("1 result")
    assert Axe().run(demo).response["violations"] == []

    demo.keyboard.press("ArrowDown")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-activedescendant", "option-page-1")
    demo.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(box).to_have_value("organistaion")

    demo.keyboard.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", "option-all")
    demo.keyboard.press("Enter")
    expect(demo).to_have_url(re.compile(r"/search/\?q=organistaion$"))
    expect(demo.locator("#found a", has_text="Organisation")).to_be_visible()


def test_rows_are_selected_as_a_range_and_counted(demo: Page) -> None:
    boxes = demo.locator("#people tbody input")

    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])

    expect(demo.locator("[data-selected-count]")).to_have_text("4")
    demo.click("[data-clear-selection]")
    expect(demo.locator("#people-bulk")).to_be_hidden()


def test_a_chart_becomes_its_table_and_a_picture(demo: Page) -> None:
    demo.click("#channel [data-chart-table]")
    expect(demo.locator("#channel table")).to_be_visible()
    expect(demo.locator("#channel [data-chart]")).to_be_hidden()

    demo.click("#channel [data-chart-table]")
    demo.click("[popovertarget=channel-save]")
    with demo.expect_download() as download:
        demo.click("#channel-save [data-chart-png]")

    assert download.value.suggested_filename == "channel.png"
    assert download.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_menu_slides_in_on_the_phone_and_leaves_on_escape(demo: Page) -> None:
    demo.set_viewport_size(PHONE)
    expect(demo.locator("#side-menu")).to_be_hidden()

    demo.click(".top-bar [popovertarget=side-menu]")
    expect(demo.locator("#side-menu")).to_be_visible()

    demo.keyboard.press("Escape")
    expect(demo.locator("#side-menu")).to_be_hidden()
    expect(demo.locator(".top-bar [popovertarget=side-menu]")).to_be_focused()


@pytest.mark.parametrize(("status", "text"), [(404, "no longer there"), (403, "role"), (429, "Too many")])
def test_a_refused_request_becomes_a_toast_and_leaves_the_page(demo: Page, status: int, text: str) -> None:
    demo.evaluate(f"htmx.ajax('GET', '/fails/?status={status}', {{target: '#parts'}})")

    toast = demo.locator(".toast-error [role=alert]", has_text=text)
    expect(toast).to_contain_text("abc-1")
    expect(demo.locator("#parts")).not_to_contain_text("never shown")


def test_a_form_with_errors_is_swapped_in(demo: Page) -> None:
    demo.evaluate("htmx.ajax('GET', '/fails/?status=422', {target: '#parts'})")

    expect(demo.locator("#parts")).to_contain_text("never shown")


def test_a_definition_is_one_click_away(demo: Page) -> None:
    demo.click("[popovertarget=define-cac]")

    expect(demo.locator("#define-cac")).to_be_visible()
    expect(demo.locator("[popovertarget=define-cac]")).to_have_attribute("aria-expanded", "true")


def test_typed_text_is_not_lost_by_accident(demo: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    demo.on("dialog", stay)
    demo.locator("#form-card [name=note]").press_sequentially("half a thought")

    demo.evaluate("location.assign('/account/login/')")
    demo.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    assert demo.url.endswith("/demo/")


def test_the_first_tab_stop_skips_to_the_content(demo: Page) -> None:
    demo.keyboard.press("Tab")
    expect(demo.locator(".skip-link")).to_be_focused()

    demo.keyboard.press("Enter")
    assert demo.evaluate("document.activeElement.id") == "main"


def test_paper_shows_no_menus_and_no_buttons(demo: Page) -> None:
    choose(demo, "dark")

    demo.emulate_media(media="print")

    expect(demo.locator("#side-menu")).to_be_hidden()
    expect(demo.locator("#parts .btn").first).to_be_hidden()
    assert demo.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
