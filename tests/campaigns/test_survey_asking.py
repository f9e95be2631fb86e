"""Not asking too often: each survey's own rest, the quiet that all share, and campaigns that keep to both."""

from datetime import timedelta

import pytest

from campaigns.delivery.claiming import expire
from campaigns.delivery.sending import deliver
from campaigns.models import Invitation, Message, Survey
from campaigns.running import finish
from campaigns.suppressing import suppress
from campaigns.surveys.asking import askable, why_not
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.models import LifecycleModel
from lifecycle.presets import install
from tests.campaigns.outreach import later, message_step, no_quiet_hours, person, put, running, states, sweep
from tests.campaigns.surveyed import answered, asked, asking_text
from tests.factories import CustomerFactory
from tests.fixtures.mail import SmtpSink

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("days_ago", "of_this", "may"),
    [(89, True, False), (91, True, True), (6, False, False), (8, False, True)],
)
@pytest.mark.parametrize("by_answer", [True, False])
def test_a_survey_rests_for_its_own_days_and_for_those_after_any_other(
    days_ago: int, of_this: bool, may: bool, by_answer: bool
) -> None:
    survey, other = Survey.objects.main(), Survey.objects.establish(by=None, name="Other")
    customer, was_asked = CustomerFactory(), survey if of_this else other
    if by_answer:
        answered(customer, 9, at=clock.now() - timedelta(days=days_ago), survey=was_asked)
    else:
        invitation = asked(customer, days_ago=days_ago)
        invitation.survey = was_asked
        invitation.save(update_fields=["survey"])

    assert askable(Customer.objects.all(), survey, clock.now()).exists() == may
    assert (why_not(survey, customer, clock.now()) == "") == may


def test_a_campaign_spares_whom_a_survey_asked_a_short_while_ago() -> None:
    install("swedish-six", by=None)
    no_quiet_hours()
    Survey.objects.main()
    spared, due = person(1), person(2)
    asked(spared, days_ago=10)
    running(message_step(asking_text()))
    for customer in (spared, due):
        put(customer, at=later(seconds=1))

    sweep(later(minutes=1))

    told = dict(Message.objects.values_list("customer__email", "reason"))
    assert told[spared.email] == "asked_recently"
    assert sorted(states()) == [("cancelled", "asked_recently"), ("sent", "")]


def test_a_message_without_a_survey_goes_to_them_all_the_same() -> None:
    install("swedish-six", by=None)
    no_quiet_hours()
    customer = person(1)
    asked(customer, days_ago=10)
    running(message_step())
    put(customer, at=later(seconds=1))

    sweep(later(minutes=1))

    assert states() == [("sent", "")]


def test_who_was_not_sent_the_message_was_not_asked() -> None:
    install("swedish-six", by=None)
    no_quiet_hours(cap_messages=1)
    survey, refused, capped = Survey.objects.main(), person(1, consents=False), person(2)
    running(message_step(), name="First", priority=1)
    running(message_step(asking_text()), name="Second", priority=2)
    for customer in (refused, capped):
        put(customer, at=later(seconds=1))

    sweep(later(minutes=1))

    assert sorted(states()) == [
        ("capped", "over_cap"),
        ("sent", ""),
        ("suppressed", "no_consent"),
        ("suppressed", "no_consent"),
    ]
    assert not Invitation.objects.live().exists()
    assert askable(Customer.objects.all(), survey, later(minutes=2)).count() == 2


def test_a_message_that_asks_leaves_with_a_new_link_once_it_may() -> None:
    install("swedish-six", by=None)
    no_quiet_hours(cap_messages=1, cap_days=1, expires_after_hours=72)
    running(message_step(), name="First", priority=1)
    running(message_step(asking_text()), name="Second", priority=2)
    put(person(1), at=later(seconds=1))

    sweep(later(minutes=1))
    sweep(later(days=1, minutes=2))

    assert states() == [("sent", ""), ("sent", "")]
    assert Invitation.objects.live().count() == 1


def test_who_was_asked_while_the_message_waited_is_not_asked_again() -> None:
    install("swedish-six", by=None)
    no_quiet_hours(cap_messages=1, cap_days=1, expires_after_hours=72)
    survey, asked_meanwhile, due = Survey.objects.main(), person(1), person(2)
    running(message_step(), name="First", priority=1)
    running(message_step(asking_text()), name="Second", priority=2)
    for customer in (asked_meanwhile, due):
        put(customer, at=later(seconds=1))
    sweep(later(minutes=1))  # the first leaves; the second, which asks, waits for the cap

    by_hand = asked(asked_meanwhile)
    sweep(later(days=1, minutes=2))

    told = dict(Message.objects.filter(text__isnull=False).values_list("customer", "reason").order_by("pk"))
    assert told == {asked_meanwhile.pk: "asked_recently", due.pk: ""}
    assert Invitation.objects.live().get(customer=asked_meanwhile) == by_hand
    assert Invitation.objects.live().filter(customer=due, survey=survey).count() == 1


def test_who_answered_while_the_message_waited_is_not_asked_again() -> None:
    install("swedish-six", by=None)
    no_quiet_hours(cap_messages=1, cap_days=1, expires_after_hours=72)
    customer = person(1)
    running(message_step(), name="First", priority=1)
    running(message_step(asking_text()), name="Second", priority=2)
    put(customer, at=later(seconds=1))
    sweep(later(minutes=1))

    answered(customer, 9, at=clock.now())
    sweep(later(days=1, minutes=2))

    assert states() == [("sent", ""), ("cancelled", "asked_recently")]
    assert not Invitation.objects.live().exists()


def test_who_never_got_the_message_that_was_under_way_was_not_asked(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    survey, people = Survey.objects.main(), [person(number) for number in range(5)]
    barred, refused, late, stopped, replied = people
    campaign = running(message_step(asking_text()))
    for customer in people:
        put(customer, at=later(seconds=1))
        smtp_sink.refusals[customer.email] = "450 4.2.0 Later"
    sweep(later(minutes=1))
    assert set(states()) == {("queued", "put_off")}
    assert not askable(Customer.objects.all(), survey, later(minutes=2)).exists()
    Arrival.objects.all().delete()

    suppress(barred.email, by=None)
    smtp_sink.refusals[refused.email] = "550 5.1.1 No such user"
    deliver(later(minutes=2))
    Message.objects.filter(customer=late).update(expires_at=clock.now())
    expire(later(minutes=3))
    answered(replied, 9, at=clock.now(), invitation=Invitation.objects.get(customer=replied))
    finish(campaign, by=None)

    told = dict(Message.objects.values_list("customer", "reason"))
    assert told == {
        barred.pk: "suppressed",
        refused.pk: "refused",
        late.pk: "expired",
        stopped.pk: "campaign_finished",
        replied.pk: "campaign_finished",
    }
    assert [invitation.customer for invitation in Invitation.objects.live()] == [replied]
    assert set(askable(Customer.objects.all(), survey, later(minutes=4))) == {barred, refused, late, stopped}
    assert {barred.pk, refused.pk, late.pk, stopped.pk} <= set(
        Arrival.objects.values_list("customer", flat=True)
    )
