"""A customer who had stopped buying gets the win-back mail in German, orders again, and the campaign lets go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Message
from clm.accounts.models import Organisation, User
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from tests.campaigns.looking import WIDE
from tests.campaigns.outreach import later, no_quiet_hours, outcomes, sweep
from tests.factories import ConsentFactory, bought
from tests.fixtures.mail import SmtpSink
from tests.lifecycle.shop import buyer, six_stages, stage_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


@pytest.fixture
def jutta(db: None) -> Customer:
    """Her last order was in another season."""
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Kaffe & Co", "zone": "Europe/Berlin"})
    six_stages()
    no_quiet_hours()
    customer = buyer(400, 300, name="Jutta Weber")
    Customer.objects.filter(pk=customer.pk).update(
        first_name="Jutta", email="jutta@example.com", language="de", country="DE"
    )
    ConsentFactory(customer=customer)
    assert stage_of(customer) == "churned"
    return customer


def test_a_churned_customer_is_won_back(
    jutta: Customer, marketer: User, sign_in_page: Callable[[User], Page], smtp_sink: SmtpSink
) -> None:
    page = sign_in_page(marketer)
    the_win_back_is_started_for_all_who_are_gone(page)

    sweep(later(seconds=5))
    (first,) = smtp_sink.to("jutta@example.com")
    body = first.get_body(("plain",))
    assert body is not None
    assert first["Subject"] == "Wir haben lange nichts voneinander gehört"
    assert "Guten Tag Jutta," in body.get_content()

    she_orders_again(jutta)
    assert stage_of(jutta) == "retention"
    for day in (1, 7.1, 8, 30):
        sweep(later(days=day))

    assert len(smtp_sink.taken) == 1
    assert outcomes() == ["exit"]
    assert list(Message.objects.values_list("state", flat=True)) == ["sent"]
    page.goto(f"/customers/{jutta.pk}/")
    expect(page.locator("#stage")).to_contain_text("Retention")
    expect(page.locator("#campaigns")).to_contain_text("The exit condition was met")


def the_win_back_is_started_for_all_who_are_gone(page: Page) -> None:
    page.goto("/campaigns/")
    page.locator("#preset-win-back").get_by_role("button", name="Use this campaign").click()
    page.get_by_role("link", name="Review and start").click()
    expect(page.locator("#enter")).to_contain_text("1")
    page.get_by_role("button", name="Start for all of them").click()
    expect(page.get_by_text("It is in force.")).to_be_visible()


def she_orders_again(customer: Customer) -> None:
    at = clock.now() - timedelta(seconds=1)
    bought(customer, 120, at=at)
    Arrival.objects.note([customer.pk], since=at)
    evaluate_changed()
