"""An administrator defines a field; a rep fills it in, sees it as a column and narrows the list by it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_field_is_defined_filled_in_shown_and_asked(
    administrator: User, sign_in_page: Callable[[User], Page]
) -> None:
    ada = CustomerFactory(name="Ada", fields={"roast": "dark"})
    CustomerFactory(name="Bob")
    page = sign_in_page(administrator)

    page.goto(f"/customers/{ada.pk}/")
    page.get_by_role("link", name="Define this field").click()
    page.get_by_label("Kind").select_option("choices")
    page.get_by_label("English").fill("Roasts")
    page.get_by_label("Choices").fill("light\ndark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#own-fields")).to_contain_text("Several of a list")
    page.goto(f"/customers/{ada.pk}/edit/")
    page.get_by_label("light").check()
    page.get_by_label("dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#who")).to_contain_text("light, dark")

    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/customers/?cols=fields.roast")
    page.get_by_role("link", name="Filters").click()
    page.get_by_role("dialog").get_by_label("Roasts").select_option("light")
    page.get_by_role("button", name="Show the customers").click()
    expect(page.locator("#customer-list")).to_contain_text("light, dark")
    expect(page.locator("#customer-list")).not_to_contain_text("Bob")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
