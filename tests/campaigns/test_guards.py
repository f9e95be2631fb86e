"""What keeps a message from leaving, and what is written on it then."""

from datetime import timedelta

import pytest

from campaigns.delivery.sending import deliver
from campaigns.models import Delivery, Message, Suppression
from campaigns.running import Overdue, finish, pause, resume
from campaigns.suppressing import lift, suppress
from clm.accounts.models import User
from clm.base import clock
from customers import profiles
from customers.models import Customer
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    BOUGHT,
    later,
    message_step,
    no_quiet_hours,
    outcomes,
    person,
    put,
    running,
    states,
    sweep,
    template,
    wait_step,
)
from tests.factories import ConsentFactory, CustomerFactory, bought
from tests.fixtures.mail import SmtpSink


def queued(count: int = 1) -> list[Message]:
    """Messages that wait: decided on before anything can be sent."""
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    for number in range(count):
        put(person(number))
    enroll()
    advance()
    return list(Message.objects.order_by("pk"))


def test_without_consent_nothing_leaves(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    put(person(consents=False))

    sweep()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "no_consent")]


def test_who_said_no_before_is_not_let_in(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    ada = person()
    ConsentFactory(customer=ada, is_given=False, occurred_at=clock.now())
    put(ada)

    sweep()

    assert (states(), outcomes()) == ([], [])


def test_the_last_word_counts(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step(), leaves_on_unsubscribe=False)
    [message] = queued()
    ConsentFactory(customer=message.customer, is_given=False, occurred_at=clock.now())

    deliver()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "unsubscribed")]


@pytest.mark.parametrize(
    "spelling", ["PERSON0@example.com", " person0@Example.COM ", "person0+shop@example.com"]
)
def test_a_suppressed_address_gets_nothing_however_it_is_spelled(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User, spelling: str
) -> None:
    running(message_step())
    suppress(spelling, by=marketer)

    queued()
    deliver()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "suppressed")]


def test_a_tagged_address_is_suppressed_with_its_mailbox(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    put(person(email="eva+news@example.com"))
    suppress("eva@example.com", by=None)

    sweep()

    assert smtp_sink.taken == []
    assert states() == [("suppressed", "suppressed")]


def test_suppressing_settles_what_waits(stages: LifecycleModel, marketer: User) -> None:
    running(message_step())
    queued()

    suppress("person0@example.com", by=marketer)
    suppress("Person0@example.com", by=marketer)

    assert states() == [("suppressed", "suppressed")]
    assert Suppression.objects.live().count() == 1


def test_an_address_that_is_allowed_again_is_written_to(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User
) -> None:
    running(message_step())
    lift(suppress("person0@example.com", by=marketer), by=marketer)

    queued()
    deliver()

    assert len(smtp_sink.to("person0@example.com")) == 1


def test_who_has_no_address_gets_a_row_that_says_so(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    put(person(email=""))

    sweep()

    assert smtp_sink.taken == []
    assert states() == [("cancelled", "no_address")]


def test_over_the_cap_it_waits_until_the_oldest_is_long_enough_ago(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    no_quiet_hours(cap_messages=1, cap_days=2)
    running(message_step(), message_step(template("Second", "Second")))
    put(person())

    sweep()
    first, second = Message.objects.order_by("pk")

    assert states() == [("sent", ""), ("held", "over_cap")]
    assert second.not_before == first.handed_at + timedelta(days=2)
    deliver(later(days=1))
    assert len(smtp_sink.taken) == 1
    deliver(later(days=2, minutes=1))
    assert states() == [("sent", ""), ("sent", "")]


def test_what_the_cap_holds_beyond_its_time_is_never_sent(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    no_quiet_hours(cap_messages=1, cap_days=7, expires_after_hours=72)
    running(message_step(), message_step(template("Second", "Second")))
    put(person())

    sweep()

    assert states() == [("sent", ""), ("capped", "over_cap")]


def test_the_more_important_campaign_has_the_last_place_under_the_cap(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    no_quiet_hours(cap_messages=1)
    running(message_step(template("Minor", "Minor")), name="Minor", priority=9)
    running(message_step(template("Major", "Major")), name="Major", priority=1)
    put(person())

    sweep()

    assert [each["Subject"] for each in smtp_sink.mails] == ["Major"]


def test_a_paused_campaign_sends_nothing_and_goes_on_where_it_stood(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    campaign = running(message_step())
    queued()
    pause(campaign, by=None)

    sweep()
    assert (smtp_sink.taken, states()) == ([], [("queued", "")])
    resume(campaign, by=None)
    sweep()

    assert len(smtp_sink.taken) == 1


def test_resuming_may_skip_what_is_overdue(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step(), wait_step(3), message_step(template("Second", "Second")))
    queued()
    pause(campaign, by=None)

    resume(campaign, by=None, overdue=Overdue.SKIP)
    sweep()

    assert (smtp_sink.taken, states()) == ([], [("cancelled", "skipped")])
    assert outcomes() == [""]


def test_a_finished_campaign_takes_back_what_waits(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step())
    queued(2)

    finish(campaign, by=None)
    sweep()

    assert smtp_sink.taken == []
    assert states() == [("cancelled", "campaign_finished")] * 2
    assert outcomes() == ["campaign_finished"] * 2


def test_an_order_that_comes_between_decision_and_hand_over_is_seen(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step(), exit_condition=BOUGHT)
    [message] = queued()

    bought(message.customer, 100, at=clock.now())
    deliver()

    assert smtp_sink.taken == []
    assert states() == [("cancelled", "exit")]


def test_who_leaves_the_stage_gets_no_more(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    [message] = queued()

    put(message.customer, "engagement")
    deliver()

    assert smtp_sink.taken == []
    assert states() == [("cancelled", "left")]


def test_a_mail_goes_to_the_address_that_the_customer_has_now(
    stages: LifecycleModel, smtp_sink: SmtpSink, marketer: User
) -> None:
    running(message_step())
    [message] = queued()

    profiles.change(message.customer, by=marketer, values={"email": "new@example.com"})
    deliver()

    assert len(smtp_sink.to("new@example.com")) == 1
    assert Message.objects.get().address == "new@example.com"


def test_what_comes_too_late_is_not_sent(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step(settings={"expires_after_hours": 2}))
    queued()

    deliver(later(hours=3))

    assert smtp_sink.taken == []
    assert states() == [("expired", "expired")]


def test_when_all_sending_is_stopped_nothing_leaves(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    queued()
    no_quiet_hours(stopped_at=clock.now())

    deliver()

    assert (smtp_sink.taken, states()) == ([], [("queued", "")])


def test_a_refused_address_fails_is_suppressed_and_stops_nobody_else(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step())
    smtp_sink.refusals["person3@example.com"] = "550 5.1.1 No such user"
    queued(20)

    deliver()

    assert len(smtp_sink.taken) == 19
    failed = Message.objects.get(state="failed")
    assert (failed.address, failed.reason) == ("person3@example.com", "refused")
    assert "No such user" in failed.words
    assert Suppression.objects.get().address == "person3@example.com"
    assert Delivery.objects.get(kind="failed").code == 550


@pytest.mark.parametrize("words", ["550 5.7.1 Relaying denied", "552 5.2.2 Mailbox full"])
def test_a_refusal_that_is_not_about_the_address_suppresses_nobody(
    stages: LifecycleModel, smtp_sink: SmtpSink, words: str
) -> None:
    running(message_step())
    smtp_sink.refusals["person0@example.com"] = words
    queued()

    deliver()

    assert states() == [("failed", "refused")]
    assert not Suppression.objects.exists()


def test_a_campaign_that_is_refused_too_often_pauses_itself(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    campaign = running(message_step())
    for number in range(30):
        smtp_sink.refusals[f"person{number}@example.com"] = "550 5.1.1 No such user"
    queued(30)

    deliver()

    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert campaign.pause_reason == "The mail server refused 10 of the last 10 messages."
    assert Message.objects.filter(state="queued").count() == 20


def test_what_is_put_off_is_tried_again_later_and_later(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    smtp_sink.refusals["person0@example.com"] = "451 4.7.1 Try later"
    [message] = queued()

    waits = []
    at = clock.now()
    for _ in range(3):
        deliver(at)
        message.refresh_from_db()
        waits.append(round((message.not_before - at).total_seconds()))
        at = message.not_before + timedelta(seconds=1)
    smtp_sink.refusals.clear()
    deliver(at)

    assert waits == [10, 30, 60]
    assert states() == [("sent", "")]
    assert Delivery.objects.filter(kind="deferred", code=451).count() == 3


def test_no_answer_after_the_mail_is_doubt_and_nothing_is_sent_again(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step())
    smtp_sink.last_words["person1@example.com"] = ""
    queued(3)

    for minutes in range(5):
        deliver(later(minutes=minutes))

    assert states() == [("sent", ""), ("in_doubt", "no_answer"), ("sent", "")]
    assert set(smtp_sink.message_ids.values()) == {1}
    assert len(smtp_sink.taken) == 3


def test_a_customer_whom_somebody_merged_gets_nothing(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    running(message_step())
    [message] = queued()
    message.customer.merged_into = CustomerFactory()
    message.customer.save()

    deliver()

    assert (smtp_sink.taken, states()) == ([], [("cancelled", "merged")])


def test_whose_address_is_gone_gets_nothing_and_the_message_says_so(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step())
    (message,) = queued()

    Customer.objects.filter(pk=message.customer_id).update(email="")
    deliver()

    assert states() == [("cancelled", "no_address")]
    assert smtp_sink.taken == []


def test_a_message_whose_end_comes_within_the_minute_is_not_tried_all_the_while(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step(), exit_condition=BOUGHT)
    [message] = queued()
    bought(message.customer, 100, at=later(seconds=40))  # by the clock of the shop

    tried = deliver(seconds=1).seen

    assert (tried, smtp_sink.taken) == (1, [])
    assert states() == [("queued", "")]
    assert deliver(later(seconds=50)).seen == 1
    assert states() == [("cancelled", "exit")]
