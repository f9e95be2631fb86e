"""A stage gets a Danish name, and its journey map Danish words: each colleague reads the own language."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Page]
PAGE = "/lifecycle/models/swedish-six/"


def test_a_stage_is_named_and_its_map_written_language_by_language(
    marketer: User, sign_in_page: SignIn, transactional_db: None
) -> None:
    six_stages()
    customer = buyer(40, 20, 3)
    page = sign_in_page(marketer)
    page.goto(f"{PAGE}journey/stages/loyalty/")

    tabs = page.get_by_role("navigation", name="Languages")
    tabs.get_by_role("link", name="Danish").press("Enter")
    page.wait_for_url("**/?language=da")
    expect(tabs.locator("[aria-current]")).to_have_text("Danish")
    page.get_by_label("Playbook").fill("Ring til dem.")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{PAGE}draft/stages/loyalty/")
    page.fill("[name=name_da]", "Stamkunder")
    page.click("text=Save the draft")
    page.click("text=Look and publish")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=Publish from now on")
    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    page.goto(f"{PAGE}journey/")
    loyalty = page.locator("#journey-loyalty")
    expect(loyalty).to_contain_text("Loyalty")
    expect(loyalty).not_to_contain_text("Ring til dem.")
    page.goto(f"/customers/{customer.pk}/")
    expect(page.locator("#stage")).to_contain_text("Why Loyalty")

    User.objects.filter(pk=marketer.pk).update(language="da")
    page.goto(f"{PAGE}journey/")

    expect(loyalty).to_contain_text("Stamkunder")
    expect(loyalty).to_contain_text("Ring til dem.")
    page.goto("/customers/")
    expect(page.locator("table tbody")).to_contain_text("Stamkunder")
    page.goto(f"/customers/{customer.pk}/")
    expect(page.locator("#stage")).to_contain_text("Hvorfor Stamkunder")
    expect(page.locator("#stage")).not_to_contain_text("Loyalty")
