"""A marketer ticks customers, assigns all that match, undoes it, and gives some a field."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Customer
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_customers_are_changed_many_at_once_and_given_back(
    marketer: User, owner: User, sign_in_page: Callable[[User], Page]
) -> None:
    CustomerFactory.create_batch(60, country="DK")
    page = sign_in_page(marketer)
    page.goto("/customers/?country=DK&sort=name")
    bar, boxes = page.locator("#customers-bulk"), page.locator("tbody input[name=pk]")
    expect(bar).to_be_hidden()

    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(bar.locator("[data-selected-count]")).to_have_text("4")
    page.get_by_label("Select all on this page").check()
    expect(bar.locator("[data-selected-count]")).to_have_text("50")
    page.get_by_role("button", name="Choose all that match").click()
    expect(bar.locator("[data-selected-count]")).to_have_text("60")
    page.get_by_role("button", name="Assign").click()
    drawer = page.get_by_role("dialog", name="Change many at once")
    expect(drawer).to_contain_text("60 customers")
    drawer.get_by_label("Owner").select_option(str(owner.pk))
    drawer.get_by_role("button", name="Change them").click()

    expect(page.locator("#toasts")).to_contain_text("Changed: 60 customers.")
    assert page.url.endswith("/customers/?country=DK&sort=name")
    assert Customer.objects.filter(owner=owner).count() == 60
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Given back: 60 customers.")
    assert Customer.objects.filter(owner=owner).count() == 0

    page.set_viewport_size({"width": 390, "height": 800})
    boxes.nth(0).check()
    boxes.nth(2).check()
    boxes.nth(2).uncheck()
    page.get_by_role("button", name="Set a field").click()
    drawer.get_by_label("Field").select_option("country")
    drawer.get_by_label("Country").select_option("SE")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawer.get_by_role("button", name="Change them").click()
    expect(page.locator("#toasts")).to_contain_text("Changed: 1 customer.")
    assert Customer.objects.filter(country="SE").count() == 1
