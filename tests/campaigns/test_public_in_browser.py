"""What a customer sees who clicks at the foot of a mail, on a phone, without an account."""

import pytest
from playwright.sync_api import Page, expect

from campaigns.links import preferences_link, unsubscribe_link
from customers.models import Consent, Customer
from tests.campaigns.looking import PHONE, hold_accessible, look
from tests.factories import ConsentFactory, CustomerFactory


@pytest.fixture
def customer(transactional_db: None) -> Customer:
    made = CustomerFactory(name="Anna", email="anna@example.com", language="en")
    ConsentFactory(customer=made)
    return made


def path(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def test_a_customer_unsubscribes_and_thinks_again(page: Page, customer: Customer) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    page.goto(path(unsubscribe_link(customer.pk, "marketing")))
    look(page, "public-unsubscribe")
    hold_accessible(page)
    page.get_by_role("button", name="Unsubscribe").press("Enter")
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    look(page, "public-unsubscribed")
    page.goto(path(preferences_link(customer.pk)))
    page.get_by_label("Marketing messages").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
    look(page, "public-preferences")
    hold_accessible(page)

    said = Consent.objects.live().order_by("pk").values_list("purpose", "is_given")
    assert list(said) == [("marketing", True), ("marketing", False), ("marketing", True)]
    assert page.context.cookies() == []
