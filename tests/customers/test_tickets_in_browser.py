"""Tickets in Chromium: from a customer's page to an answer and back, also on a phone and in the dark."""

import pytest
from playwright.sync_api import expect

from customers.models import Customer, Ticket
from tests.factories import CustomerFactory
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)


def test_a_ticket_is_opened_answered_found_and_solved(sign_in_page, owner, ada):
    page = sign_in_page(owner)
    page.goto(f"/customers/{ada.pk}/")
    page.locator("#tickets").get_by_role("link", name="Open a ticket").click()
    page.get_by_label("Subject").fill("Where is my parcel?")
    page.get_by_label("Priority").select_option("urgent")
    assert faults(page) == []
    page.get_by_role("button", name="Open the ticket").click()

    expect(page.locator("#ticket-facts")).to_contain_text("Urgent")
    page.get_by_label("What you answered").fill("It comes tomorrow")
    page.get_by_role("button", name="Save, wait for the customer").click()
    expect(page.locator("#history")).to_contain_text("It comes tomorrow")
    assert faults(page) == []

    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/tickets/")
    expect(page.locator("#ticket-list")).to_contain_text("Waiting for the customer")
    assert faults(page) == []
    page.get_by_role("link", name="Filters").click()
    page.locator("#ticket-filters").get_by_label("Urgent").check()
    page.get_by_role("button", name="Show the tickets").click()
    page.get_by_role("link", name="Where is my parcel?").click()
    page.get_by_role("link", name="Solve", exact=True).click()
    page.get_by_role("button", name="Solve the ticket").click()

    expect(page.locator("#ticket-facts")).to_contain_text("Solved")
    assert faults(page) == []
    assert Ticket.objects.get().status == "solved"
    page.goto(f"/customers/{ada.pk}/timeline/?only=tickets")
    expect(page.locator("main")).to_contain_text("Ticket solved")
