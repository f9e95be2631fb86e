"""Why a customer is where they are, from the list itself: on hover, by keyboard, by a tap on the phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from clm.accounts.models import User
from tests.lifecycle.shop import buyer, six_stages


def test_the_list_shows_why_on_hover_focus_and_tap(
    transactional_db: None, marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    six_stages()
    buyer(300, name="Gert Gone")
    buyer(60, 40, 3, name="Lotte Loyal")
    page = sign_in_page(marketer)
    page.goto("/customers/")
    glance, loyal = page.locator("#peek"), page.locator("[data-peek]", has_text="Loyalty")

    loyal.hover()
    expect(glance).to_contain_text("Why Loyalty")
    glance.hover()
    expect(glance).to_contain_text("Buys again and again")
    expect(glance.locator("li", has_text="Conversion")).to_contain_text("has bought on more days than that")
    page.keyboard.press("Escape")
    expect(glance).to_be_hidden()

    page.mouse.move(0, 0)
    page.get_by_role("link", name="Gert Gone").focus()
    page.keyboard.press("Tab")
    expect(glance).to_contain_text("Why Churned")
    expect(page.locator("[aria-describedby=peek]")).to_contain_text("Churned")
    page.keyboard.press("Tab")
    expect(glance).to_be_hidden()

    page.set_viewport_size({"width": 390, "height": 844})
    page.mouse.move(0, 0)
    loyal.click()
    expect(glance).to_contain_text("Why Loyalty")
    box = glance.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["width"] >= 300
    assert box["x"] + box["width"] <= 390
    page.locator("h1").click()
    expect(glance).to_be_hidden()
