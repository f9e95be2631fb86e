"""Two at the same customer at the same moment, each order of events forced."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connection

from campaigns.advancing import advance
from campaigns.choosing import unsubscribe
from campaigns.delivery import claiming, sending
from campaigns.delivery.guarding import Gate
from campaigns.delivery.medium import Smtp
from campaigns.enrolling import enroll
from campaigns.models import Campaign, Message
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Customer
from tests.campaigns.outreach import message_step, no_quiet_hours, running, states, template
from tests.faults.senders import outbox, until
from tests.fixtures.mail import SmtpSink

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20


def beside(work: Callable[[], object]) -> Thread:
    """In a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_an_unsubscription_before_the_guards_keeps_the_mail_back(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox(1)
    claimed, go_on = Event(), Event()
    ask = Gate.ask

    def ask_late(*given: object, **named: object) -> None:
        claimed.set()
        assert go_on.wait(PATIENCE)
        ask(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Gate, "ask", ask_late)
    sender = beside(sending.deliver)
    assert claimed.wait(PATIENCE)

    unsubscribe(Customer.objects.get(), "marketing", proof={})
    go_on.set()
    sender.join()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "unsubscribed")]


def test_an_unsubscription_is_answered_only_when_the_mail_on_the_wire_is_over(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox(1)
    on_the_wire, go_on, answered = Event(), Event(), Event()
    hand = Smtp.hand

    def hand_late(*given: object, **named: object) -> object:
        on_the_wire.set()
        assert go_on.wait(PATIENCE)
        return hand(*given, **named)  # type: ignore[arg-type]

    def unsubscribe_and_answer() -> None:
        unsubscribe(Customer.objects.get(), "marketing", proof={})
        answered.set()

    monkeypatch.setattr(Smtp, "hand", hand_late)
    sender = beside(sending.deliver)
    assert on_the_wire.wait(PATIENCE)
    reader = beside(unsubscribe_and_answer)
    until(lambda: Message.objects.filter(reason="unsubscribed").exists(), seconds=PATIENCE)

    assert not answered.is_set()
    go_on.set()
    sender.join()
    reader.join()

    assert answered.is_set()
    assert len(smtp_sink.taken) == 1
    assert states() == [("sent", "")]


def test_a_mail_that_was_slow_on_its_way_is_taken_back_when_the_customer_says_no(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox(1)
    monkeypatch.setattr("campaigns.delivery.medium.FRESH_SECONDS", -1.0)
    monkeypatch.setattr("campaigns.stopping.PATIENCE_SECONDS", 0.0)
    envelope = Smtp._envelope

    def envelope_while_unsubscribing(*given: object) -> None:
        envelope(*given)  # type: ignore[arg-type]
        reader = beside(lambda: unsubscribe(Customer.objects.get(), "marketing", proof={}))
        reader.join()

    monkeypatch.setattr(Smtp, "_envelope", envelope_while_unsubscribing)

    sending.deliver()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "unsubscribed")]


def test_senders_side_by_side_never_go_over_the_cap(smtp_sink: SmtpSink) -> None:
    outbox(25)
    no_quiet_hours(cap_messages=2, cap_days=7)
    for number in range(4):
        running(message_step(template(f"More {number}", "More")), name=f"More {number}", trigger=_everybody())
        _let_in()
    assert Message.objects.count() == 125

    senders = [beside(lambda: sending.deliver(batch=3)) for _ in range(5)]
    for sender in senders:
        sender.join()

    sent = [
        Message.objects.filter(customer=customer, state="sent").count() for customer in Customer.objects.all()
    ]
    assert max(sent) <= 2
    assert len(smtp_sink.taken) == sum(sent)
    assert set(smtp_sink.message_ids.values()) == {1}


def test_a_claim_whose_sender_died_is_sent_by_another(smtp_sink: SmtpSink) -> None:
    outbox(3)
    at = clock.now()
    assert len(claiming.claim(uuid4(), most=2, as_of=at, lease=timedelta(seconds=60))) == 2
    first = Message.objects.filter(state="claimed").earliest("pk")
    Message.objects.filter(pk=first.pk).update(state="handing", handed_at=at)

    assert claiming.recover(at) == (0, 0)
    assert claiming.recover(at + timedelta(seconds=61)) == (1, 1)
    sending.deliver()

    assert sorted(states()) == [("in_doubt", "crashed"), ("sent", ""), ("sent", "")]
    assert len(smtp_sink.taken) == 2


def _everybody() -> dict[str, object]:
    return {"kind": "stage_entered", "model": None, "stages": ["discovery"]}


def _let_in() -> None:
    Campaign.objects.update(entrants_since=BEGINNING)
    enroll()
    advance()
