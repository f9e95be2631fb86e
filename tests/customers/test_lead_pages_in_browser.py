"""The pages of leads in Chromium: they work by hand, without a console error, an axe finding or an overflow."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from customers import profiles
from customers.leads import pursuing
from customers.leads.converting import convert
from customers.leads.opening import open_lead
from customers.leads.pursuing import Next
from customers.models import Channel, Lead
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)

WIDE, PHONE = 1440, 390


@pytest.fixture
def leads(owner) -> list[Lead]:
    """Late, of today, coming, unplanned, lost and won."""
    fair = Channel.objects.create(slug="fair", name="Trade fair")
    today = localdate()
    people = ["Ada Lovelace", "Søren Møller", "Bea Österlund", "Grace Hopper", "Alan Turing", "Mary Shelley"]
    days = [-4, 0, 3, None, None, None]
    made = []
    for number, (name, day) in enumerate(zip(people, days, strict=True)):
        profiles.register(by=owner, values={"name": name, "email": f"p{number}@example.com", "country": "DK"})
        person = {
            "name": name,
            "email": f"p{number}@example.com",
            "phone": f"+45 1234567{number}",
            "company": "Engines",
        }
        action = (
            {"next_action": "Call about the offer", "next_action_on": today + timedelta(days=day)}
            if day is not None
            else {}
        )
        values = {"title": f"{10 + number} licences", "channel": fair, "value": 1000 * (number + 1)} | action
        made.append(open_lead(by=owner, person=person, values=values, note="Met at the fair"))
    pursuing.qualify(made[1], by=owner, then=Next("Send prices", today))
    pursuing.lose(made[4], by=owner, reason="Chose another supplier")
    made[5].enquiry["name"] = "Mary Godwin"
    made[5].save(update_fields=["enquiry"])
    convert(made[5], by=owner)
    return made


def addresses(leads: list[Lead]) -> list[str]:
    pks = {"late": leads[0].pk, "lost": leads[4].pk, "won": leads[5].pk}
    return [
        "/", "/leads/", "/leads/?tab=all", "/leads/?tab=overdue", "/leads/?tab=all&q=zzz", "/leads/filters/",
        "/leads/new/", f"/leads/new/?customer={leads[0].customer_id}", f"/customers/{leads[0].customer_id}/",
        *(f"/leads/{pk}/" for pk in pks.values()),
        *(f"/leads/{pks['late']}/{step}/" for step in ("edit", "qualification", "loss", "contact", "conversion")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (PHONE, "light"),
        pytest.param(PHONE, "dark", marks=pytest.mark.nightly),
        pytest.param(WIDE, "dark", marks=pytest.mark.nightly),
        pytest.param(WIDE, "light", marks=pytest.mark.nightly),
    ],
)
def test_the_pages_are_open_to_everybody(sign_in_page, owner, leads, theme, width):
    page = sign_in_page(owner)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})

    found = {}
    for address in addresses(leads):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found[address] = faults(page)

    assert {address: one for address, one in found.items() if one} == {}


def test_c_opens_a_new_lead_and_known_people_are_shown_first(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.goto("/customers/")

    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("New lead")
    page.get_by_role("button", name="Open the lead").click()
    expect(page.locator(".field-errors")).to_contain_text("Give at least a name")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("About").fill("A second pursuit")
    page.get_by_role("button", name="Open the lead").click()

    expect(page.locator("#matches")).to_contain_text("the same name")
    page.get_by_label("Ada Lovelace").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A second pursuit")
    expect(page.locator("#other-leads")).to_contain_text("10 licences")
    assert Lead.objects.latest("pk").customer == leads[0].customer


def test_an_edit_that_came_too_late_shows_both_values(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.goto(f"/leads/{leads[0].pk}/edit/")
    pursuing.change(leads[0], by=owner, values={"title": "99 licences"})

    page.get_by_label("About").fill("11 licences")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("table", name="What differs").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("table", name="What differs")).to_contain_text("99 licences")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("11 licences")


def test_losing_and_opening_again(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.goto(f"/leads/{leads[0].pk}/")

    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Disqualify or lose").click()
    page.get_by_label("Reason").fill("No budget")
    page.get_by_role("button", name="Close as lost").click()
    expect(page.locator("main")).to_contain_text("Lost: No budget")
    page.get_by_role("link", name="Open again").click()
    page.get_by_role("button", name="Open the lead again").click()

    expect(page.locator("#history .timeline-entry")).to_have_count(3)
    assert Lead.objects.get(pk=leads[0].pk).status == "new"


def test_narrowing_the_list(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.goto("/leads/")
    rows = page.locator("#lead-list tbody tr")

    expect(rows).to_have_count(4)
    page.get_by_role("link", name="All leads").click()
    expect(rows).to_have_count(6)
    page.get_by_role("link", name="Filters").click()
    page.locator("#lead-filters").get_by_label("Lost").check()
    page.get_by_role("button", name="Show the leads").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Lost")
    page.get_by_role("link", name="Overdue").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("overdue since")
