"""The customer pages in Chromium: they work by hand, without a console error, an axe finding or an overflow."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from customers import profiles
from customers.models import Customer
from tests.factories import LONG_AGO, ConsentFactory, CustomerFactory, EventFactory, bought
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)

WIDE, PHONE = 1440, 390


@pytest.fixture
def people(marketer) -> list[Customer]:
    made = []
    for name, country in (("Ada Lovelace", "GB"), ("Søren Møller", "DK"), ("Bea Österlund", "SE")):
        values = {
            "name": name,
            "country": country,
            "email": f"{name.split()[0].lower()}@exämple.dk",
            "fields": {"tier": "gold"},
        }
        made.append(profiles.register(by=marketer, values=values))
    for number in range(12):
        bought(made[0], 100 + number, at=LONG_AGO + timedelta(days=number))
        EventFactory(customer=made[0], occurred_at=LONG_AGO + timedelta(days=number))
        ConsentFactory(
            customer=made[0], occurred_at=LONG_AGO + timedelta(days=number), is_given=number % 2 == 0
        )
    return made


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (WIDE, "light"),
        (PHONE, "dark"),
        pytest.param(WIDE, "dark", marks=pytest.mark.nightly),
        pytest.param(PHONE, "light", marks=pytest.mark.nightly),
    ],
)
def test_the_pages_are_open_to_everybody(sign_in_page, marketer, people, theme, width):
    page = sign_in_page(marketer)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})

    found = {}
    for address in ("/customers/", "/customers/?q=ada&country=GB", "/customers/?q=zzz", "/customers/filters/",
                    f"/customers/{people[0].pk}/", f"/customers/{people[0].pk}/edit/", "/customers/new/"):  # fmt: skip
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found[address] = faults(page)

    assert {address: one for address, one in found.items() if one} == {}


def test_finding_narrowing_and_keeping_a_view(sign_in_page, marketer, people):
    page = sign_in_page(marketer)
    page.goto("/customers/")

    page.get_by_role("link", name="Filters").click()
    page.locator("#customer-filters").get_by_label("Country").select_option("DK")
    page.get_by_role("button", name="Show the customers").click()

    expect(page.locator("#customer-list tbody tr")).to_have_count(1)
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Denmark")
    page.get_by_role("button", name="Save view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Danes")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Danes")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Remove the filter Country").click()
    expect(page.locator("#customer-list tbody tr")).to_have_count(3)
    expect(page.get_by_role("button", name="Update view")).to_be_visible()


def test_choosing_columns(sign_in_page, marketer, people):
    page = sign_in_page(marketer)
    page.goto("/customers/?sort=name")

    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Country").check()
    page.get_by_label("Revenue").uncheck()
    page.locator("#customers-columns").get_by_role("button", name="Show").click()

    expect(page.get_by_role("columnheader", name="Country")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Revenue")).to_have_count(0)
    expect(page.locator("#customer-list tbody tr").first).to_contain_text("Ada Lovelace")


def test_reading_the_timeline(sign_in_page, marketer, people):
    page = sign_in_page(marketer)
    page.goto(f"/customers/{people[0].pk}/")
    timeline = page.locator("#timeline")

    expect(timeline.locator(".timeline-entry")).to_have_count(
        28
    )  # of 30 the last two share their instant with the next
    timeline.get_by_role("link", name="Show earlier").click()
    expect(timeline.locator(".timeline-entry")).to_have_count(37)
    timeline.get_by_label("Show").select_option("orders")
    expect(timeline.locator(".timeline-entry")).to_have_count(12)
    expect(timeline.locator(".timeline-entry").first).to_contain_text("Ordered for €111.00")


def test_adding_and_editing_by_hand(sign_in_page, marketer):
    page = sign_in_page(marketer)
    CustomerFactory()
    page.goto("/customers/")

    page.get_by_role("link", name="New customer").click()
    page.get_by_label("E-mail").fill("a@b")
    page.get_by_role("button", name="Add the customer").click()
    expect(page.locator(".field-errors")).to_contain_text("not a valid e-mail address")
    page.get_by_label("E-mail").fill("new@example.com")
    page.get_by_label("First name").fill("Nina")
    page.get_by_role("button", name="Add the customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nina")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Last name").fill("Simone")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Nina Simone")
