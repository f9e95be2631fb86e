"""A Danish customer is asked how likely she is to recommend the shop, answers in Danish, and becomes an advocate.

The question leaves in a campaign's mail, the answer is given on a phone without signing in, and the dashboard and
the customer's stage change by it.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as outbox
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Response, Template, TemplateText
from clm.accounts.models import Organisation, User
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from tests.campaigns.outreach import later, message_step, no_quiet_hours, running, sweep
from tests.factories import ConsentFactory, bought
from tests.lifecycle.shop import buyer, six_stages, stage_of

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}
REASON = "Hurtig levering, og kaffen er vidunderlig – tak!"


@pytest.fixture
def mette(live_server: LiveServer, settings: Settings) -> Customer:
    """She has bought twice, and may be written to."""
    settings.SITE_URL = live_server.url
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Kaffe & Co", "zone": "Europe/Copenhagen"})
    six_stages()
    no_quiet_hours()
    customer = buyer(60, 30)
    Customer.objects.filter(pk=customer.pk).update(
        name="Mette Hansen", first_name="Mette", email="mette@example.com", language="da"
    )
    ConsentFactory(customer=customer)
    return customer


def test_an_answer_in_danish_changes_the_dashboard_and_the_stage(
    mette: Customer, browser: Browser, sign_in_page: Callable[[User], Page], marketer: User
) -> None:
    a_campaign_asks_the_loyal()
    she_buys_a_third_time(mette)
    link = the_link_for(9)
    she_answers_on_her_phone(browser, link)
    the_answer_is_kept(mette)
    evaluate_changed()
    she_speaks_for_us(sign_in_page(marketer), mette)
    the_dashboard_shows_it(sign_in_page(marketer))


def a_campaign_asks_the_loyal() -> None:
    text = Template.objects.create(name="Hvad synes du?")
    TemplateText.objects.create(
        template=text,
        language="da",
        subject="Et hurtigt spørgsmål, {{ customer.first_name }}",
        blocks=[{"kind": "text", "text": "Hej Mette"}, {"kind": "survey"}],
    )
    running(
        message_step(text),
        name="NPS",
        trigger={"kind": "stage_entered", "model": None, "stages": ["loyalty"]},
    )


def she_buys_a_third_time(customer: Customer) -> None:
    at = clock.now()
    bought(customer, 100, at=at)
    Arrival.objects.note([customer.pk], since=at)
    evaluate_changed()
    assert stage_of(customer) == "loyalty"
    sweep(later(seconds=5))


def the_link_for(score: int) -> str:
    (mail,) = outbox.outbox
    assert mail.subject == "Et hurtigt spørgsmål, Mette"
    html = str(mail.alternatives[0][0])  # type: ignore[attr-defined]
    assert "Hvor sandsynligt er det, at du vil anbefale Kaffe &amp; Co" in html
    links = re.findall(r'href="(http[^"]+/answer/[^"]+\?score=\d+)"', html)
    assert len(links) == 11
    return str(next(link for link in links if link.endswith(f"score={score}")))


def she_answers_on_her_phone(browser: Browser, link: str) -> None:
    context = browser.new_context(**PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Hvor sandsynligt er det, at du vil anbefale Kaffe & Co til en ven eller kollega?"
    )
    assert page.locator("html").get_attribute("lang") == "da"
    expect(page.get_by_role("radio", name="9", exact=True)).to_be_checked()
    assert Response.objects.count() == 0, "a mail program that opens the link answers nothing"

    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tak! Dit svar hjælper os med at blive bedre.")
    page.get_by_label("Hvad er den vigtigste grund til, at du svarede sådan?").fill(REASON)
    page.locator("form button[type=submit]").click()
    expect(page.locator("textarea")).to_have_value(REASON)
    context.close()


def the_answer_is_kept(customer: Customer) -> None:
    answer = Response.objects.live().get()
    assert (answer.customer, answer.score, answer.text) == (customer, 9, REASON)
    assert (answer.language, answer.via) == ("da", "message")


def she_speaks_for_us(page: Page, customer: Customer) -> None:
    assert stage_of(customer) == "advocacy"
    page.goto(f"/customers/{customer.pk}/")
    expect(page.locator("#surveys")).to_contain_text("9 of 10")
    expect(page.locator("#surveys")).to_contain_text(REASON)
    expect(page.locator("#stage")).to_contain_text("answered NPS with 9 to 10 in the last 365 days")


def the_dashboard_shows_it(page: Page) -> None:
    page.goto("/lifecycle/")
    expect(page.locator("#tile-nps .tile-value")).to_contain_text("+100")
    page.locator("#tile-nps .tile-value a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("NPS")
    expect(page.locator("#total")).to_contain_text("+100")
