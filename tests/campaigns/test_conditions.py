"""What campaigns did, as conditions: the set, one customer, why, and as of the past."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.advancing import advance
from campaigns.delivery.sending import deliver
from campaigns.doubt import count_as_sent
from campaigns.enrolling import enroll
from campaigns.models import Campaign, Message
from clm.accounts.models import User
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition, parse
from customers.models import Arrival, Customer
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    exit_step,
    later,
    message_step,
    person,
    put,
    running,
    sweep,
    template,
    wait_step,
)
from tests.fixtures.mail import SmtpSink


def holding(name: str, campaign: Campaign, as_of: datetime | None = None, **parameters: Any) -> list[int]:
    tree = parse({"condition": name, "parameters": {"campaign": str(campaign.pk), **parameters}})
    asked = Asked(zone="UTC", as_of=as_of or later(seconds=1))
    return list(Customer.objects.filter(tree.to_q(asked)).order_by("pk").values_list("pk", flat=True))


def test_messages_of_a_campaign_by_number_and_window(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step(), wait_step(3), message_step(template("Second", "Second")))
    ada, silent = person(1), person(2, consents=False)
    put(ada)
    put(silent)
    before = clock.now()

    sweep()

    assert holding("got_message", campaign) == [ada.pk]
    assert holding("got_message", campaign, number=1) == [ada.pk]
    assert holding("got_message", campaign, number=2) == []
    assert holding("got_message", campaign, as_of=before) == []
    assert holding("got_message", campaign, as_of=later(days=20), within_days=10) == []
    sweep(later(days=3, minutes=1))
    assert holding("got_message", campaign, as_of=later(days=4), number=2) == [ada.pk]


def test_who_is_in_a_campaign_and_who_has_been_through(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step(), exit_step())
    ada = person()
    put(ada)
    sweep()
    inside = later(seconds=1)

    sweep(later(minutes=2))
    after = later(minutes=3)

    assert holding("in_campaign", campaign, as_of=inside) == [ada.pk]
    assert holding("in_campaign", campaign, as_of=after) == []
    assert holding("finished_campaign", campaign, as_of=inside) == []
    assert holding("finished_campaign", campaign, as_of=after) == [ada.pk]
    assert holding("finished_campaign", campaign, as_of=after, outcome="exit") == [ada.pk]
    assert holding("finished_campaign", campaign, as_of=after, outcome="goal") == []


def test_a_message_explains_itself_and_is_noted(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step())
    ada = person()
    put(ada)
    sweep()
    tree = parse(
        {
            "condition": "got_message",
            "parameters": {"campaign": str(campaign.pk), "number": 1, "within_days": 5},
        }
    )

    verdict = tree.explain(Customer.objects.filter(pk=ada.pk), Asked(zone="UTC", as_of=later(seconds=1)))

    assert verdict is not None
    assert verdict.holds
    assert verdict.sentence == "was sent message 1 of “Welcome” in the last 5 days"
    assert verdict.evidence is not None
    assert [row.occurred_at for row in verdict.evidence.rows] == [Message.objects.get().sent_at]
    changes = {at for query in tree.changes(zone="UTC", known_at=None) for _customer, at in query}
    sent = Message.objects.get().sent_at
    assert sent is not None
    falls_out = (sent + timedelta(days=6)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert changes == {sent, falls_out}
    assert Arrival.objects.filter(customer=ada).count() >= 2  # let in, and sent


def test_a_campaign_that_is_not_there_is_refused(stages: LifecycleModel) -> None:
    running(message_step())

    with pytest.raises(InvalidCondition, match="choose from"):
        parse({"condition": "in_campaign", "parameters": {"campaign": "999999"}})


def test_what_a_person_counts_as_sent_is_noted_from_its_hand_over_on(
    stages: LifecycleModel, marketer: User, smtp_sink: SmtpSink
) -> None:
    campaign = running(message_step())
    put(person())
    sweep()
    message = Message.objects.get()
    doubtful = {"state": "in_doubt", "reason": "no_answer", "sent_at": None, "settled_at": None}
    Message.objects.filter(pk=message.pk).update(**doubtful)
    Arrival.objects.all().delete()

    count_as_sent(Message.objects.all(), by=marketer)

    assert holding("got_message", campaign) == [message.customer_id]
    assert list(Arrival.objects.values_list("customer", "since")) == [
        (message.customer_id, message.handed_at)
    ]


def test_a_sent_message_is_noted_from_before_it_left(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step(), wait_step(3))
    put(person())
    enroll()
    advance()
    Arrival.objects.all().delete()

    deliver()

    sent_at = Message.objects.get().sent_at
    assert sent_at
    assert Arrival.objects.get().since <= sent_at
