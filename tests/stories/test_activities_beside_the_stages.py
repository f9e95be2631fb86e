"""Activities beside the stages are added, renamed, put in order and taken out again, while customers go in and out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Event
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import ComponentPeriod
from tests.factories import EventFactory
from tests.lifecycle.shop import buyer, six_stages, stage_of, work_off
from tests.lifecycle.test_pages_in_browser import page

__all__ = ["page"]
PAGE = "/lifecycle/models/swedish-six/"


@pytest.fixture
def helped(transactional_db: None) -> Customer:
    """Bought twenty days ago, and needs help since four days."""
    six_stages()
    customer, opened = buyer(20), clock.now() - timedelta(days=4)
    EventFactory(customer=customer, name="ticket.opened", occurred_at=opened)
    Arrival.objects.note([customer.pk], since=opened)
    evaluate_changed()
    return customer


def add(page: Page, name: str, event: str, told: str) -> None:
    page.click("text=Add a component")
    page.fill("[name=name_en]", name)
    page.select_option("[name='conditions-0.0-condition']", "event")
    page.get_by_label("Events").fill(event)
    page.fill("[name='conditions-0.0-p-within_days']", "30")
    expect(page.locator("#conditions-preview")).to_contain_text(told)
    page.click("text=Save the draft")


def publish(page: Page, version: int, how: str) -> None:
    page.click("text=Look and publish")
    page.click(f"text={how}")
    expect(page.locator("h1 + .page-subtitle")).to_contain_text(f"Version {version}: Published")
    work_off()


def runs() -> list[tuple[str, datetime, bool]]:
    rows = ComponentPeriod.objects.live().order_by("started_at").select_related("component")
    return [(str(row.component), row.started_at, row.ended_at is None) for row in rows]


def test_support_is_added_renamed_seen_at_work_and_taken_out(
    marketer: User, sign_in_page: Callable[[User], Page], helped: Customer
) -> None:
    opened = Event.objects.get(customer=helped).occurred_at
    page = sign_in_page(marketer)
    page.goto(f"{PAGE}draft/stages/")

    page.click("nav >> text=Beside the stages")
    add(page, "Renewal", "contract.renewed", "Nobody")
    add(page, "Support", "ticket.opened", "1 customer")
    page.get_by_role("link", name="Change Support").click()
    page.fill("[name=name_en]", "Help")
    page.click("text=Save the draft")
    page.get_by_role("button", name="Move Help up").press("Enter")
    lines = page.locator("#design-components li")
    expect(lines.nth(0)).to_contain_text("Help")
    expect(lines.nth(0)).to_contain_text("Opened a ticket in the last 30 days.")
    expect(lines.nth(1)).to_contain_text("Renewal")
    publish(page, 2, "Publish and work out the history again")
    assert runs() == [("Help", opened, True)]
    page.goto(f"/customers/{helped.pk}/")
    expect(page.locator("#stage")).to_contain_text("Beside the stages")
    expect(page.locator("#stage")).to_contain_text("under way since")

    page.goto(f"{PAGE}draft/components/")
    page.get_by_role("button", name="Delete Help").click()
    expect(lines).to_have_count(1)
    publish(page, 3, "Publish from now on")

    assert runs() == [("Help", opened, False)]  # its past stays
    assert stage_of(helped) == "conversion"
    page.goto(f"/customers/{helped.pk}/")
    expect(page.locator("#stage")).not_to_contain_text("under way since")
