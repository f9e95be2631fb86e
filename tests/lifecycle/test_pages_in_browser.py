"""The lifecycle pages in a real Chromium: from choosing a model to moving a customer, by click."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from lifecycle.presets import install
from tests.lifecycle.shop import buyer, six_stages, stage_of, work_off

PAGE = "/lifecycle/models/swedish-six/"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


def test_three_clicks_lead_from_no_model_to_the_dashboard(
    administrator: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    buyer(300, 200, 5)
    buyer(400)
    page = sign_in_page(administrator)
    page.goto("/lifecycle/models/")

    page.click("text=Use this model")
    page.click("text=Work out the history")
    expect(page.locator("#history-progress")).to_be_visible()
    work_off()
    expect(page.locator("#model-history")).to_contain_text("The history is worked out.")
    expect(page.locator("#model-stages")).to_contain_text(re.compile(r"Churned\s+1"))
    page.click("text=Open the dashboard")

    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith("/lifecycle/")


def test_days_are_edited_looked_at_and_published(
    marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    six_stages()
    customer = buyer(100)
    page = sign_in_page(marketer)
    page.goto(PAGE)

    page.keyboard.press("e")
    churned = page.locator(".rule-block", has_text="Has stopped buying")
    churned.locator("input").fill("90")
    page.click("text=Save the draft")
    expect(page.locator("#draft-changes ins")).to_have_text("Last purchase over 90 days ago")
    page.click("text=Publish from now on")

    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    work_off()
    expect(page.locator("#model-rules")).to_contain_text("Last purchase over 90 days ago.")
    expect(page.locator("#model-stages")).to_contain_text(re.compile(r"Churned\s+1"))
    assert stage_of(customer) == "churned"


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        pytest.param(WIDE, "light", id="wide-light"),
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(WIDE, "dark", id="wide-dark", marks=pytest.mark.nightly),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.nightly),
    ],
)
def test_every_page_is_accessible_and_keeps_its_width(
    marketer: User,
    sign_in_page: Callable[[User], Page],
    theme: str,
    size: dict[str, int],
    live_server: object,
) -> None:
    page = sign_in_page(marketer)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": str(live_server)}])
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto("/lifecycle/models/")
    check(page, size)
    six_stages()
    install("danish-twelve", by=None)
    customer = buyer(40, 20, 3)

    for path in (
        PAGE,
        "/lifecycle/models/",
        "/lifecycle/models/presets/danish-twelve/",
        "/lifecycle/models/danish-twelve/",
        "/lifecycle/comparison/",
        f"/customers/{customer.pk}/?model=danish-twelve",
        f"{PAGE}draft/",
        "/lifecycle/refusals/",
        "/lifecycle/parkings/",
        f"/customers/{customer.pk}/",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        check(page, size)


def check(page: Page, size: dict[str, int]) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
