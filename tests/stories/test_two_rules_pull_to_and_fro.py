"""Two rules lead a customer round: parked, with a banner that names both, the way to mend them and the way out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Customer
from lifecycle.models import LifecycleModel, Parking
from tests.lifecycle.test_pages_in_browser import PHONE, WIDE, check
from tests.lifecycle.test_pulled import customer, model

__all__ = ["customer", "model"]
pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Page]
PAGE = "/lifecycle/models/swedish-six/"


def test_the_banner_names_both_rules_and_leads_to_them_and_out(
    marketer: User, sign_in_page: SignIn, model: LifecycleModel, customer: Customer
) -> None:
    page = sign_in_page(marketer)
    page.goto(f"/customers/{customer.pk}/")

    banner = page.locator("#parked-swedish-six")
    expect(banner).to_contain_text("Rules lead this customer round and round, a move a day.")
    for rule, sentence in (("Cools down", "is in Discovery or Retention"), ("Warms up", "is in Engagement")):
        expect(banner.get_by_role("link", name=rule)).to_be_visible()
        expect(banner).to_contain_text(sentence)
    check(page, WIDE)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    check(page, PHONE)
    banner.get_by_role("link", name="Change the rules").press("Enter")
    expect(page.locator("#design-rules")).to_contain_text("Warms up")

    page.goto(PAGE)
    told = page.locator("#model-parked")
    expect(told).to_contain_text("These rules send 1 customer back and forth, who is parked.")
    told.locator("summary").press("Enter")
    expect(told.get_by_role("link", name="Cools down")).to_be_visible()
    expect(told.get_by_role("link", name="Warms up")).to_be_visible()

    page.goto(f"/customers/{customer.pk}/")
    banner.get_by_role("button", name="Let rules decide again").press("Enter")
    expect(page.locator("h1")).to_have_text(customer.name)
    expect(banner).to_have_count(0)
    assert Parking.objects.filter(released_at=None).count() == 0
