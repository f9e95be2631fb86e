"""A marketer adds a stage and a rule by keyboard and mouse, watches the live count, publishes, and a customer moves."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from clm.accounts.models import User
from tests.lifecycle.shop import buyer, six_stages, stage_of, work_off
from tests.lifecycle.test_pages_in_browser import WIDE

PAGE = "/lifecycle/models/swedish-six/"


def drag(page: Page, row: str, *, onto: str, give_up: bool = False) -> None:
    page.locator(f"{onto} [data-grip]").scroll_into_view_if_needed()
    start, end = (page.locator(f"{one} [data-grip]").bounding_box() for one in (row, onto))
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + 5, steps=8)
    if give_up:
        page.keyboard.press("Escape")
    page.mouse.up()


def test_a_stage_and_its_rule_are_designed_with_the_keyboard_and_published(
    marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    six_stages()
    customer = buyer(3)
    page = sign_in_page(marketer)
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(f"{PAGE}draft/stages/")

    page.click("text=Add a stage")
    page.fill("[name=name_en]", "Just bought")
    page.select_option("[name=kind]", "buying")
    page.click("text=Save the draft")
    page.focus("#up-just-bought")
    page.keyboard.press("Enter")
    stages = page.locator("#design-stages li")
    expect(stages.nth(6)).to_contain_text("Just bought")
    expect(page.locator("#up-just-bought")).to_be_focused()
    page.focus("#stage-just-bought a")
    page.keyboard.press("Alt+ArrowUp")
    expect(stages.nth(5)).to_contain_text("Just bought")
    with page.expect_response("**/place/"):
        drag(page, "#stage-just-bought", onto="#stage-engagement")
    expect(stages.nth(1)).to_contain_text("Just bought")
    expect(stages.nth(2)).to_contain_text("Engagement")
    page.reload()
    expect(stages.nth(1)).to_contain_text("Just bought")
    drag(page, "#stage-just-bought", onto="#stage-churned", give_up=True)
    expect(stages.nth(1)).to_contain_text("Just bought")
    page.click("nav >> text=Rules")
    page.click("text=Add a rule")
    page.select_option("[name=stage]", "just-bought")
    page.select_option("[name='conditions-0.0-condition']", "purchased_within")
    page.fill("[name='conditions-0.0-p-days']", "10")
    expect(page.locator("#conditions-preview")).to_contain_text("1 customer")
    page.fill("[name=name_en]", "Fresh")
    page.click("text=Save the draft")
    for place in range(6, -1, -1):
        page.locator("[aria-label='Move Fresh up']").press("Enter")
        expect(page.locator("#design-rules > div > ol > li").nth(place)).to_contain_text("Fresh")
    page.click("text=Look and publish")
    page.click("text=Publish from now on")

    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    work_off()
    assert stage_of(customer) == "just-bought"
