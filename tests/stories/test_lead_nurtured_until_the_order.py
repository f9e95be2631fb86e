"""A lead is nurtured over six days by the welcome campaign, through a real mail server, until the order stops it.

The marketer takes the ready-made campaign, adds a third mail and starts it; the clock is moved from day to day.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from campaigns import texts
from campaigns.models import Enrollment, Message
from clm.accounts.models import Organisation, User
from customers.leads.opening import open_lead
from customers.models import Customer
from lifecycle.evaluation import evaluate_changed
from tests.campaigns.looking import WIDE, look
from tests.campaigns.outreach import later, no_quiet_hours, outcomes, sweep
from tests.factories import ConsentFactory, bought
from tests.fixtures.mail import SmtpSink
from tests.lifecycle.shop import six_stages, stage_of

pytestmark = pytest.mark.django_db(transaction=True)
ANNA = "anna@example.com"


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


def test_a_lead_is_nurtured_until_the_order(
    marketer: User,
    owner: User,
    sign_in_page: Callable[[User], Page],
    smtp_sink: SmtpSink,
) -> None:
    Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Kaffe & Co", "currency": "DKK", "languages": ["da"]}
    )
    six_stages()
    no_quiet_hours()
    page = sign_in_page(marketer)
    the_marketer_starts_the_welcome_with_a_third_mail(page, marketer)
    anna = a_rep_meets_anna(owner)

    sweep(later(seconds=5))
    assert subjects(smtp_sink) == ["Velkommen, Anna"]
    for day in (1, 2):
        sweep(later(days=day))
    assert len(smtp_sink.taken) == 1
    for minutes in (1, 3):
        sweep(later(days=3, minutes=minutes))
    assert subjects(smtp_sink) == ["Velkommen, Anna", "Kan vi hjælpe dig med at vælge?"]

    bought(anna, 349, at=later(days=5))
    for day in (5.1, 6.1, 7.1):
        sweep(later(days=day))

    assert subjects(smtp_sink) == ["Velkommen, Anna", "Kan vi hjælpe dig med at vælge?"]
    assert outcomes() == ["exit"]
    assert Message.objects.filter(customer=anna).count() == 2
    the_mails_are_as_promised(smtp_sink)
    her_page_tells_it_all(page, anna)


def the_marketer_starts_the_welcome_with_a_third_mail(page: Page, marketer: User) -> None:
    third = texts.establish(name="Welcome 3: still there", message_class="value", by=marketer)
    blocks = [{"kind": "text", "text": "Hej {{ customer.first_name }}, er du der stadig?"}]
    texts.write(third, "da", subject="Er du der stadig?", preheader="", blocks=blocks, by=marketer)
    page.goto("/campaigns/")
    page.locator("#preset-welcome").get_by_role("button", name="Use this campaign").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Wait", exact=True).click()
    page.get_by_label("Wait").fill("3")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Message", exact=True).click()
    page.get_by_label("Template").select_option(label="Welcome 3: still there")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Review and start").click()
    page.get_by_role("button", name="Start for newcomers").click()
    expect(page.get_by_text("It is in force.")).to_be_visible()


def a_rep_meets_anna(owner: User) -> Customer:
    person = {"name": "Anna Jensen", "first_name": "Anna", "email": ANNA, "language": "da"}
    lead = open_lead(by=owner, customer=None, person=person, values={"title": "Ten kilos a month"}, note="")
    ConsentFactory(customer=lead.customer)
    evaluate_changed()
    assert stage_of(lead.customer) == "discovery"
    return lead.customer


def subjects(sink: SmtpSink) -> list[str]:
    return [str(mail["Subject"]) for mail in sink.to(ANNA)]


def the_mails_are_as_promised(sink: SmtpSink) -> None:
    """One click unsubscribes (RFC 8058), plain text and HTML say the same, in her language."""
    for mail in sink.mails:
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert str(mail["List-Unsubscribe"]).startswith("<http://localhost:8000/unsubscribe/")
        html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
        assert html is not None
        assert plain is not None
        assert '<html lang="da"' in html.get_content()
        assert "Kaffe & Co" in plain.get_content()
    assert max(sink.message_ids.values()) == 1


def her_page_tells_it_all(page: Page, anna: Customer) -> None:
    page.goto(f"/customers/{anna.pk}/")
    panel = page.locator("#campaigns")
    expect(panel).to_contain_text("The exit condition was met")
    expect(panel.get_by_text("Sent", exact=True)).to_have_count(2)
    look(page, "customer-nurtured")
    run = Enrollment.objects.get()
    page.goto(f"/campaigns/{run.campaign_id}/")
    expect(page.locator("#outcomes")).to_contain_text("The exit condition was met")
    expect(page.locator("#steps")).to_contain_text("Sent: 1")
