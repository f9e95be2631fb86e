"""A rep's first day: what is late stands on the home page; a lead is opened, edited, qualified and converted, once."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clm.accounts.models import AuditEntry, User
from customers import profiles
from customers.leads.opening import open_lead
from customers.models import Channel, Customer, Lead
from tests.fixtures.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customers(owner: User, marketer: User) -> dict[str, Customer]:
    """Two of the rep's team; one of them with a lead that is late, and one of another team."""
    Channel.objects.create(slug="fair", name="Trade fair")
    mine = {"owner": owner, "team": owner.team}
    ada = profiles.register(by=marketer, values={"name": "Ada Lovelace", "email": "ada@example.com"} | mine)
    bea = profiles.register(by=marketer, values={"name": "Bea Österlund", "email": "bea@example.com"} | mine)
    cay = profiles.register(by=marketer, values={"name": "Cay Foreign", "email": "cay@example.com"})
    late = {"title": "Ten licences", "next_action": "Call Ada", "owner": owner}
    open_lead(by=marketer, customer=ada, values=late | {"next_action_on": localdate() - timedelta(days=2)})
    return {"ada": ada, "bea": bea, "cay": cay}


def test_a_reps_first_day(
    page: Page, live_server: LiveServer, owner: User, customers: dict[str, Customer]
) -> None:
    sign_in(page, owner)
    sees_what_is_late(page)
    logs_the_call(page)
    opens_a_lead_on_a_customer(page)
    edits_it(page)
    qualifies_it(page)
    converts_it(page, customers["bea"])
    converting_again_gives_the_same(page)
    sees_nothing_of_others(page, customers["cay"])


def sign_in(page: Page, rep: User) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(rep.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Olga")


def sees_what_is_late(page: Page) -> None:
    expect(page.locator("#overdue li")).to_have_count(1)
    expect(page.locator("#overdue")).to_contain_text("Call Ada")
    expect(page.locator("#today")).to_contain_text("Nothing is planned for today.")


def logs_the_call(page: Page) -> None:
    page.locator("#overdue").get_by_role("link", name="Log").click()
    page.get_by_label("Note").fill("Ada wants ten, in July")
    page.get_by_label("Next action").fill("Send prices")
    page.get_by_label("When").fill((localdate() + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Log the contact").click()

    expect(page.locator("#history")).to_contain_text("Ada wants ten, in July")
    expect(page.locator("[aria-current=step]")).to_have_text("Contacted")
    page.goto("/")
    expect(page.locator("#overdue")).to_contain_text("Nothing is overdue.")
    expect(page.locator("#coming")).to_contain_text("Send prices")


def opens_a_lead_on_a_customer(page: Page) -> None:
    page.goto("/customers/")
    page.get_by_role("link", name="Bea Österlund").click()
    page.locator("#leads").get_by_role("link", name="Open a lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New lead on Bea Österlund")
    page.get_by_label("About").fill("Five licences")
    page.get_by_label("Source").select_option("Trade fair")
    page.get_by_label("Value").fill("500")
    page.get_by_role("button", name="Open the lead").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Five licences")
    assert Customer.objects.count() == 3


def edits_it(page: Page) -> None:
    page.keyboard.press("e")
    page.get_by_label("Value").fill("750")
    page.get_by_label("Next action").fill("Ask for the budget")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#lead-facts")).to_contain_text("€750.00")
    expect(page.locator("#next-action")).to_contain_text("Ask for the budget")


def qualifies_it(page: Page) -> None:
    page.get_by_role("link", name="Qualify").click()
    page.get_by_label("Note").fill("Budget is there")
    page.get_by_role("button", name="Qualify the lead").click()

    expect(page.locator("#history .timeline-entry").first).to_contain_text("Lead qualified")


def converts_it(page: Page, bea: Customer) -> None:
    page.get_by_role("link", name="Convert").click()
    expect(page.get_by_label("Bea Österlund")).to_be_checked()
    page.get_by_role("button", name="Win the lead").click()

    expect(page.locator("#won")).to_contain_text("Converted by Olga")
    page.locator("#won").get_by_role("link", name="Bea Österlund").click()
    expect(page.locator("#leads tbody tr")).to_contain_text("Won")
    assert Lead.objects.get(title="Five licences").customer == bea


def converting_again_gives_the_same(page: Page) -> None:
    lead = Lead.objects.get(title="Five licences")
    page.goto(f"/leads/{lead.pk}/conversion/")

    expect(page.locator("#won")).to_contain_text("Converted by Olga")
    again = Lead.objects.get(pk=lead.pk)
    assert (again.closed_at, again.conversion) == (lead.closed_at, lead.conversion)
    assert AuditEntry.objects.filter(action="lead.converted").count() == 1
    assert Customer.objects.count() == 3


def sees_nothing_of_others(page: Page, cay: Customer) -> None:
    page.goto("/leads/?tab=all")
    expect(page.locator("#lead-list tbody tr")).to_have_count(2)
    answer = page.goto(f"/leads/new/?customer={cay.pk}")
    assert answer is not None
    assert answer.status == 404
