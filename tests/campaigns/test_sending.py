from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from campaigns.models import Delivery, Enrollment, Message
from clm.base import clock
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    BOUGHT,
    later,
    message_step,
    outcomes,
    person,
    put,
    running,
    states,
    sweep,
    template,
    wait_step,
)
from tests.factories import bought
from tests.fixtures.mail import SmtpSink


def welcome(**version: object) -> None:
    running(message_step(), wait_step(3), message_step(template("Second", "Still there?")), **version)


def test_two_messages_leave_three_days_apart(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    welcome()
    put(person())

    sweep()
    sweep(later(days=2))
    first = [each["Subject"] for each in smtp_sink.mails]
    sweep(later(days=3, minutes=1))
    sweep(later(days=3, minutes=3))

    assert first == ["Welcome, Name1"]
    assert [each["Subject"] for each in smtp_sink.mails] == ["Welcome, Name1", "Still there?"]
    assert states() == [("sent", ""), ("sent", "")]
    assert outcomes() == ["completed"]
    assert Delivery.objects.filter(kind="sent").count() == 2


def test_the_first_order_ends_the_welcome(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    welcome(exit_condition=BOUGHT)
    ada = person()
    put(ada)
    sweep()

    bought(ada, 100)
    sweep(later(days=4))

    assert len(smtp_sink.taken) == 1
    assert outcomes() == ["exit"]
    assert Message.objects.count() == 1
    assert Enrollment.objects.get().next_step_at is None


def test_a_mail_over_another_back_end_has_the_same_parts(stages: LifecycleModel) -> None:
    welcome()
    put(person())

    sweep()

    [sent] = mail.outbox
    assert sent.subject == "Welcome, Name1"
    assert sent.extra_headers["Message-ID"] == Message.objects.get().message_id
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert states() == [("sent", "")]


@pytest.mark.parametrize("times", [2, 5])
def test_what_was_decided_twice_is_one_message(
    stages: LifecycleModel, smtp_sink: SmtpSink, times: int
) -> None:
    welcome()
    put(person())

    for _ in range(times):
        sweep()

    assert len(smtp_sink.taken) == 1


def test_who_came_first_is_written_to_first(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    people = [person(number) for number in range(3)]
    for late, customer in zip((30, 20, 10), people, strict=True):
        put(customer, at=clock.now() + timedelta(seconds=late))

    with connection.cursor() as cursor:  # the plan that reads customers in their own order
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off")
    sweep(later(minutes=1))

    assert [each["To"] for each in smtp_sink.mails] == [
        "person2@example.com",
        "person1@example.com",
        "person0@example.com",
    ]
