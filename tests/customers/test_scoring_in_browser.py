"""A marketer describes whom to look for, and sees who that is and why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import IdealProfile
from tests.customers.scored import did, from_country, signals, viewed
from tests.factories import OrderFactory
from tests.fixtures.browser import complaints_of

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Page]


def test_from_an_ideal_profile_to_why_somebody_is_an_a1(marketer: User, sign_in_page: SignIn) -> None:
    ada = from_country("DK", name="Ada")
    OrderFactory(customer=ada)
    from_country("SE", name="Bo")
    did(ada)
    signals(viewed(points=60))
    page = sign_in_page(marketer)
    page.goto("/scores/profiles/")

    page.get_by_role("link", name="New ideal profile").click()
    page.get_by_label("Name").fill("Buyers")
    first = page.get_by_role("group", name="Test 1", exact=True)
    second = page.get_by_role("group", name="Test 2", exact=True)
    first.get_by_label("Weight").fill("30")
    first.get_by_label("Test", exact=True).select_option("orders")
    first.get_by_label("At least").fill("1")
    second.get_by_label("Weight").fill("10")
    second.get_by_label("Test", exact=True).select_option("event")
    second.get_by_label("Events").fill("form.submitted")
    page.get_by_role("button", name="Make the profile").click()

    expect(page.locator("main")).to_contain_text("It fits 1 customer best.")
    assert [test["weight"] for test in IdealProfile.objects.get().tests] == [30, 10]
    page.get_by_role("link", name="Matrix").click()
    page.get_by_role("link", name="A1: 1").click()
    page.get_by_role("link", name="Ada").first.click()
    score = page.locator("#score")
    expect(score).to_contain_text("At least 1 order")
    expect(score).to_contain_text("+60.0")
    expect(score).to_contain_text("30 of 40 points: 75")
    for address in ("/scores/", "/scores/profiles/new/", "/scores/interest/", f"/customers/{ada.pk}/score/"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    assert complaints_of(page) == []
