"""A second model is retired: everybody keeps the stage they have. Brought back, it tells of the time between as well."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from clm.base.days import start_of
from customers.models import Arrival, Customer
from lifecycle import tasks
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.presets import install
from tests.factories import bought
from tests.lifecycle.shop import buyer, six_stages, work_off
from tests.lifecycle.test_pages_in_browser import page

__all__ = ["page"]
PAGE = "/lifecycle/models/danish-twelve/"


def path(customer: Customer, model: str) -> list[tuple[str, datetime]]:
    periods = StagePeriod.objects.live().filter(customer=customer, model__slug=model).order_by("entered_at")
    return [(period.stage.slug, period.entered_at) for period in periods]


def days_after(fact: datetime, days: int) -> datetime:
    zone = Organisation.objects.current().tz
    return start_of(fact.astimezone(zone).date() + timedelta(days=days), zone)


def test_its_rules_rest_and_catch_up(
    marketer: User, sign_in_page: Callable[[User], Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    six_stages()
    install("danish-twelve", by=None)
    customer = buyer(100)
    first, second = customer.first_seen_at, clock.now() + timedelta(days=10)
    lost = days_after(second, 181)
    page = sign_in_page(marketer)
    page.goto(PAGE)

    page.get_by_role("button", name="Retire").click()
    expect(page.locator("main")).to_contain_text("This model is retired: its rules decide no more")
    bought(customer, 100, at=second)
    Arrival.objects.note([customer.pk], since=second)
    monkeypatch.setattr(clock, "now", lambda: second + timedelta(days=200))
    tasks.evaluate_changed()
    tasks.evaluate_all()
    work_off()
    assert path(customer, "danish-twelve") == [("sale", first)]
    assert path(customer, "swedish-six") == [
        ("conversion", first),
        ("retention", days_after(first, 31)),
        ("churned", lost),
    ]

    page.click("text=Edit rules")
    page.locator(".rule-block").nth(1).get_by_label("At least", exact=True).fill("2")
    page.click("text=Save the draft")
    expect(page.locator("#draft-changes ins")).to_contain_text(
        "At least 2 purchase days in the last 365 days"
    )
    page.click("text=Publish and bring the model back")
    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    work_off()

    assert path(customer, "danish-twelve") == [("sale", first), ("loyalty", second), ("churn", lost)]
    expect(page.locator("main")).not_to_contain_text("This model is retired")
    danish = LifecycleModel.objects.get(slug="danish-twelve")
    assert [one.status for one in danish.versions.order_by("number")] == ["retired", "published"]
    assert AuditEntry.objects.get(action="model.retired").actor == marketer


def test_it_comes_back_as_it_was(marketer: User, sign_in_page: Callable[[User], Page]) -> None:
    six_stages()
    danish = install("danish-twelve", by=None)
    customer = buyer(100)
    page = sign_in_page(marketer)
    page.goto(PAGE)
    page.get_by_role("button", name="Retire").click()

    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#draft-changes")).to_contain_text("Its rules are those it had when it was retired.")
    expect(page.locator("#rehearsal")).to_contain_text("would")
    page.get_by_role("button", name="Publish and bring the model back").click()
    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    work_off()

    assert path(customer, "danish-twelve") == [("sale", customer.first_seen_at)]
    assert danish.versions.count() == 2
