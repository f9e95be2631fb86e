"""A marketer builds a segment test by test, with the count and examples at hand, groups and negation included."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Segment
from tests.customers.test_segments_in_browser import shop

__all__ = ["shop"]
pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Page]


@pytest.mark.usefixtures("shop")
def test_a_segment_is_built_test_by_test(marketer: User, sign_in_page: SignIn) -> None:
    page = sign_in_page(marketer)
    page.goto("/segments/")

    page.get_by_role("link", name="New segment by conditions").click()
    page.get_by_label("Name").fill("Buyers")
    page.get_by_label("Test", exact=True).select_option("orders")
    at_least, preview = page.get_by_label("At least"), page.locator("#conditions-preview")
    at_least.fill("-5")
    expect(preview).to_contain_text("At least: Is at least 1.")
    expect(at_least).to_have_attribute("aria-invalid", "true")
    expect(at_least).to_have_accessible_description("Is at least 1.")
    expect(at_least).to_be_focused()
    at_least.fill("1")
    expect(preview).to_contain_text("3 customers match")
    expect(at_least).not_to_have_attribute("aria-invalid", "true")
    expect(preview).to_contain_text("Ada")
    page.get_by_role("button", name="Add a group").click()
    inner = page.get_by_role("group", name="Group of conditions")
    expect(inner.get_by_label("Test", exact=True)).to_be_focused()
    inner.get_by_label("Test", exact=True).select_option("event")
    inner.get_by_label("Events").fill("page.viewed")
    inner.get_by_label("Whether it holds").select_option("1")
    expect(preview).to_contain_text("At least 1 order and not: viewed a page.")
    page.get_by_role("button", name="Make the segment").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Buyers")
    expect(page.locator("#segment-count")).to_contain_text("3")
    assert Segment.objects.get().conditions == {
        "all": [
            {"condition": "orders", "parameters": {"at_least": 1}},
            {"any": [{"not": {"condition": "event", "parameters": {"names": ["page.viewed"]}}}]},
        ]
    }
