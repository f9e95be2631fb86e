"""A rep's morning: what is overdue, a call and what was said, what comes next; qualified, and won."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from customers import profiles
from customers.leads.opening import open_lead
from customers.models import Interaction, Lead, LeadState

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reps_morning(sign_in_page, owner):
    profiles.register(by=owner, values={"name": "Ada Lovelace", "email": "ada@example.com"})
    late = {"title": "Forty licences", "value": 4000, "next_action": "Call about the offer"}
    lead = open_lead(
        by=owner,
        person={"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+45 12345678"},
        values=late | {"next_action_on": localdate() - timedelta(days=2)},
    )
    page = sign_in_page(owner)
    page.goto("/")

    page.locator("#overdue").get_by_role("link", name="Call about the offer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forty licences")
    expect(page.locator("#next-action")).to_contain_text("overdue")

    page.get_by_role("link", name="Log a contact").click()
    page.get_by_label("Note").fill("Wants forty, and an offer by Friday")
    page.get_by_label("Next action").fill("Send the offer")
    page.get_by_label("When").fill((localdate() + timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Log the contact").click()
    expect(page.locator("#next-action")).to_contain_text("Send the offer")
    expect(page.locator("#next-action")).not_to_contain_text("overdue")
    expect(page.locator("#history")).to_contain_text("Wants forty")

    page.goto("/leads/")
    page.get_by_role("link", name="Change the next action of Forty licences").click()
    page.get_by_role("textbox", name="Next action", exact=True).fill("Send the offer with a discount")
    page.keyboard.press("Enter")
    expect(page.locator("#lead-list")).to_contain_text("Send the offer with a discount")
    expect(page.get_by_role("link", name="Change the next action of Forty licences")).to_be_focused()

    page.get_by_role("link", name="Board").click()
    expect(page.get_by_role("region", name="Board")).to_be_visible()
    page.wait_for_load_state("load")  # its scripts hear the keys
    page.locator(f"#card-{lead.pk} a").first.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator('[data-head="qualified"]')).to_contain_text("Qualified 1")
    page.locator(f"#card-{lead.pk} a").first.click()

    page.get_by_role("link", name="Convert").click()
    expect(page.locator("main")).to_contain_text("Phone “+4512345678”")
    page.get_by_role("button", name="Win the lead").click()
    expect(page.locator("#won")).to_contain_text("Ada Lovelace")

    steps = list(LeadState.objects.filter(lead=lead).order_by("pk").values_list("step", flat=True))
    assert steps == ["opened", "contacted", "changed", "qualified", "converted"]
    assert (Lead.objects.get().outcome, Lead.objects.get().customer.phone) == ("won", "+4512345678")
    assert Interaction.objects.count() == 0
    page.goto("/")
    expect(page.locator("main")).to_contain_text("You have no open leads")
