"""A sender on its way through a batch: what it leaves behind when it dies, and how soon it hears of changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from psycopg.errors import LockNotAvailable

from campaigns import rendering
from campaigns.delivery import batch, claiming, holding
from campaigns.delivery.composing import Composer, Unreadable
from campaigns.delivery.guarding import Gate, Guards, Taken
from campaigns.delivery.medium import Answer, Smtp
from campaigns.delivery.mime import Mail
from campaigns.delivery.sending import deliver
from campaigns.limiting import change_rules, stop_all
from campaigns.models import Delivery, FrozenText, HandOver, Message
from campaigns.running import finish
from clm.accounts.models import Organisation, User
from clm.base import clock
from customers.models import Arrival
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    later,
    message_step,
    no_quiet_hours,
    person,
    put,
    running,
    states,
    template,
)
from tests.fixtures.mail import SmtpSink

LEASE = timedelta(seconds=60)


def queued(count: int) -> list[Message]:
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    for number in range(count):
        put(person(number))
    enroll()
    advance()
    return list(Message.objects.select_related("customer").order_by("pk"))


def claimed(guards: Guards, count: int) -> None:
    assert len(claiming.claim(guards.token, most=count, as_of=clock.now(), lease=LEASE)) == count


def at_the_first_mail(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    hand = Smtp.hand
    done: list[object] = []

    def hand_and_do(*given: object, **named: object) -> Answer:
        if not done:
            done.append(do())
        return hand(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Smtp, "hand", hand_and_do)


def test_a_sender_that_died_leaves_only_the_message_at_hand_in_doubt(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step())
    messages = queued(4)
    guards = Guards(uuid4(), timedelta(), LEASE)
    claimed(guards, 4)
    with Gate(guards) as gate:
        gate.ask(messages, {})
        assert gate.answer() == {message.pk for message in messages}
        assert gate.begin(messages[0])
        assert gate.begin(messages[1])

    assert claiming.recover(later(seconds=30)) == (0, 0)
    Arrival.objects.all().delete()
    assert claiming.recover(later(seconds=61)) == (2, 1)

    assert states() == [("sent", ""), ("in_doubt", "crashed"), ("queued", ""), ("queued", "")]
    assert not HandOver.objects.exists()
    assert list(Delivery.objects.values_list("kind", flat=True)) == ["sent", "no_answer"]
    assert list(Arrival.objects.values_list("customer", flat=True)) == [messages[0].customer_id]
    deliver()
    assert [state for state, _reason in states()] == ["sent", "in_doubt", "sent", "sent"]
    assert len(smtp_sink.taken) == 2


def test_who_was_taken_for_dead_begins_nothing_more_but_tells_what_it_knows(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step())
    messages = queued(2)
    guards = Guards(uuid4(), timedelta(), LEASE)
    claimed(guards, 2)
    with Gate(guards) as gate:
        gate.ask(messages, {})
        gate.answer()
        assert gate.begin(messages[0])
        claiming.recover(later(seconds=61))

        assert not gate.begin(messages[1])
        gate.settle([Taken(messages[0].pk, 250, "Taken")])

    assert states() == [("sent", ""), ("queued", "")]


def test_stopping_all_is_heard_within_the_group(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "GROUP", 5)
    running(message_step())
    queued(20)
    at_the_first_mail(monkeypatch, lambda: stop_all(by=marketer))

    deliver()

    assert len(smtp_sink.taken) == 5
    assert states() == [("sent", "")] * 5 + [("queued", "")] * 15


def test_a_lower_cap_is_heard_within_the_group(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "GROUP", 4)
    no_quiet_hours(cap_messages=2, cap_days=1)
    running(message_step())
    running(message_step(template("Second", "Second")), name="Second")
    queued(4)
    at_the_first_mail(monkeypatch, lambda: change_rules(by=marketer, cap_messages=1))

    deliver()

    assert len(smtp_sink.taken) == 4
    assert sorted(states()) == [("held", "over_cap")] * 4 + [("sent", "")] * 4


def test_finishing_a_campaign_is_heard_within_the_group(
    stages: LifecycleModel, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "GROUP", 5)
    campaign = running(message_step())
    queued(12)
    at_the_first_mail(monkeypatch, lambda: finish(campaign, by=None))

    deliver()

    assert len(smtp_sink.taken) == 5
    assert states() == [("sent", "")] * 5 + [("cancelled", "campaign_finished")] * 7


def test_what_has_passed_leaves_before_anybody_looks_why_the_rest_has_not(
    stages: LifecycleModel, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    explain = holding.explain
    taken_by_then: list[int] = []

    def note_and_explain(message: Message, guards: Guards, at: datetime) -> object:
        taken_by_then.append(len(smtp_sink.taken))
        return explain(message, guards, at)

    monkeypatch.setattr(holding, "explain", note_and_explain)
    running(message_step())
    put(person(9, consents=False))
    queued(2)

    deliver()

    assert taken_by_then == [2]
    assert states() == [("suppressed", "no_consent"), ("sent", ""), ("sent", "")]


def test_a_customer_who_is_busy_puts_off_their_own_message_only(
    stages: LifecycleModel, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    explain, busy = holding.explain, person(9, consents=False)

    def explain_unless_busy(message: Message, guards: Guards, at: datetime) -> object:
        if message.customer == busy:  # somebody else holds their lock
            raise OperationalError from LockNotAvailable()
        return explain(message, guards, at)

    monkeypatch.setattr(holding, "explain", explain_unless_busy)
    running(message_step())
    put(busy)
    put(person(8, consents=False))
    queued(2)

    deliver()

    assert states() == [("held", "customer_busy"), ("suppressed", "no_consent"), ("sent", ""), ("sent", "")]
    assert len(smtp_sink.taken) == 2


def test_a_text_is_put_together_ahead_only_when_one_mail_of_it_has_been(
    stages: LifecycleModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[object] = []

    def note_and_compile(text: FrozenText, organisation: Organisation) -> rendering.Compiled:
        compiled.append(text)
        return compile_text(text, organisation)

    compile_text = rendering.compiled
    monkeypatch.setattr(rendering, "compiled", note_and_compile)
    running(message_step())
    put(person(9, email="grün@example.com"))
    unreadable, readable, third = queued(2)
    composer = Composer([unreadable, readable, third], Organisation.objects.current(), clock.now())

    assert isinstance(composer.mail(unreadable), Unreadable)
    composer.compose_ahead(readable)  # the database may be busy just now: nothing may be asked
    assert compiled == []
    assert isinstance(composer.mail(readable), Mail)
    composer.compose_ahead(third)

    assert len(compiled) == 1
    with CaptureQueriesContext(connection) as asked:
        assert isinstance(composer.mail(third), Mail)
    assert len(asked) == 0


def test_a_slow_mail_server_gets_small_groups(
    stages: LifecycleModel, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "GROUP_SECONDS", 0.0)
    running(message_step())
    queued(3)

    told = deliver(seconds=0.5)

    assert (told.sent, smtp_sink.taken) == (0, [])
    assert states() == [("queued", "")] * 3
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.parametrize(
    "address", ["ada@example.com", "ada@Mail.Example.ORG", "ada@shop.test", "a@x.invalid"]
)
def test_addresses_that_are_nobodys_never_reach_a_real_mail_server(
    stages: LifecycleModel, smtp_sink: SmtpSink, settings: object, address: str
) -> None:
    settings.CAUGHT_MAIL_DIR = ""  # type: ignore[attr-defined]
    running(message_step())
    put(person(1, email=address))
    put(person(2, email="ada@shop.dk"))
    queued(0)

    deliver()

    assert [each.recipients for each in smtp_sink.taken] == [("ada@shop.dk",)]
    assert states() == [("suppressed", "nobody"), ("sent", "")]
