"""A marketer narrows the customer list with the builder, shares the address, and makes a segment of it."""

import json
from collections.abc import Callable

import pytest
from django.utils.http import urlencode
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Segment
from tests.customers.test_narrowing import BUYER
from tests.factories import CustomerFactory, OrderFactory
from tests.fixtures.browser import complaints_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_list_is_narrowed_by_conditions_and_becomes_a_segment(
    marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    for name, country in (("Ada", "DK"), ("Bob", "DK"), ("Cleo", "SE")):
        OrderFactory(customer=CustomerFactory(name=name, country=country))
    CustomerFactory(name="Dag", country="DK")
    page = sign_in_page(marketer)
    page.goto("/customers/?country=DK&sort=name")

    page.get_by_role("link", name="Conditions", exact=True).click()
    page.get_by_label("Test", exact=True).select_option("orders")
    page.get_by_label("At least").fill("1")
    expect(page.locator("#conditions-preview")).to_contain_text("3 customers match")
    expect(page.locator("#conditions-preview")).to_contain_text("Cleo")
    page.get_by_role("button", name="Add a group").click()
    inner = page.get_by_role("group", name="Group of conditions")
    inner.get_by_label("Test", exact=True).select_option("event")
    inner.get_by_label("Events").fill("page.viewed")
    inner.get_by_label("Whether it holds").select_option("1")
    assert complaints_of(page) == []
    page.get_by_role("button", name="Show the customers").click()

    rows = page.locator("#customer-list tbody")
    expect(rows).to_contain_text("Ada")
    expect(rows).not_to_contain_text("Cleo")
    expect(rows).not_to_contain_text("Dag")
    filters = page.get_by_role("group", name="Active filters")
    expect(filters).to_contain_text("at least 1 order and not: viewed a page")
    assert "country=DK" in page.url
    assert complaints_of(page) == []
    page.goto(page.url)  # as somebody who was sent it
    page.get_by_role("link", name="Save the conditions as a segment").click()
    page.get_by_label("Name").fill("Buyers")
    page.get_by_role("button", name="Make the segment").click()
    expect(page.locator("#segment-count")).to_contain_text("3")
    assert Segment.objects.get().conditions["all"][0] == {
        "condition": "orders",
        "parameters": {"at_least": 1},
    }

    OrderFactory.create_batch(51)
    page.goto(f"/customers/?{urlencode({'conditions': json.dumps(BUYER)})}")
    expect(page.get_by_text("54 customers")).to_be_visible()  # asked for when the page stood

    page.goto("/customers/?conditions={oops")
    expect(page.get_by_text("This can't be read as conditions. Build them anew.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name="Conditions", exact=True).click()
    expect(page.get_by_text("This can't be read as conditions. Build them anew.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
