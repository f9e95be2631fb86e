"""A rep reads why a customer is where they are and what is missing, and moves them with a reason."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from clm.accounts.models import User
from tests.lifecycle.shop import buyer, six_stages, stage_of
from tests.lifecycle.test_pages_in_browser import page

__all__ = ["page"]


def test_a_customer_is_understood_and_moved(owner: User, sign_in_page: Callable[[User], Page]) -> None:
    six_stages()
    customer = buyer(40, 20, 3, owner=owner)
    page = sign_in_page(owner)
    page.goto(f"/customers/{customer.pk}/")

    expect(page.locator("#stage")).to_contain_text("Why Loyalty")
    expect(page.locator("#stage-missing")).to_contain_text("Holds, but “Buys again and again” comes first.")
    page.click("#stage button:has-text('Move')")
    page.select_option("[name=move-stage]", label="Advocacy")
    page.fill("[name=move-reason]", "Told a friend")
    page.click("#move-form button:has-text('Move')")

    expect(page.locator("#stage")).to_contain_text("Why Advocacy")
    expect(page.locator("#stage")).to_contain_text("By hand: Olga – Told a friend")
    assert stage_of(customer) == "advocacy"
