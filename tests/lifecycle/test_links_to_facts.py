"""A link to a fact leads to a page that has it, however much came after."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

import pytest
from django.test import Client

from campaigns.models import Enrollment
from clm.accounts.models import User
from clm.base import clock
from clm.base.conditions import Asked, parse
from clm.base.facts import BEGINNING
from customers.models import Customer, Event, ProfileChange
from customers.scoring.explaining import Trace
from customers.templatetags.scoring import event_address
from lifecycle.models import StagePeriod
from tests.campaigns.outreach import message_step, running
from tests.factories import ConsentFactory, EventFactory
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db
LONG_AGO = 400


@pytest.fixture
def customer(db: None) -> Customer:
    """Bought once long ago; 60 events came after it."""
    six_stages()
    customer = buyer(LONG_AGO)
    for days in range(60):
        EventFactory(
            customer=customer, name="page.viewed", occurred_at=clock.now() - timedelta(days=days + 1)
        )
    return customer


def links(customer: Customer, condition: str, **parameters: Any) -> list[str]:
    asked = Asked("UTC", clock.now())
    tree = parse({"condition": condition, "parameters": parameters})
    evidence = tree.conditions()[0].evidence(customer, asked, holds=True)
    return [row.url for row in evidence.rows]


def is_there(client: Client, link: str) -> bool:
    address, entry = urldefrag(link)
    return f'id="{entry}"' in client.get(address).content.decode()


def test_an_order_before_sixty_other_happenings(sign_in: Callable[[User], Client], marketer: User, customer):
    (link,) = links(customer, "purchase_days", at_least=1)

    assert link.startswith(f"/customers/{customer.pk}/timeline/?before=")
    assert is_there(sign_in(marketer), link)
    assert not is_there(sign_in(marketer), f"/customers/{customer.pk}/timeline/#{urldefrag(link)[1]}")


def test_events_of_one_instant_each_have_their_row(
    sign_in: Callable[[User], Client], marketer: User, customer
):
    at = clock.now() - timedelta(days=LONG_AGO - 1)
    for _each in range(3):
        EventFactory(customer=customer, name="webinar.attended", occurred_at=at)

    found = links(customer, "event", names=["webinar.attended"], at_least=3)

    assert len(set(found)) == 3
    assert all(is_there(sign_in(marketer), link) for link in found)


def test_consents_profile_changes_and_stays(sign_in: Callable[[User], Client], marketer: User, customer):
    at = clock.now() - timedelta(days=LONG_AGO - 1)
    ConsentFactory(customer=customer, purpose="marketing", is_given=True, occurred_at=at)
    ProfileChange.objects.create(
        customer=customer, original_customer=customer, field="country", value="SE", occurred_at=at
    )
    first = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")[0]

    found = [
        *links(customer, "consent", purpose="marketing"),
        *links(customer, "field", field="country", operator="is", value="SE"),
        *links(customer, "was_in_stage", model="swedish-six", stages=[first.stage.slug]),
    ]

    assert [urldefrag(link)[1].split("-")[0] for link in found] == ["consent", "change", "stage"]
    assert all(is_there(sign_in(marketer), link) for link in found)


def test_what_holds_since_the_beginning_has_no_row_and_no_link(customer):
    ProfileChange.objects.create(
        customer=customer, original_customer=customer, field="country", value="SE", occurred_at=BEGINNING
    )

    assert links(customer, "field", field="country", operator="is", value="SE") == [""]


def test_a_run_through_a_campaign(sign_in: Callable[[User], Client], marketer: User, customer):
    campaign, at = running(message_step()), clock.now() - timedelta(days=LONG_AGO - 1)
    run = {"campaign": campaign, "version": campaign.versions.get(), "matched_at": at, "entered_at": at}
    run |= {"finished_at": at, "outcome": "completed"}
    Enrollment.objects.create(customer=customer, original_customer=customer, **run)

    (link,) = links(customer, "in_campaign", campaign=str(campaign.pk))

    assert urldefrag(link)[1].startswith("run-")
    assert is_there(sign_in(marketer), link)


def test_an_event_behind_a_score(sign_in: Callable[[User], Client], marketer: User, customer):
    event = Event.objects.filter(customer=customer).order_by("occurred_at")[0]
    trace = Trace(event.name, "", event.occurred_at, event.pk, 1, 1.0)

    assert is_there(sign_in(marketer), event_address(customer.pk, trace))
