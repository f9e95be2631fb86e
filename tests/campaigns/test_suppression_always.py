"""No path leads to a suppressed address, however it is spelled and whenever it was suppressed."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from campaigns import doubt
from campaigns.advancing import advance
from campaigns.delivery.sending import deliver
from campaigns.enrolling import enroll
from campaigns.models import Campaign, Message, MessageState
from campaigns.previewing import CannotSendTest, send_test
from campaigns.rendering import plain_text
from campaigns.suppressing import suppress
from clm.accounts.models import User
from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import later, message_step, no_quiet_hours, person, put, running
from tests.fixtures.mail import SmtpSink

pytestmark = pytest.mark.django_db
LETTERS = "abcxyz019"
DOMAINS = [
    ("example.com", "EXAMPLE.com", "Example.Com"),
    ("mail.shop.example", "Mail.Shop.Example", "MAIL.SHOP.EXAMPLE"),
    ("xn--bcher-kva.example", "XN--BCHER-KVA.example", "bücher.example"),
]
TEXT = plain_text(language="en", subject="Hi", preheader="", blocks=[{"kind": "text", "text": "Hi"}])


@some.composite
def spellings(draw: some.DrawFn) -> tuple[str, str]:
    """Two of one mailbox."""
    local = draw(some.text(LETTERS, min_size=1, max_size=8))
    domains = draw(some.sampled_from(DOMAINS))

    def spelled() -> str:
        name = draw(some.sampled_from([local, local.upper(), local.title()]))
        tag = draw(some.sampled_from(["", "+shop", "+a+b", "+"]))
        spaces = draw(some.sampled_from(["", " "]))
        return f"{spaces}{name}{tag}@{draw(some.sampled_from(domains))}"

    return spelled(), spelled()


def queued(address: str) -> Message:
    customer = person(email=address)
    put(customer)
    enroll()
    advance()
    return Message.objects.get(customer=customer)


def before_the_decision(address: str, other: str, by: User, sink: SmtpSink) -> None:
    suppress(other, by=by)
    queued(address)


def after_the_decision(address: str, other: str, by: User, sink: SmtpSink) -> None:
    queued(address)
    suppress(other, by=by)


def after_it_was_put_off(address: str, other: str, by: User, sink: SmtpSink) -> None:
    queued(address)
    Message.objects.update(state=MessageState.QUEUED, reason="put_off", attempts=2)
    suppress(other, by=by)


def after_doubt(address: str, other: str, by: User, sink: SmtpSink) -> None:
    queued(address)
    Message.objects.update(state=MessageState.IN_DOUBT, reason="no_answer", handed_at=clock.now())
    suppress(other, by=by)
    doubt.send_again(Message.objects.all(), by=by)


def after_the_address_changed(address: str, other: str, by: User, sink: SmtpSink) -> None:
    message = queued("somebody@else.example")
    suppress(other, by=by)
    Customer.objects.filter(pk=message.customer_id).update(email=address)


def by_somebody_else_with_it(address: str, other: str, by: User, sink: SmtpSink) -> None:
    customer = queued("gone@else.example").customer
    suppress(other, by=by)
    Customer.objects.filter(pk=customer.pk).update(email="")
    queued(address)


def as_a_test(address: str, other: str, by: User, sink: SmtpSink) -> None:
    suppress(other, by=by)
    by.email = address
    with pytest.raises(CannotSendTest):
        send_test(TEXT, customer=None, by=by)


Path = Callable[[str, str, User, SmtpSink], None]
PATHS: list[Path] = [
    before_the_decision,
    after_the_decision,
    after_it_was_put_off,
    after_doubt,
    after_the_address_changed,
    by_somebody_else_with_it,
    as_a_test,
]


def never_reached(examples: int, sink: SmtpSink, by: User) -> None:
    no_quiet_hours(cap_messages=5)
    running(message_step())

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(spelled=spellings(), path=some.sampled_from(PATHS))
    def check(spelled: tuple[str, str], path: Path) -> None:
        with transaction.atomic():
            path(*spelled, by, sink)
            deliver(later(minutes=30))
            left = set(Message.objects.values_list("state", flat=True))
            transaction.set_rollback(True)
        assert sink.taken == []
        assert left <= {"suppressed", "cancelled", "failed"}

    check()


def test_a_suppressed_address_is_never_reached(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User
) -> None:
    never_reached(10, smtp_sink, marketer)


@pytest.mark.nightly
def test_a_suppressed_address_is_never_reached_by_any_of_many_ways(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User
) -> None:
    never_reached(500, smtp_sink, marketer)


def test_the_same_ways_do_reach_an_address_that_is_not_suppressed(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User
) -> None:
    """Else the others would prove nothing."""
    no_quiet_hours()
    running(message_step())
    for path in PATHS[:5]:
        with transaction.atomic():
            path("ada@example.com", "eva@example.com", marketer, smtp_sink)
            deliver(later(minutes=30))
            transaction.set_rollback(True)

    assert len(smtp_sink.to("ada@example.com")) == 5
    assert Campaign.objects.get().status == "running"
