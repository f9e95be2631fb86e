"""A rep's desk in Chromium: what is logged, planned and done without leaving the customer."""

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from customers.leads.opening import open_lead
from customers.models import Customer, Interaction, Lead, Task
from tests.factories import CustomerFactory
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)


def test_a_call_is_logged_corrected_and_taken_back_on_the_customers_page(sign_in_page, owner, ada):
    page = sign_in_page(owner)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"/customers/{ada.pk}/")
    timeline = page.locator("#timeline-stretch")

    page.locator("#composer").get_by_role("link", name="Call").click()
    expect(page.get_by_label("Text")).to_be_focused()
    page.get_by_label("Outcome").select_option("no_answer")
    assert faults(page) == []
    page.get_by_role("button", name="Save").click()
    expect(timeline).to_contain_text("Called, no answer")
    expect(page.locator(".toast-item")).to_contain_text("The call is logged.")

    timeline.get_by_role("link", name="Edit").click()
    timeline.get_by_label("Text").fill("Will call <b>back</b>")
    timeline.get_by_role("button", name="Save").click()
    expect(timeline).to_contain_text("Will call <b>back</b>")
    timeline.get_by_role("button", name="Take back").click()
    expect(timeline).to_contain_text("Taken back.")
    assert faults(page) == []
    assert not Interaction.objects.live().exists()
    timeline.get_by_role("button", name="Undo").click()
    expect(timeline).to_contain_text("Will call <b>back</b>")

    page.locator("#composer").get_by_role("link", name="Note").click()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Text").evaluate("field => !field.checkValidity()")
    page.locator("#composer").get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Text")).to_have_count(0)
    assert Interaction.objects.live().count() == 1


def test_a_call_on_a_leads_page_contacts_the_lead(sign_in_page, owner, ada):
    lead = open_lead(by=owner, customer=ada, values={"title": "Ten licences"})
    page = sign_in_page(owner)
    page.goto(f"/leads/{lead.pk}/")

    page.locator("#composer").get_by_role("link", name="Call").click()
    page.get_by_label("Text").fill("Wants forty")
    page.get_by_role("textbox", name="Next action (optional)", exact=True).fill("Send prices")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#next-action")).to_contain_text("Send prices")
    expect(page.locator("#lead-interactions")).to_contain_text("Wants forty")
    expect(page.locator(".toast-item")).to_contain_text("The call is logged.")
    assert faults(page) == []
    assert Lead.objects.get().status == "contacted"


def test_a_task_is_planned_put_off_done_and_undone_in_place(sign_in_page, owner, ada):
    page = sign_in_page(owner)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"/customers/{ada.pk}/")
    tasks = page.locator("#tasks")

    tasks.get_by_role("link", name="Plan a task").click()
    page.get_by_label("What is to be done").fill("Send the samples")
    assert faults(page) == []
    tasks.get_by_role("button", name="Save").click()
    expect(tasks.get_by_role("listitem")).to_contain_text("Send the samples")
    expect(page.locator("#timeline-stretch")).to_contain_text("Task: Send the samples")

    page.goto("/")
    day = page.locator("#my-tasks")
    assert faults(page) == []
    day.get_by_role("button", name="Put off: Send the samples").click()
    day.get_by_role("button", name="By a week").click()
    expect(day).to_contain_text("Put off.")
    day.get_by_role("button", name="Undo").click()
    expect(day.get_by_role("button", name="Done: Send the samples")).to_be_visible()
    day.get_by_role("button", name="Done: Send the samples").click()
    expect(day).to_contain_text("Done.")
    assert Task.objects.get().done_at is not None
    day.get_by_role("button", name="Undo").click()
    expect(day.get_by_role("button", name="Done: Send the samples")).to_be_visible()
    assert Task.objects.open().get().due_on == localdate()

    page.goto("/tasks/")
    expect(page.locator("#task-list")).to_contain_text("Ada Lovelace")
    assert faults(page) == []
